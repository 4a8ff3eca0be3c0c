#ifndef LOGEXPORT_SERVICE_AUTH0_LOG_DATE_H_
#define LOGEXPORT_SERVICE_AUTH0_LOG_DATE_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// Reads a log's `date` when it is a string: RFC 3339, nearly always 2026-11-23T00:51:02.123Z, which
// is read some ten times faster than other forms. Nothing for dates outside the years 1 to 9999,
// which neither Segment nor the API could be told.
std::optional<absl::Time> ParseLogDate(absl::string_view text);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_LOG_DATE_H_
