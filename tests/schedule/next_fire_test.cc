#include "service/schedule/next_fire.h"

#include <string>
#include <variant>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/schedule/brute_force.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;

absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << "this machine has no zone " << name;
  return zone;
}

CronExpression Cron(const std::string& text) {
  absl::StatusOr<CronExpression> expression = ParseCron(text);
  EXPECT_TRUE(expression.ok()) << expression.status();
  return expression.ok() ? *expression : CronExpression{};
}

absl::Time At(const std::string& rfc3339) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, rfc3339, &time, &error)) << error;
  return time;
}

// The next `count` fires, each with the local time and offset that a clock on the wall showed.
std::vector<std::string> Fires(const std::string& cron, const std::string& zone_name,
                               const std::string& after, int count) {
  const CronExpression expression = Cron(cron);
  const absl::TimeZone zone = Zone(zone_name);
  std::vector<std::string> fires;
  absl::Time time = At(after);
  for (int i = 0; i < count; ++i) {
    time = NextFire(expression, zone, time);
    fires.push_back(absl::FormatTime("%Y-%m-%d %H:%M:%S %Ez", time, zone));
  }
  return fires;
}

TEST(NextFireTest, IsStrictlyAfterTheGivenTime) {
  EXPECT_THAT(Fires("*/5 * * * *", "UTC", "2026-01-01T00:05:00Z", 2),
              ElementsAre("2026-01-01 00:10:00 +00:00", "2026-01-01 00:15:00 +00:00"));
  EXPECT_THAT(Fires("*/5 * * * *", "UTC", "2026-01-01T00:04:59.999Z", 1),
              ElementsAre("2026-01-01 00:05:00 +00:00"));
  EXPECT_THAT(Fires("* * * * * *", "UTC", "2026-01-01T00:00:00.5Z", 2),
              ElementsAre("2026-01-01 00:00:01 +00:00", "2026-01-01 00:00:02 +00:00"));
}

TEST(NextFireTest, CarriesOverMinuteHourDayMonthAndYear) {
  EXPECT_THAT(Fires("15 30 10 * * *", "UTC", "2026-12-31T10:30:15Z", 1),
              ElementsAre("2027-01-01 10:30:15 +00:00"));
  EXPECT_THAT(Fires("0 0 1 1 *", "UTC", "2026-01-01T00:00:00Z", 1),
              ElementsAre("2027-01-01 00:00:00 +00:00"));
  EXPECT_THAT(Fires("59 59 23 31 12 *", "UTC", "1969-12-31T23:59:58.25Z", 2),
              ElementsAre("1969-12-31 23:59:59 +00:00", "1970-12-31 23:59:59 +00:00"));
}

TEST(NextFireTest, FindsLeapDays) {
  EXPECT_THAT(Fires("0 0 29 2 *", "UTC", "2026-01-01T00:00:00Z", 3),
              ElementsAre("2028-02-29 00:00:00 +00:00", "2032-02-29 00:00:00 +00:00",
                          "2036-02-29 00:00:00 +00:00"));
  // 2100 is no leap year.
  EXPECT_THAT(Fires("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1),
              ElementsAre("2104-02-29 00:00:00 +00:00"));
  // A weekend: `*/6` allows days 0 and 6 and, starting with a star, must be met as well.
  EXPECT_THAT(Fires("0 0 29 2 */6", "UTC", "2026-01-01T00:00:00Z", 2),
              ElementsAre("2032-02-29 00:00:00 +00:00", "2048-02-29 00:00:00 +00:00"));
}

TEST(NextFireTest, CombinesTheDayFieldsAsCronDoes) {
  // Either field: every Friday and every 13th.
  EXPECT_THAT(Fires("0 0 13 * FRI", "UTC", "2026-03-01T00:00:00Z", 4),
              ElementsAre("2026-03-06 00:00:00 +00:00", "2026-03-13 00:00:00 +00:00",
                          "2026-03-20 00:00:00 +00:00", "2026-03-27 00:00:00 +00:00"));
  EXPECT_THAT(Fires("0 0 13 * FRI", "UTC", "2026-04-04T00:00:00Z", 2),
              ElementsAre("2026-04-10 00:00:00 +00:00", "2026-04-13 00:00:00 +00:00"));
  // Both fields, because one starts with a star: Mondays on odd days.
  EXPECT_THAT(Fires("0 0 */2 * MON", "UTC", "2026-03-01T00:00:00Z", 3),
              ElementsAre("2026-03-09 00:00:00 +00:00", "2026-03-23 00:00:00 +00:00",
                          "2026-04-13 00:00:00 +00:00"));
}

TEST(NextFireTest, ReadsTheExpressionInItsTimeZone) {
  EXPECT_THAT(Fires("30 3 * * *", "Asia/Kolkata", "2026-01-01T00:00:00Z", 1),
              ElementsAre("2026-01-02 03:30:00 +05:30"));
  EXPECT_THAT(Fires("0 0 1 * *", "America/New_York", "2026-01-01T04:59:59Z", 2),
              ElementsAre("2026-01-01 00:00:00 -05:00", "2026-02-01 00:00:00 -05:00"));
}

TEST(NextFireTest, FixedHoursThatAreSkippedFireOnceRightAfterTheGap) {
  // Berlin goes from 02:00 to 03:00 on 29 March 2026.
  EXPECT_THAT(Fires("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00:00Z", 3),
              ElementsAre("2026-03-28 02:30:00 +01:00", "2026-03-29 03:00:00 +02:00",
                          "2026-03-30 02:30:00 +02:00"));
  EXPECT_THAT(Fires("*/10 2 * * *", "Europe/Berlin", "2026-03-28T02:00:00Z", 2),
              ElementsAre("2026-03-29 03:00:00 +02:00", "2026-03-30 02:00:00 +02:00"));
  // The last fire before the gap is a second away from it.
  EXPECT_THAT(Fires("59 59 1,2 * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 2),
              ElementsAre("2026-03-29 01:59:59 +01:00", "2026-03-29 03:00:00 +02:00"));
  // What is due at 03:00 anyway is not doubled.
  EXPECT_THAT(Fires("0 2,3 * * *", "Europe/Berlin", "2026-03-28T02:00:00Z", 2),
              ElementsAre("2026-03-29 03:00:00 +02:00", "2026-03-30 02:00:00 +02:00"));
}

TEST(NextFireTest, FixedHoursThatAreRepeatedFireInTheFirstPassOnly) {
  // Berlin goes from 03:00 back to 02:00 on 25 October 2026.
  EXPECT_THAT(Fires("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2),
              ElementsAre("2026-10-25 02:30:00 +02:00", "2026-10-26 02:30:00 +01:00"));
  // Asked for in the second pass.
  EXPECT_THAT(Fires("30 2,3 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", 1),
              ElementsAre("2026-10-25 03:30:00 +01:00"));
}

TEST(NextFireTest, IntervalLikeRulesGoOnTickingThroughAGap) {
  EXPECT_THAT(Fires("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 3),
              ElementsAre("2026-03-29 01:30:00 +01:00", "2026-03-29 03:00:00 +02:00",
                          "2026-03-29 03:30:00 +02:00"));
  EXPECT_THAT(Fires("0 */2 * * *", "Europe/Berlin", "2026-03-28T22:00:00Z", 3),
              ElementsAre("2026-03-29 00:00:00 +01:00", "2026-03-29 04:00:00 +02:00",
                          "2026-03-29 06:00:00 +02:00"));
}

TEST(NextFireTest, IntervalLikeRulesFireInBothPassesOfARepeatedHour) {
  EXPECT_THAT(Fires("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", 4),
              ElementsAre("2026-10-25 02:30:00 +02:00", "2026-10-25 02:00:00 +01:00",
                          "2026-10-25 02:30:00 +01:00", "2026-10-25 03:00:00 +01:00"));
  EXPECT_THAT(Fires("45 * * * *", "Europe/Berlin", "2026-10-25T00:50:00Z", 2),
              ElementsAre("2026-10-25 02:45:00 +01:00", "2026-10-25 03:45:00 +01:00"));
}

TEST(NextFireTest, HandlesAChangeOfHalfAnHour) {
  // Lord Howe goes from 02:00 to 02:30 on 4 October 2026 and from 02:00 to 01:30 on 5 April 2026.
  EXPECT_THAT(Fires("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", 2),
              ElementsAre("2026-10-04 02:30:00 +11:00", "2026-10-05 02:15:00 +11:00"));
  EXPECT_THAT(Fires("*/15 * * * *", "Australia/Lord_Howe", "2026-04-04T14:45:00Z", 4),
              ElementsAre("2026-04-05 01:30:00 +10:30", "2026-04-05 01:45:00 +10:30",
                          "2026-04-05 02:00:00 +10:30", "2026-04-05 02:15:00 +10:30"));
}

TEST(NextFireTest, HandlesAChangeAtMidnight) {
  // São Paulo went from 00:00 to 01:00 on 4 November 2018.
  EXPECT_THAT(Fires("@daily", "America/Sao_Paulo", "2018-11-03T12:00:00Z", 2),
              ElementsAre("2018-11-04 01:00:00 -02:00", "2018-11-05 00:00:00 -02:00"));
}

TEST(NextFireTest, HandlesADayThatDoesNotExist) {
  // Samoa crossed the date line: 29 December 2011 was followed by the 31st.
  EXPECT_THAT(Fires("0 9 * * *", "Pacific/Apia", "2011-12-29T12:00:00Z", 3),
              ElementsAre("2011-12-29 09:00:00 -10:00", "2011-12-31 00:00:00 +14:00",
                          "2011-12-31 09:00:00 +14:00"));
  EXPECT_THAT(Fires("0 */8 * * *", "Pacific/Apia", "2011-12-30T01:00:00Z", 3),
              ElementsAre("2011-12-29 16:00:00 -10:00", "2011-12-31 00:00:00 +14:00",
                          "2011-12-31 08:00:00 +14:00"));
}

TEST(NextFireTest, IntervalsAreMultiplesSinceTheEpochInEveryZone) {
  EXPECT_THAT(Fires("@every 7m", "UTC", "1970-01-01T00:00:00Z", 2),
              ElementsAre("1970-01-01 00:07:00 +00:00", "1970-01-01 00:14:00 +00:00"));
  EXPECT_THAT(Fires("@every 1h", "Asia/Kolkata", "2026-01-01T00:10:00Z", 2),
              ElementsAre("2026-01-01 06:30:00 +05:30", "2026-01-01 07:30:00 +05:30"));
  EXPECT_THAT(Fires("@every 90s", "UTC", "1969-12-31T23:58:30Z", 2),
              ElementsAre("1970-01-01 00:00:00 +00:00", "1970-01-01 00:01:30 +00:00"));
}

TEST(NextFireTest, EndsWithTheLastTimeATimestampCanExpress) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const CronExpression yearly = Cron("@yearly");
  EXPECT_EQ(NextFire(yearly, utc, At("9998-06-01T00:00:00Z")), At("9999-01-01T00:00:00Z"));
  EXPECT_EQ(NextFire(yearly, utc, At("9999-06-01T00:00:00Z")), absl::InfiniteFuture());
  EXPECT_EQ(NextFire(yearly, utc, absl::InfiniteFuture()), absl::InfiniteFuture());
  EXPECT_EQ(NextFire(Cron("@every 5h"), utc, At("9999-12-31T23:00:00Z")), absl::InfiniteFuture());
  EXPECT_EQ(NextFire(yearly, utc, absl::InfinitePast()), At("0001-01-01T00:00:00Z"));
}

TEST(NextFireTest, MatchesAWalkOverEverySecondAroundClockChanges) {
  struct Window {
    const char* zone;
    const char* from;
    int hours;
  };
  const std::vector<Window> windows = {
      {"Europe/Berlin", "2026-03-28T12:00:00Z", 36},
      {"Europe/Berlin", "2026-10-24T12:00:00Z", 36},
      {"America/New_York", "2026-03-07T18:00:00Z", 36},
      {"America/New_York", "2026-10-31T18:00:00Z", 36},
      {"Australia/Lord_Howe", "2026-10-03T03:00:00Z", 36},
      {"Australia/Lord_Howe", "2026-04-04T03:00:00Z", 36},
      {"Asia/Kolkata", "2026-02-27T20:00:00Z", 36},
      {"America/Sao_Paulo", "2018-11-03T12:00:00Z", 36},
      {"America/Sao_Paulo", "2018-02-17T12:00:00Z", 36},
      {"Pacific/Apia", "2011-12-29T12:00:00Z", 60},
      {"UTC", "2028-02-28T12:00:00Z", 36},
  };
  const std::vector<const char*> expressions = {
      "*/5 * * * *",      "17 * * * *",         "0 */2 * * *",        "30 2 * * *",
      "*/20 1-3 * * *",   "0 0 * * *",          "45 1,2 * * SAT,SUN", "59 59 23 * * *",
      "*/7 */11 * * * *", "10/25 30 0-3 * * *", "0 0 31 * SUN",       "0 12 29,30 * *",
  };
  for (const Window& window : windows) {
    const absl::TimeZone zone = Zone(window.zone);
    const absl::Time from = At(window.from);
    const absl::Time to = from + absl::Hours(window.hours);
    for (const char* text : expressions) {
      const CronExpression expression = Cron(text);
      std::vector<absl::Time> fires;
      for (absl::Time fire = NextFire(expression, zone, from - absl::Seconds(1)); fire < to;
           fire = NextFire(expression, zone, fire)) {
        fires.push_back(fire);
      }
      EXPECT_EQ(fires, BruteForceFires(std::get<CalendarRule>(expression.rule), zone, from, to))
          << text << " in " << window.zone << " from " << window.from;
    }
  }
}

TEST(NextFireTest, FindsRareDatesWithoutWalkingThere) {
  const CronExpression leap_day = Cron("0 0 29 2 *");
  const absl::TimeZone zone = Zone("Europe/Berlin");
  const absl::Time start = absl::Now();
  for (int i = 0; i < 1000; ++i) {
    NextFire(leap_day, zone, At("2096-03-01T00:00:00Z") + absl::Hours(i));
  }
  // Walking the 8 years by the minute would take minutes; 1,000 searches take milliseconds.
  EXPECT_LT(absl::Now() - start, absl::Seconds(5));
}

}  // namespace
}  // namespace logexport
