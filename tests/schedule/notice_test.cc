#include "service/schedule/notice.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/schedule/time_zone.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'767'225'600);  // 2026-01-01T00:00:00Z, a Thursday
constexpr absl::Duration kSixHours = absl::Hours(6);

absl::Time At(const std::string& rfc3339) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, rfc3339, &time, &error)) << error;
  return time;
}

TEST(FailureNoticeTest, DecidesByTable) {
  struct Row {
    std::string name;
    std::int64_t failures;
    std::optional<absl::Duration> sent_ago;
    FailureNotice expected;
  };
  const std::vector<Row> rows = {
      {"the first failure", 1, std::nullopt, FailureNotice::kSend},
      {"a later one that was never told", 5, std::nullopt, FailureNotice::kSend},
      {"a new series right after an old one", 1, absl::Minutes(1), FailureNotice::kSend},
      {"told just now", 2, absl::ZeroDuration(), FailureNotice::kSuppress},
      {"told not long ago", 2, kSixHours - absl::Seconds(1), FailureNotice::kSuppress},
      {"told long ago", 70, kSixHours, FailureNotice::kRemind},
      {"told in the future, by a wrong clock", 3, -absl::Hours(1), FailureNotice::kRemind},
  };
  for (const Row& row : rows) {
    std::optional<absl::Time> last_sent;
    if (row.sent_ago) last_sent = kNow - *row.sent_ago;
    EXPECT_EQ(DecideFailureNotice(row.failures, last_sent, kSixHours, kNow), row.expected)
        << row.name;
  }
}

TEST(FailureNoticeTest, AnIntervalOfZeroTellsEveryFailure) {
  EXPECT_EQ(DecideFailureNotice(2, kNow, absl::ZeroDuration(), kNow), FailureNotice::kRemind);
}

TEST(FailureNoticeTest, ADayOfFailuresEveryFiveMinutesIsToldFourTimes) {
  std::optional<absl::Time> last_sent;
  int told = 0;
  for (int i = 0; i < 288; ++i) {
    const absl::Time now = kNow + i * absl::Minutes(5);
    if (DecideFailureNotice(i + 1, last_sent, kSixHours, now) == FailureNotice::kSuppress) continue;
    last_sent = now;
    ++told;
  }
  EXPECT_EQ(told, 4);
}

TEST(SilenceDeadlineTest, GivesTheLastOfThePeriodsItsChance) {
  ASSERT_OK_AND_ASSIGN(const Schedule minutes, Schedule::Create({.cron = "*/5 * * * *"}));
  EXPECT_EQ(SilenceDeadline(minutes, kNow, 3), kNow + absl::Minutes(20));
  ASSERT_OK_AND_ASSIGN(const Schedule daily, Schedule::Create({.cron = "@daily"}));
  EXPECT_EQ(SilenceDeadline(daily, kNow, 3), kNow + absl::Hours(73));
}

TEST(SilenceDeadlineTest, ARestOverNightOrWeekendIsNoSilence) {
  ASSERT_OK_AND_ASSIGN(const Schedule office, Schedule::Create({.cron = "0 9-17 * * MON-FRI"}));
  // From Friday 17:00 on: the third fire is on Monday at 11:00.
  EXPECT_EQ(SilenceDeadline(office, At("2026-01-02T17:00:00Z"), 3), At("2026-01-05T12:00:00Z"));
}

TEST(SilenceDeadlineTest, IsNeverWithoutPeriodsOrFires) {
  ASSERT_OK_AND_ASSIGN(const Schedule schedule, Schedule::Create({.cron = "@yearly"}));
  EXPECT_EQ(SilenceDeadline(schedule, kNow, 0), absl::InfiniteFuture());
  EXPECT_EQ(SilenceDeadline(schedule, At("9998-06-01T00:00:00Z"), 3), absl::InfiniteFuture());
}

TEST(SilenceTest, DecidesByTable) {
  using Notice = SilenceDecision::Notice;
  const std::optional<double> none;
  struct Row {
    std::string name;
    double deadline;  // hours after midnight, as all times here
    std::optional<double> success;
    std::optional<double> announced;
    double now;
    Notice notice;
    std::optional<double> new_announced;
    double wake;
  };
  const std::vector<Row> rows = {
      {"all is well", 10, 9, none, 9.5, Notice::kNone, none, 10},
      {"never a success, not yet due", 10, none, none, 9.5, Notice::kNone, none, 10},
      {"the deadline", 10, 9, none, 10, Notice::kAlarm, 10, 16},
      {"never a success", 10, none, none, 11, Notice::kAlarm, 11, 17},
      {"told already", 10, 9, 10, 12, Notice::kNone, 10, 16},
      {"time to remind", 10, 9, 10, 16, Notice::kAlarm, 16, 22},
      {"a success ends it", 13, 12, 10, 12, Notice::kOver, none, 13},
      {"silent again before anybody asked", 13, 12, 10, 14, Notice::kAlarm, 14, 20},
      {"the deadline moved without a success", 20, 9, 10, 12, Notice::kNone, 10, 20},
      {"told in the future, by a wrong clock", 10, 9, 30, 12, Notice::kAlarm, 12, 18},
  };
  const auto time = [](std::optional<double> hours) {
    return hours ? std::optional<absl::Time>(kNow + absl::Hours(*hours)) : std::nullopt;
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    const SilenceDecision decision = DecideSilence({.deadline = *time(row.deadline),
                                                    .last_success = time(row.success),
                                                    .last_announced = time(row.announced)},
                                                   kSixHours, *time(row.now));
    EXPECT_EQ(decision.notice, row.notice);
    EXPECT_EQ(decision.last_announced, time(row.new_announced));
    EXPECT_EQ(decision.wake, *time(row.wake));
  }
}

TEST(SilenceTest, AnIntervalOfZeroDoesNotRepeatTheAlarmAtOnce) {
  const SilenceDecision decision =
      DecideSilence({.deadline = kNow, .last_success = std::nullopt, .last_announced = kNow},
                    absl::ZeroDuration(), kNow + absl::Seconds(59));
  EXPECT_EQ(decision.notice, SilenceDecision::Notice::kNone);
  EXPECT_EQ(decision.wake, kNow + absl::Minutes(1));
}

TEST(DailyReportTest, DecidesByTable) {
  struct Row {
    std::string name;
    std::string last_day;
    std::string now;
    std::string due_day;  // empty: none
    std::string next;
  };
  const std::vector<Row> rows = {
      {"before the hour", "2026-05-03", "2026-05-04T13:59:59Z", "", "2026-05-04T14:00:00Z"},
      {"at the hour", "2026-05-03", "2026-05-04T14:00:00Z", "2026-05-04", "2026-05-05T14:00:00Z"},
      {"later, as the service was down", "2026-05-01", "2026-05-04T21:00:00Z", "2026-05-04",
       "2026-05-05T14:00:00Z"},
      {"sent already", "2026-05-04", "2026-05-04T15:00:00Z", "", "2026-05-05T14:00:00Z"},
      {"the clock was set back over midnight", "2026-05-05", "2026-05-04T15:00:00Z", "",
       "2026-05-05T14:00:00Z"},
      {"a new exporter, created before the hour", "", "2026-05-01T14:10:00Z", "2026-05-01",
       "2026-05-02T14:00:00Z"},
  };
  ASSERT_OK_AND_ASSIGN(const absl::TimeZone berlin, LoadZone("Europe/Berlin"));
  const absl::Time created = At("2026-05-01T10:00:00Z");
  for (const Row& row : rows) {
    const DailyReportTimes times =
        DecideDailyReport(16, berlin, row.last_day, created, At(row.now));
    EXPECT_EQ(times.due_day.value_or(""), row.due_day) << row.name;
    EXPECT_EQ(times.next, At(row.next)) << row.name;
  }
}

TEST(DailyReportTest, AnExporterCreatedAfterTheHourReportsTheNextDay) {
  const DailyReportTimes times = DecideDailyReport(
      16, absl::UTCTimeZone(), "", At("2026-05-01T16:00:01Z"), At("2026-05-01T18:00:00Z"));
  EXPECT_EQ(times.due_day, std::nullopt);
  EXPECT_EQ(times.next, At("2026-05-02T16:00:00Z"));
}

TEST(DailyReportTest, FollowsTheZoneThroughClockChanges) {
  ASSERT_OK_AND_ASSIGN(const absl::TimeZone berlin, LoadZone("Europe/Berlin"));
  const absl::Time created = At("2026-01-01T00:00:00Z");
  // 02:00 does not exist on 29 March: the report comes at 03:00, which is 01:00 UTC.
  EXPECT_EQ(DecideDailyReport(2, berlin, "2026-03-28", created, At("2026-03-28T12:00:00Z")).next,
            At("2026-03-29T01:00:00Z"));
  // 02:00 happens twice on 25 October: the first time counts, and the second brings no report.
  EXPECT_EQ(DecideDailyReport(2, berlin, "2026-10-24", created, At("2026-10-24T12:00:00Z")).next,
            At("2026-10-25T00:00:00Z"));
  EXPECT_EQ(DecideDailyReport(2, berlin, "2026-10-25", created, At("2026-10-25T01:00:00Z")).due_day,
            std::nullopt);
}

}  // namespace
}  // namespace logexport
