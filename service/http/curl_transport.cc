#include "service/http/curl_transport.h"

#include <csignal>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <curl/curl.h>

#include "service/base/mutex.h"
#include "service/base/status_macros.h"
#include "service/http/curl_exchange.h"
#include "service/http/curl_share.h"
#include "service/http/trusted_authorities.h"
#include "service/http/url.h"

namespace logexport {
namespace {

// Scheme and authority as `url` writes them: everything up to the path. Equal texts are the same
// origin to every parser, and unequal ones cost no more than a connection.
absl::string_view OriginText(absl::string_view url) {
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == absl::string_view::npos) return url;
  return url.substr(0, url.find_first_of("/?#", scheme_end + 3));
}

absl::StatusOr<Url> CheckedUrl(absl::string_view text) {
  ASSIGN_OR_RETURN(Url url, ParseUrl(text));
  if (url.scheme == "http" && !IsLoopbackHost(url.host)) {
    return absl::InvalidArgumentError(absl::StrCat("http:// is not allowed to ", url.Authority(),
                                                   ", only to this machine; use https://"));
  }
  return url;
}

class CurlTransport final : public HttpTransport {
 public:
  CurlTransport(CurlOptions options, std::unique_ptr<TrustedAuthorities> authorities)
      : options_(std::move(options)), authorities_(std::move(authorities)) {}

  absl::StatusOr<HttpResponse> Issue(const HttpRequest& request) override {
    ASSIGN_OR_RETURN(std::unique_ptr<CurlExchange> exchange, Take(request));
    absl::StatusOr<HttpResponse> response = exchange->Run(request);
    Return(OriginText(request.url), std::move(exchange));
    return response;
  }

  std::unique_ptr<HttpExchange> Begin(HttpRequest request) override {
    return std::make_unique<Begun>(*this, std::move(request));
  }

 private:
  class Begun final : public HttpExchange {
   public:
    Begun(CurlTransport& transport, HttpRequest request)
        : transport_(transport), request_(std::move(request)), exchange_(transport.Take(request_)) {
      if (exchange_.ok()) (*exchange_)->Begin(request_);
    }

    absl::StatusOr<HttpResponse> Finish() override {
      RETURN_IF_ERROR(exchange_.status());
      absl::StatusOr<HttpResponse> response = (*exchange_)->Finish(request_);
      transport_.Return(OriginText(request_.url), *std::move(exchange_));
      return response;
    }

   private:
    CurlTransport& transport_;
    const HttpRequest request_;
    absl::StatusOr<std::unique_ptr<CurlExchange>> exchange_;
  };

  absl::StatusOr<std::unique_ptr<CurlExchange>> Take(const HttpRequest& request) {
    std::unique_ptr<CurlExchange> exchange = TakeIdle(OriginText(request.url));
    if (exchange != nullptr) return exchange;
    ASSIGN_OR_RETURN(const Url url, CheckedUrl(request.url));
    return CurlExchange::Make(options_, *authorities_, share_, url);
  }

  struct Idle {
    std::string origin;
    std::unique_ptr<CurlExchange> exchange;
  };

  // The one used last, whose connection is the warmest; those at the front grow old and are closed.
  std::unique_ptr<CurlExchange> TakeIdle(absl::string_view origin) {
    MutexLock lock(&mutex_);
    for (auto idle = idle_.rbegin(); idle != idle_.rend(); ++idle) {
      if (idle->origin != origin) continue;
      std::unique_ptr<CurlExchange> exchange = std::move(idle->exchange);
      idle_.erase(std::next(idle).base());
      return exchange;
    }
    return nullptr;
  }

  void Return(absl::string_view origin, std::unique_ptr<CurlExchange> exchange) {
    Idle oldest;  // closed when the lock is released
    MutexLock lock(&mutex_);
    idle_.push_back({std::string(origin), std::move(exchange)});
    if (idle_.size() > options_.max_idle_connections) {
      oldest = std::move(idle_.front());
      idle_.erase(idle_.begin());
    }
  }

  const CurlOptions options_;
  const std::unique_ptr<TrustedAuthorities> authorities_;
  const CurlShare share_;
  Mutex mutex_;
  std::vector<Idle> idle_ ABSL_GUARDED_BY(mutex_);  // in the order of their return
};

}  // namespace

absl::Status InitHttp() {
  // Curl asks the kernel for no SIGPIPE, OpenSSL does not.
  std::signal(SIGPIPE, SIG_IGN);
  if (const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT); code != CURLE_OK) {
    return absl::InternalError(
        absl::StrCat("could not initialise libcurl: ", curl_easy_strerror(code)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<HttpTransport>> MakeCurlTransport(const CurlOptions& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<TrustedAuthorities> authorities,
                   TrustedAuthorities::Load(options.ca_file));
  return std::make_unique<CurlTransport>(options, std::move(authorities));
}

}  // namespace logexport
