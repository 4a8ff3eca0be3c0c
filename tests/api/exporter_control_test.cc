// What the state of an exporter shows over the API.
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/status_macros.h"
#include "tests/api/api_server.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

bool Warns(const v1::GetStatusResponse& status, const std::string& code) {
  for (const v1::RunWarning& warning : status.warnings()) {
    if (warning.code() == code) return true;
  }
  return false;
}

TEST(ExporterControlTest, TheListTellsHowEachExporterDoesWorstFirst) {
  ApiServer server({.age = absl::Hours(72)});
  const std::string config = server.Config();
  for (const char* id : {"a-late", "b-failing", "c-never"}) {
    server.Get<v1::CreateExporterResponse>(
        "CreateExporter", absl::StrCat("exporter: '", id, "' config { ", config, " }"));
  }
  const absl::Time now = absl::Now();
  EXPECT_THAT(server.store().Write([&](Transaction& tx) -> absl::Status {
    const auto change = [&](const char* id, int failures, absl::Duration age) -> absl::Status {
      ASSIGN_OR_RETURN(ExporterRecord exporter, tx.GetExporter(id));
      exporter.consecutive_failures = failures;
      exporter.last_caught_up = now - age;
      return tx.UpdateExporter(exporter);
    };
    RETURN_IF_ERROR(change("a-late", 0, absl::Hours(5)));
    RETURN_IF_ERROR(change("b-failing", 4, absl::Minutes(1)));
    return change("default", 0, absl::Minutes(1));
  }),
              IsOk());
  std::vector<std::string> order;
  std::string token;
  do {
    const auto page = server.Get<v1::ListExportersResponse>(
        "ListExporters",
        absl::StrCat("order_by: EXPORTER_ORDER_WORST_FIRST include_verdicts: true page_size: 1",
                     token.empty() ? "" : absl::StrCat(" page_token: '", token, "'")));
    ASSERT_EQ(page.exporters_size(), 1);
    EXPECT_EQ(page.total_size(), 4);
    EXPECT_EQ(page.total_failing(), 1);
    const v1::ExporterSummary& row = page.exporters(0);
    order.push_back(row.exporter());
    const auto status = server.Get<v1::GetStatusResponse>(
        "GetStatus", absl::StrCat("exporter: '", row.exporter(), "'"));
    EXPECT_EQ(absl::StrCat("HEALTH_", row.health()), v1::Health_Name(status.verdict().health()));
    EXPECT_EQ(row.action(), status.verdict().action());
    EXPECT_EQ(row.has_lag(), status.has_lag());
    EXPECT_EQ(row.consecutive_failures(), status.consecutive_failures());
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_THAT(order, ::testing::ElementsAre("b-failing", "a-late", "default", "c-never"));
  // By id, and without what takes time, as ever.
  const auto plain = server.Get<v1::ListExportersResponse>("ListExporters");
  ASSERT_EQ(plain.exporters_size(), 4);
  EXPECT_EQ(plain.exporters(0).exporter(), "a-late");
  EXPECT_EQ(plain.exporters(0).health(), "");
}

TEST(ExporterControlTest, ASeriesSaysWhatTheReportsSay) {
  ApiServer server({.age = absl::Hours(72)});
  const v1::Report first = server.Run();
  const v1::Report second = server.Run();
  const auto series = server.Get<v1::GetSeriesResponse>("GetSeries", "steps: 1");
  ASSERT_EQ(series.points_size(), 1);
  const v1::SeriesPoint& point = series.points(0);
  EXPECT_EQ(point.runs(), 2);
  EXPECT_EQ(point.failed_runs(), 0);
  EXPECT_EQ(point.ledger().fetched(), first.ledger().fetched() + second.ledger().fetched());
  EXPECT_EQ(point.ledger().accepted(), first.ledger().accepted() + second.ledger().accepted());
  EXPECT_GT(point.logs_per_second(), 0);
  EXPECT_EQ(point.run_id(), second.run_id());
  EXPECT_EQ(series.until().seconds() - series.since().seconds(), series.step().seconds());
}

TEST(ExporterControlTest, SilenceCountsAnewFromTheResume) {
  ApiServer server({.age = absl::Hours(72)});
  server.Get<v1::UpdateConfigResponse>("UpdateConfig",
                                       "config { schedule { cron: '0 0 * * * *' } }");
  EXPECT_THAT(server.store().Write([](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(ExporterRecord exporter, tx.GetExporter("default"));
    exporter.last_success = absl::Now() - absl::Hours(48);
    return tx.UpdateExporter(exporter);
  }),
              IsOk());
  EXPECT_TRUE(Warns(server.Get<v1::GetStatusResponse>("GetStatus"), "SILENCE"));
  // Resuming what is not paused is no new start.
  server.Get<v1::ResumeExporterResponse>("ResumeExporter");
  EXPECT_TRUE(Warns(server.Get<v1::GetStatusResponse>("GetStatus"), "SILENCE"));
  server.Get<v1::PauseExporterResponse>("PauseExporter");
  server.Get<v1::ResumeExporterResponse>("ResumeExporter");
  EXPECT_FALSE(Warns(server.Get<v1::GetStatusResponse>("GetStatus"), "SILENCE"));
}

// The first run of a long backlog is the warning's business no more than the alarm's.
TEST(ExporterControlTest, ARunThatGetsOnIsNoSilence) {
  ApiServer server({.age = absl::Hours(72)});
  server.StopRuns();
  server.Get<v1::UpdateConfigResponse>("UpdateConfig",
                                       "config { schedule { cron: '0 0 * * * *' } }");
  RunRecord run;
  run.run_id = "long";
  run.exporter = "default";
  run.state = RunState::kRunning;
  run.epoch = server.store().EpochOf("default");
  const auto write = [&](absl::FunctionRef<absl::Status(Transaction&)> body) {
    EXPECT_THAT(server.store().Write(body), IsOk());
  };
  write([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(ExporterRecord exporter, tx.GetExporter("default"));
    exporter.last_success = absl::Now() - absl::Hours(48);
    RETURN_IF_ERROR(tx.UpdateExporter(exporter));
    ASSIGN_OR_RETURN(run, tx.AddRun(run));
    return absl::OkStatus();
  });
  EXPECT_TRUE(Warns(server.Get<v1::GetStatusResponse>("GetStatus"), "SILENCE"));
  write([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint("default"));
    ProgressCommit commit;
    commit.run = &run;
    commit.epoch = run.epoch;
    commit.expected_version = checkpoint.version;
    commit.position = Position{Position::Kind::kAfter, "log1", {}};
    return tx.CommitProgress(commit).status();
  });
  EXPECT_FALSE(Warns(server.Get<v1::GetStatusResponse>("GetStatus"), "SILENCE"));
  write([&](Transaction& tx) -> absl::Status {
    run.state = RunState::kFailed;
    return tx.UpdateRun(run);
  });
  // It settled logs before it failed.
  EXPECT_FALSE(Warns(server.Get<v1::GetStatusResponse>("GetStatus"), "SILENCE"));
}

// More than a list of them would count.
TEST(ExporterControlTest, WhatIsSaidOfDeadLettersIsWhatThereIs) {
  constexpr int kLetters = 10'001;
  ApiServer server;
  EXPECT_THAT(server.store().Write([&](Transaction& tx) -> absl::Status {
    RunRecord run;
    run.run_id = "run";
    run.exporter = "default";
    run.parameters.kind = RunKind::kWindow;
    run.state = RunState::kRunning;
    run.epoch = server.store().EpochOf("default");
    ASSIGN_OR_RETURN(run, tx.AddRun(run));
    ProgressCommit commit;
    commit.run = &run;
    commit.epoch = run.epoch;
    commit.dead_letters.resize(kLetters);
    int n = 0;
    for (DeadLetter& letter : commit.dead_letters) {
      letter.log_id = absl::StrCat("log", n++);
      letter.reason = "EVENT_TOO_LARGE";
      letter.raw = "{}";
    }
    RETURN_IF_ERROR(tx.CommitProgress(commit).status());
    run.state = RunState::kFailed;
    return tx.UpdateRun(run);
  }),
              IsOk());
  EXPECT_EQ(server.Get<v1::GetStatusResponse>("GetStatus").dead_letters(), kLetters);
  const auto list = server.Get<v1::ListDeadLettersResponse>("ListDeadLetters", "page_size: 1");
  EXPECT_EQ(list.total_size(), 10'000);
  EXPECT_TRUE(list.total_size_is_lower_bound());
  EXPECT_EQ(server
                .Get<v1::PurgeDeadLettersResponse>("PurgeDeadLetters",
                                                   "reasons: 'EVENT_TOO_LARGE' validate_only: true")
                .purged(),
            kLetters);
  EXPECT_EQ(server.Get<v1::RedriveDeadLettersResponse>("RedriveDeadLetters", "all: true").matched(),
            kLetters);
}

// While Auth0 fails, and not only when the run has ended.
TEST(ExporterControlTest, AnActiveRunSaysWhatItWaitsFor) {
  ApiServer server;
  server.HoldAuth0();
  const std::string run_id = server.Get<v1::RunNowResponse>("RunNow").run().run_id();
  v1::Report report;
  // At first it may wait for a place among the runs.
  while (report.waits_size() == 0 || report.waits(0).target() != v1::ERROR_ORIGIN_AUTH0) {
    report = server.Get<v1::GetStatusResponse>("GetStatus").active_run();
  }
  EXPECT_GE(report.waits(0).failed_attempts(), 1);
  EXPECT_TRUE(report.waits(0).has_since());
  EXPECT_TRUE(report.waits(0).has_next_attempt_time());
  EXPECT_EQ(report.waits(0).last_error().origin(), v1::ERROR_ORIGIN_AUTH0);
  EXPECT_NE(report.waits(0).last_error().message(), "");
  EXPECT_GE(server.Get<v1::GetReportResponse>("GetReport").report().waits_size(), 1);
  // Its own count of repeated requests grows while it is repeated.
  while (report.retries() == 0) {
    report = server.Get<v1::GetStatusResponse>("GetStatus").active_run();
  }
  server.ClearFaults();
  const v1::Report ended = server.Await(run_id);
  EXPECT_EQ(ended.state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_EQ(ended.waits_size(), 0);
}

TEST(ExporterControlTest, ASlackThatRefusesIsAWarningUntilItTakesAMessage) {
  ApiServer server;
  EXPECT_FALSE(Warns(server.Get<v1::GetStatusResponse>("GetStatus"), "SLACK_FAILED"));
  sandbox::FaultRule rule;
  rule.endpoints = sandbox::Endpoint::kSlack;
  rule.status = 404;
  server.sandbox().AddFault(rule);
  const auto refused = server.Get<v1::TestNotificationResponse>("TestNotification");
  EXPECT_FALSE(refused.delivered());
  EXPECT_EQ(refused.http_status(), 404);
  EXPECT_TRUE(Warns(server.Get<v1::GetStatusResponse>("GetStatus"), "SLACK_FAILED"));
  server.ClearFaults();
  EXPECT_TRUE(server.Get<v1::TestNotificationResponse>("TestNotification").delivered());
  EXPECT_FALSE(Warns(server.Get<v1::GetStatusResponse>("GetStatus"), "SLACK_FAILED"));
}

// The new schedule fires more often, but it did not exist before.
TEST(ExporterControlTest, ANewScheduleHasMissedNoFires) {
  ApiServer server({.follow_schedules = true});
  server.Get<v1::UpdateConfigResponse>("UpdateConfig",
                                       "config { schedule { cron: '0 0 * * * *' } }");
  EXPECT_THAT(server.store().Write([](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(ExporterRecord exporter, tx.GetExporter("default"));
    exporter.last_fire = absl::Now() - absl::Minutes(30);
    return tx.UpdateExporter(exporter);
  }),
              IsOk());
  server.Get<v1::UpdateConfigResponse>("UpdateConfig",
                                       "config { schedule { cron: '* * * * * *' } }");
  v1::ScheduleCounters counters;
  while (counters.started() == 0) {
    counters = server.Get<v1::GetStatusResponse>("GetStatus").schedule_counters();
  }
  // Not the 1800 of the last half hour; a slow machine may miss some of its own.
  EXPECT_LT(counters.missed(), 600);
}

TEST(ExporterControlTest, DeadLettersArePagedNewestFirst) {
  ApiServer server;
  EXPECT_THAT(server.store().Write([&](Transaction& tx) -> absl::Status {
    RunRecord run;
    run.run_id = "run";
    run.exporter = "default";
    run.parameters.kind = RunKind::kWindow;
    run.state = RunState::kRunning;
    run.epoch = server.store().EpochOf("default");
    ASSIGN_OR_RETURN(run, tx.AddRun(run));
    ProgressCommit commit;
    commit.run = &run;
    commit.epoch = run.epoch;
    // The order of the ids is not that of the times; two were recorded at once.
    const absl::Time noon = absl::FromUnixSeconds(1'800'000'000);
    for (const auto& [id, second] :
         std::vector<std::pair<std::string, int>>{{"b", 1}, {"a:1", 3}, {"c", 2}, {"d", 2}}) {
      DeadLetter letter;
      letter.log_id = id;
      letter.reason = "EVENT_TOO_LARGE";
      letter.raw = "{}";
      letter.recorded = noon + absl::Seconds(second);
      commit.dead_letters.push_back(letter);
    }
    RETURN_IF_ERROR(tx.CommitProgress(commit).status());
    run.state = RunState::kFailed;
    return tx.UpdateRun(run);
  }),
              IsOk());
  std::vector<std::string> ids;
  std::string token;
  do {
    const auto page = server.Get<v1::ListDeadLettersResponse>(
        "ListDeadLetters", absl::StrCat("page_size: 1 page_token: '", token, "'"));
    ASSERT_EQ(page.dead_letters_size(), 1);
    ids.push_back(page.dead_letters(0).log_id());
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_THAT(ids, testing::ElementsAre("a:1", "d", "c", "b"));
}

TEST(ExporterControlTest, TheRateBudgetSaysWhenItWasSeen) {
  ApiServer server({.logs_rate_limit = {.burst = 50, .per_second = 16}});
  server.Run();
  const auto status = server.Get<v1::GetStatusResponse>("GetStatus");
  ASSERT_TRUE(status.has_rate_budget());
  const absl::Time seen = absl::FromUnixSeconds(status.rate_budget().update_time().seconds());
  EXPECT_LT(absl::AbsDuration(absl::Now() - seen), absl::Minutes(5));
}

}  // namespace
}  // namespace logexport
