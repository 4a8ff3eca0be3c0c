#include "service/export/run_stop.h"

#include <gtest/gtest.h>

#include "tests/export/pipeline.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

absl::Status Limited() { return absl::ResourceExhaustedError("the limit is used up"); }

// What an end of the fetch stage leaves unsettled is no success once it cannot be sent.
TEST(RunStopTest, AFailureOfTheSinkOutranksALimitOfTheSource) {
  for (const absl::Status& failure : {TransientFailure(), BadKey(), RefusedBatch()}) {
    RunStop stop;
    stop.EndFetch(StopReason::kRateLimited, Limited());
    stop.Fail(StopReason::kError, failure, /*at_once=*/false);
    EXPECT_EQ(stop.reason(), StopReason::kError);
    EXPECT_EQ(stop.failure(), failure);
  }
}

TEST(RunStopTest, TellsTheErrorOfTheSourceThatCameFirst) {
  RunStop stop;
  stop.EndFetch(StopReason::kError, absl::UnavailableError("the source"));
  stop.Fail(StopReason::kError, BadKey(), /*at_once=*/false);
  EXPECT_EQ(stop.failure(), absl::UnavailableError("the source"));
  // But not when the run lost its right to write.
  stop.Fail(StopReason::kLeaseLost, absl::AbortedError("lost"), /*at_once=*/true);
  EXPECT_EQ(stop.reason(), StopReason::kLeaseLost);
}

TEST(RunStopTest, BreaksOffOnlyWhatItMust) {
  RunStop stop;
  stop.EndAtMaxLogs(/*left_out=*/true);
  EXPECT_FALSE(stop.admits());
  EXPECT_FALSE(stop.broken_off());
  EXPECT_TRUE(stop.fetch_stop().stop_requested());
  EXPECT_FALSE(stop.attempt_stop().stop_requested());
  stop.StopAdmitting(StopReason::kCancelled);
  EXPECT_EQ(stop.reason(), StopReason::kCancelled);
  EXPECT_TRUE(stop.broken_off());
  EXPECT_TRUE(stop.attempt_stop().stop_requested());
  EXPECT_FALSE(stop.exchange_stop().stop_requested());
  stop.Abandon();
  EXPECT_TRUE(stop.exchange_stop().stop_requested());
}

TEST(RunStopTest, HavingReadAllIsNoEndWhereLogsAreLeftOut) {
  for (const bool left_out : {false, true}) {
    RunStop stop;
    stop.EndFetch(StopReason::kCaughtUp, absl::OkStatus());
    stop.EndAtMaxLogs(left_out);
    EXPECT_EQ(stop.reason(), left_out ? StopReason::kMaxLogs : StopReason::kCaughtUp);
  }
}

}  // namespace
}  // namespace logexport
