#include "service/config/start_point.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

#include "service/base/spelling.h"
#include "service/base/status_macros.h"
#include "service/base/time_text.h"

namespace logexport {
namespace {

constexpr std::size_t kLongestLogId = 256;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }

// Four digits and a dash: nobody writes a log id like that, but everybody a date.
bool LooksLikeTime(absl::string_view text) {
  return text.size() >= 5 && text[4] == '-' &&
         std::all_of(text.begin(), text.begin() + 4, [](char c) { return IsDigit(c); });
}

std::optional<absl::Time> ParseTimeOrDate(absl::string_view text) {
  absl::CivilDay day;
  if (text.size() == 10 && absl::ParseCivilTime(text, &day)) {
    return absl::FromCivil(day, absl::UTCTimeZone());
  }
  return ParseTimestamp(text);
}

}  // namespace

absl::Status CheckLogId(absl::string_view id) {
  if (id.empty()) return absl::InvalidArgumentError("is empty; write the id of a log");
  if (id.size() > kLongestLogId) {
    return absl::InvalidArgumentError(absl::StrCat(
        "has ", id.size(), " characters; the id of a log has at most ", kLongestLogId));
  }
  for (const char c : id) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "is ", Quoted(id), "; the id of a log has only visible ASCII characters, no spaces"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Position> ParseStartPoint(absl::string_view text, absl::Time now) {
  text = absl::StripAsciiWhitespace(text);
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
  constexpr absl::string_view kAllowed =
      "earliest, latest, a time (2026-11-01T00:00:00Z), a date (2026-11-01) or the id of a log";
  if (LooksLikeTime(text)) {
    const std::optional<absl::Time> time = ParseTimeOrDate(text);
    if (!time.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("is ", Quoted(text), ", which is no time; write ", kAllowed));
    }
    if (*time > now) {
      return absl::InvalidArgumentError(absl::StrCat("is ", Quoted(text),
                                                     ", which lies in the future (it is ",
                                                     FormatTimestamp(now), " now)"));
    }
    position.kind = Position::Kind::kTime;
    position.time = *time;
    return position;
  }
  RETURN_IF_ERROR(CheckLogId(text));
  // Every id of a log has digits; a text without any is a word we do not know.
  if (std::none_of(text.begin(), text.end(), IsDigit)) {
    const std::string nearest = NearestWord(text, {"earliest", "latest"});
    return absl::InvalidArgumentError(absl::StrCat(
        "is ", Quoted(text), nearest.empty() ? "" : absl::StrCat(" (did you mean ", nearest, "?)"),
        "; write ", kAllowed));
  }
  position.kind = Position::Kind::kAfter;
  position.id = std::string(text);
  return position;
}

}  // namespace logexport
