#include "service/runs/idle_fold.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/runs/lifecycle.h"
#include "tests/runs/announcements_fixture.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;

class IdleFoldTest : public AnnouncementsTest {
 protected:
  using Change = std::function<void(RunRecord&)>;

  // A run of the schedule that finds nothing, from now on for two seconds, with this changed in it.
  // Answers its id.
  std::string Run(const Change& change = nullptr, bool may_fold = true) {
    RunRecord run;
    run.run_id = absl::StrCat("0193-", 1000 + ++runs_);
    run.exporter = "acme";
    run.trigger = Trigger::kSchedule;
    run.state = RunState::kRunning;
    run.config_version = 1;
    run.epoch = store_->EpochOf("acme");
    run.created = clock_.Now();
    run.started = clock_.Now();
    run.checkpoint_before = {Position::Kind::kAfter, "900", absl::UnixEpoch()};
    run.checkpoint_after = run.checkpoint_before;
    EXPECT_THAT(store_->Write([&](Transaction& tx) { return tx.AddRun(run).status(); }), IsOk());
    clock_.Advance(absl::Seconds(2));
    run.state = RunState::kSucceeded;
    run.stop_reason = StopReason::kCaughtUp;
    run.ended = clock_.Now();
    run.pages = 1;
    run.auth0_calls = 2;
    if (change) change(run);
    ended_ = {run, clock_.Now()};
    Finish(may_fold);
    clock_.Advance(absl::Minutes(5) - absl::Seconds(2));
    return run.run_id;
  }
  void Finish(bool may_fold) {
    EXPECT_THAT(store_->Write([&](Transaction& tx) {
      ExportRunResult result = ended_;
      return FinishRun(tx, &result, announcer_, told_, clock_.Now(), may_fold);
    }),
                IsOk());
  }

  RunRecord Report(const std::string& run_id) {
    RunRecord run;
    EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
      absl::StatusOr<RunRecord> found = tx.GetRun("acme", run_id);
      if (found.ok()) run = *std::move(found);
      return found.status();
    }),
                IsOk());
    return run;
  }
  // How many runs each report stands for, the oldest first.
  std::vector<std::int64_t> Reports() {
    std::vector<std::int64_t> counts;
    EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
      RunFilter filter;
      filter.exporter = "acme";
      const absl::StatusOr<std::vector<RunRecord>> runs = tx.ListRuns(filter, {100, 0});
      if (!runs.ok()) return runs.status();
      for (auto run = runs->rbegin(); run != runs->rend(); ++run) counts.push_back(run->idle_runs);
      return absl::OkStatus();
    }),
                IsOk());
    return counts;
  }
  ExporterRecord Exporter() {
    ExporterRecord record;
    EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
      absl::StatusOr<ExporterRecord> found = tx.GetExporter("acme");
      if (found.ok()) record = *std::move(found);
      return found.status();
    }),
                IsOk());
    return record;
  }

  int runs_ = 500;  // so that ids have as many digits always
  ExportRunResult ended_;
};

TEST_F(IdleFoldTest, RunsThatFindNothingShareAReport) {
  const absl::Time start = clock_.Now();
  const std::string first = Run();
  EXPECT_THAT(Reports(), ElementsAre(1));
  const std::string second = Run();
  const std::string third = Run();
  EXPECT_THAT(Reports(), ElementsAre(3));
  const RunRecord fold = Report(third);
  EXPECT_EQ(fold.run_id, first);
  EXPECT_EQ(Report(second).run_id, first);
  EXPECT_EQ(fold.started, start);
  EXPECT_EQ(fold.ended, start + absl::Minutes(10) + absl::Seconds(2));
  EXPECT_EQ(fold.idle_time, absl::Seconds(6));
  EXPECT_EQ(fold.pages, 3);
  EXPECT_EQ(fold.auth0_calls, 6);
  // What the exporter's record names is there, and tells when the last of them ended.
  const ExporterRecord exporter = Exporter();
  EXPECT_EQ(exporter.last_run_id, first);
  EXPECT_EQ(exporter.last_success_id, first);
  EXPECT_EQ(exporter.last_success, fold.ended);
}

// The answer of a store can be lost: the end is stored again.
TEST_F(IdleFoldTest, AnEndThatIsStoredTwiceCountsOnce) {
  Run();
  Run();
  Finish(/*may_fold=*/true);
  EXPECT_THAT(Reports(), ElementsAre(2));
}

TEST_F(IdleFoldTest, AFoldEndsWithTheHour) {
  for (int i = 0; i < 25; ++i) Run();
  EXPECT_THAT(Reports(), ElementsAre(12, 12, 1));
}

TEST_F(IdleFoldTest, WhatIsWorthAReportHasItsOwnAndEndsTheFold) {
  const std::vector<Change> worth = {
      [](RunRecord& run) { run.ledger.logs = {.fetched = 1, .accepted = 1}; },
      [](RunRecord& run) {
        run.warnings = {{"CLOCK_SKEW", "", 1}};
      },
      [](RunRecord& run) { run.state = RunState::kFailed; },
      [](RunRecord& run) { run.state = RunState::kCancelled; },
      [](RunRecord& run) { run.stop_reason = StopReason::kTimeBudget; },
      [](RunRecord& run) { run.trigger = Trigger::kManual; },
      [](RunRecord& run) { run.parameters.kind = RunKind::kDryRun; },
      [](RunRecord& run) { run.parameters.max_logs = 5; },
      [](RunRecord& run) { run.checkpoint_after.id = "901"; },
  };
  for (std::size_t i = 0; i < worth.size(); ++i) {
    clock_.SetWall(At("2026-11-24T00:00:00Z") + static_cast<int>(i) * absl::Hours(1));
    const std::size_t before = Reports().size();
    Run();
    Run();
    Run(worth[i]);
    Run();
    Run();
    std::vector<std::int64_t> reports = Reports();
    reports.erase(reports.begin(), reports.begin() + static_cast<std::ptrdiff_t>(before));
    EXPECT_THAT(reports, ElementsAre(2, 0, 2)) << i;
  }
}

TEST_F(IdleFoldTest, AnotherConfigurationOwnerOrCheckpointBeginsAnother) {
  Run();
  Run([](RunRecord& run) { run.config_version = 2; });
  Run([](RunRecord& run) { run.config_version = 2; });
  Open();
  Run();
  Run([](RunRecord& run) { run.checkpoint_before.id = run.checkpoint_after.id = "777"; });
  EXPECT_THAT(Reports(), ElementsAre(1, 2, 1, 1));
}

TEST_F(IdleFoldTest, ARunThatSomebodyNamedKeepsItsReport) {
  Run();
  const std::string named = Run(nullptr, /*may_fold=*/false);
  Run();
  Run();
  EXPECT_EQ(Report(named).run_id, named);
  EXPECT_THAT(Reports(), ElementsAre(1, 0, 2));
}

// The same command of a timer owns the state anew each time.
TEST_F(IdleFoldTest, RunsOfRunOnceFoldOverProcesses) {
  for (int process = 1; process <= 3; ++process) {
    Open();
    Run([&](RunRecord& run) {
      run.trigger = Trigger::kStartup;
      run.audit = {"--run-once", true, ""};
    });
  }
  EXPECT_THAT(Reports(), ElementsAre(3));
}

// Ids must grow within a fold, or others would be taken for its own.
TEST_F(IdleFoldTest, AClockThatWentBackEndsTheFold) {
  Run();
  runs_ -= 100;
  Run();
  EXPECT_THAT(Reports(), ElementsAre(1, 1));
}

TEST_F(IdleFoldTest, TheDailyReportCountsRunsAndEachInItsOwnTime) {
  slack_.silence_periods = 0;
  slack_.daily_report_hour = 18;
  slack_.time_zone = "Asia/Kolkata";  // 12:30 UTC: in the middle of a fold
  for (int i = 0; i < 8; ++i) Run();
  clock_.SetWall(At("2026-11-23T12:35:00Z"));
  Look();
  EXPECT_EQ(notifier_.daily.runs, 6);
  clock_.SetWall(At("2026-11-24T12:35:00Z"));
  Look();
  EXPECT_EQ(notifier_.daily.runs, 2);
}

}  // namespace
}  // namespace logexport
