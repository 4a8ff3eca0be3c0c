#include "service/export/log.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace logexport {
namespace {

// Seen in all recordings of present-day tenants: 900, YYYYMMDDhhmmss in UTC, six digits of a
// fraction of a second, 33 more digits; 56 in all.
constexpr absl::string_view kTimedPrefix = "900";
constexpr std::size_t kTimeDigits = 14;
constexpr std::size_t kFractionDigits = 6;
constexpr std::size_t kTimedIdLength = 56;

int Number(absl::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

}  // namespace

std::optional<absl::Time> TimeOfLogId(absl::string_view id) {
  if (id.size() != kTimedIdLength || !absl::StartsWith(id, kTimedPrefix)) return std::nullopt;
  if (!std::all_of(id.begin(), id.end(), absl::ascii_isdigit)) return std::nullopt;
  const absl::string_view time = id.substr(kTimedPrefix.size(), kTimeDigits);
  const absl::CivilSecond civil(Number(time.substr(0, 4)), Number(time.substr(4, 2)),
                                Number(time.substr(6, 2)), Number(time.substr(8, 2)),
                                Number(time.substr(10, 2)), Number(time.substr(12, 2)));
  if (civil.year() < 1) return std::nullopt;
  // CivilSecond normalises (month 13 becomes January); such digits are no time.
  if (absl::FormatCivilTime(civil) != absl::StrCat(time.substr(0, 4), "-", time.substr(4, 2), "-",
                                                   time.substr(6, 2), "T", time.substr(8, 2), ":",
                                                   time.substr(10, 2), ":", time.substr(12, 2))) {
    return std::nullopt;
  }
  const int micros = Number(id.substr(kTimedPrefix.size() + kTimeDigits, kFractionDigits));
  return absl::FromCivil(civil, absl::UTCTimeZone()) + absl::Microseconds(micros);
}

std::string SyntheticLogId(absl::Time time) {
  std::string id =
      absl::StrCat(kTimedPrefix, absl::FormatTime("%E4Y%m%d%H%M%S", time, absl::UTCTimeZone()));
  id.resize(kTimedIdLength, '0');
  return id;
}

bool IsSyntheticLogId(absl::string_view id) {
  const std::optional<absl::Time> time = TimeOfLogId(id);
  return time.has_value() && id == SyntheticLogId(*time);
}

}  // namespace logexport
