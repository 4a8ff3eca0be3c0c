#include "service/config/start_point.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/civil_time.h"

#include "service/base/duration_text.h"
#include "service/base/spelling.h"
#include "service/base/status_macros.h"
#include "service/base/time_text.h"
#include "service/config/slip_rules.h"

namespace logexport {
namespace {

constexpr std::size_t kLongestLogId = 256;
// Every numeric id that Auth0 is known to give is longer than this. Shorter numbers are UNIX times,
// years and slips.
constexpr std::size_t kShortestNumericId = 20;

constexpr absl::string_view kAllowed =
    "earliest, latest, a time (2026-11-01T00:00:00Z), a date (2026-11-01), a time before now "
    "(-24h) "
    "or the id of a log";

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool IsIdCharacter(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
}
bool AllDigits(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

absl::Status Refuse(absl::string_view text, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("is ", Quoted(text), ", ", why));
}

// Four digits and a dash: a date, well-formed or not.
bool LooksLikeTime(absl::string_view text) {
  return text.size() >= 5 && text[4] == '-' && AllDigits(text.substr(0, 4));
}

// 20261101T140000Z: ISO 8601 without separators.
bool LooksLikeCompactTime(absl::string_view text) {
  if (text.size() < 11 || text.size() > 16 || !AllDigits(text.substr(0, 8)) ||
      (text[8] != 'T' && text[8] != 't')) {
    return false;
  }
  text.remove_prefix(9);
  if (!absl::ConsumeSuffix(&text, "Z")) absl::ConsumeSuffix(&text, "z");
  return AllDigits(text);
}

std::optional<absl::Time> ParseTimeOrDate(absl::string_view text) {
  absl::CivilDay day;
  if (text.size() == 10 && absl::ParseCivilTime(text, &day)) {
    return absl::FromCivil(day, absl::UTCTimeZone());
  }
  return ParseTimestamp(text);
}

// How long before now: -24h, now-7d, 2h ago.
std::optional<absl::Duration> ParseTimeBefore(absl::string_view text) {
  if (absl::ConsumeSuffix(&text, " ago")) return ParseDurationText(text);
  absl::ConsumePrefix(&text, "now");
  if (!absl::ConsumePrefix(&text, "-")) return std::nullopt;
  return ParseDurationText(text);
}

// The time that a short number probably means.
std::string TimeHint(absl::string_view digits) {
  std::int64_t number = 0;
  if (!absl::SimpleAtoi(digits, &number)) return "";
  if (digits.size() == 10) {
    return absl::StrCat("; for that UNIX time write ",
                        FormatTimestamp(absl::FromUnixSeconds(number)));
  }
  if (digits.size() == 13) {
    return absl::StrCat("; for that UNIX time write ",
                        FormatTimestamp(absl::FromUnixMillis(number)));
  }
  return "";
}

}  // namespace

absl::Status CheckLogId(absl::string_view id) {
  if (id.empty()) return absl::InvalidArgumentError("is empty; write the id of a log");
  if (id.size() > kLongestLogId) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has ", id.size(), " characters; the id of a log has at most ", kLongestLogId));
  }
  RETURN_IF_ERROR(CheckForSlips(id));
  if (LooksLikeTime(id) || LooksLikeCompactTime(id)) {
    return Refuse(id,
                  "a time and not the id of a log; write times as 2026-11-01T00:00:00Z where a "
                  "time is asked for");
  }
  if (ParseDurationText(id).has_value() || ParseTimeBefore(id).has_value()) {
    return Refuse(id, "a length of time and not the id of a log");
  }
  if (absl::StrContains(id, '=') || absl::StrContains(id, ':')) {
    return Refuse(id, "which holds more than an id; write the id of a log alone");
  }
  if (!std::all_of(id.begin(), id.end(), IsIdCharacter) || id.front() == '-') {
    return Refuse(id, "but the id of a log has only letters, digits, - and _");
  }
  if (AllDigits(id) && id.size() < kShortestNumericId) {
    return Refuse(id,
                  absl::StrCat("a number of ", id.size(), " digits; the id of a log has at least ",
                               kShortestNumericId, TimeHint(id)));
  }
  if (std::none_of(id.begin(), id.end(), IsDigit)) {
    return Refuse(id, "but the id of a log has digits");
  }
  return absl::OkStatus();
}

absl::StatusOr<Position> ParseStartPoint(absl::string_view text, absl::Time now) {
  text = absl::StripAsciiWhitespace(text);
  RETURN_IF_ERROR(CheckForSlips(text));
  Position position;
  if (absl::EqualsIgnoreCase(text, "earliest")) {
    position.kind = Position::Kind::kEarliest;
    return position;
  }
  if (absl::EqualsIgnoreCase(text, "latest")) {
    position.kind = Position::Kind::kLatest;
    position.time = now;
    return position;
  }
  if (const std::optional<absl::Duration> before = ParseTimeBefore(text)) {
    position.kind = Position::Kind::kTime;
    position.time = now - *before;
    return position;
  }
  if (LooksLikeTime(text)) {
    const std::optional<absl::Time> time = ParseTimeOrDate(text);
    if (!time.has_value()) {
      return Refuse(text, absl::StrCat("which is no time; write ", kAllowed));
    }
    if (*time > now) {
      return Refuse(
          text, absl::StrCat("which lies in the future (it is ", FormatTimestamp(now), " now)"));
    }
    position.kind = Position::Kind::kTime;
    position.time = *time;
    return position;
  }
  if (text != "0" && ParseDurationText(text).has_value()) {
    return Refuse(text, absl::StrCat("a length of time; for that long before now write -", text));
  }
  if (const absl::Status id = CheckLogId(text); !id.ok()) {
    // A text without any digit is a word that is not known.
    const std::string nearest = std::none_of(text.begin(), text.end(), IsDigit)
                                    ? NearestWord(text, {"earliest", "latest"})
                                    : "";
    return absl::InvalidArgumentError(absl::StrCat(
        id.message(), nearest.empty() ? "" : absl::StrCat(" (did you mean ", nearest, "?)"),
        "; write ", kAllowed));
  }
  position.kind = Position::Kind::kAfter;
  position.id = std::string(text);
  return position;
}

}  // namespace logexport
