#ifndef LOGEXPORT_CLIENT_CLI_TIME_INPUT_H_
#define LOGEXPORT_CLIENT_CLI_TIME_INPUT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport::cli {

// Times and durations as people type and read them. Pure functions.

// Reads an instant:
//   now · today · yesterday · today 14:00 · yesterday 14:00:30     in `zone`
//   -2h · +30m                                                     from `now`
//   2026-11-01 · 2026-11-01 14:00 · 2026-11-01T14:00:05.5          in `zone`
//   2026-11-01T14:00:05Z · 2026-11-01T14:00:05+01:00               RFC 3339
// INVALID_ARGUMENT, naming these forms, for anything else.
absl::StatusOr<absl::Time> ParseTime(absl::string_view text, absl::Time now, absl::TimeZone zone);

// Reads a duration as duration_text.h does: 90s, 1h30m, 2d, 1.5s, 0. A leading - makes it negative.
absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text);

// For people who wait: 3s, 1m 20s, 2h 05m, 3d 4h. Never more than two units.
std::string FormatRoughDuration(absl::Duration duration);

// "5m ago", "in 3h", "now".
std::string FormatRelative(absl::Time time, absl::Time now);

// "2026-11-01 14:00:05 +01:00 (5m ago)".
std::string FormatTimeLong(absl::Time time, absl::Time now, absl::TimeZone zone);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_TIME_INPUT_H_
