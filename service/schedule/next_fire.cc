#include "service/schedule/next_fire.h"

#include <bitset>
#include <cstddef>
#include <optional>
#include <variant>

#include "absl/time/civil_time.h"

namespace logexport {
namespace {

constexpr absl::CivilSecond kFirstCivil(1, 1, 1);
constexpr absl::CivilSecond kLastCivil(9999, 12, 31, 23, 59, 59);

std::size_t WeekdayNumber(absl::CivilDay day) {
  // absl counts from Monday, cron from Sunday.
  return (static_cast<std::size_t>(absl::GetWeekday(day)) + 1) % 7;
}

bool AllowsDay(const CalendarRule& rule, absl::CivilDay day) {
  const bool by_month = rule.days_of_month[static_cast<std::size_t>(day.day())];
  const bool by_week = rule.days_of_week[WeekdayNumber(day)];
  return rule.either_day ? by_month || by_week : by_month && by_week;
}

// The lowest member of `set` that is at least `from`.
template <std::size_t kSize>
std::optional<int> FirstFrom(const std::bitset<kSize>& set, int from) {
  for (std::size_t i = static_cast<std::size_t>(from); i < kSize; ++i) {
    if (set[i]) return static_cast<int>(i);
  }
  return std::nullopt;
}

// The first allowed time on `from`'s day that is not before `from`.
std::optional<absl::CivilSecond> FirstOnDay(const CalendarRule& rule, absl::CivilSecond from) {
  const absl::CivilDay day(from);
  int minute_from = from.minute();
  int second_from = from.second();
  for (std::optional<int> hour = FirstFrom(rule.hours, from.hour()); hour;
       hour = FirstFrom(rule.hours, *hour + 1)) {
    if (*hour > from.hour()) minute_from = second_from = 0;
    for (std::optional<int> minute = FirstFrom(rule.minutes, minute_from); minute;
         minute = FirstFrom(rule.minutes, *minute + 1)) {
      if (*minute > minute_from) second_from = 0;
      if (const std::optional<int> second = FirstFrom(rule.seconds, second_from)) {
        return absl::CivilSecond(day.year(), day.month(), day.day(), *hour, *minute, *second);
      }
    }
  }
  return std::nullopt;
}

// The first allowed civil time that is not before `from`, as if no clock ever changed.
std::optional<absl::CivilSecond> FirstCivil(const CalendarRule& rule, absl::CivilSecond from) {
  while (from <= kLastCivil) {
    if (!rule.months[static_cast<std::size_t>(from.month())]) {
      from = absl::CivilSecond(absl::CivilMonth(from) + 1);
      continue;
    }
    if (AllowsDay(rule, absl::CivilDay(from))) {
      if (const std::optional<absl::CivilSecond> found = FirstOnDay(rule, from)) return found;
    }
    from = absl::CivilSecond(absl::CivilDay(from) + 1);
  }
  return std::nullopt;
}

// `earliest` is a whole second.
absl::Time FirstInstant(const CalendarRule& rule, const absl::TimeZone& zone, absl::Time earliest) {
  // A gap right before `earliest` belongs to it where skipped fires happen at the gap's end.
  absl::CivilSecond from =
      rule.interval_like ? zone.At(earliest).cs : zone.At(earliest - absl::Seconds(1)).cs + 1;
  while (true) {
    const std::optional<absl::CivilSecond> civil = FirstCivil(rule, from);
    if (!civil) return absl::InfiniteFuture();

    const absl::TimeZone::TimeInfo here = zone.At(from);
    if (rule.interval_like && here.kind == absl::TimeZone::TimeInfo::REPEATED &&
        earliest < here.trans) {
      // In the first pass of a repeated stretch. What it still holds comes first; then the second
      // pass is searched from its beginning, which civil order alone would jump over.
      const absl::TimeZone::TimeInfo found = zone.At(*civil);
      const bool same_stretch =
          found.kind == absl::TimeZone::TimeInfo::REPEATED && found.trans == here.trans;
      if (same_stretch) return found.pre;
      earliest = here.trans;
      from = zone.At(earliest).cs;
      continue;
    }

    const absl::TimeZone::TimeInfo found = zone.At(*civil);
    switch (found.kind) {
      case absl::TimeZone::TimeInfo::UNIQUE:
        return found.pre;
      case absl::TimeZone::TimeInfo::SKIPPED:
        if (!rule.interval_like) return found.trans;
        earliest = found.trans;
        from = zone.At(earliest).cs;
        break;
      case absl::TimeZone::TimeInfo::REPEATED:
        if (found.pre >= earliest) return found.pre;
        if (rule.interval_like) return found.post;
        // Fixed hours have had their turn in the first pass: go on behind the repeated stretch.
        from = zone.At(found.trans - absl::Seconds(1)).cs + 1;
        break;
    }
  }
}

absl::Time NextMultiple(absl::Duration period, absl::Time after) {
  return absl::UnixEpoch() + absl::Floor(after - absl::UnixEpoch(), period) + period;
}

}  // namespace

absl::Time NextFire(const CronExpression& expression, const absl::TimeZone& zone,
                    absl::Time after) {
  const absl::Time first = absl::FromCivil(kFirstCivil, absl::UTCTimeZone());
  const absl::Time last = absl::FromCivil(kLastCivil, absl::UTCTimeZone());
  if (after >= last) return absl::InfiniteFuture();
  if (after < first) after = first - absl::Seconds(1);

  absl::Time next;
  if (const auto* interval = std::get_if<IntervalRule>(&expression.rule)) {
    next = NextMultiple(interval->period, after);
  } else {
    const absl::Time whole =
        absl::UnixEpoch() + absl::Floor(after - absl::UnixEpoch(), absl::Seconds(1));
    next = FirstInstant(std::get<CalendarRule>(expression.rule), zone, whole + absl::Seconds(1));
  }
  return next > last ? absl::InfiniteFuture() : next;
}

}  // namespace logexport
