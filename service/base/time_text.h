#ifndef LOGEXPORT_SERVICE_BASE_TIME_TEXT_H_
#define LOGEXPORT_SERVICE_BASE_TIME_TEXT_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// Whether RFC 3339 and Protobuf's Timestamp can express `time`: whether it is in the years 1 to
// 9999.
bool IsCalendarTime(absl::Time time);

// RFC 3339 in UTC with milliseconds: 2026-11-23T00:51:02.123Z.
std::string FormatTimestamp(absl::Time time);

// Reads RFC 3339 (any offset, any fraction). Nothing if `text` is not a complete timestamp, or one
// outside the years 1 to 9999. A leap second (23:59:60) reads as the second after it.
std::optional<absl::Time> ParseTimestamp(absl::string_view text);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_TIME_TEXT_H_
