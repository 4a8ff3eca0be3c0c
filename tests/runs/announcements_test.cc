#include "service/runs/announcements.h"

#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/runs/lifecycle.h"
#include "tests/runs/announcements_fixture.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The answer to the first time may have been lost.
TEST_F(AnnouncementsTest, PuttingAnEndOnRecordAgainCountsAndTellsNothingTwice) {
  RunRecord run;
  run.run_id = "run-1";
  run.exporter = "acme";
  run.epoch = store_->EpochOf("acme");
  run.state = RunState::kRunning;
  run.created = clock_.Now();
  EXPECT_THAT(store_->Write([&](Transaction& tx) { return tx.AddRun(run).status(); }), IsOk());
  run.state = RunState::kFailed;
  run.error = RunError{"SEGMENT", "DOWN", "down", "wait", true};
  run.ended = clock_.Now();
  ExportRunResult result{run, std::nullopt};
  for (int times = 0; times < 2; ++times) {
    EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
      const absl::Status status = FinishRun(tx, &result, announcer_, told_, clock_.Now());
      if (!status.ok()) return status;
      const absl::StatusOr<ExporterRecord> exporter = tx.GetExporter("acme");
      EXPECT_THAT(exporter, IsOk());
      EXPECT_EQ(exporter->consecutive_failures, 1);
      return absl::OkStatus();
    }),
                IsOk());
  }
  EXPECT_THAT(News(), ElementsAre("failed: run-1"));
}

// The store has the last commit although the run was told that it failed.
TEST_F(AnnouncementsTest, TheEndOfARunIsPutOnRecordWithTheCommitThatTheStoreHas) {
  RunRecord run;
  run.run_id = "run-1";
  run.exporter = "acme";
  run.epoch = store_->EpochOf("acme");
  run.state = RunState::kRunning;
  run.created = clock_.Now();
  run.commit_version = 3;
  EXPECT_THAT(store_->Write([&](Transaction& tx) { return tx.AddRun(run).status(); }), IsOk());
  run.state = RunState::kFailed;
  run.error = RunError{"STATE", "STORE_UNAVAILABLE", "damaged", "look", false};
  ExportRunResult result;
  result.run = run;
  result.in_doubt = run;
  result.run.commit_version = 2;
  result.in_doubt->ledger.logs = {.fetched = 10, .accepted = 10};
  EXPECT_THAT(store_->Write([&](Transaction& tx) {
    return FinishRun(tx, &result, announcer_, told_, clock_.Now());
  }),
              IsOk());
  EXPECT_EQ(result.run.ledger.logs.accepted, 10);
  EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
    const absl::StatusOr<RunRecord> stored = tx.GetRun("acme", "run-1");
    EXPECT_THAT(stored, IsOk());
    EXPECT_EQ(stored->commit_version, 3);
    EXPECT_EQ(stored->ledger.logs.accepted, 10);
    return absl::OkStatus();
  }),
              IsOk());
}

TEST_F(AnnouncementsTest, TellsTheFirstFailureThenRemindsThenTellsTheRecovery) {
  slack_.reminder_interval = absl::Hours(6);
  End("run-1", RunState::kSucceeded);
  EXPECT_THAT(News(), IsEmpty());
  End("run-2", RunState::kFailed);
  EXPECT_THAT(News(), ElementsAre("failed: run-2"));
  // 71 failures in the next 6 hours.
  for (int i = 0; i < 71; ++i) {
    clock_.Advance(absl::Minutes(5));
    End(absl::StrCat("again-", i), RunState::kFailed);
  }
  EXPECT_THAT(News(), IsEmpty());
  clock_.Advance(absl::Minutes(5));
  End("run-3", RunState::kFailed);
  EXPECT_THAT(News(), ElementsAre("still failing: run-3"));
  clock_.Advance(absl::Minutes(5));
  End("run-4", RunState::kFailed);
  End("run-5", RunState::kCancelled);
  EXPECT_THAT(News(), IsEmpty());
  End("run-6", RunState::kSucceeded);
  EXPECT_THAT(News(), ElementsAre("recovered: run-6"));
  End("run-7", RunState::kSucceeded);
  EXPECT_THAT(News(), IsEmpty());
  End("run-8", RunState::kFailed);
  EXPECT_THAT(News(), ElementsAre("failed: run-8"));
}

// Segment is down, then Auth0 takes the token no more: that is other news.
TEST_F(AnnouncementsTest, TellsAnotherCauseAtOnceAndEachCauseOnce) {
  reason_ = "SEGMENT_UNAVAILABLE";
  End("run-1", RunState::kFailed);
  End("run-2", RunState::kFailed);
  EXPECT_THAT(News(), ElementsAre("failed: run-1"));
  reason_ = "AUTH0_CREDENTIALS_REJECTED";
  End("run-3", RunState::kFailed);
  EXPECT_THAT(News(), ElementsAre("failed: run-3"));
  reason_ = "SEGMENT_UNAVAILABLE";
  End("run-4", RunState::kFailed);
  reason_ = "AUTH0_CREDENTIALS_REJECTED";
  End("run-5", RunState::kFailed);
  EXPECT_THAT(News(), IsEmpty());
  clock_.Advance(slack_.reminder_interval);
  End("run-6", RunState::kFailed);
  End("run-7", RunState::kFailed);
  EXPECT_THAT(News(), ElementsAre("still failing: run-6"));
  End("run-8", RunState::kSucceeded);
  EXPECT_THAT(News(), ElementsAre("recovered: run-8"));
}

TEST_F(AnnouncementsTest, AlwaysTellsNewDeadLetters) {
  logs_ = {.fetched = 3, .accepted = 2, .dead_lettered = 1};
  End("run-1", RunState::kSucceeded);
  End("run-2", RunState::kSucceeded);
  EXPECT_THAT(News(), ElementsAre("succeeded: run-1", "succeeded: run-2"));
  End("run-3", RunState::kFailed);
  End("run-4", RunState::kFailed);
  EXPECT_THAT(News(), ElementsAre("failed: run-3", "still failing: run-4"));
  End("run-5", RunState::kCancelled);
  EXPECT_THAT(News(), ElementsAre("succeeded: run-5"));
  // These were dead letters before, or are none.
  End("run-6", RunState::kSucceeded, RunKind::kRedrive);
  End("run-7", RunState::kSucceeded, RunKind::kDryRun);
  EXPECT_THAT(News(), IsEmpty());
}

TEST_F(AnnouncementsTest, ProgramsAreToldTheSameAsPeopleButChooseSuccessesForThemselves) {
  told_.webhook.url = "https://events.example/1";
  told_.webhook.secret = "sixteen-and-more";
  End("run-1", RunState::kFailed);
  End("run-2", RunState::kSucceeded);
  EXPECT_THAT(News(), ElementsAre("slack failed: run-1", "webhook failed: run-1",
                                  "slack recovered: run-2", "webhook recovered: run-2"));
  End("run-3", RunState::kSucceeded);
  EXPECT_THAT(News(), IsEmpty());
  told_.webhook.send_success = true;
  End("run-4", RunState::kSucceeded);
  EXPECT_THAT(News(), ElementsAre("webhook succeeded: run-4"));
  told_.slack.webhook.clear();
  End("run-5", RunState::kFailed);
  EXPECT_THAT(News(), ElementsAre("webhook failed: run-5"));
  told_.webhook.url.clear();
  End("run-6", RunState::kSucceeded);
  EXPECT_THAT(News(), IsEmpty());
}

TEST_F(AnnouncementsTest, EveryMessageNamesTheTenantAndTheMember) {
  told_.tenant = "acme.eu.auth0.com";
  told_.destination = "api.segment.io";
  End("run-1", RunState::kFailed);
  EXPECT_EQ(notifier_.route.tenant, "acme.eu.auth0.com");
  EXPECT_EQ(notifier_.route.destination, "api.segment.io");
  EXPECT_EQ(notifier_.route.member, "member-1");
}

// The wall clock was ten years ahead for as long as a run took.
TEST_F(AnnouncementsTest, AClockThatWasAheadForAMomentMutesNoAlarm) {
  slack_.silence_periods = 3;
  const absl::Time true_time = clock_.Now();
  clock_.SetWall(true_time + absl::Hours(24 * 3650));
  End("run-1", RunState::kSucceeded);
  Change([&](ExporterRecord& exporter) {
    exporter.last_caught_up = clock_.Now();
    exporter.resumed = clock_.Now();
  });
  clock_.SetWall(true_time);
  News();
  clock_.Advance(absl::Hours(5));
  Look();
  EXPECT_THAT(News(), ElementsAre("silence of 4"));
}

TEST_F(AnnouncementsTest, TellsSuccessesOnlyWhenAsked) {
  End("run-1", RunState::kSucceeded);
  EXPECT_THAT(News(), IsEmpty());
  slack_.send_success = true;
  End("run-2", RunState::kSucceeded);
  End("window-1", RunState::kSucceeded, RunKind::kWindow);
  EXPECT_THAT(News(), ElementsAre("succeeded: run-2", "succeeded: window-1"));
  End("dry-1", RunState::kSucceeded, RunKind::kDryRun);
  End("dry-2", RunState::kFailed, RunKind::kDryRun);
  EXPECT_THAT(News(), IsEmpty());
}

TEST_F(AnnouncementsTest, ARunThatWasAskedForNeitherHidesNorEndsTheTroubleOfTheSchedule) {
  End("window-1", RunState::kFailed, RunKind::kWindow);
  End("run-1", RunState::kFailed);
  End("window-2", RunState::kFailed, RunKind::kWindow);
  End("window-3", RunState::kSucceeded, RunKind::kWindow);
  EXPECT_THAT(News(), ElementsAre("failed: window-1", "failed: run-1", "failed: window-2"));
  End("run-2", RunState::kSucceeded);
  EXPECT_THAT(News(), ElementsAre("recovered: run-2"));
}

TEST_F(AnnouncementsTest, AClockSetBackSilencesNoReminder) {
  End("run-1", RunState::kFailed);
  clock_.SetWall(clock_.Now() - absl::Hours(24 * 365));
  News();
  End("run-2", RunState::kFailed);
  EXPECT_THAT(News(), ElementsAre("still failing: run-2"));
}

TEST_F(AnnouncementsTest, WithoutAWebhookNothingIsKept) {
  slack_.webhook.clear();
  slack_.send_success = true;
  slack_.daily_report_hour = 0;
  End("run-1", RunState::kFailed);
  End("run-2", RunState::kSucceeded);
  clock_.Advance(absl::Hours(48));
  Look();
  EXPECT_THAT(News(), IsEmpty());
}

TEST_F(AnnouncementsTest, TellsSilenceOnceAndWhenItIsOver) {
  slack_.silence_periods = 3;  // hours, by the schedule of Look
  End("run-1", RunState::kSucceeded);
  clock_.Advance(absl::Hours(4) - absl::Seconds(1));
  Look();
  EXPECT_THAT(News(), IsEmpty());
  clock_.Advance(absl::Seconds(1));
  Look();
  clock_.Advance(absl::Hours(9));
  Look();
  EXPECT_THAT(News(), ElementsAre("silence of 4"));
  End("run-2", RunState::kSucceeded);
  Look();
  Look();
  EXPECT_THAT(News(), ElementsAre("silence over"));
}

TEST_F(AnnouncementsTest, ALongRunThatGetsOnIsNoSilence) {
  slack_.silence_periods = 3;
  RunRecord run = Begin("long");
  for (int hour = 1; hour <= 9; ++hour) {
    clock_.Advance(absl::Hours(1));
    Commit(&run);
    Look();
  }
  EXPECT_THAT(News(), IsEmpty());
  clock_.Advance(absl::Hours(4));
  Look();
  EXPECT_THAT(News(), ElementsAre("silence of 4"));
  // Getting on again is no success yet.
  Commit(&run);
  Look();
  EXPECT_THAT(News(), IsEmpty());
}

// Logs arrive, if only in part: whoever looks for a silence looks in the wrong place.
TEST_F(AnnouncementsTest, RunsThatFailAfterTheySettledSomethingAreNoSilence) {
  slack_.silence_periods = 3;
  told_.slack.reminder_interval = absl::Hours(1000);
  for (int hour = 1; hour <= 9; ++hour) {
    clock_.Advance(absl::Hours(1));
    RunRecord run = Begin(absl::StrCat("fails-", hour));
    Commit(&run);
    run.state = RunState::kFailed;
    Finish(run);
    Look();
  }
  EXPECT_THAT(News(), IsEmpty());
  clock_.Advance(absl::Hours(4));
  Look();
  EXPECT_THAT(News(), ElementsAre("silence of 4"));
}

TEST_F(AnnouncementsTest, SilenceCountsAnewFromTheResumeOfAPausedExporter) {
  slack_.silence_periods = 3;
  End("run-1", RunState::kSucceeded);
  Pause();
  clock_.Advance(absl::Hours(48));
  Look();
  Resume();
  Look();
  clock_.Advance(absl::Hours(4) - absl::Seconds(1));
  Look();
  EXPECT_THAT(News(), IsEmpty());
  clock_.Advance(absl::Seconds(1));
  Look();
  EXPECT_THAT(News(), ElementsAre("silence of 4"));
}

TEST_F(AnnouncementsTest, AnAlarmFromBeforeAPauseIsTakenBackByASuccessOnly) {
  slack_.silence_periods = 3;
  clock_.Advance(absl::Hours(4));
  Look();
  EXPECT_THAT(News(), ElementsAre("silence of 4"));
  Pause();
  clock_.Advance(absl::Hours(48));
  Resume();
  Look();
  clock_.Advance(absl::Hours(9));
  Look();
  EXPECT_THAT(News(), IsEmpty());
  End("run-1", RunState::kSucceeded);
  Look();
  EXPECT_THAT(News(), ElementsAre("silence over"));
}

}  // namespace
}  // namespace logexport
