#include "client/cli/time_input.h"

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

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

struct Unit {
  absl::string_view name;
  absl::Duration length;
};

const std::array<Unit, 7>& Units() {
  static const std::array<Unit, 7> units = {{{"w", absl::Hours(7 * 24)},
                                             {"d", absl::Hours(24)},
                                             {"h", absl::Hours(1)},
                                             {"m", absl::Minutes(1)},
                                             {"s", absl::Seconds(1)},
                                             {"ms", absl::Milliseconds(1)},
                                             {"us", absl::Microseconds(1)}}};
  return units;
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
  if (rest == "0") return absl::ZeroDuration();
  if (rest.empty()) return NotADuration(text);
  absl::Duration total;
  while (!rest.empty()) {
    const auto digits = std::min(rest.find_first_not_of("0123456789."), rest.size());
    const absl::string_view number = rest.substr(0, digits);
    rest.remove_prefix(digits);
    const auto letters = std::min(rest.find_first_of("0123456789."), rest.size());
    const absl::string_view name = rest.substr(0, letters);
    rest.remove_prefix(letters);

    const Unit* unit = nullptr;
    for (const Unit& candidate : Units()) {
      if (candidate.name == name) unit = &candidate;
    }
    double amount = 0;
    if (unit == nullptr || !absl::SimpleAtod(number, &amount)) return NotADuration(text);
    std::int64_t whole = 0;  // exact for whole numbers, however large
    total += absl::SimpleAtoi(number, &whole) ? unit->length * whole : unit->length * amount;
  }
  // What google.protobuf.Duration can hold: 10,000 years.
  if (total > absl::Seconds(315'576'000'000)) return NotADuration(text);
  return negative ? -total : total;
}

std::string FormatExactDuration(absl::Duration duration) {
  if (duration == absl::ZeroDuration()) return "0s";
  std::string text = duration < absl::ZeroDuration() ? "-" : "";
  absl::Duration rest = absl::AbsDuration(duration);
  for (const Unit& unit : Units()) {
    if (unit.name == "w") continue;  // nobody says 1w3d
    const std::int64_t count = absl::IDivDuration(rest, unit.length, &rest);
    if (count > 0) absl::StrAppend(&text, count, unit.name);
  }
  return text.empty() || text == "-" ? "0s" : text;  // below a microsecond
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
  } else if (seconds < 2 * 86400) {
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
