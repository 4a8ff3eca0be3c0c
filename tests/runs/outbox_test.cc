#include "service/runs/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/status_macros.h"
#include "service/config/secret_resolver.h"
#include "tests/runs/announcements_fixture.h"
#include "tests/runs/no_logs.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// A tenant whose clock is this much behind the host's.
class SkewedComponents final : public ComponentFactory {
 public:
  absl::StatusOr<std::shared_ptr<ExporterComponents>> Make(const ExporterSettings&) override {
    auto components = std::make_shared<ExporterComponents>();
    components->source = std::make_unique<Source>(*this);
    return components;
  }
  std::unique_ptr<EventMapper> MakeMapper(const ExporterSettings&) override { return nullptr; }

  absl::Duration skew;

 private:
  class Source final : public NoLogs {
   public:
    explicit Source(const SkewedComponents& of) : of_(of) {}
    bool HasToldTime() override { return true; }
    absl::Duration ClockSkew() override { return of_.skew; }

   private:
    const SkewedComponents& of_;
  };
};

class OutboxTest : public AnnouncementsTest {
 protected:
  OutboxTest()
      : secrets_([](absl::string_view) { return std::nullopt; }),
        components_(factory_),
        outbox_(*store_, clock_, components_, secrets_, announcer_, notifiers_, metrics_) {}

  std::string SlackFailure() {
    std::string failure;
    EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
      const absl::StatusOr<ExporterRecord> exporter = tx.GetExporter("acme");
      if (!exporter.ok()) return exporter.status();
      EXPECT_EQ(exporter->slack_failing_since.has_value(), !exporter->slack_failure.empty());
      failure = exporter->slack_failure;
      return absl::OkStatus();
    }),
                IsOk());
    return failure;
  }

  std::string WebhookFailure() {
    std::string failure;
    EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const ExporterRecord exporter, tx.GetExporter("acme"));
      EXPECT_EQ(exporter.webhook_failing_since.has_value(), !exporter.webhook_failure.empty());
      failure = exporter.webhook_failure;
      return absl::OkStatus();
    }),
                IsOk());
    return failure;
  }

  ServiceMetrics metrics_{{}};
  SecretResolver secrets_;
  SkewedComponents factory_;
  ComponentCache components_;
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

TEST_F(OutboxTest, RemembersThatSlackRefusesUntilItTakesAMessage) {
  EXPECT_EQ(SlackFailure(), "");
  End("run-1", RunState::kFailed);
  notifier_.answer = {Notifier::Result::kRefused, 404, "no_service", absl::ZeroDuration()};
  outbox_.DeliverDue();
  EXPECT_EQ(SlackFailure(), "no_service");
  End("run-2", RunState::kSucceeded);
  notifier_.answer = {Notifier::Result::kTryLater, 503, "busy", absl::Seconds(1)};
  outbox_.DeliverDue();
  EXPECT_EQ(SlackFailure(), "busy");
  clock_.Advance(absl::Seconds(1));
  notifier_.answer = {};
  outbox_.DeliverDue();
  EXPECT_EQ(SlackFailure(), "");
}

TEST_F(OutboxTest, EachChannelHasItsOwnReceiverAndFailure) {
  v1::ExporterConfig config = CompleteConfig();
  config.mutable_slack()->set_webhook(kWebhook);
  config.mutable_webhook()->set_url("https://events.example/1");
  config.mutable_webhook()->set_secret("sixteen-and-more");
  EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(ConfigVersion version, tx.GetConfig("acme"));
    version.config = SerializeConfig(config);
    return tx.AddConfigVersion(version, version.version).status();
  }),
              IsOk());
  told_.webhook.url = "https://events.example/1";
  told_.webhook.secret = "sixteen-and-more";
  End("run-1", RunState::kFailed);
  webhook_notifier_.answer = {Notifier::Result::kTryLater, 503, "busy", absl::Seconds(40)};
  outbox_.DeliverDue();
  EXPECT_THAT(notifier_.delivered, ElementsAre(Pair(kWebhook, "failed: run-1")));
  EXPECT_THAT(webhook_notifier_.delivered,
              ElementsAre(Pair("https://events.example/1", "failed: run-1")));
  EXPECT_EQ(webhook_notifier_.signed_with, "sixteen-and-more");
  EXPECT_EQ(SlackFailure(), "");
  EXPECT_EQ(WebhookFailure(), "busy");
  clock_.Advance(absl::Seconds(40));
  webhook_notifier_.answer = {};
  outbox_.DeliverDue();
  EXPECT_EQ(notifier_.delivered.size(), 1u);
  EXPECT_EQ(webhook_notifier_.delivered.size(), 2u);
  EXPECT_EQ(WebhookFailure(), "");
}

// The message was stored, or put off, while the clock was ten years ahead.
TEST_F(OutboxTest, AMessageOfAClockThatWasAheadIsDeliveredNow) {
  const absl::Time true_time = clock_.Now();
  clock_.SetWall(true_time + absl::Hours(24 * 3650));
  End("run-1", RunState::kFailed);
  clock_.SetWall(true_time);
  outbox_.DeliverDue();
  EXPECT_THAT(notifier_.delivered, ElementsAre(Pair(kWebhook, "failed: run-1")));
  EXPECT_EQ(outbox_.DeliverDue(), absl::InfiniteFuture());
}

TEST_F(OutboxTest, AClockThatAuth0ContradictsMakesNoMessageTooOld) {
  ExporterSettings settings;
  settings.exporter = "acme";
  ASSERT_THAT(components_.Get(settings), IsOk());
  End("run-1", RunState::kFailed);
  factory_.skew = absl::Hours(24 * 3650);
  clock_.SetWall(clock_.Now() + factory_.skew);
  outbox_.DeliverDue();
  EXPECT_THAT(notifier_.delivered, ElementsAre(Pair(kWebhook, "failed: run-1")));
}

TEST_F(OutboxTest, ADailyReportIsNewsForADay) {
  slack_.silence_periods = 0;
  slack_.daily_report_hour = 13;
  clock_.SetWall(At("2026-11-23T13:00:00Z"));
  Look();
  // The service was killed before it was delivered, or Slack was down.
  clock_.Advance(absl::Hours(24));
  outbox_.DeliverDue();
  EXPECT_THAT(notifier_.delivered, ElementsAre(Pair(kWebhook, "daily report of 2026-11-23")));

  Look();
  clock_.Advance(absl::Hours(24) + absl::Seconds(1));
  EXPECT_EQ(outbox_.DeliverDue(), absl::InfiniteFuture());
  EXPECT_EQ(notifier_.delivered.size(), 1u);
}

}  // namespace
}  // namespace logexport
