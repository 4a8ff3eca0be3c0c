#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/runs/announcements.h"
#include "tests/runs/announcements_fixture.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class DailyReportTest : public AnnouncementsTest {};

TEST_F(DailyReportTest, ReportsOnceADayAtTheHourOfTheZone) {
  slack_.silence_periods = 0;
  slack_.daily_report_hour = 16;
  slack_.time_zone = "Europe/Berlin";  // 15:00 UTC in November
  End("run-1", RunState::kSucceeded);
  clock_.SetWall(At("2026-11-23T14:59:59Z"));
  Look();
  EXPECT_THAT(News(), IsEmpty());
  clock_.SetWall(At("2026-11-23T15:00:00Z"));
  Look();
  Look();
  EXPECT_THAT(News(), ElementsAre("daily report of 2026-11-23"));
  clock_.SetWall(At("2026-11-24T14:59:59Z"));
  Look();
  EXPECT_THAT(News(), IsEmpty());
  clock_.SetWall(At("2026-11-24T15:00:00Z"));
  Look();
  EXPECT_THAT(News(), ElementsAre("daily report of 2026-11-24"));
}

// A report that was noted as written while the clock was years ahead.
TEST_F(DailyReportTest, AClockThatWasAheadForAMomentStopsNoReport) {
  slack_.silence_periods = 0;
  slack_.daily_report_hour = 13;
  const absl::Time true_time = clock_.Now();
  clock_.SetWall(true_time + absl::Hours(24 * 3650));
  Look();
  clock_.SetWall(true_time);
  News();
  clock_.SetWall(At("2026-11-23T13:00:00Z"));
  Look();
  Look();
  EXPECT_THAT(News(), ElementsAre("daily report of 2026-11-23"));
}

TEST_F(DailyReportTest, ReportsNothingOnTheDayTheExporterWasCreatedTooLate) {
  slack_.silence_periods = 0;
  slack_.daily_report_hour = 9;  // created at 12
  Look();
  clock_.SetWall(At("2026-11-24T08:59:59Z"));
  Look();
  EXPECT_THAT(News(), IsEmpty());
  clock_.SetWall(At("2026-11-24T09:00:00Z"));
  Look();
  EXPECT_THAT(News(), ElementsAre("daily report of 2026-11-24"));
}

TEST_F(DailyReportTest, SumsUpTheRunsOfTheDayUpToItsHour) {
  slack_.silence_periods = 0;
  slack_.daily_report_hour = 13;
  logs_ = {.fetched = 10, .accepted = 7, .filtered = 2, .dead_lettered = 1};
  End("old", RunState::kFailed);
  clock_.SetWall(At("2026-11-24T12:30:00Z"));
  for (int i = 0; i < 600; ++i) End(absl::StrCat("run-", i), RunState::kSucceeded);
  for (int i = 0; i < 5; ++i) End(absl::StrCat("bad-", i), RunState::kFailed);
  End("dry", RunState::kSucceeded, RunKind::kDryRun);
  clock_.SetWall(At("2026-11-24T13:00:00Z"));
  End("of the next report", RunState::kFailed);
  Look();
  const DailyNews& news = notifier_.daily;
  EXPECT_EQ(news.from, At("2026-11-23T13:00:00Z"));
  EXPECT_EQ(news.to, At("2026-11-24T13:00:00Z"));
  EXPECT_EQ(news.runs, 606);
  EXPECT_EQ(news.failed_runs, 5);
  EXPECT_EQ(news.logs.fetched, 6050);
  EXPECT_EQ(news.logs.accepted, 605 * 7);
  EXPECT_EQ(news.logs.filtered, 605 * 2);
  EXPECT_EQ(news.logs.dead_lettered, 605);
  EXPECT_THAT(news.errors, ElementsAre(Pair("DOWN", 5)));
  ASSERT_EQ(news.last_failures.size(), 3u);
  EXPECT_EQ(news.last_failures[0].run_id, "bad-4");
}

TEST_F(DailyReportTest, ARunBelongsToTheReportInWhoseTimeItEnded) {
  slack_.silence_periods = 0;
  slack_.daily_report_hour = 13;
  clock_.SetWall(At("2026-11-23T12:58:00Z"));
  RunRecord run = Begin("long");
  clock_.SetWall(At("2026-11-23T13:00:30Z"));
  Look();
  EXPECT_EQ(notifier_.daily.runs, 0);
  clock_.SetWall(At("2026-11-23T13:02:00Z"));
  run.state = RunState::kFailed;
  run.error = RunError{"SEGMENT", "DOWN", "down", "wait", true};
  Finish(run);
  for (int i = 0; i < 30; ++i) End(absl::StrCat("run-", i), RunState::kSucceeded);
  clock_.SetWall(At("2026-11-24T13:00:00Z"));
  Look();
  EXPECT_EQ(notifier_.daily.runs, 31);
  EXPECT_EQ(notifier_.daily.failed_runs, 1);
}

TEST_F(DailyReportTest, FollowsSummerTime) {
  slack_.silence_periods = 0;
  slack_.daily_report_hour = 16;
  slack_.time_zone = "Europe/Berlin";
  clock_.SetWall(At("2027-03-28T13:59:59Z"));  // the clocks went forward at 01:00 UTC
  Look();
  EXPECT_THAT(News(), ElementsAre("daily report of 2027-03-27"));
  clock_.SetWall(At("2027-03-28T14:00:00Z"));
  Look();
  EXPECT_THAT(News(), ElementsAre("daily report of 2027-03-28"));
  EXPECT_EQ(notifier_.daily.from, At("2027-03-27T15:00:00Z"));
  EXPECT_EQ(notifier_.daily.to, At("2027-03-28T14:00:00Z"));
}

TEST_F(DailyReportTest, ComesLaterTheSameDayIfTheServiceWasDown) {
  slack_.silence_periods = 0;
  slack_.daily_report_hour = 16;
  clock_.SetWall(At("2026-11-23T21:30:00Z"));
  Look();
  Look();
  EXPECT_THAT(News(), ElementsAre("daily report of 2026-11-23"));
  EXPECT_EQ(notifier_.daily.to, At("2026-11-23T16:00:00Z"));
  EXPECT_EQ(notifier_.daily.written, At("2026-11-23T21:30:00Z"));
}

TEST_F(DailyReportTest, ComesTheNextMorningIfTheServiceWasDownUntilThen) {
  slack_.silence_periods = 0;
  slack_.daily_report_hour = 16;
  End("run-1", RunState::kFailed);
  News();
  clock_.SetWall(At("2026-11-24T08:00:00Z"));
  End("run-2", RunState::kFailed);  // the first thing the service did, and of the next report
  News();
  Look();
  Look();
  EXPECT_THAT(News(), ElementsAre("daily report of 2026-11-23"));
  EXPECT_EQ(notifier_.daily.from, At("2026-11-22T16:00:00Z"));
  EXPECT_EQ(notifier_.daily.failed_runs, 1);
  clock_.SetWall(At("2026-11-24T16:00:00Z"));
  Look();
  EXPECT_THAT(News(), ElementsAre("daily report of 2026-11-24"));
  EXPECT_EQ(notifier_.daily.from, At("2026-11-23T16:00:00Z"));
  EXPECT_EQ(notifier_.daily.failed_runs, 1);
}

TEST_F(DailyReportTest, OfSeveralMissedDaysOnlyTheLastIsReported) {
  slack_.silence_periods = 0;
  slack_.daily_report_hour = 16;
  clock_.SetWall(At("2026-11-27T03:00:00Z"));
  Look();
  Look();
  EXPECT_THAT(News(), ElementsAre("daily report of 2026-11-26"));
}

TEST_F(DailyReportTest, IsNotRepeatedWhenTheClockIsSetBack) {
  slack_.silence_periods = 0;
  slack_.daily_report_hour = 16;
  clock_.SetWall(At("2026-11-25T16:00:00Z"));
  Look();
  EXPECT_THAT(News(), ElementsAre("daily report of 2026-11-25"));
  clock_.SetWall(At("2026-11-24T16:00:00Z"));
  Look();
  clock_.SetWall(At("2026-11-25T16:01:00Z"));
  Look();
  EXPECT_THAT(News(), IsEmpty());
}

}  // namespace
}  // namespace logexport
