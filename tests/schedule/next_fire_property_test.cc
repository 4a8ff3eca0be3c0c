#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "service/schedule/cron.h"
#include "service/schedule/cron_description.h"
#include "service/schedule/next_fire.h"
#include "service/schedule/schedule.h"
#include "tests/schedule/brute_force.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

std::string Item(int min, int max) {
  const int low = *rc::gen::inRange(min, max + 1);
  const int high = *rc::gen::inRange(low, max + 1);
  const int step = *rc::gen::inRange(1, max - min + 1);
  switch (*rc::gen::inRange(0, 5)) {
    case 0:
      return absl::StrCat(low);
    case 1:
      return absl::StrCat(low, "-", high);
    case 2:
      return absl::StrCat(low, "-", high, "/", step);
    case 3:
      return absl::StrCat(low, "/", step);
    default:
      return absl::StrCat("*/", step);
  }
}

std::string Field(int min, int max, int star_percent) {
  if (*rc::gen::inRange(0, 100) < star_percent) return "*";
  std::vector<std::string> items;
  for (int n = *rc::gen::inRange(1, 4); n > 0; --n) items.push_back(Item(min, max));
  return absl::StrJoin(items, ",");
}

// Five fields: second 0, so that a walk by the minute sees every fire.
std::string MinuteCron() {
  return absl::StrCat(Field(0, 59, 20), " ", Field(0, 23, 40), " ", Field(1, 31, 60), " ",
                      Field(1, 12, 80), " ", Field(0, 7, 60));
}

absl::TimeZone AnyZone() {
  const std::string name = *rc::gen::element<std::string>(
      "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata",
      "America/Sao_Paulo", "Pacific/Apia", "Africa/Casablanca", "America/St_Johns", "Asia/Tehran");
  absl::TimeZone zone;
  RC_ASSERT(absl::LoadTimeZone(name, &zone));
  RC_TAG(name);
  return zone;
}

// A whole minute between 1980 and 2037; half of them within a day of a clock change, if the zone
// has one.
absl::Time AnyMinute(const absl::TimeZone& zone) {
  const int minutes = *rc::gen::inRange(0, 57 * 365 * 24 * 60);
  const absl::Time anywhere = absl::FromUnixSeconds(315'532'800) + absl::Minutes(minutes);
  absl::TimeZone::CivilTransition change;
  if (*rc::gen::arbitrary<bool>() && zone.NextTransition(anywhere, &change)) {
    return zone.At(change.to).trans + absl::Minutes(*rc::gen::inRange(-24 * 60, 24 * 60));
  }
  return anywhere;
}

RC_GTEST_PROP(NextFireProperty, EqualsAWalkOverEveryMinute, ()) {
  const std::string text = MinuteCron();
  const absl::StatusOr<CronExpression> expression = ParseCron(text);
  RC_PRE(expression.ok());  // not "never fires"
  const absl::TimeZone zone = AnyZone();
  const absl::Time after = AnyMinute(zone);
  RC_LOG() << text << " in " << zone.name() << " after " << absl::FormatTime(after, zone) << "\n";

  const absl::Duration horizon = absl::Hours(40);
  const absl::Time next = NextFire(*expression, zone, after);
  RC_ASSERT(next > after);
  // Starts two days early, so that a repeated hour is seen from its first pass.
  absl::Time first = absl::InfiniteFuture();
  for (const absl::Time fire :
       BruteForceFires(std::get<CalendarRule>(expression->rule), zone, after - absl::Hours(48),
                       after + horizon, absl::Minutes(1))) {
    if (fire > after) {
      first = fire;
      break;
    }
  }
  if (first == absl::InfiniteFuture()) {
    RC_ASSERT(next >= after + horizon);
  } else {
    RC_ASSERT(next == first);
  }
}

RC_GTEST_PROP(NextFireProperty, DependsOnlyOnTheFireBefore, ()) {
  const absl::StatusOr<CronExpression> expression =
      ParseCron(absl::StrCat(Field(0, 59, 10), " ", MinuteCron()));
  RC_PRE(expression.ok());
  const absl::TimeZone zone = AnyZone();
  const absl::Time after = AnyMinute(zone);
  const absl::Time next = NextFire(*expression, zone, after);
  // Any moment between now and the fire leads to the same fire, to the nanosecond.
  const double fraction = *rc::gen::inRange(0, 1000) / 1000.0;
  RC_ASSERT(NextFire(*expression, zone, after + (next - after) * fraction) == next);
  RC_ASSERT(NextFire(*expression, zone, next - absl::Nanoseconds(1)) == next);
  RC_ASSERT(NextFire(*expression, zone, next) > next);
  RC_ASSERT(!DescribeCron(*expression).empty());
}

RC_GTEST_PROP(ScheduleProperty, TheLatestFireIsTheLastOfAllFires, ()) {
  const absl::StatusOr<Schedule> schedule = Schedule::Create(
      {.cron = absl::StrCat(Field(0, 59, 10), " ", MinuteCron()), .time_zone = "Europe/Berlin"});
  RC_PRE(schedule.ok());
  const absl::Time after = AnyMinute(schedule->time_zone());
  const absl::Time until = after + absl::Milliseconds(*rc::gen::inRange(0, 200'000'000));
  std::optional<absl::Time> last;
  for (absl::Time fire = schedule->NextAfter(after); fire <= until;
       fire = schedule->NextAfter(fire)) {
    last = fire;
  }
  RC_ASSERT(schedule->LatestIn(after, until) == last);
}

}  // namespace
}  // namespace logexport
