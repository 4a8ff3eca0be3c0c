#include "service/control/announcements.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/control/config_storage.h"
#include "service/control/outbox.h"
#include "service/control/run_lifecycle.h"
#include "service/control/secrets.h"
#include "service/state/store.h"
#include "tests/control/config_samples.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

absl::Time At(absl::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

// Writes down what it was told, and answers deliveries as it is set to.
class TellingNotifier final : public Notifier {
 public:
  std::string RunFailed(const RunNews& news, bool reminder) const override {
    return absl::StrCat(reminder ? "still failing: " : "failed: ", news.run.run_id);
  }
  std::string Recovered(const RunNews& news) const override {
    return absl::StrCat("recovered: ", news.run.run_id);
  }
  std::string RunSucceeded(const RunNews& news) const override {
    return absl::StrCat("succeeded: ", news.run.run_id);
  }
  std::string Silence(const SilenceNews& news) const override {
    return absl::StrCat("silence of ", news.periods);
  }
  std::string SilenceOver(const SilenceNews&) const override { return "silence over"; }
  std::string DailyReport(const DailyNews& news) const override {
    daily = news;
    return absl::StrCat("daily report of ", news.exporter);
  }
  std::string Test(absl::string_view, const Audit&) const override { return "test"; }

  Delivery Deliver(absl::string_view webhook, absl::string_view payload, std::stop_token) override {
    delivered.emplace_back(webhook, payload);
    return answer;
  }

  mutable DailyNews daily;
  std::vector<std::pair<std::string, std::string>> delivered;
  Delivery answer;
};

class AnnouncementsTest : public ::testing::Test {
 protected:
  AnnouncementsTest() : clock_(At("2026-11-23T12:00:00Z")) {
    slack_.webhook = kWebhook;
    StoreOptions options;
    options.url = "sqlite:" + directory_.File("state.db");
    absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(options, clock_);
    EXPECT_THAT(store, IsOk());
    store_ = *std::move(store);
    v1::ExporterConfig config = CompleteConfig();
    config.mutable_slack()->set_webhook(kWebhook);
    NewExporter exporter;
    exporter.record.id = "acme";
    exporter.record.message_namespace = "0123456789abcdef";
    exporter.record.created = clock_.Now();
    exporter.config = SerializeConfig(config);
    EXPECT_THAT(store_->Write([&](Transaction& tx) { return tx.CreateExporter(exporter, false); }),
                IsOk());
  }

  // A run that ends now, put on record and announced as the service does it.
  void End(const std::string& id, RunState state, RunKind kind = RunKind::kExport) {
    RunRecord run;
    run.run_id = id;
    run.exporter = "acme";
    run.parameters.kind = kind;
    run.state = state;
    run.created = clock_.Now();
    run.ended = clock_.Now();
    run.ledger.logs = {.fetched = 10, .accepted = 7, .filtered = 2, .dead_lettered = 1};
    if (state == RunState::kFailed) run.error = RunError{"SEGMENT", "DOWN", "down", "wait", true};
    EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
      absl::StatusOr<RunRecord> added = tx.AddRun(run);
      if (!added.ok()) return added.status();
      absl::StatusOr<ExporterRecord> exporter = tx.GetExporter("acme");
      if (!exporter.ok()) return exporter.status();
      if (state == RunState::kSucceeded) exporter->last_success = clock_.Now();
      absl::Status status = announcer_.RunEnded(tx, *added, slack_, clock_.Now(), &*exporter);
      return status.ok() ? tx.UpdateExporter(*exporter) : status;
    }),
                IsOk());
  }

  // What a look at the clock adds.
  void Look() {
    const absl::StatusOr<Schedule> schedule = Schedule::Create({.cron = "0 0 * * * *"});
    ASSERT_THAT(schedule, IsOk());
    EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
      absl::StatusOr<ExporterRecord> exporter = tx.GetExporter("acme");
      if (!exporter.ok()) return exporter.status();
      return announcer_.Periodic(tx, *exporter, *schedule, slack_, absl::Seconds(10), clock_.Now())
          .status();
    }),
                IsOk());
  }

  // The messages that were added since the last call.
  std::vector<std::string> News() {
    std::vector<std::string> news;
    EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
      absl::StatusOr<std::vector<OutboxMessage>> due = tx.DueOutbox(clock_.Now(), 100);
      if (!due.ok()) return due.status();
      for (const OutboxMessage& message : *due) {
        news.push_back(message.payload);
        EXPECT_THAT(tx.DeleteOutbox(message.id), IsOk());
      }
      return absl::OkStatus();
    }),
                IsOk());
    return news;
  }

  static constexpr char kWebhook[] = "https://hooks.slack.com/services/T00/B00/secret";
  TempDirectory directory_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
  TellingNotifier notifier_;
  Announcer announcer_{notifier_};
  SlackSettings slack_;
};

// The answer to the first time may have been lost.
TEST_F(AnnouncementsTest, PuttingAnEndOnRecordAgainCountsAndTellsNothingTwice) {
  RunRecord run;
  run.run_id = "run-1";
  run.exporter = "acme";
  run.state = RunState::kRunning;
  run.created = clock_.Now();
  EXPECT_THAT(store_->Write([&](Transaction& tx) { return tx.AddRun(run).status(); }), IsOk());
  run.state = RunState::kFailed;
  run.error = RunError{"SEGMENT", "DOWN", "down", "wait", true};
  run.ended = clock_.Now();
  ExportRunResult result{run, std::nullopt};
  for (int times = 0; times < 2; ++times) {
    EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
      const absl::Status status = FinishRun(tx, &result, announcer_, slack_, clock_.Now()).status();
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
  run.state = RunState::kRunning;
  run.created = clock_.Now();
  run.commit_version = 3;
  EXPECT_THAT(store_->Write([&](Transaction& tx) { return tx.AddRun(run).status(); }), IsOk());
  run.state = RunState::kFailed;
  run.error = RunError{"STATE", "STORE_UNAVAILABLE", "damaged", "look", false};
  ExportRunResult result{run, std::nullopt, run};
  result.run.commit_version = 2;
  result.in_doubt->ledger.logs = {.fetched = 10, .accepted = 10};
  EXPECT_THAT(store_->Write([&](Transaction& tx) {
    return FinishRun(tx, &result, announcer_, slack_, clock_.Now()).status();
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

TEST_F(AnnouncementsTest, ReportsOnceADayAtTheHourOfTheZone) {
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
  EXPECT_THAT(News(), ElementsAre("daily report of acme"));
  clock_.SetWall(At("2026-11-24T14:59:59Z"));
  Look();
  EXPECT_THAT(News(), IsEmpty());
  // The service was down at the hour.
  clock_.SetWall(At("2026-11-24T21:30:00Z"));
  Look();
  EXPECT_THAT(News(), ElementsAre("daily report of acme"));
  // Summer time: 14:00 UTC.
  clock_.SetWall(At("2027-07-01T13:59:59Z"));
  Look();
  EXPECT_THAT(News(), IsEmpty());
  clock_.SetWall(At("2027-07-01T14:00:00Z"));
  Look();
  EXPECT_THAT(News(), ElementsAre("daily report of acme"));
}

TEST_F(AnnouncementsTest, ReportsNothingOnTheDayItWasCreatedTooLate) {
  slack_.silence_periods = 0;
  slack_.daily_report_hour = 9;  // created at 12
  Look();
  clock_.SetWall(At("2026-11-24T08:59:59Z"));
  Look();
  EXPECT_THAT(News(), IsEmpty());
  clock_.SetWall(At("2026-11-24T09:00:00Z"));
  Look();
  EXPECT_THAT(News(), ElementsAre("daily report of acme"));
}

TEST_F(AnnouncementsTest, TheDailyReportSumsUpTheLastDay) {
  slack_.silence_periods = 0;
  slack_.daily_report_hour = 13;
  End("old", RunState::kFailed);
  clock_.SetWall(At("2026-11-24T12:30:00Z"));
  for (int i = 0; i < 600; ++i) End(absl::StrCat("run-", i), RunState::kSucceeded);
  for (int i = 0; i < 5; ++i) End(absl::StrCat("bad-", i), RunState::kFailed);
  End("dry", RunState::kSucceeded, RunKind::kDryRun);
  clock_.SetWall(At("2026-11-24T13:00:00Z"));
  Look();
  const DailyNews& news = notifier_.daily;
  EXPECT_EQ(news.from, At("2026-11-23T13:00:00Z"));
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

class OutboxTest : public AnnouncementsTest {
 protected:
  OutboxTest()
      : secrets_([](absl::string_view) { return std::nullopt; }),
        outbox_(*store_, clock_, secrets_, announcer_, notifier_) {}

  SecretResolver secrets_;
  Outbox outbox_;
};

TEST_F(OutboxTest, DeliversEachMessageOnce) {
  End("run-1", RunState::kFailed);
  outbox_.DeliverDue();
  outbox_.DeliverDue();
  EXPECT_THAT(notifier_.delivered, ElementsAre(Pair(kWebhook, "failed: run-1")));
}

TEST_F(OutboxTest, TriesAgainWhenSlackAsksForPatienceButNotForOldNews) {
  End("run-1", RunState::kFailed);
  notifier_.answer = {Notifier::Result::kTryLater, 429, "rate_limited", absl::Seconds(40)};
  EXPECT_EQ(outbox_.DeliverDue(), clock_.Now() + absl::Seconds(40));
  clock_.Advance(absl::Seconds(39));
  outbox_.DeliverDue();
  EXPECT_EQ(notifier_.delivered.size(), 1u);
  clock_.Advance(absl::Seconds(1));
  outbox_.DeliverDue();
  EXPECT_EQ(notifier_.delivered.size(), 2u);
  clock_.Advance(absl::Hours(1));
  notifier_.answer = {};
  EXPECT_EQ(outbox_.DeliverDue(), absl::InfiniteFuture());
  EXPECT_EQ(notifier_.delivered.size(), 2u);
}

TEST_F(OutboxTest, GivesUpWhatADeadHookRefuses) {
  End("run-1", RunState::kFailed);
  notifier_.answer = {Notifier::Result::kRefused, 404, "no_service", absl::ZeroDuration()};
  EXPECT_EQ(outbox_.DeliverDue(), absl::InfiniteFuture());
  outbox_.DeliverDue();
  EXPECT_EQ(notifier_.delivered.size(), 1u);
}

}  // namespace
}  // namespace logexport
