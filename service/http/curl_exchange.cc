#include "service/http/curl_exchange.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <stop_token>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "service/base/status_macros.h"
#include "service/http/curl_error.h"

namespace logexport {
namespace {

constexpr std::size_t kMaxHeaderBytes = 256 << 10;
constexpr std::size_t kSpareBytes = 64;
constexpr std::size_t kBodyStep = 64 << 10;
// Large enough that a page of logs or a batch of events takes few system calls.
constexpr long kReceiveBuffer = 128 << 10;
constexpr long kSendBuffer = 256 << 10;
// Curl asks for attention earlier whenever it has a reason to.
constexpr int kLongestPollMillis = 60'000;

// For curl zero means no limit, so it is not what a spent budget becomes.
long TimeoutMillis(absl::Duration timeout) {
  const absl::Duration bounded =
      std::clamp(timeout, absl::Milliseconds(1), absl::Duration(absl::Hours(24)));
  return static_cast<long>(absl::ToInt64Milliseconds(bounded));
}

long WholeSeconds(absl::Duration duration) {
  return static_cast<long>(std::max<std::int64_t>(1, absl::ToInt64Seconds(duration)));
}

bool IsOneLine(absl::string_view text) {
  return text.find_first_of(absl::string_view("\r\n\0", 3)) == absl::string_view::npos;
}

bool HasHeader(const std::vector<HttpHeader>& headers, absl::string_view name) {
  return std::any_of(headers.begin(), headers.end(), [name](const HttpHeader& header) {
    return absl::EqualsIgnoreCase(header.name, name);
  });
}

absl::string_view StripSpaces(absl::string_view text) {
  const absl::string_view::size_type first = text.find_first_not_of(" \t\r\n");
  if (first == absl::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<CurlExchange>> CurlExchange::Make(const CurlOptions& options,
                                                                 TrustedAuthorities& authorities,
                                                                 const CurlShare& share,
                                                                 const Url& origin) {
  auto exchange = std::unique_ptr<CurlExchange>(new CurlExchange(authorities, origin));
  RETURN_IF_ERROR(exchange->SetUp(options, share, origin));
  return exchange;
}

CurlExchange::CurlExchange(TrustedAuthorities& authorities, const Url& origin)
    : authorities_(authorities),
      peer_(origin.Authority()),
      easy_(curl_easy_init()),
      multi_(curl_multi_init()) {}

CurlExchange::~CurlExchange() {
  LeaveMulti();
  curl_easy_cleanup(easy_);
  curl_multi_cleanup(multi_);
  curl_slist_free_all(header_list_);
}

absl::Status CurlExchange::SetUp(const CurlOptions& options, const CurlShare& share,
                                 const Url& origin) {
  if (easy_ == nullptr || multi_ == nullptr) return absl::ResourceExhaustedError("out of memory");
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 1L);

  CURLcode worst = CURLE_OK;
  const auto set = [&](CURLoption option, auto value) {
    if (const CURLcode code = curl_easy_setopt(easy_, option, value); code != CURLE_OK)
      worst = code;
  };
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_SHARE, share.get());
  set(CURLOPT_ERRORBUFFER, error_text_.data());
  set(CURLOPT_USERAGENT, options.user_agent.c_str());
  set(CURLOPT_HEADERFUNCTION, &CurlExchange::OnHeader);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &CurlExchange::OnBody);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_READFUNCTION, &CurlExchange::OnSend);
  set(CURLOPT_READDATA, this);
  set(CURLOPT_SEEKFUNCTION, &CurlExchange::OnRewind);
  set(CURLOPT_SEEKDATA, this);
  set(CURLOPT_BUFFERSIZE, kReceiveBuffer);
  set(CURLOPT_UPLOAD_BUFFERSIZE, kSendBuffer);

  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  // A proxy could neither reach this machine's loopback nor may see what is sent to it in the
  // clear.
  if (IsLoopbackHost(origin.host)) set(CURLOPT_PROXY, "");

  set(CURLOPT_TCP_NODELAY, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_DNS_CACHE_TIMEOUT, WholeSeconds(options.dns_ttl));
  set(CURLOPT_MAXLIFETIME_CONN, WholeSeconds(options.connection_max_age));
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, WholeSeconds(options.stall_timeout));
  // A name server that hangs must not hold up a stop or a deadline.
  set(CURLOPT_QUICK_EXIT, 1L);

  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_CAINFO, static_cast<char*>(nullptr));
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  set(CURLOPT_SSL_CTX_FUNCTION, &CurlExchange::OnTlsContext);
  set(CURLOPT_SSL_CTX_DATA, this);
  if (worst != CURLE_OK) {
    return absl::FailedPreconditionError(absl::StrCat("this libcurl cannot be used (",
                                                      curl_easy_strerror(worst),
                                                      "); 7.87 or later with OpenSSL is needed"));
  }
  return absl::OkStatus();
}

CURLcode CurlExchange::OnTlsContext(CURL*, void* context, void* self) {
  static_cast<CurlExchange*>(self)->authorities_.UseIn(static_cast<SSL_CTX*>(context));
  return CURLE_OK;
}

absl::StatusOr<HttpResponse> CurlExchange::Run(const HttpRequest& request) {
  started_ = Start(request);
  return Finish(request);
}

void CurlExchange::Begin(const HttpRequest& request) {
  started_ = Start(request);
  // Over a connection that is open this writes the request; whatever comes of it, Finish hears of.
  int running = 0;
  if (started_.ok()) curl_multi_perform(multi_, &running);
}

absl::Status CurlExchange::Start(const HttpRequest& request) {
  RETURN_IF_ERROR(SetRequest(request));
  response_ = HttpResponse();
  max_response_bytes_ = request.max_response_bytes;
  header_bytes_ = 0;
  headers_complete_ = false;
  too_large_ = false;
  error_text_[0] = '\0';
  if (curl_multi_add_handle(multi_, easy_) != CURLM_OK) {
    return CurlError(CURLE_FAILED_INIT, easy_, error_text_.data(), peer_, request, false);
  }
  in_multi_ = true;
  return absl::OkStatus();
}

void CurlExchange::LeaveMulti() {
  if (in_multi_) curl_multi_remove_handle(multi_, easy_);
  in_multi_ = false;
}

absl::StatusOr<HttpResponse> CurlExchange::Finish(const HttpRequest& request) {
  RETURN_IF_ERROR(started_);
  const CURLcode code = Transfer(request);
  if (code != CURLE_OK) return ErrorOf(code, request);
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  // Curl is content with headers that end with the connection, and with an interim response.
  if (!headers_complete_ || status < 200) {
    return absl::UnavailableError(
        absl::StrCat(peer_, " closed the connection in the headers of its response"));
  }
  response_.status = static_cast<int>(status);
  if (response_.body.capacity() < response_.body.size() + kSpareBytes) {
    response_.body.reserve(response_.body.size() + kSpareBytes);
  }
  return std::move(response_);
}

absl::Status CurlExchange::SetRequest(const HttpRequest& request) {
  curl_easy_setopt(easy_, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, TimeoutMillis(request.timeout));
  curl_easy_setopt(easy_, CURLOPT_CONNECTTIMEOUT_MS, TimeoutMillis(request.connect_timeout));
  if (request.accept_compressed != accept_compressed_) {
    accept_compressed_ = request.accept_compressed;
    curl_easy_setopt(easy_, CURLOPT_ACCEPT_ENCODING,
                     accept_compressed_ ? "gzip" : static_cast<char*>(nullptr));
  }
  RETURN_IF_ERROR(SetHeaders(request));
  if (request.method == HttpMethod::kPost) {
    SetBody(request);
  } else if (method_ != request.method) {
    curl_easy_setopt(easy_, CURLOPT_HTTPGET, 1L);
  }
  method_ = request.method;
  return absl::OkStatus();
}

void CurlExchange::SetBody(const HttpRequest& request) {
  std::size_t size = request.body.size();
  for (const absl::string_view piece : request.more_body) size += piece.size();
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(size));
  if (request.more_body.empty()) {
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request.body.empty() ? "" : request.body.data());
    return;
  }
  pieces_.assign(1, request.body);
  pieces_.insert(pieces_.end(), request.more_body.begin(), request.more_body.end());
  piece_ = 0;
  offset_ = 0;
  curl_easy_setopt(easy_, CURLOPT_POST, 1L);
  curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, static_cast<char*>(nullptr));
}

std::size_t CurlExchange::OnSend(char* data, std::size_t size, std::size_t count, void* self) {
  auto* const exchange = static_cast<CurlExchange*>(self);
  const std::size_t room = size * count;
  std::size_t sent = 0;
  while (sent < room && exchange->piece_ < exchange->pieces_.size()) {
    const absl::string_view piece = exchange->pieces_[exchange->piece_];
    const std::size_t copied =
        piece.copy(data + sent, room - sent, std::min(exchange->offset_, piece.size()));
    sent += copied;
    exchange->offset_ += copied;
    if (exchange->offset_ < piece.size()) break;
    ++exchange->piece_;
    exchange->offset_ = 0;
  }
  return sent;
}

// Curl goes back to the start, and to nowhere else, to send a body again.
int CurlExchange::OnRewind(void* self, curl_off_t offset, int origin) {
  if (offset != 0 || origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  auto* const exchange = static_cast<CurlExchange*>(self);
  exchange->piece_ = 0;
  exchange->offset_ = 0;
  return CURL_SEEKFUNC_OK;
}

absl::Status CurlExchange::SetHeaders(const HttpRequest& request) {
  if (headers_set_ && method_ == request.method && headers_ == request.headers) {
    return absl::OkStatus();
  }
  curl_slist* list = nullptr;
  const auto append = [&list](const std::string& line) {
    if (curl_slist* longer = curl_slist_append(list, line.c_str()); longer != nullptr)
      list = longer;
  };
  for (const HttpHeader& header : request.headers) {
    if (header.name.empty() || !IsOneLine(header.name) || !IsOneLine(header.value)) {
      curl_slist_free_all(list);
      return absl::InvalidArgumentError(
          absl::StrCat("a header for ", peer_, " holds a line break or has no name"));
    }
    // Curl's notation: a colon without a value would take the header away.
    append(header.value.empty() ? absl::StrCat(header.name, ";")
                                : absl::StrCat(header.name, ": ", header.value));
  }
  if (request.method == HttpMethod::kPost) {
    // Without these curl waits for a 100 (Continue) before a large body, and calls it a form.
    append("Expect:");
    if (!HasHeader(request.headers, "Content-Type")) append("Content-Type:");
  }
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, list);
  curl_slist_free_all(header_list_);
  header_list_ = list;
  headers_ = request.headers;
  headers_set_ = true;
  return absl::OkStatus();
}

// Runs the transfer to its end; CURLE_ABORTED_BY_CALLBACK if it was stopped.
CURLcode CurlExchange::Transfer(const HttpRequest& request) {
  // Wakes the next poll too where it comes before it, so no stop goes unseen.
  const std::stop_callback wake(request.stop, [this] { curl_multi_wakeup(multi_); });
  CURLcode result = CURLE_OK;
  while (true) {
    if (request.stop.stop_requested()) {
      result = CURLE_ABORTED_BY_CALLBACK;
      break;
    }
    int running = 0;
    if (curl_multi_perform(multi_, &running) != CURLM_OK) {
      result = CURLE_FAILED_INIT;
      break;
    }
    if (running == 0) {
      int queued = 0;
      const CURLMsg* message = curl_multi_info_read(multi_, &queued);
      result = message != nullptr ? message->data.result : CURLE_FAILED_INIT;
      break;
    }
    if (curl_multi_poll(multi_, nullptr, 0, kLongestPollMillis, nullptr) != CURLM_OK) {
      result = CURLE_FAILED_INIT;
      break;
    }
  }
  LeaveMulti();
  return result;
}

std::size_t CurlExchange::OnHeader(char* data, std::size_t size, std::size_t count, void* self) {
  auto* const exchange = static_cast<CurlExchange*>(self);
  const absl::string_view line(data, size * count);
  exchange->header_bytes_ += line.size();
  if (exchange->header_bytes_ > kMaxHeaderBytes) {
    exchange->too_large_ = true;
    return 0;
  }
  if (absl::StartsWith(line, "HTTP/")) {
    exchange->response_.headers.clear();  // of an interim response (1xx)
    exchange->headers_complete_ = false;
    return line.size();
  }
  if (line == "\r\n" || line == "\n") exchange->headers_complete_ = true;
  const std::size_t colon = line.find(':');
  if (colon != absl::string_view::npos) {
    exchange->response_.headers.push_back({std::string(StripSpaces(line.substr(0, colon))),
                                           std::string(StripSpaces(line.substr(colon + 1)))});
  }
  return line.size();
}

std::size_t CurlExchange::OnBody(char* data, std::size_t size, std::size_t count, void* self) {
  auto* const exchange = static_cast<CurlExchange*>(self);
  std::string& body = exchange->response_.body;
  const std::size_t bytes = size * count;
  if (body.empty()) exchange->ReserveBody();
  if (bytes > exchange->max_response_bytes_ - body.size()) exchange->too_large_ = true;
  if (exchange->too_large_) return 0;
  body.append(data, bytes);
  return bytes;
}

void CurlExchange::ReserveBody() {
  curl_off_t announced = -1;
  curl_easy_getinfo(easy_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
  if (announced <= 0 || accept_compressed_) return;
  if (static_cast<std::uint64_t>(announced) > max_response_bytes_) {
    too_large_ = true;
    return;
  }
  const std::size_t wanted = static_cast<std::size_t>(announced) + kSpareBytes;
  // Large bodies take whole steps, so that one fits where another was: pages of logs come by the
  // thousand, each of another size, and would leave holes that none of the next fills.
  const std::size_t steps = (wanted + kBodyStep - 1) / kBodyStep;
  response_.body.reserve(wanted < kBodyStep ? wanted : steps * kBodyStep);
}

absl::Status CurlExchange::ErrorOf(CURLcode code, const HttpRequest& request) const {
  if (code == CURLE_ABORTED_BY_CALLBACK) {
    return absl::CancelledError(absl::StrCat("the exchange with ", peer_, " was stopped"));
  }
  if (too_large_ && header_bytes_ > kMaxHeaderBytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the headers that ", peer_, " answers exceed ", kMaxHeaderBytes, " bytes"));
  }
  if (too_large_) {
    return absl::ResourceExhaustedError(absl::StrCat("the response of ", peer_,
                                                     " is larger than the ",
                                                     request.max_response_bytes, " bytes allowed"));
  }
  return CurlError(code, easy_, error_text_.data(), peer_, request, header_bytes_ > 0);
}

}  // namespace logexport
