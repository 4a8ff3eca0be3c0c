#include "service/base/duration_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace logexport {
namespace {

constexpr absl::Duration kLongest = absl::Seconds(315'576'000'000);

struct Unit {
  absl::string_view name;
  absl::Duration length;
};

// From the longest to the shortest.
constexpr std::array<Unit, 7> kUnits = {{{"w", absl::Hours(7 * 24)},
                                         {"d", absl::Hours(24)},
                                         {"h", absl::Hours(1)},
                                         {"m", absl::Minutes(1)},
                                         {"s", absl::Seconds(1)},
                                         {"ms", absl::Milliseconds(1)},
                                         {"us", absl::Microseconds(1)}}};

const Unit* FindUnit(absl::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

}  // namespace

std::optional<absl::Duration> ParseDurationText(absl::string_view text) {
  constexpr absl::string_view kNumber = "0123456789.";
  absl::string_view rest = absl::StripAsciiWhitespace(text);
  if (rest == "0") return absl::ZeroDuration();
  if (rest.empty()) return std::nullopt;
  absl::Duration total;
  absl::Duration previous_unit = absl::InfiniteDuration();
  while (!rest.empty()) {
    const auto digits = std::min(rest.find_first_not_of(kNumber), rest.size());
    const absl::string_view number = rest.substr(0, digits);
    rest.remove_prefix(digits);
    const auto letters = std::min(rest.find_first_of(kNumber), rest.size());
    const Unit* unit = FindUnit(rest.substr(0, letters));
    rest.remove_prefix(letters);
    double amount = 0;
    if (unit == nullptr || !absl::SimpleAtod(number, &amount)) return std::nullopt;
    // 30m1h and 5m5m are slips.
    if (unit->length >= previous_unit) return std::nullopt;
    previous_unit = unit->length;
    std::int64_t whole = 0;  // exact for whole numbers, however large
    total += absl::SimpleAtoi(number, &whole) ? unit->length * whole : unit->length * amount;
  }
  if (total > kLongest) return std::nullopt;
  return total;
}

std::string FormatDurationText(absl::Duration duration) {
  absl::Duration rest = absl::AbsDuration(duration);
  std::string text;
  for (const Unit& unit : kUnits) {
    if (unit.name == "w") continue;  // 10d is easier to read than 1w3d
    const std::int64_t count = absl::IDivDuration(rest, unit.length, &rest);
    if (count > 0) absl::StrAppend(&text, count, unit.name);
  }
  if (text.empty()) return "0s";
  return duration < absl::ZeroDuration() ? absl::StrCat("-", text) : text;
}

}  // namespace logexport
