// The service dies at every named point of a run (see service/base/crash_point.h), at its first
// passage and at a later one, and the next life is left to make good.

#include "service/base/crash_point.h"

#include <cctype>
#include <string>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "tests/crash/service_life.h"
#include "tests/crash/stored_state.h"
#include "tests/crash/witness.h"
#include "tests/support/await.h"
#include "tests/support/sandbox_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

constexpr int kLogs = 1500;
constexpr absl::Duration kLimit = absl::Minutes(1);

class CrashPointTest : public ::testing::Test {
 protected:
  CrashPointTest() {
    absl::StatusOr<std::unique_ptr<SandboxProcess>> sandbox =
        SandboxProcess::Start({"--generate", absl::StrCat(kLogs), "--no-store-events", "--latency",
                               "logs=3", "--latency", "segment=3"});
    if (!sandbox.ok()) {
      ADD_FAILURE() << sandbox.status();
      std::abort();
    }
    sandbox_ = *std::move(sandbox);
    environment_ = sandbox_->Environment();
    // Runs are asked for, and tell of their success.
    environment_.emplace_back("SCHEDULE", "0 0 0 1 1 *");
    environment_.emplace_back("SEGMENT_MAX_EVENTS_PER_SECOND", "0");
    environment_.emplace_back("SLACK_SEND_SUCCESS", "true");
  }

  // What it leaves behind that dies at `point`.
  StoredState DieAt(const std::string& point) {
    absl::StatusOr<ServiceLife> life = ServiceLife::Begin(path_, environment_, point);
    EXPECT_THAT(life, IsOk());
    if (!life.ok()) return {};
    life->StartsRun();
    if (!life->DiesWithin(kLimit)) {
      ADD_FAILURE() << "the service has not come to " << point << "\n" << life->Logs();
      return {};
    }
    EXPECT_EQ(life->end(), kCrashPointExitStatus) << life->Logs();
    return Stored();
  }

  StoredState Stored() {
    const std::optional<StoredState> state = ReadStoredState(path_);
    EXPECT_TRUE(state.has_value());
    return state.value_or(StoredState());
  }

  // One run to its end, and what is left then.
  StoredState RunOnce() {
    const ProgramEnd end =
        RunService({"--state", absl::StrCat("sqlite:", path_), "--run-once"}, environment_);
    EXPECT_EQ(end.exit_status, 0) << end.output << end.error_output;
    return Stored();
  }

  // A life without a run, that only delivers what is waiting.
  void LiveUntilSlackHas(std::int64_t messages) {
    absl::StatusOr<std::unique_ptr<ServiceProcess>> service =
        ServiceProcess::Start(path_, environment_);
    ASSERT_THAT(service, IsOk());
    ASSERT_TRUE(
        Await([&] { return !(*service)->process().Running() || SlackMessages() >= messages; }));
    ASSERT_TRUE((*service)->process().Running()) << (*service)->process().ErrorOutput();
    (*service)->process().Signal(SIGTERM);
    EXPECT_EQ((*service)->process().Wait(kLimit), 0);
  }

  std::int64_t SlackMessages() { return sandbox_->Stat({"slack", "messages"}); }

  std::unique_ptr<SandboxProcess> sandbox_;
  ServiceProcess::Environment environment_;
  const TempDirectory directory_;
  const std::string path_ = directory_.File("state.db");
};

class MidRunCrashTest : public CrashPointTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(MidRunCrashTest, CostsOnlyWhatWasNotCommitted) {
  const Witness witness(*sandbox_, {});
  const StoredState died = DieAt(GetParam());
  witness.ExpectNothingSkipped(died);
  EXPECT_TRUE(died.died_in_a_run());
  const std::int64_t ahead = witness.AwaitArrivedAhead(died);

  const StoredState end = RunOnce();
  witness.ExpectComplete(end);
  EXPECT_EQ(sandbox_->Stat({"segment", "duplicates"}), ahead);
  ASSERT_EQ(end.runs.size(), 2u);
  const RunRecord& interrupted = end.runs[1];
  EXPECT_EQ(interrupted.state, RunState::kFailed);
  EXPECT_EQ(interrupted.stop_reason, StopReason::kInterrupted);
  // Its account is the one it committed last.
  EXPECT_TRUE(interrupted.ledger == died.runs.front().ledger);
  EXPECT_TRUE(interrupted.ledger.balanced());
  EXPECT_TRUE(interrupted.checkpoint_after == died.checkpoint.position);
  EXPECT_EQ(end.runs[0].ledger.logs.accepted, kLogs - interrupted.ledger.logs.accepted);
}

std::string TestName(const ::testing::TestParamInfo<const char*>& point) {
  std::string name;
  bool upper = true;
  for (const char* c = point.param; *c != '\0'; ++c) {
    if (std::isalnum(static_cast<unsigned char>(*c)) != 0) {
      name += upper ? static_cast<char>(std::toupper(*c)) : *c;
    }
    upper = std::isalnum(static_cast<unsigned char>(*c)) == 0;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Points, MidRunCrashTest,
                         ::testing::Values("after_fetch:1", "after_fetch:5", "before_send:1",
                                           "before_send:4", "after_send:1", "after_send:4",
                                           "before_commit:1", "before_commit:3", "inside_commit:1",
                                           "inside_commit:3", "after_commit:1", "after_commit:3",
                                           "before_finish:1", "inside_finish:1"),
                         TestName);

TEST_F(CrashPointTest, ARunWhoseEndIsOnRecordIsNotCalledInterrupted) {
  const Witness witness(*sandbox_, {});
  const StoredState died = DieAt("after_finish");
  witness.ExpectComplete(died);
  EXPECT_TRUE(died.has_unsent_message);
  const StoredState end = RunOnce();
  witness.ExpectComplete(end);
  ASSERT_EQ(end.runs.size(), 2u);
  EXPECT_EQ(end.runs[1].stop_reason, StopReason::kCaughtUp);
  EXPECT_EQ(end.runs[0].ledger.logs.fetched, 0);
  EXPECT_EQ(sandbox_->Stat({"segment", "duplicates"}), 0);
  EXPECT_FALSE(end.has_unsent_message);
}

TEST_F(CrashPointTest, AMessageThatWasNotSentIsSentOnceByTheNextLife) {
  const StoredState died = DieAt("before_notify");
  EXPECT_TRUE(died.has_unsent_message);
  EXPECT_EQ(died.runs.front().state, RunState::kSucceeded);
  EXPECT_EQ(SlackMessages(), 0);
  LiveUntilSlackHas(1);
  EXPECT_FALSE(Stored().has_unsent_message);
  EXPECT_EQ(SlackMessages(), 1);
}

TEST_F(CrashPointTest, AMessageWhoseSendingIsNotOnRecordIsSentAgain) {
  const StoredState died = DieAt("after_notify");
  EXPECT_TRUE(died.has_unsent_message);
  EXPECT_EQ(SlackMessages(), 1);
  LiveUntilSlackHas(2);
  EXPECT_FALSE(Stored().has_unsent_message);
  EXPECT_EQ(SlackMessages(), 2);
}

}  // namespace
}  // namespace logexport
