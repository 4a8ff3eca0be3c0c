// When a commit waits for more to settle, and when it does not.
#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/export/pipeline.h"
#include "tests/support/gate.h"

namespace logexport {
namespace {

constexpr int kLogs = 100;
constexpr int kBatch = 10;

bool Holds(const std::vector<std::string>& ids, const std::string& id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

// The second batch is accepted when `gate_` opens, the first one not before the second is being
// sent: so there is something to wait for when it is settled.
class CommitHoldTest : public testing::Test {
 protected:
  CommitHoldTest() {
    pipeline_.tenant->AddLogs(kLogs);
    ids_ = pipeline_.tenant->ids();
    pipeline_.segment->batch_limits = {kBatch, 100'000};
    pipeline_.segment->before_accept = [this](int, const std::vector<std::string>& ids) {
      if (Holds(ids, ids_[kBatch + 5])) {
        second_is_sent_.Open();
        EXPECT_TRUE(gate_.Wait());
      } else if (Holds(ids, ids_[0])) {
        EXPECT_TRUE(second_is_sent_.Wait());
      } else if (Holds(ids, ids_.back())) {
        last_is_sent_.Open();
      }
      return absl::OkStatus();
    };
  }

  // The second batch is let go by the commit of the first.
  void OpenAtFirstCommit() {
    pipeline_.on_commit = [this](const RunRecord& run) {
      if (run.ledger.logs.settled() == kBatch) gate_.Open();
    };
  }

  Pipeline pipeline_;
  std::vector<std::string> ids_;
  Gate second_is_sent_;
  Gate last_is_sent_;
  Gate gate_;
};

TEST_F(CommitHoldTest, WaitsForWhatIsBeingSentAndNotAtRest) {
  pipeline_.commit_hold = absl::Hours(1);
  const std::jthread opener([this] {
    EXPECT_TRUE(last_is_sent_.Wait());
    gate_.Open();
  });
  const RunRecord run = pipeline_.Run();
  EXPECT_EQ(run.ledger.logs.settled(), kLogs);
  ASSERT_FALSE(pipeline_.commits.empty());
  EXPECT_EQ(pipeline_.commits.front().ledger.logs.settled(), kLogs);
}

TEST_F(CommitHoldTest, WaitsNoLongerThanTheHold) {
  pipeline_.commit_hold = absl::Milliseconds(20);
  OpenAtFirstCommit();
  EXPECT_EQ(pipeline_.Run().ledger.logs.settled(), kLogs);
}

TEST_F(CommitHoldTest, DoesNotWaitWhileSomebodyWatches) {
  pipeline_.commit_hold = absl::Hours(1);
  pipeline_.watched = [] { return true; };
  OpenAtFirstCommit();
  EXPECT_EQ(pipeline_.Run().ledger.logs.settled(), kLogs);
}

TEST_F(CommitHoldTest, DoesNotWaitWithADeadLetter) {
  pipeline_.commit_hold = absl::Hours(1);
  pipeline_.mapper.reject = {ids_[1]};
  pipeline_.on_commit = [this](const RunRecord& run) {
    if (run.ledger.logs.dead_lettered == 1) gate_.Open();
  };
  EXPECT_EQ(pipeline_.Run().ledger.logs.settled(), kLogs);
}

TEST_F(CommitHoldTest, DoesNotWaitWhenTheRunIsStopped) {
  pipeline_.commit_hold = absl::Hours(1);
  OpenAtFirstCommit();
  const std::unique_ptr<ExportRun> run = pipeline_.Prepare();
  pipeline_.segment->before_answer = [&](int, const std::vector<std::string>& ids) {
    if (Holds(ids, ids_[0])) run->RequestStop(StopReason::kCancelled);
    return absl::OkStatus();
  };
  const RunRecord record = pipeline_.Finish(run->Execute());
  EXPECT_EQ(record.stop_reason, StopReason::kCancelled);
  EXPECT_GE(record.ledger.logs.settled(), kBatch);
}

}  // namespace
}  // namespace logexport
