#include "service/export/run_queue.h"

#include <gtest/gtest.h>

#include "tests/export/pipeline.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

absl::Status Limited() { return absl::ResourceExhaustedError("the limit is used up"); }

// What an end of the fetch stage leaves unsettled is no success once it cannot be sent.
TEST(RunQueueTest, AFailureOfTheSinkOutranksALimitOfTheSource) {
  for (const absl::Status& failure : {TransientFailure(), BadKey()}) {
    RunQueue queue(2, 1);
    queue.EndFetch(StopReason::kRateLimited, Limited());
    queue.Fail(StopReason::kError, failure, /*at_once=*/false);
    EXPECT_EQ(queue.stop_reason(), StopReason::kError);
    EXPECT_EQ(queue.failure(), failure);
  }
  RunQueue queue(2, 1);
  queue.EndFetch(StopReason::kRateLimited, Limited());
  queue.FailAsRefused(RefusedBatch());
  EXPECT_EQ(queue.stop_reason(), StopReason::kError);
  EXPECT_EQ(queue.failure(), RefusedBatch());
}

TEST(RunQueueTest, TellsTheErrorOfTheSourceThatCameFirst) {
  RunQueue queue(2, 1);
  queue.EndFetch(StopReason::kError, absl::UnavailableError("the source"));
  queue.Fail(StopReason::kError, BadKey(), /*at_once=*/false);
  EXPECT_EQ(queue.failure(), absl::UnavailableError("the source"));
  // But not when the run lost its right to write.
  queue.Fail(StopReason::kLeaseLost, absl::AbortedError("lost"), /*at_once=*/true);
  EXPECT_EQ(queue.stop_reason(), StopReason::kLeaseLost);
}

}  // namespace
}  // namespace logexport
