#ifndef LOGEXPORT_SERVICE_HTTP_TRANSPORT_H_
#define LOGEXPORT_SERVICE_HTTP_TRANSPORT_H_

#include <cstddef>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

enum class HttpMethod { kGet, kPost };

struct HttpHeader {
  std::string name;
  std::string value;

  bool operator==(const HttpHeader&) const = default;
};

struct HttpRequest {
  HttpMethod method = HttpMethod::kGet;
  std::string url;
  std::vector<HttpHeader> headers;
  // Must stay alive until Issue returns. Sent as it is; whoever compresses it says so in a header.
  absl::string_view body;
  // Further pieces of the body, which follow it. Spares whoever has a large body in pieces to copy
  // them together. As long-lived as `body`.
  std::vector<absl::string_view> more_body;
  // For the whole exchange, from connecting to the last byte.
  absl::Duration timeout = absl::Seconds(30);
  absl::Duration connect_timeout = absl::Seconds(10);
  // A larger response (after decompression) ends the exchange with RESOURCE_EXHAUSTED.
  std::size_t max_response_bytes = 1 << 20;
  // Offers to take the response gzipped. Worth its CPU over a real network, not over loopback.
  bool accept_compressed = false;
  // What the request holds and nobody may ever see, in the form without encoding. The transport
  // does not send these; RedactingTransport removes them from answers.
  std::vector<std::string> secrets;
  // The body of an answer with status 200 brings a secret, so that RedactingTransport leaves it as
  // it is. Whoever asks may then not show any of it.
  bool answer_is_secret = false;
  // What the request is for, as TARGET/OPERATION, to count it by. A constant.
  absl::string_view purpose = "other/other";
  // Ends the exchange within a millisecond or so, with CANCELLED.
  std::stop_token stop;
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers;
  // Allocated with at least 64 spare bytes behind the content, as simdjson wants them.
  std::string body;

  // The value of the first header of that name (in any case), or an empty view.
  absl::string_view Header(absl::string_view name) const;
};

// An exchange whose request is on its way. Breaks it off when destroyed before it is finished. One
// thread at a time; its transport must outlive it.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;
  // Waits for the response, as Issue does. Once.
  virtual absl::StatusOr<HttpResponse> Finish() = 0;
};

// Carries out HTTP exchanges. Any status code the server answers is a response, never an error; an
// error means that no complete, well-formed response arrived:
//   CANCELLED           `stop` was requested
//   DEADLINE_EXCEEDED   a timeout passed
//   UNAVAILABLE         refused, reset, cut short, or not HTTP; DNS or TLS handshake broke down
//   FAILED_PRECONDITION the peer's certificate is not trusted or does not match its name
//   INVALID_ARGUMENT    the URL cannot be used (scheme, form; http:// beyond loopback)
//   RESOURCE_EXHAUSTED  the response is larger than max_response_bytes
// Messages name the host and what happened, never headers, bodies or queries. A request that failed
// may have reached the server. Redirects are not followed and nothing is retried here.
// Thread-safe: exchanges issued from several threads run side by side over pooled connections.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual absl::StatusOr<HttpResponse> Issue(const HttpRequest& request) = 0;

  // Sends the request as far as that goes without waiting, so that the server is at work while the
  // caller does something else before it calls Finish. The timeouts run from here. A transport that
  // cannot do so sends it when it is finished. `request.body` must stay alive as long as the
  // answer.
  virtual std::unique_ptr<HttpExchange> Begin(HttpRequest request);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_TRANSPORT_H_
