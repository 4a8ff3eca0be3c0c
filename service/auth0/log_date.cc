#include "service/auth0/log_date.h"

#include <chrono>

#include "service/base/time_text.h"

namespace logexport {
namespace {

constexpr absl::string_view kUsualForm = "dddd-dd-ddTdd:dd:dd.dddZ";

bool HasUsualForm(absl::string_view text) {
  if (text.size() != kUsualForm.size()) return false;
  for (std::size_t i = 0; i < kUsualForm.size(); ++i) {
    if (kUsualForm[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != kUsualForm[i]) {
      return false;
    }
  }
  return true;
}

int Number(absl::string_view text, std::size_t begin, std::size_t digits) {
  int value = 0;
  for (std::size_t i = begin; i < begin + digits; ++i) value = value * 10 + (text[i] - '0');
  return value;
}

}  // namespace

std::optional<absl::Time> ParseLogDate(absl::string_view text) {
  if (!HasUsualForm(text)) return ParseTimestamp(text);
  const std::chrono::year_month_day day(std::chrono::year(Number(text, 0, 4)),
                                        std::chrono::month(unsigned(Number(text, 5, 2))),
                                        std::chrono::day(unsigned(Number(text, 8, 2))));
  const int hour = Number(text, 11, 2);
  const int minute = Number(text, 14, 2);
  const int second = Number(text, 17, 2);
  // A leap second (60) and the year 0 are left to the thorough parser, too.
  if (!day.ok() || day.year() < std::chrono::year(1) || hour > 23 || minute > 59 || second > 59)
    return ParseTimestamp(text);
  const auto days = std::chrono::sys_days(day).time_since_epoch().count();
  const std::int64_t seconds =
      std::int64_t{days} * 86400 + std::int64_t{hour} * 3600 + minute * 60 + second;
  return absl::FromUnixMillis(seconds * 1000 + Number(text, 20, 3));
}

}  // namespace logexport
