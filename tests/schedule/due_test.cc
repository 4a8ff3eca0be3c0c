#include "service/schedule/due.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

const absl::Time kMidnight = absl::FromUnixSeconds(1'767'225'600);  // 2026-01-01T00:00:00Z

absl::Time Minute(double minute) { return kMidnight + absl::Minutes(minute); }

Schedule Every10Minutes(bool catch_up, absl::Duration jitter = absl::ZeroDuration()) {
  absl::StatusOr<Schedule> schedule =
      Schedule::Create({.cron = "*/10 * * * *", .jitter = jitter, .catch_up = catch_up});
  EXPECT_THAT(schedule, IsOk());
  return *schedule;
}

TEST(DueTest, DecidesByTable) {
  struct Row {
    std::string name;
    bool catch_up;
    bool paused;
    double handled;  // minutes after midnight, as all times here
    double now;
    // Expected. -1: none.
    double run;
    bool late;
    int missed;
    double first_missed;
    double last_missed;
    int paused_count;
    double new_handled;
    double wake;
  };
  const std::vector<Row> rows = {
      {"nothing due yet", true, false, 10, 15, -1, false, 0, -1, -1, 0, 10, 20},
      {"due to the second", true, false, 10, 20, 20, false, 0, -1, -1, 0, 20, 30},
      {"a little late is on time", false, false, 10, 20.9, 20, false, 0, -1, -1, 0, 20, 30},
      {"too late is missed", false, false, 10, 21.1, -1, false, 1, 20, 20, 0, 20, 30},
      {"too late is caught up", true, false, 10, 21.1, 20, true, 0, -1, -1, 0, 20, 30},
      {"an outage is missed", false, false, 10, 58, -1, false, 4, 20, 50, 0, 50, 60},
      {"an outage becomes one run", true, false, 10, 58, 50, true, 3, 20, 40, 0, 50, 60},
      {"an outage that ends on a fire", false, false, 10, 60, 60, false, 4, 20, 50, 0, 60, 70},
      {"paused, nothing passed", true, true, 10, 15, -1, false, 0, -1, -1, 0, 10, 20},
      {"paused fires are neither run nor missed", true, true, 10, 40, -1, false, 0, -1, -1, 3, 40,
       50},
      {"the clock went back", true, false, 20, 12, -1, false, 0, -1, -1, 0, 20, 30},
      {"the clock went back past several fires", true, false, 60, 5, -1, false, 0, -1, -1, 0, 60,
       70},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const DueDecision decision = DecideDue(
        Every10Minutes(row.catch_up), "default",
        {.handled_until = Minute(row.handled), .now = Minute(row.now), .paused = row.paused});
    ASSERT_EQ(decision.run.has_value(), row.run >= 0);
    if (decision.run) {
      EXPECT_EQ(decision.run->fire, Minute(row.run));
      EXPECT_EQ(decision.run->late, row.late);
    }
    EXPECT_EQ(decision.missed.count, row.missed);
    if (row.missed > 0) {
      EXPECT_EQ(decision.missed.first, Minute(row.first_missed));
      EXPECT_EQ(decision.missed.last, Minute(row.last_missed));
    }
    EXPECT_EQ(decision.paused.count, row.paused_count);
    EXPECT_EQ(decision.handled_until, Minute(row.new_handled));
    EXPECT_EQ(decision.wake, Minute(row.wake));
    EXPECT_FALSE(decision.clock_went_back);
  }
}

TEST(DueTest, ANewExporterWaitsForItsFirstFire) {
  const DueDecision decision =
      DecideDue(Every10Minutes(true), "default", {.handled_until = std::nullopt, .now = Minute(3)});
  EXPECT_FALSE(decision.run.has_value());
  EXPECT_EQ(decision.missed.count, 0);
  EXPECT_EQ(decision.handled_until, Minute(3));
  EXPECT_EQ(decision.wake, Minute(10));
}

TEST(DueTest, AClockThatWasFarAheadDoesNotSilenceTheExporter) {
  const absl::Time next_year = kMidnight + absl::Hours(24 * 365);
  const DueDecision decision =
      DecideDue(Every10Minutes(true), "default", {.handled_until = next_year, .now = Minute(3)});
  EXPECT_TRUE(decision.clock_went_back);
  EXPECT_FALSE(decision.run.has_value());
  EXPECT_EQ(decision.handled_until, Minute(3));
  EXPECT_EQ(decision.wake, Minute(10));
}

// Walks a clock that is set back and forth by NTP, and keeps what the caller has to keep.
TEST(DueTest, NoInstantFiresTwiceAndNoneIsForgottenWhateverTheClockDoes) {
  const Schedule schedule = Every10Minutes(true);
  absl::Time handled = Minute(0);
  std::vector<absl::Time> runs;
  std::int64_t missed = 0;
  for (const double now :
       {5.0, 10.0, 10.1, 9.8, 10.0, 19.9, 20.0, 12.0, 20.0, 55.0, 30.0, 60.0, 58.0, 60.0, 70.0}) {
    const DueDecision decision =
        DecideDue(schedule, "default", {.handled_until = handled, .now = Minute(now)});
    if (decision.run) runs.push_back(decision.run->fire);
    missed += decision.missed.count;
    handled = decision.handled_until;
  }
  EXPECT_THAT(runs,
              ::testing::ElementsAre(Minute(10), Minute(20), Minute(50), Minute(60), Minute(70)));
  EXPECT_EQ(missed, 2);  // 30 and 40
}

TEST(DueTest, FiresThatPassedWhilePausedAreNotCaughtUpAfterwards) {
  const Schedule schedule = Every10Minutes(true);
  const DueDecision paused = DecideDue(
      schedule, "default", {.handled_until = Minute(0), .now = Minute(35), .paused = true});
  const DueDecision resumed =
      DecideDue(schedule, "default", {.handled_until = paused.handled_until, .now = Minute(38)});
  EXPECT_EQ(paused.paused.count, 3);
  EXPECT_EQ(paused.paused.first, Minute(10));
  EXPECT_EQ(paused.paused.last, Minute(30));
  EXPECT_FALSE(resumed.run.has_value());
  EXPECT_EQ(resumed.wake, Minute(40));
}

TEST(DueTest, CountingALongOutageIsBoundedAndSaysSo) {
  ASSERT_OK_AND_ASSIGN(const Schedule schedule, Schedule::Create({.cron = "* * * * * *"}));
  const absl::Time now = kMidnight + absl::Hours(24 * 365 * 20);
  const DueDecision decision =
      DecideDue(schedule, "default", {.handled_until = kMidnight, .now = now});
  EXPECT_EQ(decision.missed.count, kMaxCountedFires);
  EXPECT_TRUE(decision.missed.count_is_lower_bound);
  EXPECT_EQ(decision.missed.first, kMidnight + absl::Seconds(1));
  EXPECT_EQ(decision.missed.last, now - absl::Seconds(1));
  ASSERT_TRUE(decision.run.has_value());
  EXPECT_EQ(decision.run->fire, now);

  const DueDecision exact = DecideDue(
      schedule, "default",
      {.handled_until = kMidnight, .now = kMidnight + absl::Seconds(kMaxCountedFires + 1)});
  EXPECT_EQ(exact.missed.count, kMaxCountedFires);
  EXPECT_FALSE(exact.missed.count_is_lower_bound);
}

TEST(DueTest, AScheduleThatEndedNeverWakes) {
  ASSERT_OK_AND_ASSIGN(const Schedule schedule, Schedule::Create({.cron = "@yearly"}));
  const DueDecision decision =
      DecideDue(schedule, "default", {.now = absl::FromUnixSeconds(253'400'000'000)});
  EXPECT_EQ(decision.wake, absl::InfiniteFuture());
}

TEST(DueTest, ARunStartsAtItsFirePlusItsJitter) {
  const Schedule schedule = Every10Minutes(true, absl::Minutes(5));
  const absl::Time start = StartTime(schedule, "default", Minute(10));
  ASSERT_GT(start, Minute(10));
  ASSERT_LT(start, Minute(15));

  const DueDecision before = DecideDue(
      schedule, "default", {.handled_until = Minute(0), .now = start - absl::Milliseconds(1)});
  EXPECT_FALSE(before.run.has_value());
  EXPECT_EQ(before.wake, start);
  EXPECT_EQ(before.handled_until, Minute(0));

  const DueDecision then =
      DecideDue(schedule, "default", {.handled_until = Minute(0), .now = start});
  ASSERT_TRUE(then.run.has_value());
  EXPECT_EQ(then.run->fire, Minute(10));
  EXPECT_FALSE(then.run->late);
  EXPECT_EQ(then.handled_until, Minute(10));
  EXPECT_EQ(then.wake, StartTime(schedule, "default", Minute(20)));
}

TEST(DueTest, AFireThatStillWaitsForItsJitterIsNotMissed) {
  const Schedule schedule = Every10Minutes(false, absl::Minutes(9));
  const absl::Time start = StartTime(schedule, "default", Minute(30));
  const DueDecision decision = DecideDue(
      schedule, "default", {.handled_until = Minute(0), .now = start - absl::Milliseconds(1)});
  EXPECT_EQ(decision.missed.count, 2);
  EXPECT_EQ(decision.missed.last, Minute(20));
  EXPECT_EQ(decision.wake, start);
}

TEST(DueTest, RunsStartInTheOrderOfTheirFiresEvenWithMoreJitterThanPeriod) {
  ASSERT_OK_AND_ASSIGN(const Schedule schedule,
                       Schedule::Create({.cron = "* * * * *", .jitter = absl::Hours(1)}));
  for (int i = 0; i < 1000; ++i) {
    const absl::Time start = StartTime(schedule, "default", Minute(i));
    EXPECT_GE(start, Minute(i));
    EXPECT_LT(start, Minute(i + 1));
  }
}

TEST(JitterTest, IsTheSameOnEveryMachineAndInEveryProcess) {
  // Fixed values: a change would move the starts of everybody's runs at an upgrade.
  EXPECT_EQ(JitterOffset("default", kMidnight, absl::Minutes(5)), absl::Milliseconds(17901));
  EXPECT_EQ(JitterOffset("default", Minute(5), absl::Minutes(5)), absl::Milliseconds(72005));
  EXPECT_EQ(JitterOffset("acme", kMidnight, absl::Minutes(5)), absl::Milliseconds(119922));
}

TEST(JitterTest, SpreadsExportersEvenlyOverTheRange) {
  constexpr int kExporters = 8000;
  constexpr int kBuckets = 8;
  const absl::Duration range = absl::Minutes(5);
  std::vector<int> buckets(kBuckets);
  for (int i = 0; i < kExporters; ++i) {
    const absl::Duration offset = JitterOffset("tenant-" + std::to_string(i), kMidnight, range);
    ASSERT_GE(offset, absl::ZeroDuration());
    ASSERT_LT(offset, range);
    ++buckets[static_cast<std::size_t>(absl::FDivDuration(offset, range) * kBuckets)];
  }
  for (const int bucket : buckets) EXPECT_NEAR(bucket, kExporters / kBuckets, 150);
}

TEST(JitterTest, IsZeroWithoutJitter) {
  EXPECT_EQ(JitterOffset("default", kMidnight, absl::ZeroDuration()), absl::ZeroDuration());
  EXPECT_EQ(JitterOffset("default", kMidnight, absl::Nanoseconds(999)), absl::ZeroDuration());
}

}  // namespace
}  // namespace logexport
