#include "service/export/export_run.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/export/pipeline.h"
#include "tests/support/gate.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::_;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(ExportRunTest, DeliversEveryLogOnceAndMovesTheCheckpointToTheLast) {
  Pipeline p;
  p.tenant->AddLogs(1234);
  const RunRecord run = p.Run();
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(run.stop_reason, StopReason::kCaughtUp);
  EXPECT_EQ(run.ledger.logs.fetched, 1234);
  EXPECT_EQ(run.ledger.logs.accepted, 1234);
  EXPECT_EQ(run.ledger.unsettled, 0);
  EXPECT_THAT(p.segment->accepted(), SizeIs(1234));
  EXPECT_THAT(p.segment->accepted(), Each(Pair(_, 1)));
  EXPECT_EQ(p.checkpoint().position.id, p.tenant->ids().back());
}

TEST(ExportRunTest, GoesOnWhereTheLastRunEnded) {
  Pipeline p;
  p.tenant->AddLogs(25);
  p.Run();
  p.tenant->AddLogs(7);
  EXPECT_EQ(p.Run().ledger.logs.fetched, 7);
  EXPECT_THAT(p.segment->accepted(), Each(Pair(_, 1)));
}

TEST(ExportRunTest, CountsWhatWasFilteredAndKeepsWhatCannotBeMapped) {
  Pipeline p;
  p.tenant->AddLogs(100);
  p.mapper.filter = {"id00000003", "id00000099"};
  p.mapper.reject = {"id00000050"};
  const RunRecord run = p.Run();
  EXPECT_EQ(run.ledger.logs.filtered, 2);
  EXPECT_EQ(run.ledger.logs.dead_lettered, 1);
  EXPECT_EQ(run.ledger.logs.accepted, 97);
  EXPECT_EQ(run.ledger.filtered_by_reason.at("NO_USER"), 2);
  ASSERT_THAT(p.dead_letters(), SizeIs(1));
  EXPECT_EQ(p.dead_letters()[0].log_id, "id00000050");
  EXPECT_EQ(p.checkpoint().position.id, "id00000099");
}

TEST(ExportRunTest, MovesTheCheckpointOverLogsThatWereAllFiltered) {
  Pipeline p;
  p.tenant->AddLogs(40);
  for (const std::string& id : p.tenant->ids()) p.mapper.filter.insert(id);
  EXPECT_EQ(p.Run().ledger.logs.filtered, 40);
  EXPECT_EQ(p.segment->attempts(), 0);
  EXPECT_EQ(p.checkpoint().position.id, "id00000039");
}

TEST(ExportRunTest, TriesAgainWhatIsTransientWithoutCountingItTwice) {
  Pipeline p;
  p.tenant->AddLogs(300);
  p.segment->before_accept = [](int attempt, const auto&) {
    return attempt % 3 == 1 ? TransientFailure() : absl::OkStatus();
  };
  const RunRecord run = p.Run();
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_GT(run.retries, 0);
  EXPECT_EQ(run.ledger.logs.accepted, 300);
  EXPECT_THAT(p.segment->accepted(), Each(Pair(_, 1)));
}

TEST(ExportRunTest, EndsFailedAtOnceWhenSegmentRefusesTheKeyAndKeepsTheSettledPrefix) {
  Pipeline p;
  p.tenant->AddLogs(500);
  p.segment->before_accept = [](int attempt, const auto&) {
    return attempt >= 3 ? BadKey() : absl::OkStatus();
  };
  const RunRecord run = p.Run();
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_EQ(run.stop_reason, StopReason::kError);
  ASSERT_TRUE(run.error.has_value());
  EXPECT_EQ(run.error->origin, "SEGMENT");
  EXPECT_GT(run.ledger.unsettled, 0);
  EXPECT_FALSE(run.first_unsettled.empty());
  // Everything up to the checkpoint was accepted.
  const std::string checkpoint = p.checkpoint().position.id;
  const std::map<std::string, int> accepted = p.segment->accepted();
  for (const std::string& id : p.tenant->ids()) {
    if (id > checkpoint) break;
    EXPECT_TRUE(accepted.contains(id)) << id;
  }
  EXPECT_GT(run.first_unsettled, checkpoint);

  p.segment->before_accept = nullptr;
  EXPECT_EQ(p.Run().state, RunState::kSucceeded);
  EXPECT_THAT(p.segment->accepted(), SizeIs(500));
}

TEST(ExportRunTest, GivesUpWhenNothingIsSettledForTheLongestStall) {
  Pipeline p;
  p.tenant->AddLogs(30);
  p.segment->before_accept = [](int, const auto&) { return TransientFailure(); };
  const absl::Time begun = p.clock.Now();
  // One sender alone: each sleep moves the clock, also those that others sleep at the same time.
  const RunRecord run =
      p.Run([](RunRecord&, ExporterSettings& settings) { settings.segment.max_in_flight = 1; });
  EXPECT_EQ(run.stop_reason, StopReason::kError);
  EXPECT_EQ(run.error->reason, "SEGMENT_UNAVAILABLE");
  EXPECT_LE(p.clock.Now() - begun, absl::Minutes(2));
  EXPECT_THAT(p.dead_letters(), IsEmpty());
  EXPECT_EQ(run.ledger.unsettled, run.ledger.logs.fetched);
}

TEST(ExportRunTest, ANamedStartThatAuth0DoesNotHaveIsToldOnce) {
  for (const bool gone : {true, false}) {
    Pipeline p;
    p.tenant->AddLogs(10);
    if (gone) p.tenant->gone = {"id00000004"};
    ASSERT_THAT(p.store().Write([&](Transaction& tx) {
      return tx
          .SetCheckpoint("default", {Position::Kind::kAfter, "id00000004", {}}, p.clock.Now(), {})
          .status();
    }),
                IsOk());
    const RunRecord run = p.Run();
    EXPECT_EQ(run.state, RunState::kSucceeded);
    EXPECT_EQ(run.ledger.logs.accepted, 5);
    if (gone) {
      ASSERT_THAT(run.warnings, SizeIs(1));
      EXPECT_EQ(run.warnings[0].code, "START_LOG_UNKNOWN");
      EXPECT_THAT(run.warnings[0].message, HasSubstr("id00000004"));
    } else {
      EXPECT_THAT(run.warnings, IsEmpty());
    }
    EXPECT_THAT(p.Run().warnings, IsEmpty());
  }
}

TEST(ExportRunTest, NothingIsLostOverTwentyRunsOfOutage) {
  Pipeline p;
  p.segment->before_accept = [](int, const auto&) { return TransientFailure(); };
  for (int i = 0; i < 20; ++i) {
    p.tenant->AddLogs(20);
    EXPECT_EQ(p.Run().state, RunState::kFailed);
    EXPECT_EQ(p.checkpoint().position.id, "id");
    p.clock.Advance(absl::Minutes(5));
  }
  std::vector<std::string> arrived;
  p.segment->before_accept = [&](int, const std::vector<std::string>& ids) {
    arrived.insert(arrived.end(), ids.begin(), ids.end());
    return absl::OkStatus();
  };
  const RunRecord run = p.Run([](RunRecord&, ExporterSettings& s) { s.segment.max_in_flight = 1; });
  EXPECT_EQ(run.ledger.logs.accepted, 400);
  EXPECT_EQ(arrived, p.tenant->ids());
  std::vector<std::string> checkpoints;
  for (const RunRecord& commit : p.commits) checkpoints.push_back(commit.checkpoint_after.id);
  EXPECT_TRUE(std::is_sorted(checkpoints.begin(), checkpoints.end()));
}

TEST(ExportRunTest, LogsThatAreFilteredAreProgress) {
  Pipeline p;
  p.tenant->AddLogs(1000);
  int reads = 0;
  bool failed = false;
  p.tenant->before_read = [&](int) -> absl::Status {
    p.clock.Advance(absl::Seconds(30));
    if (++reads < 8 || std::exchange(failed, true)) return absl::OkStatus();
    Failure failure;
    failure.origin = Origin::kAuth0;
    failure.kind = FailureClass::kTransient;
    failure.reason = FailureReason::kAuth0Unavailable;
    return MakeFailure(failure);
  };
  const RunRecord run =
      p.Run([](RunRecord&, ExporterSettings& s) { s.filter.types = {"nothing"}; });
  EXPECT_TRUE(failed);
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(run.ledger.logs.filtered, 1000);
}

TEST(ExportRunTest, StopsAtTheLongestNumberOfLogs) {
  Pipeline p;
  p.tenant->AddLogs(100);
  const RunRecord run = p.Run([](RunRecord& r, ExporterSettings&) { r.parameters.max_logs = 33; });
  EXPECT_EQ(run.stop_reason, StopReason::kMaxLogs);
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(run.ledger.logs.fetched, 33);
  EXPECT_EQ(run.ledger.unsettled, 0);
  EXPECT_EQ(p.checkpoint().position.id, "id00000032");
}

struct Limit {
  int page;
  int max_logs;
  bool leaves_logs_out;
};
class MaxLogsTest : public ::testing::TestWithParam<Limit> {};

// All eight logs are read before the first is mapped, so the source has nothing more to tell.
TEST_P(MaxLogsTest, IsCaughtUpOnlyIfNoLogThatWasReadIsLeftOut) {
  Pipeline p;
  p.tenant->AddLogs(8);
  p.tenant->settle_horizon = true;
  static Gate* fetch_ended = nullptr;
  Gate gate;
  fetch_ended = &gate;
  struct OpenAtThreadEnd {
    ~OpenAtThreadEnd() { fetch_ended->Open(); }
  };
  p.tenant->before_read = [](int) {
    static thread_local OpenAtThreadEnd open_at_thread_end;
    return absl::OkStatus();
  };
  p.mapper.before_map = [&] { gate.Wait(); };
  ExportRunResult result = p.Prepare([](RunRecord& run, ExporterSettings& settings) {
                              settings.auth0.batch_size = GetParam().page;
                              run.parameters.max_logs = GetParam().max_logs;
                            })->Execute();
  const bool caught_up = !GetParam().leaves_logs_out;
  EXPECT_EQ(result.run.stop_reason, caught_up ? StopReason::kCaughtUp : StopReason::kMaxLogs);
  EXPECT_EQ(result.caught_up_at.has_value(), caught_up);
  EXPECT_EQ(result.run.state, RunState::kSucceeded);
  EXPECT_EQ(result.run.ledger.logs.accepted, GetParam().max_logs);
}

INSTANTIATE_TEST_SUITE_P(Limits, MaxLogsTest,
                         ::testing::Values(Limit{8, 5, true}, Limit{5, 5, true}, Limit{8, 8, false},
                                           Limit{5, 8, false}));

TEST(ExportRunTest, StopsAdmittingWhenItsTimeIsUpAndSettlesWhatItHas) {
  Pipeline p;
  p.tenant->AddLogs(1000);
  p.tenant->before_read = [&](int) {
    p.clock.Advance(absl::Seconds(10));
    return absl::OkStatus();
  };
  const RunRecord run =
      p.Run([](RunRecord& r, ExporterSettings&) { r.parameters.max_duration = absl::Minutes(1); });
  EXPECT_EQ(run.stop_reason, StopReason::kTimeBudget);
  EXPECT_EQ(run.ledger.unsettled, 0);
  EXPECT_LT(run.ledger.logs.fetched, 1000);
  EXPECT_GT(run.ledger.logs.fetched, 0);
}

TEST(ExportRunTest, EndsAsRateLimitedWhenTheBudgetOutlastsItsTime) {
  Pipeline p;
  p.tenant->AddLogs(50);
  p.tenant->before_read = [&](int read) {
    if (read == 2) p.tenant->budget_wait = absl::Hours(3);
    return absl::OkStatus();
  };
  const RunRecord run = p.Run();
  EXPECT_EQ(run.stop_reason, StopReason::kRateLimited);
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(run.ledger.unsettled, 0);
  EXPECT_EQ(run.ledger.logs.accepted, 30);
}

TEST(ExportRunTest, FailsWhenTheBudgetLeavesNoRoomForAnyLog) {
  Pipeline p;
  p.tenant->AddLogs(50);
  p.tenant->budget_wait = absl::Hours(3);
  const RunRecord run = p.Run();
  EXPECT_EQ(run.stop_reason, StopReason::kRateLimited);
  EXPECT_EQ(run.state, RunState::kFailed);
  ASSERT_TRUE(run.error.has_value());
  EXPECT_EQ(run.error->reason, "AUTH0_RATE_LIMITED");
  EXPECT_TRUE(run.error->retryable);
}

TEST(ExportRunTest, ADryRunCountsWithoutSendingOrMoving) {
  Pipeline p;
  p.tenant->AddLogs(60);
  p.mapper.reject = {"id00000007"};
  const RunRecord run =
      p.Run([](RunRecord& r, ExporterSettings&) { r.parameters.kind = RunKind::kDryRun; });
  EXPECT_EQ(run.ledger.logs.accepted, 59);
  EXPECT_EQ(run.ledger.logs.dead_lettered, 1);
  EXPECT_EQ(p.segment->attempts(), 0);
  EXPECT_THAT(p.dead_letters(), IsEmpty());
  EXPECT_EQ(p.checkpoint().position.kind, Position::Kind::kEarliest);
}

TEST(ExportRunTest, AMovedCheckpointEndsTheRunWithoutBeingOverwritten) {
  Pipeline p;
  p.tenant->AddLogs(500);
  std::atomic<bool> moved{false};
  p.segment->before_accept = [&](int attempt, const auto&) {
    if (attempt == 3 && !moved.exchange(true)) p.MoveCheckpoint("id00000001");
    return absl::OkStatus();
  };
  const RunRecord run = p.Run();
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_EQ(run.stop_reason, StopReason::kCheckpointMoved);
  EXPECT_EQ(p.checkpoint().position.id, "id00000001");
}

TEST(ExportRunTest, CancellingFinishesWhatIsInFlightAndCommitsIt) {
  Pipeline p;
  p.tenant->AddLogs(2000);
  std::unique_ptr<ExportRun> run = p.Prepare();
  std::atomic<bool> cancelled{false};
  p.segment->before_accept = [&](int attempt, const auto&) {
    if (attempt == 5 && !cancelled.exchange(true)) run->RequestStop(StopReason::kCancelled);
    return absl::OkStatus();
  };
  const RunRecord ended = p.Finish(run->Execute());
  EXPECT_EQ(ended.state, RunState::kCancelled);
  EXPECT_EQ(ended.stop_reason, StopReason::kCancelled);
  EXPECT_LT(ended.ledger.logs.fetched, 2000);
  EXPECT_GT(ended.ledger.logs.accepted, 0);
  p.segment->before_accept = nullptr;
  p.Run();
  EXPECT_THAT(p.segment->accepted(), SizeIs(2000));
}

// Whatever the wall clock says: it may have been set back since the dead letters were recorded.
TEST(ExportRunTest, RedrivingRemovesWhatIsAcceptedNowAndKeepsTheRest) {
  for (const absl::Duration since : {absl::Minutes(1), absl::ZeroDuration(), -absl::Hours(2)}) {
    SCOPED_TRACE(since);
    Pipeline p;
    p.tenant->AddLogs(30);
    p.mapper.reject = {"id00000004", "id00000011", "id00000020"};
    p.Run();
    ASSERT_THAT(p.dead_letters(), SizeIs(3));
    p.clock.SetWall(p.clock.Now() + since);
    p.mapper.reject = {"id00000011"};
    const RunRecord run = p.Run([](RunRecord& r, ExporterSettings& settings) {
      r.parameters.kind = RunKind::kRedrive;
      settings.auth0.batch_size = 1;
    });
    EXPECT_EQ(run.ledger.logs.accepted, 2);
    EXPECT_EQ(run.ledger.logs.dead_lettered, 1);
    ASSERT_THAT(p.dead_letters(), SizeIs(1));
    EXPECT_EQ(p.dead_letters()[0].log_id, "id00000011");
    EXPECT_EQ(p.dead_letters()[0].attempts, 2);
    EXPECT_EQ(p.checkpoint().position.id, "id00000029");
  }
}

// Logs may be as large as 8 MB, and parsing takes a multiple of what is parsed.
TEST(ExportRunTest, RedrivingTakesALittleAtATimeHoweverLargeTheLogs) {
  for (const std::size_t log_bytes : {200u << 10, 900u << 10, 2u << 20}) {
    Pipeline p;
    p.tenant->AddLogs(12);
    p.tenant->log_bytes = log_bytes;
    for (const std::string& id : p.tenant->ids()) p.mapper.reject.insert(id);
    p.Run();
    ASSERT_THAT(p.dead_letters(), SizeIs(12));
    p.clock.Advance(absl::Minutes(1));
    p.mapper.reject.clear();
    const RunRecord run = p.Run([](RunRecord& r, ExporterSettings& settings) {
      r.parameters.kind = RunKind::kRedrive;
      settings.auth0.batch_size = 100;
    });
    EXPECT_EQ(run.ledger.logs.accepted, 12);
    EXPECT_THAT(p.dead_letters(), IsEmpty());
    EXPECT_THAT(p.tenant->decoded, Each(Le(std::max<std::size_t>(1 << 20, log_bytes + 100))));
    EXPECT_THAT(p.tenant->decoded, SizeIs(log_bytes < (500u << 10) ? 3 : 12));
  }
}

// Of a log too large to be read whole only the id is kept, and Auth0 forgets logs.
TEST(ExportRunTest, RedrivingGoesOnBehindALogThatAuth0NoLongerHas) {
  Pipeline p;
  p.tenant->AddLogs(30);
  p.mapper.reject = {"id00000004", "id00000011", "id00000020"};
  p.mapper.reject_reason = "LOG_TOO_LARGE";
  p.Run();
  ASSERT_THAT(p.dead_letters(), SizeIs(3));
  p.clock.Advance(absl::Minutes(1));
  p.mapper.reject.clear();
  p.tenant->gone = {"id00000004"};
  const RunRecord run =
      p.Run([](RunRecord& r, ExporterSettings&) { r.parameters.kind = RunKind::kRedrive; });
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(run.ledger.logs.accepted, 2);
  ASSERT_THAT(run.warnings, SizeIs(1));
  EXPECT_EQ(run.warnings[0].code, "LOG_GONE");
  ASSERT_THAT(p.dead_letters(), SizeIs(1));
  EXPECT_EQ(p.dead_letters()[0].log_id, "id00000004");
  EXPECT_EQ(p.dead_letters()[0].attempts, 1);
}

TEST(ExportRunTest, TellsAHostClockThatIsWrong) {
  Pipeline p;
  p.tenant->AddLogs(1);
  p.tenant->skew = absl::Seconds(-42);
  const RunRecord run = p.Run();
  ASSERT_THAT(run.warnings, SizeIs(1));
  EXPECT_EQ(run.warnings[0].code, "CLOCK_SKEW");
}

}  // namespace
}  // namespace logexport
