#include "service/runs/outbox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config/secret_resolver.h"
#include "tests/runs/announcements_fixture.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

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
