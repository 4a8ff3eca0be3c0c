#include "client/cli/time_input.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

#include "service/base/duration_text.h"

namespace logexport::cli {
namespace {

absl::Status NotATime(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is not a time; write now, -2h, yesterday 14:00, 2026-11-01, ",
                   "2026-11-01 14:00 (local) or 2026-11-01T14:00:00Z"));
}

absl::Status NotADuration(absl::string_view text) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is not a duration; write 90s, 1h30m, 2d or 500ms"));
}

bool ParseInZone(absl::string_view text, absl::TimeZone zone, absl::Time& time) {
  // %E*S accepts seconds with any fraction; %H:%M covers the short form.
  for (const char* format : {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%E*S",
                             "%Y-%m-%dT%H:%M:%E*S"}) {
    if (absl::ParseTime(format, text, zone, &time, nullptr)) return true;
  }
  return false;
}

// today, yesterday, with an optional time of day. The day is taken in the zone, so that the change
// of summer time does not shift it.
bool ParseNamedDay(absl::string_view text, absl::Time now, absl::TimeZone zone, absl::Time& time) {
  absl::CivilDay day = absl::ToCivilDay(now, zone);
  if (absl::ConsumePrefix(&text, "yesterday")) {
    day -= 1;
  } else if (!absl::ConsumePrefix(&text, "today")) {
    return false;
  }
  if (!text.empty() && text.front() != ' ') return false;
  return ParseInZone(absl::StrCat(absl::FormatCivilTime(day), text), zone, time);
}

}  // namespace

absl::StatusOr<absl::Time> ParseTime(absl::string_view text, absl::Time now, absl::TimeZone zone) {
  const absl::string_view trimmed = absl::StripAsciiWhitespace(text);
  if (trimmed.empty()) return NotATime(text);
  if (trimmed == "now") return now;
  if (trimmed.front() == '-' || trimmed.front() == '+') {
    const auto offset = ParseDuration(trimmed.substr(1));
    if (!offset.ok()) return NotATime(text);
    return trimmed.front() == '-' ? now - *offset : now + *offset;
  }
  absl::Time time;
  if (ParseNamedDay(trimmed, now, zone, time) || ParseInZone(trimmed, zone, time) ||
      absl::ParseTime(absl::RFC3339_full, trimmed, &time, nullptr)) {
    // absl also reads "infinite-past" and years that no Timestamp can hold.
    const absl::CivilYear year = absl::ToCivilYear(time, absl::UTCTimeZone());
    if (year >= absl::CivilYear(1) && year <= absl::CivilYear(9999)) return time;
  }
  return NotATime(text);
}

absl::StatusOr<absl::Duration> ParseDuration(absl::string_view text) {
  absl::string_view rest = absl::StripAsciiWhitespace(text);
  const bool negative = absl::ConsumePrefix(&rest, "-");
  const std::optional<absl::Duration> duration = ParseDurationText(rest);
  if (!duration.has_value()) return NotADuration(text);
  return negative ? -*duration : *duration;
}

std::string FormatRoughDuration(absl::Duration duration) {
  if (duration < absl::ZeroDuration()) return absl::StrCat("-", FormatRoughDuration(-duration));
  const std::int64_t seconds = absl::ToInt64Seconds(duration);
  if (duration < absl::Seconds(1) && duration > absl::ZeroDuration()) {
    return absl::StrCat(absl::ToInt64Milliseconds(duration), "ms");
  }
  if (seconds < 60) return absl::StrCat(seconds, "s");
  if (seconds < 3600) return absl::StrFormat("%dm %02ds", seconds / 60, seconds % 60);
  if (seconds < 86400) return absl::StrFormat("%dh %02dm", seconds / 3600, seconds / 60 % 60);
  return absl::StrFormat("%dd %dh", seconds / 86400, seconds / 3600 % 24);
}

std::string FormatRelative(absl::Time time, absl::Time now) {
  const absl::Duration age = now - time;
  const std::int64_t seconds = absl::ToInt64Seconds(absl::AbsDuration(age));
  if (seconds < 1) return "now";
  std::string amount;
  if (seconds < 60) {
    amount = absl::StrCat(seconds, "s");
  } else if (seconds < 3600) {
    amount = absl::StrCat(seconds / 60, "m");
  } else if (seconds < std::int64_t{2} * 86400) {
    amount = absl::StrCat(seconds / 3600, "h");
  } else {
    amount = absl::StrCat(seconds / 86400, "d");
  }
  return age > absl::ZeroDuration() ? absl::StrCat(amount, " ago") : absl::StrCat("in ", amount);
}

std::string FormatTimeLong(absl::Time time, absl::Time now, absl::TimeZone zone) {
  return absl::StrCat(absl::FormatTime("%Y-%m-%d %H:%M:%S %Ez", time, zone), " (",
                      FormatRelative(time, now), ")");
}

}  // namespace logexport::cli
