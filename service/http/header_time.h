#ifndef LOGEXPORT_SERVICE_HTTP_HEADER_TIME_H_
#define LOGEXPORT_SERVICE_HTTP_HEADER_TIME_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// Reads the time of a Date header, "Mon, 23 Nov 2026 00:51:02 GMT", or one in the two obsolete
// forms that RFC 9110, 5.6.7 asks clients to take. Nothing when `text` is none.
std::optional<absl::Time> ParseHttpDate(absl::string_view text);

// Reads a Retry-After header (RFC 9110, 10.2.3): seconds, also with a fraction as some servers send
// them, or a time, which is taken relative to `now` on the server's clock. Zero for what has
// passed. Nothing when `text` is neither. Servers ask for absurd times too: the caller caps the
// result, which may be infinite.
std::optional<absl::Duration> ParseRetryAfter(absl::string_view text, absl::Time now);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_HEADER_TIME_H_
