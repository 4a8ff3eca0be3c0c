#ifndef LOGEXPORT_SERVICE_BASE_DURATION_TEXT_H_
#define LOGEXPORT_SERVICE_BASE_DURATION_TEXT_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// Durations as people write them, in files, environment variables and on the command line.

// Reads one or more numbers with the units w, d, h, m, s, ms, us: 90s, 1h30m, 2d, 1.5h, 500ms; and
// 0 without a unit. A day is 24 hours. Longer units stand before shorter ones. White space around
// the text is ignored. Nothing for any other text: a number without a unit, a sign, white space
// inside, or more than the 10,000 years that a google.protobuf.Duration can hold.
std::optional<absl::Duration> ParseDurationText(absl::string_view text);

// The shortest text that ParseDurationText reads back, to the microsecond: 2d, 1h30m, 500ms, 0s.
// A negative duration has a `-` in front.
std::string FormatDurationText(absl::Duration duration);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_DURATION_TEXT_H_
