#include "client/cli/follow.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "client/cli/errors.h"
#include "client/cli/progress.h"
#include "tests/client/cli_fixture.h"
#include "tests/client/fake_service.h"

namespace logexport::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

v1::WatchRunResponse Message(v1::WatchPhase phase, std::int64_t sequence, v1::RunState state) {
  v1::WatchRunResponse message;
  message.set_phase(phase);
  message.set_sequence(sequence);
  *message.mutable_report() = FakeService::MakeReport("run-7", state);
  return message;
}

v1::WatchRunResponse Progress(std::int64_t sequence) {
  auto message = Message(v1::WATCH_PHASE_PROGRESS, sequence, v1::RUN_STATE_RUNNING);
  message.set_percent(45);
  message.set_logs_per_second(1234.4);
  message.mutable_eta()->set_seconds(80);
  return message;
}

v1::WatchRunResponse Final(v1::RunState state) { return Message(v1::WATCH_PHASE_FINAL, 9, state); }

class FollowTest : public CliFixture {
 protected:
  FollowTest() { Serve(service_); }
  FakeService service_;
};

TEST_F(FollowTest, RunNowWaitFollowsTheRunAndPrintsItsReport) {
  service_.AddWatch({Message(v1::WATCH_PHASE_SNAPSHOT, 1, v1::RUN_STATE_RUNNING), Progress(2),
                     Final(v1::RUN_STATE_SUCCEEDED)});
  const CliResult result = Run({"run-now", "--wait"});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_THAT(result.out, HasSubstr("state           succeeded\n"));
  EXPECT_THAT(result.err, HasSubstr("Following run run-7"));
  ASSERT_EQ(service_.watches().size(), 1u);
  EXPECT_EQ(service_.watches()[0].run_id(), "run-7");
  EXPECT_EQ(service_.watches()[0].exporter(), "default");
}

TEST_F(FollowTest, TheExitCodeTellsHowTheRunEnded) {
  auto dead = Final(v1::RUN_STATE_SUCCEEDED);
  dead.mutable_report()->mutable_ledger()->set_dead_lettered(1);
  service_.AddWatch({dead});
  EXPECT_EQ(Run({"watch-run"}).code, kExitDeadLetters);
  service_.AddWatch({Final(v1::RUN_STATE_FAILED)});
  EXPECT_EQ(Run({"watch-run"}).code, kExitRunFailed);
  service_.AddWatch({Final(v1::RUN_STATE_CANCELLED)});
  EXPECT_EQ(Run({"watch-run"}).code, kExitRunFailed);
  service_.AddWatch({Final(v1::RUN_STATE_SUCCEEDED)});
  EXPECT_EQ(Run({"watch-run"}).code, kExitOk);
  EXPECT_EQ(Run({"watch-run"}).code, 69);  // the service knows no such run
}

TEST_F(FollowTest, WaitingPrintsNothingButTheReportToScripts) {
  service_.AddWatch({Progress(2), Final(v1::RUN_STATE_SUCCEEDED)});
  const CliResult result = Run({"run-now", "--wait", "-o", "json"});
  EXPECT_EQ(YAML::Load(result.out)["runId"].as<std::string>(), "run-7");
  EXPECT_EQ(YAML::Load(result.out)["state"].as<std::string>(), "RUN_STATE_SUCCEEDED");
}

TEST_F(FollowTest, WatchingPrintsEveryMessageToScripts) {
  service_.AddWatch({Progress(2), Progress(3), Final(v1::RUN_STATE_SUCCEEDED)});
  const CliResult result = Run({"watch-run", "run-7", "-o", "jsonl"});
  const std::vector<std::string> lines = absl::StrSplit(result.out, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[1], HasSubstr(R"("sequence":"3")"));
  EXPECT_EQ(result.err, "");
}

TEST_F(FollowTest, DrawsOneLineOverAndOverOnATerminal) {
  service_.AddWatch({Progress(2), Final(v1::RUN_STATE_SUCCEEDED)});
  const CliResult result = Run({"watch-run"}, [](FakeTerminal& terminal) { terminal.tty = true; });
  EXPECT_THAT(result.err, HasSubstr("\r\x1b[Krunning [#########-----------] 45%  12,345 logs  "
                                    "1,234/s  1m 20s left"));
  EXPECT_EQ(result.err.find('\n'), std::string::npos);
  EXPECT_THAT(result.err, ::testing::EndsWith("\r\x1b[K"));
}

TEST_F(FollowTest, WritesPlainLinesNowAndThenInAPipe) {
  service_.AddWatch({Progress(2), Progress(3), Progress(4), Final(v1::RUN_STATE_SUCCEEDED)});
  service_.after_watch_message = [] {};
  const CliResult result = Run({"watch-run"});  // the clock stands still
  const std::vector<std::string> lines = absl::StrSplit(result.err, '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 2u) << result.err;
  EXPECT_THAT(lines[0], ::testing::StartsWith("running ["));
  EXPECT_THAT(lines[1], ::testing::StartsWith("succeeded"));
  EXPECT_THAT(result.err, Not(HasSubstr("\x1b")));
}

TEST_F(FollowTest, SendsNoControlSequencesToATerminalThatDoesNotKnowThem) {
  service_.AddWatch({Progress(2), Progress(3), Final(v1::RUN_STATE_SUCCEEDED)});
  const CliResult result = Run({"watch-run"}, [](FakeTerminal& terminal) {
    terminal.tty = true;
    terminal.redraws = false;
  });
  EXPECT_THAT(result.err, HasSubstr("running ["));
  EXPECT_THAT(result.err + result.out, Not(HasSubstr("\x1b")));
}

TEST_F(FollowTest, ResumesWhereTheStreamBroke) {
  service_.AddWatch({Progress(5)}, {grpc::StatusCode::UNAVAILABLE, "restarting"});
  service_.AddWatch({Final(v1::RUN_STATE_SUCCEEDED)});
  EXPECT_EQ(Run({"watch-run"}).code, kExitOk);
  ASSERT_EQ(service_.watches().size(), 2u);
  EXPECT_EQ(service_.watches()[0].after_sequence(), 0);
  EXPECT_EQ(service_.watches()[1].run_id(), "run-7");
  EXPECT_EQ(service_.watches()[1].after_sequence(), 5);
}

TEST_F(FollowTest, GivesUpWhenTheServiceStaysAway) {
  service_.AddWatch({Progress(5)}, {grpc::StatusCode::UNAVAILABLE, "gone"});
  context_.sleep = [this](absl::Duration) {
    now_ += absl::Seconds(40);
    service_.FailNext({grpc::StatusCode::UNAVAILABLE, "still gone"}, 100);
  };
  const CliResult result = Run({"watch-run"});
  EXPECT_EQ(result.code, 78);
  EXPECT_THAT(result.err, HasSubstr("still gone"));
  EXPECT_THAT(result.err,
              HasSubstr("Run run-7 goes on. Follow it with:\n  logexportctl watch-run run-7"));
}

TEST_F(FollowTest, AStreamThatEndsBeforeTheRunIsAnError) {
  service_.AddWatch({Progress(5)});
  EXPECT_EQ(Run({"watch-run"}).code, 64 + 15);
}

TEST_F(FollowTest, CtrlCDetachesAndSaysHowToComeBack) {
  service_.AddEndlessWatch({Progress(5)});
  service_.after_watch_message = [this] { terminal_->interrupt = true; };
  const CliResult result = Run({"run-now", "--exporter", "prod", "--wait", "--server", "host:1"});
  EXPECT_EQ(result.code, kExitDetached);
  EXPECT_THAT(result.err, HasSubstr("Run run-7 goes on. Follow it with:\n  logexportctl watch-run "
                                    "run-7 --exporter prod --server host:1"));
  EXPECT_THAT(service_.calls(), ElementsAre("RunNow", "WatchRun"));  // and no CancelRun
}

TEST_F(FollowTest, ADeadlineEndsTheWaitingButNotTheRun) {
  service_.AddEndlessWatch({Progress(5)});
  const CliResult result = Run({"watch-run", "run-7", "--deadline", "300ms"});
  EXPECT_EQ(result.code, kExitTimedOut);
  EXPECT_THAT(result.err, HasSubstr("Waited long enough. Run run-7 goes on."));
}

TEST_F(FollowTest, ASilentStreamIsTakenForBroken) {
  service_.AddEndlessWatch({Progress(5)});
  service_.AddWatch({Final(v1::RUN_STATE_SUCCEEDED)});
  // The clock is read while waiting; once the message is there, time flies.
  std::atomic<bool> fly{false};
  service_.after_watch_message = [&] { fly = true; };
  context_.now = [&] { return fly ? now_ += absl::Seconds(11) : now_; };
  EXPECT_EQ(Run({"watch-run"}).code, kExitOk);
  EXPECT_EQ(service_.watches().size(), 2u);
}

TEST_F(FollowTest, WaitingWithoutARunSaysSo) {
  const CliResult result = Run({"set-checkpoint", "--earliest", "--yes", "--wait"});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_THAT(result.err, HasSubstr("No run was started"));
}

TEST(ProgressLineTest, LeavesOutWhatIsUnknownAndWhatDoesNotFit) {
  auto message = Progress(1);
  EXPECT_EQ(ProgressLine(message, 80),
            "running [#########-----------] 45%  12,345 logs  1,234/s  1m 20s left");
  message.mutable_report()->mutable_ledger()->set_dead_lettered(2);
  EXPECT_THAT(ProgressLine(message, 100), HasSubstr("2 dead letters"));
  EXPECT_LE(ProgressLine(message, 40).size(), 50u);
  message.clear_percent();
  message.clear_eta();
  message.set_logs_per_second(0);
  EXPECT_EQ(ProgressLine(message, 80), "running  12,347 logs  2 dead letters");
}

TEST(ProgressLineTest, SurvivesOddPercentages) {
  auto message = Progress(1);
  message.set_percent(250);
  EXPECT_THAT(ProgressLine(message, 80), HasSubstr("[####################] 100%"));
  message.set_percent(-3);
  EXPECT_THAT(ProgressLine(message, 80), HasSubstr("[--------------------] 0%"));
}

}  // namespace
}  // namespace logexport::cli
