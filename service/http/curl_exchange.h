#ifndef LOGEXPORT_SERVICE_HTTP_CURL_EXCHANGE_H_
#define LOGEXPORT_SERVICE_HTTP_CURL_EXCHANGE_H_

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <curl/curl.h>

#include "service/http/curl_options.h"
#include "service/http/curl_share.h"
#include "service/http/transport.h"
#include "service/http/trusted_authorities.h"
#include "service/http/url.h"

namespace logexport {

// One connection's worth of curl: an easy handle for one exchange at a time with one origin, in a
// multi handle of its own, which can be waited on and woken by a stop at once (an easy handle alone
// looks at its progress about once a second). Keeps its connection and buffers from one exchange to
// the next. One thread at a time.
class CurlExchange {
 public:
  // For exchanges with `origin`. The references must outlive it.
  static absl::StatusOr<std::unique_ptr<CurlExchange>> Make(const CurlOptions& options,
                                                            TrustedAuthorities& authorities,
                                                            const CurlShare& share,
                                                            const Url& origin);
  ~CurlExchange();
  CurlExchange(const CurlExchange&) = delete;
  CurlExchange& operator=(const CurlExchange&) = delete;

  // As HttpTransport::Issue. `request.url` must be one of the origin.
  absl::StatusOr<HttpResponse> Run(const HttpRequest& request);

  // The same in two steps: what Begin takes must be given to Finish again, unchanged, or never.
  void Begin(const HttpRequest& request);
  absl::StatusOr<HttpResponse> Finish(const HttpRequest& request);

 private:
  CurlExchange(TrustedAuthorities& authorities, const Url& origin);

  absl::Status SetUp(const CurlOptions& options, const CurlShare& share, const Url& origin);
  absl::Status SetRequest(const HttpRequest& request);
  void SetBody(const HttpRequest& request);
  absl::Status SetHeaders(const HttpRequest& request);
  absl::Status Start(const HttpRequest& request);
  CURLcode Transfer(const HttpRequest& request);
  void LeaveMulti();
  void ReserveBody();
  absl::Status ErrorOf(CURLcode code, const HttpRequest& request) const;

  // For a body in pieces.
  static std::size_t OnSend(char* data, std::size_t size, std::size_t count, void* self);
  static int OnRewind(void* self, curl_off_t offset, int origin);

  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* self);
  static CURLcode OnTlsContext(CURL* easy, void* context, void* self);

  TrustedAuthorities& authorities_;
  const std::string peer_;  // the origin's authority, for messages
  CURL* const easy_;
  CURLM* const multi_;
  curl_slist* header_list_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_text_{};

  // What the handle is set to; setting it again costs copies.
  HttpMethod method_ = HttpMethod::kGet;
  std::vector<HttpHeader> headers_;
  bool headers_set_ = false;
  bool accept_compressed_ = false;

  // Of the exchange under way.
  absl::Status started_;
  bool in_multi_ = false;
  std::vector<absl::string_view> pieces_;
  std::size_t piece_ = 0;   // the one to be sent next,
  std::size_t offset_ = 0;  // from here on
  HttpResponse response_;
  std::size_t max_response_bytes_ = 0;
  std::size_t header_bytes_ = 0;
  bool headers_complete_ = false;
  bool too_large_ = false;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_CURL_EXCHANGE_H_
