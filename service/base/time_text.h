#ifndef LOGEXPORT_SERVICE_BASE_TIME_TEXT_H_
#define LOGEXPORT_SERVICE_BASE_TIME_TEXT_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// RFC 3339 in UTC with milliseconds: 2026-11-23T00:51:02.123Z.
std::string FormatTimestamp(absl::Time time);

// Reads RFC 3339 (any offset, any fraction), or nothing when `text` is not a complete timestamp.
std::optional<absl::Time> ParseTimestamp(absl::string_view text);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_TIME_TEXT_H_
