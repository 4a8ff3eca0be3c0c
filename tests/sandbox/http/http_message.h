#ifndef LOGEXPORT_TESTS_SANDBOX_HTTP_HTTP_MESSAGE_H_
#define LOGEXPORT_TESTS_SANDBOX_HTTP_HTTP_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport::sandbox {

// A request body is followed by at least this many readable bytes, as simdjson needs.
inline constexpr std::size_t kBodyPadding = 64;

// One request as framed by HttpConnection. Every view lies in the connection's buffer and is valid
// only until the handler returns.
struct HttpRequest {
  absl::string_view method;
  absl::string_view path;   // percent-encoded, as sent
  absl::string_view query;  // after '?', percent-encoded
  bool keep_alive = true;
  std::vector<std::pair<absl::string_view, absl::string_view>> headers;
  absl::string_view body;

  // The first header of that name (any case), else an empty view.
  absl::string_view Header(absl::string_view name) const;
  // The decoded value of a query parameter, or nothing if it is absent.
  std::optional<std::string> Parameter(absl::string_view name) const;
};

// How the bytes of a response reach the client: late, slowly, in part, or never.
struct Transmission {
  enum class Kind {
    kComplete,
    kHang,         // nothing is sent; the connection stays open (see hang_for)
    kClose,        // nothing is sent; the connection is closed
    kCutHeader,    // half of the header, then closed
    kCutBody,      // the header and half of the body, then closed
    kDrip,         // drip_bytes every drip_every
    kWrongLength,  // Content-Length is off by length_delta; closed afterwards
    kEndless,      // a chunked body of spaces that only ends when the client goes away
    kGarbage,      // bytes that are not HTTP, then closed
  };
  Kind kind = Kind::kComplete;
  absl::Duration delay = absl::ZeroDuration();  // before the first byte, or before closing
  absl::Duration hang_for = absl::InfiniteDuration();
  absl::Duration drip_every = absl::Milliseconds(10);
  std::size_t drip_bytes = 1;
  std::int64_t length_delta = 10;
  bool reset = false;  // closing sends RST instead of FIN
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json; charset=utf-8";
  // Beside Content-Type, Content-Length and Connection, which the server writes.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // The body instead of `body` where it lies in memory already, so that it is not copied.
  std::vector<absl::string_view> slices;
  std::shared_ptr<const void> slices_owner;
  Transmission transmission;
  int tag = 0;  // the handler's own

  std::size_t BodySize() const;
  // Gives up the slices for a body that can be changed.
  void Flatten();
};

HttpResponse TextResponse(int status, absl::string_view text);
HttpResponse JsonResponse(int status, std::string json);

// Parses the request line and the headers; `head` ends with the empty line. False if it is not
// HTTP/1.x.
bool ParseRequestHead(absl::string_view head, HttpRequest* request);

// The status line and headers. `content_length` < 0 announces a chunked body.
std::string RenderResponseHead(const HttpResponse& response, std::int64_t content_length,
                               bool keep_alive);

// %XX decoded; in a query or a form, '+' is a space. A broken escape stays as it is.
std::string PercentDecode(absl::string_view text, bool plus_is_space);

// The decoded value of `name` in a query or form (a=1&b=2).
std::optional<std::string> FormValue(absl::string_view form, absl::string_view name);

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_HTTP_HTTP_MESSAGE_H_
