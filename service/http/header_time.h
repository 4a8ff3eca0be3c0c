#ifndef LOGEXPORT_SERVICE_HTTP_HEADER_TIME_H_
#define LOGEXPORT_SERVICE_HTTP_HEADER_TIME_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// Reads a time as the Date header has it, "Mon, 23 Nov 2026 00:51:02 GMT" (RFC 9110, 5.6.7; the two
// obsolete forms are not read). Nothing when `text` is none.
std::optional<absl::Time> ParseHttpDate(absl::string_view text);

// Reads a Retry-After header (RFC 9110, 10.2.3): seconds, also with a fraction as some servers send
// them, or a time, which is taken relative to `now` on the server's clock. Never negative. Nothing
// when `text` is neither.
std::optional<absl::Duration> ParseRetryAfter(absl::string_view text, absl::Time now);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_HEADER_TIME_H_
