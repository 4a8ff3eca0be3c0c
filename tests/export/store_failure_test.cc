#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/status_macros.h"
#include "tests/export/pipeline.h"
#include "tests/postgresql/postgresql_server.h"
#include "tests/support/gate.h"

namespace logexport {
namespace {

using ::testing::SizeIs;

struct Engine {
  const char* name;
  std::string (*url)();  // of a fresh store; "" for the usual one
  bool fast;
};

class StoreFailureTest : public ::testing::TestWithParam<Engine> {};

INSTANTIATE_TEST_SUITE_P(
    Engines, StoreFailureTest,
    ::testing::Values(Engine{"Sqlite", [] { return std::string(); }, true},
                      Engine{"Postgresql",
                             [] { return PostgresqlServer::Shared().UrlOfFreshSchema(); }, false}),
    [](const auto& engine) { return std::string(engine.param.name); });

// The next owner of the store ends the runs it finds unfinished; the process that had them may be
// alive and not know.
TEST_P(StoreFailureTest, ARunThatWasTakenOverChangesNothingMore) {
  // More than a run may send ahead of its commits, however late these are.
  constexpr int kLogs = 5000;
  Pipeline p(GetParam().url());
  p.tenant->AddLogs(kLogs);
  std::unique_ptr<ExportRun> run = p.Prepare();
  std::atomic<bool> taken = false;
  std::string checkpoint;
  p.segment->before_accept = [&](int attempt, const auto&) {
    if (attempt != 7 || taken.exchange(true)) return absl::OkStatus();
    const absl::Status status = p.store().Write([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(RunRecord stored, tx.GetRun("default", "run0"));
      stored.state = RunState::kFailed;
      stored.stop_reason = StopReason::kInterrupted;
      checkpoint = stored.checkpoint_after.id;
      return tx.UpdateRun(stored);
    });
    EXPECT_TRUE(status.ok()) << status;
    return absl::OkStatus();
  };
  const ExportRunResult result = run->Execute();
  EXPECT_EQ(result.run.state, RunState::kFailed);
  EXPECT_EQ(result.run.stop_reason, StopReason::kLeaseLost);
  EXPECT_EQ(result.run.error->reason, "LEASE_LOST");
  EXPECT_TRUE(result.run.ledger.balanced());
  EXPECT_FALSE(result.in_doubt.has_value());
  EXPECT_EQ(p.checkpoint().position.id, checkpoint);
  EXPECT_EQ(p.Stored("run0").stop_reason, StopReason::kInterrupted);
  EXPECT_LT(p.segment->accepted().size(), std::size_t{kLogs});
  p.segment->before_accept = nullptr;
  p.Run();
  EXPECT_THAT(p.segment->accepted(), SizeIs(kLogs));
}

TEST_P(StoreFailureTest, ACommitWhoseAnswerIsLostIsNeitherMadeTwiceNorTakenForAMovedCheckpoint) {
  Pipeline p(GetParam().url());
  p.tenant->AddLogs(120);
  p.mapper.reject = {"id00000007"};
  std::unique_ptr<ExportRun> run = p.Prepare();
  std::atomic<int> commits = 0;
  p.store_fault = [&](absl::string_view operation) {
    return operation == "Committed" && commits++ % 2 == 0 ? absl::UnavailableError("cut off")
                                                          : absl::OkStatus();
  };
  ExportRunResult result = run->Execute();
  p.store_fault = nullptr;
  EXPECT_FALSE(result.in_doubt.has_value());
  const RunRecord ended = p.Finish(std::move(result));
  EXPECT_EQ(ended.state, RunState::kSucceeded);
  EXPECT_EQ(ended.ledger.logs.accepted, 119);
  EXPECT_EQ(ended.commit_version, static_cast<int>(p.commits.size()));
  EXPECT_EQ(p.checkpoint().version, 1 + ended.commit_version);
  ASSERT_THAT(p.dead_letters(), SizeIs(1));
  EXPECT_EQ(p.dead_letters()[0].attempts, 1);
}

TEST_P(StoreFailureTest, AStoreThatFailsForGoodAfterACommitKeepsItInTheRunsAccount) {
  Pipeline p(GetParam().url());
  // A start that is known, so that the first commit is one of logs and not of where they begin.
  p.MoveCheckpoint("id");
  p.tenant->AddLogs(120);
  std::unique_ptr<ExportRun> run = p.Prepare();
  p.store_fault = [](absl::string_view operation) {
    return operation == "Committed" ? absl::DataLossError("damaged") : absl::OkStatus();
  };
  ExportRunResult result = run->Execute();
  p.store_fault = nullptr;
  EXPECT_EQ(result.run.ledger.logs.settled(), 0);
  const RunRecord ended = p.Finish(std::move(result));
  EXPECT_EQ(ended.error->reason, "STORE_UNAVAILABLE");
  EXPECT_GT(ended.ledger.logs.accepted, 0);
  EXPECT_TRUE(ended.ledger.balanced());
  EXPECT_EQ(ended.checkpoint_after, p.checkpoint().position);
}

// A process that has to exit gives the store one chance more, and waits for nothing.
TEST_P(StoreFailureTest, AnAbandonedRunDoesNotWaitForAStoreThatIsAway) {
  Pipeline p(GetParam().url());
  p.clock.SetMode(FakeClock::Mode::kManual);
  p.tenant->AddLogs(20);
  p.segment->before_accept = [](int, const auto&) {
    return MakeFailure({Origin::kSegment, FailureClass::kLimited,
                        FailureReason::kSegmentRateLimited, "429", "", "", absl::Minutes(1)});
  };
  std::unique_ptr<ExportRun> run = p.Prepare();
  Gate last_commit;
  std::atomic<bool> locked = true;
  p.store_fault = [&](absl::string_view operation) {
    if (operation != "CommitProgress" || !locked) return absl::OkStatus();
    last_commit.Open();
    return absl::UnavailableError("database is locked");
  };
  ExportRunResult result;
  Gate ended;
  const std::jthread executing([&] {
    result = run->Execute();
    ended.Open();
  });
  p.clock.WaitForSleepers(1);  // the sender, on the limit
  run->RequestStop(StopReason::kShutdown);
  last_commit.Wait();
  p.clock.WaitForSleepers(1);
  run->Abandon();
  const bool ended_at_once = ended.Wait();
  locked = false;
  p.clock.Advance(absl::Hours(1));
  ASSERT_TRUE(ended_at_once);
  EXPECT_EQ(result.run.state, RunState::kFailed);
  EXPECT_EQ(result.run.error->reason, "STORE_UNAVAILABLE");
  EXPECT_TRUE(result.run.ledger.balanced());
}

TEST_P(StoreFailureTest, WhatAnAbandonedRunHasSettledIsStillCommitted) {
  Pipeline p(GetParam().url());
  p.tenant->AddLogs(500);
  std::unique_ptr<ExportRun> run =
      p.Prepare([](RunRecord&, ExporterSettings& settings) { settings.segment.max_in_flight = 1; });
  p.segment->before_accept = [&](int attempt, const auto&) {
    if (attempt == 3) {
      run->RequestStop(StopReason::kShutdown);
      run->Abandon();
    }
    return absl::OkStatus();
  };
  const RunRecord ended = p.Finish(run->Execute());
  EXPECT_EQ(ended.state, RunState::kCancelled);
  EXPECT_EQ(ended.stop_reason, StopReason::kShutdown);
  EXPECT_EQ(ended.ledger.accepted_ahead, 0);
  EXPECT_EQ(p.checkpoint().position.id, p.segment->accepted().rbegin()->first);
}

TEST_P(StoreFailureTest, ARedriveThatCannotReadItsDeadLettersBlamesTheStore) {
  for (const char* failing : {"ListDeadLetterIds", "ListDeadLetters"}) {
    Pipeline p(GetParam().url());
    p.tenant->AddLogs(3);
    p.mapper.reject = {p.tenant->ids()[1]};
    p.Run();
    ASSERT_THAT(p.dead_letters(), SizeIs(1));
    p.store_fault = [&](absl::string_view operation) {
      return operation == failing ? absl::UnavailableError("database is locked") : absl::OkStatus();
    };
    const RunRecord run =
        p.Run([](RunRecord& r, ExporterSettings&) { r.parameters.kind = RunKind::kRedrive; });
    p.store_fault = nullptr;
    ASSERT_TRUE(run.error.has_value()) << failing;
    EXPECT_EQ(run.error->reason, "STORE_UNAVAILABLE") << failing;
    EXPECT_TRUE(run.error->retryable);
    EXPECT_THAT(p.dead_letters(), SizeIs(1));
  }
}

// Whichever operation of the store fails, and whether it fails once or from then on: the checkpoint
// is never past what was accepted, and the next run completes the export.
TEST_P(StoreFailureTest, AStoreThatFailsAtAnyCallLosesNothing) {
  const absl::Status transient = absl::UnavailableError("database is locked");
  const absl::Status permanent = absl::DataLossError("the file is damaged");
  for (int failing = 0; failing < 40; ++failing) {
    for (const auto& fault :
         {std::pair(false, transient), std::pair(true, transient), std::pair(false, permanent)}) {
      // Not as bindings, which clang does not let lambdas see.
      const bool lasting = fault.first;
      const absl::Status& status = fault.second;
      // Every call fails on every engine; in each way only on the one that is opened fast.
      const bool in_turn =
          status.code() == permanent.code() ? failing % 3 == 2 : failing % 3 == (lasting ? 1 : 0);
      if (!GetParam().fast && !in_turn) continue;
      SCOPED_TRACE(
          absl::StrCat("at call ", failing, lasting ? " and on: " : ": ", status.ToString()));
      Pipeline p(GetParam().url());
      p.tenant->AddLogs(120);
      std::unique_ptr<ExportRun> run = p.Prepare();
      std::atomic<int> calls{0};
      p.store_fault = [&](absl::string_view) {
        const int call = calls++;
        return call == failing || (lasting && call > failing) ? status : absl::OkStatus();
      };
      ExportRunResult result = run->Execute();
      run.reset();
      p.store_fault = nullptr;
      EXPECT_TRUE(result.run.ledger.balanced());
      const std::string checkpoint = p.checkpoint().position.id;
      const std::map<std::string, int> accepted = p.segment->accepted();
      for (const std::string& id : p.tenant->ids()) {
        if (id <= checkpoint) {
          ASSERT_TRUE(accepted.contains(id)) << id;
        }
      }
      result.TakeStored(p.Stored(result.run.run_id).commit_version);
      // Its account tells of what was committed, not of what it had hoped to commit.
      const std::vector<std::string> ids = p.tenant->ids();
      const auto passed = std::upper_bound(ids.begin(), ids.end(), checkpoint) - ids.begin();
      const LogCounts counts = result.run.ledger.logs;
      EXPECT_EQ(counts.settled(), passed);
      EXPECT_EQ(result.run.checkpoint_after.id, checkpoint);
      EXPECT_LE(result.run.ledger.accepted_ahead, result.run.ledger.unsettled);
      if (result.run.ledger.unsettled > 0) {
        ASSERT_LT(passed, 120);
        EXPECT_EQ(result.run.first_unsettled, ids[static_cast<std::size_t>(passed)]);
      }
      p.Finish(std::move(result));
      const RunRecord next = p.Run();
      EXPECT_THAT(p.segment->accepted(), SizeIs(120));
      EXPECT_EQ(counts.settled() + next.ledger.logs.settled(), 120);
    }
  }
}

}  // namespace
}  // namespace logexport
