#include "service/base/clock.h"

#include <thread>

#include "absl/time/clock.h"
#include <gtest/gtest.h>

namespace logexport {
namespace {

TEST(RealClockTest, TellsTheTimeOfTheHost) {
  const absl::Time before = absl::Now();
  const absl::Time now = RealClock().Now();
  EXPECT_LE(before, now);
  EXPECT_LE(now, absl::Now());
}

TEST(RealClockTest, MonotonicTimeNeverGoesBack) {
  absl::Duration last = RealClock().Monotonic();
  for (int i = 0; i < 1000; ++i) {
    const absl::Duration now = RealClock().Monotonic();
    ASSERT_GE(now, last);
    last = now;
  }
}

TEST(RealClockTest, SleepsUntilTheDeadlineAndNoShorter) {
  const absl::Duration deadline = RealClock().Monotonic() + absl::Milliseconds(5);
  EXPECT_TRUE(RealClock().SleepUntil(deadline, {}));
  EXPECT_GE(RealClock().Monotonic(), deadline);
}

TEST(RealClockTest, ADeadlineInThePastIsReachedAtOnce) {
  EXPECT_TRUE(RealClock().SleepFor(-absl::Hours(1), {}));
}

TEST(RealClockTest, AStopEndsASleep) {
  std::stop_source stop;
  std::thread stopper([&] { stop.request_stop(); });
  EXPECT_FALSE(RealClock().SleepFor(absl::InfiniteDuration(), stop.get_token()));
  stopper.join();
}

TEST(RealClockTest, AStopBeforehandKeepsASleepFromStarting) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(RealClock().SleepFor(absl::Hours(1), stop.get_token()));
}

}  // namespace
}  // namespace logexport
