#ifndef LOGEXPORT_TESTS_RUNS_ANNOUNCEMENTS_FIXTURE_H_
#define LOGEXPORT_TESTS_RUNS_ANNOUNCEMENTS_FIXTURE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config/serialization.h"
#include "service/runs/announcements.h"
#include "service/state/engines/open_store.h"
#include "service/state/store.h"
#include "tests/config/config_samples.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {

inline absl::Time At(absl::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

// Writes down what it was told, and answers deliveries as it is set to.
class TellingNotifier final : public Notifier {
 public:
  std::string RunFailed(const RunNews& news, bool reminder) const override {
    route = news.route;
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
    return absl::StrCat("daily report of ", news.day);
  }
  std::string Test(absl::string_view, const Route&, const Audit&) const override { return "test"; }

  Outcome Deliver(const Receiver& receiver, absl::string_view payload, std::stop_token) override {
    delivered.emplace_back(receiver.url, payload);
    signed_with = receiver.signing_key;
    return answer;
  }

  mutable DailyNews daily;
  mutable Route route;
  std::vector<std::pair<std::string, std::string>> delivered;
  std::string signed_with;
  Outcome answer;
};

class AnnouncementsTest : public ::testing::Test {
 protected:
  AnnouncementsTest() : clock_(At("2026-11-23T12:00:00Z")) {
    slack_.webhook = kWebhook;
    Open();
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

  // Opens the state, as another process does after this one: it owns the exporter in a new epoch.
  void Open() {
    store_.reset();
    StoreOptions options;
    options.url = "sqlite:" + directory_.File("state.db");
    absl::StatusOr<std::unique_ptr<Store>> store = OpenStore(options, clock_);
    EXPECT_THAT(store, IsOk());
    store_ = *std::move(store);
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
    run.ledger.logs = logs_;
    if (state == RunState::kFailed) run.error = RunError{"SEGMENT", reason_, "down", "wait", true};
    EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
      absl::StatusOr<RunRecord> added = tx.AddRun(run);
      if (!added.ok()) return added.status();
      absl::StatusOr<ExporterRecord> exporter = tx.GetExporter("acme");
      if (!exporter.ok()) return exporter.status();
      if (state == RunState::kSucceeded) exporter->last_success = clock_.Now();
      absl::Status status = announcer_.RunEnded(tx, *added, told_, clock_.Now(), &*exporter);
      return status.ok() ? tx.UpdateExporter(*exporter) : status;
    }),
                IsOk());
  }

  // A run of the export that is active, its commits and its end.
  RunRecord Begin(const std::string& id) {
    RunRecord run;
    run.run_id = id;
    run.exporter = "acme";
    run.state = RunState::kRunning;
    run.epoch = store_->EpochOf("acme");
    run.created = clock_.Now();
    run.started = clock_.Now();
    EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
      absl::StatusOr<RunRecord> added = tx.AddRun(run);
      if (added.ok()) run = *added;
      return added.status();
    }),
                IsOk());
    return run;
  }
  void Commit(RunRecord* run) {
    EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
      const absl::StatusOr<Checkpoint> checkpoint = tx.GetCheckpoint("acme");
      if (!checkpoint.ok()) return checkpoint.status();
      ++run->commit_version;
      ProgressCommit commit;
      commit.run = run;
      commit.epoch = run->epoch;
      commit.expected_version = checkpoint->version;
      commit.position = {Position::Kind::kAfter, absl::StrCat(1000 + run->commit_version), {}};
      return tx.CommitProgress(commit).status();
    }),
                IsOk());
  }
  void Finish(RunRecord run) {
    run.ended = clock_.Now();
    EXPECT_THAT(store_->Write([&](Transaction& tx) { return tx.UpdateRun(run); }), IsOk());
  }

  // What a look at the clock adds.
  void Look() {
    const absl::StatusOr<Schedule> schedule = Schedule::Create({.cron = "0 0 * * * *"});
    ASSERT_THAT(schedule, IsOk());
    EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
      absl::StatusOr<ExporterRecord> exporter = tx.GetExporter("acme");
      if (!exporter.ok()) return exporter.status();
      return announcer_.Periodic(tx, *exporter, *schedule, told_, absl::Seconds(10), clock_.Now())
          .status();
    }),
                IsOk());
  }

  void Pause() {
    Change([this](ExporterRecord& exporter) { exporter.pause = {{}, clock_.Now()}; });
  }
  void Resume() {
    Change([this](ExporterRecord& exporter) {
      exporter.pause.reset();
      exporter.resumed = clock_.Now();
    });
  }

  // The messages that were added since the last call.
  std::vector<std::string> News() {
    std::vector<std::string> news;
    EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
      absl::StatusOr<std::vector<OutboxMessage>> due = tx.DueOutbox(clock_.Now(), 100);
      if (!due.ok()) return due.status();
      for (const OutboxMessage& message : *due) {
        const bool both = !told_.webhook.url.empty();
        news.push_back(
            both ? absl::StrCat(NotificationChannelName(message.channel), " ", message.payload)
                 : message.payload);
        EXPECT_THAT(tx.DeleteOutbox(message.id), IsOk());
      }
      return absl::OkStatus();
    }),
                IsOk());
    return news;
  }

  void Change(const std::function<void(ExporterRecord&)>& change) {
    EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
      absl::StatusOr<ExporterRecord> exporter = tx.GetExporter("acme");
      if (!exporter.ok()) return exporter.status();
      change(*exporter);
      return tx.UpdateExporter(*exporter);
    }),
                IsOk());
  }

  static constexpr char kWebhook[] = "https://hooks.slack.com/services/T00/B00/secret";
  TempDirectory directory_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
  TellingNotifier notifier_;
  TellingNotifier webhook_notifier_;
  const Notifiers notifiers_{notifier_, webhook_notifier_, "member-1"};
  Announcer announcer_{notifiers_};
  NotificationSettings told_;
  SlackSettings& slack_ = told_.slack;
  // Of the runs that End ends.
  LogCounts logs_ = {.fetched = 10, .accepted = 8, .filtered = 2};
  std::string reason_ = "DOWN";
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_RUNS_ANNOUNCEMENTS_FIXTURE_H_
