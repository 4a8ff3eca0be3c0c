#include "tests/schedule/brute_force.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/time/civil_time.h"

namespace logexport {
namespace {

bool Allows(const CalendarRule& rule, absl::CivilSecond civil) {
  const auto bit = [](auto value) { return static_cast<std::size_t>(value); };
  const absl::CivilDay day(civil);
  // 4 January 1970 was a Sunday.
  const std::int64_t since_sunday = day - absl::CivilDay(1970, 1, 4);
  const std::size_t weekday = bit((since_sunday % 7 + 7) % 7);
  const bool date_allowed = rule.days_of_month[bit(civil.day())];
  const bool weekday_allowed = rule.days_of_week[weekday];
  const bool day_allowed =
      rule.either_day ? (date_allowed || weekday_allowed) : (date_allowed && weekday_allowed);
  return day_allowed && rule.months[bit(civil.month())] && rule.hours[bit(civil.hour())] &&
         rule.minutes[bit(civil.minute())] && rule.seconds[bit(civil.second())];
}

}  // namespace

std::vector<absl::Time> BruteForceFires(const CalendarRule& rule, const absl::TimeZone& zone,
                                        absl::Time from, absl::Time to, absl::Duration step) {
  std::vector<absl::Time> fires;
  const std::int64_t step_seconds = absl::ToInt64Seconds(step);
  absl::CivilSecond expected = zone.At(from).cs;
  absl::CivilSecond newest = expected - step_seconds;  // the latest local time seen so far
  for (absl::Time now = from; now < to; now += step) {
    const absl::CivilSecond civil = zone.At(now).cs;
    bool fires_now = Allows(rule, civil);
    if (!rule.interval_like) {
      const bool second_pass = civil <= newest;
      fires_now = fires_now && !second_pass;
      for (absl::CivilSecond skipped = expected; skipped < civil; skipped += step_seconds) {
        fires_now = fires_now || Allows(rule, skipped);
      }
    }
    if (fires_now) fires.push_back(now);
    newest = std::max(newest, civil);
    expected = civil + step_seconds;
  }
  return fires;
}

}  // namespace logexport
