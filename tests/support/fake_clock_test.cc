#include "tests/support/fake_clock.h"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(FakeClockTest, MovesOnlyWhenAdvanced) {
  FakeClock clock;
  const absl::Time wall = clock.Now();
  const absl::Duration monotonic = clock.Monotonic();
  EXPECT_EQ(clock.Now(), wall);
  clock.Advance(absl::Seconds(5));
  EXPECT_EQ(clock.Now() - wall, absl::Seconds(5));
  EXPECT_EQ(clock.Monotonic() - monotonic, absl::Seconds(5));
}

TEST(FakeClockTest, SettingTheWallClockLeavesMonotonicTimeAlone) {
  FakeClock clock;
  const absl::Duration monotonic = clock.Monotonic();
  clock.SetWall(absl::UnixEpoch());
  EXPECT_EQ(clock.Now(), absl::UnixEpoch());
  EXPECT_EQ(clock.Monotonic(), monotonic);
}

TEST(FakeClockTest, AdvanceWakesOnlyTheSleepersItReaches) {
  FakeClock clock;
  std::atomic<bool> early{false};
  std::atomic<bool> late{false};
  std::stop_source stop;
  std::thread first([&] { early = clock.SleepFor(absl::Seconds(10), stop.get_token()); });
  std::thread second([&] { late = clock.SleepFor(absl::Seconds(20), stop.get_token()); });
  clock.WaitForSleepers(2);
  clock.Advance(absl::Seconds(10));
  first.join();
  EXPECT_TRUE(early);
  clock.WaitForSleepers(1);
  EXPECT_FALSE(late);
  clock.Advance(absl::Seconds(10));
  second.join();
  EXPECT_TRUE(late);
}

TEST(FakeClockTest, StopEndsASleepAndIsTold) {
  FakeClock clock;
  std::atomic<bool> reached{true};
  std::stop_source stop;
  std::thread sleeper(
      [&] { reached = clock.SleepUntil(absl::InfiniteDuration(), stop.get_token()); });
  clock.WaitForSleepers(1);
  stop.request_stop();
  sleeper.join();
  EXPECT_FALSE(reached);
  EXPECT_FALSE(clock.SleepFor(absl::Seconds(1), stop.get_token()));
}

TEST(FakeClockTest, JumpsToTheDeadlineWhenAutomaticAndRecordsTheSleep) {
  FakeClock clock(FakeClock::Mode::kAutomatic);
  const absl::Time start = clock.Now();
  EXPECT_TRUE(clock.SleepFor(absl::Seconds(3), {}));
  EXPECT_TRUE(clock.SleepFor(absl::Minutes(2), {}));
  EXPECT_EQ(clock.Now() - start, absl::Seconds(123));
  EXPECT_THAT(clock.sleeps(), ElementsAre(absl::Seconds(3), absl::Minutes(2)));
}

TEST(FakeClockTest, ADeadlineInThePastIsNoSleep) {
  FakeClock clock;
  EXPECT_TRUE(clock.SleepFor(absl::ZeroDuration(), {}));
  EXPECT_TRUE(clock.SleepFor(-absl::Seconds(1), {}));
  EXPECT_THAT(clock.sleeps(), IsEmpty());
}

}  // namespace
}  // namespace logexport
