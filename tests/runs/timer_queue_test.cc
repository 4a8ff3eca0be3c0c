#include "service/runs/timer_queue.h"

#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/mutex.h"
#include "tests/support/await.h"
#include "tests/support/fake_clock.h"
#include "tests/support/gate.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class TimerQueueTest : public ::testing::Test {
 protected:
  // Sets a timer that writes its name down.
  void Set(const std::string& name, const int& key, absl::Duration from_start) {
    queue_.Set(&key, start_ + from_start, [this, name] {
      MutexLock lock(&mutex_);
      fired_.push_back(name);
    });
  }
  // Once the queue sleeps, everything that was due has been called. It may not have noticed yet
  // that it is to wake, so `expected` is how many timers are to be waited for.
  std::vector<std::string> Fired(std::size_t expected) {
    EXPECT_TRUE(Await([&] {
      MutexLock lock(&mutex_);
      return fired_.size() >= expected;
    }));
    clock_.WaitForSleepers(1);
    MutexLock lock(&mutex_);
    return std::exchange(fired_, {});
  }

  const absl::Time start_ = FakeClock::DefaultStart();
  const int a_ = 0;
  const int b_ = 0;
  const int c_ = 0;
  Mutex mutex_;
  std::vector<std::string> fired_ ABSL_GUARDED_BY(mutex_);
  FakeClock clock_;
  TimerQueue queue_{clock_};
};

TEST_F(TimerQueueTest, FiresInTheOrderOfTimeWhateverTheOrderOfSetting) {
  Set("late", a_, absl::Seconds(30));
  Set("early", b_, absl::Seconds(10));
  EXPECT_THAT(Fired(0), IsEmpty());
  clock_.Advance(absl::Seconds(10));
  EXPECT_THAT(Fired(1), ElementsAre("early"));
  clock_.Advance(absl::Seconds(19));
  EXPECT_THAT(Fired(0), IsEmpty());
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Fired(1), ElementsAre("late"));
  EXPECT_EQ(queue_.size(), 0u);
}

TEST_F(TimerQueueTest, WhatIsDueAlreadyFiresAtOnce) {
  Gate fired;
  queue_.Set(&a_, start_ - absl::Hours(1), [&] { fired.Open(); });
  EXPECT_TRUE(fired.Wait());
}

TEST_F(TimerQueueTest, AnEarlierTimerEndsTheSleepForALaterOne) {
  Set("late", a_, absl::Hours(1));
  EXPECT_THAT(Fired(0), IsEmpty());
  Gate fired;
  queue_.Set(&b_, start_, [&] { fired.Open(); });
  EXPECT_TRUE(fired.Wait());
}

TEST_F(TimerQueueTest, SettingAgainReplacesAndCancellingForgets) {
  Set("first", a_, absl::Seconds(10));
  Set("second", a_, absl::Seconds(20));
  Set("other", b_, absl::Seconds(20));
  EXPECT_EQ(queue_.size(), 2u);
  queue_.Cancel(&b_);
  queue_.Cancel(&c_);
  EXPECT_EQ(queue_.size(), 1u);
  clock_.Advance(absl::Seconds(10));
  EXPECT_THAT(Fired(0), IsEmpty());
  clock_.Advance(absl::Seconds(10));
  EXPECT_THAT(Fired(1), ElementsAre("second"));
}

TEST_F(TimerQueueTest, CancelWaitsForTheCallInProgress) {
  Gate entered;
  Gate leave;
  bool left = false;
  queue_.Set(&a_, start_, [&] {
    entered.Open();
    leave.Wait();
    left = true;
  });
  ASSERT_TRUE(entered.Wait());
  std::thread opener([&] { leave.Open(); });
  queue_.Cancel(&a_);
  EXPECT_TRUE(left);
  opener.join();
}

TEST_F(TimerQueueTest, ATimerMaySetItselfAgain) {
  int calls = 0;
  std::function<void()> again = [&] {
    if (++calls < 3) queue_.Set(&a_, clock_.Now() + absl::Seconds(1), again);
  };
  queue_.Set(&a_, start_, again);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(Fired(0), IsEmpty());
    clock_.Advance(absl::Seconds(1));
  }
  while (queue_.size() > 0) clock_.WaitForSleepers(1);
  queue_.Cancel(&a_);
  EXPECT_EQ(calls, 3);
}

TEST_F(TimerQueueTest, AClockSetForwardIsNoticedWithinAMinute) {
  Set("tomorrow", a_, absl::Hours(24));
  Set("later", b_, absl::Hours(48));
  EXPECT_THAT(Fired(0), IsEmpty());
  clock_.SetWall(start_ + absl::Hours(25));
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(Fired(1), ElementsAre("tomorrow"));
}

// What was set for a time that is far away now: only its owner can tell whether that is right.
TEST_F(TimerQueueTest, AClockSetBackFiresEveryTimerWithinAMinute) {
  Set("soon", a_, absl::Minutes(5));
  Set("never", b_, absl::InfiniteDuration());
  EXPECT_THAT(Fired(0), IsEmpty());
  clock_.SetWall(start_ - absl::Hours(24));
  clock_.Advance(absl::Minutes(1));
  EXPECT_THAT(Fired(2), UnorderedElementsAre("soon", "never"));
}

TEST_F(TimerQueueTest, AClockThatIsSlewedFiresNothingEarly) {
  Set("never", a_, absl::InfiniteDuration());
  for (int minute = 0; minute < 5; ++minute) {
    EXPECT_THAT(Fired(0), IsEmpty());
    clock_.Advance(absl::Minutes(1));
    clock_.SetWall(clock_.Now() - absl::Milliseconds(30));
  }
  EXPECT_THAT(Fired(0), IsEmpty());
}

// Ten thousand exporters at rest are one thread that wakes once a minute.
TEST_F(TimerQueueTest, RestCostsOneWakeAMinute) {
  const std::vector<int> keys(10'000);
  for (const int& key : keys) Set("x", key, absl::Hours(1));
  EXPECT_THAT(Fired(0), IsEmpty());
  const std::size_t before = clock_.sleeps().size();
  for (int minute = 0; minute < 10; ++minute) {
    clock_.Advance(absl::Minutes(1));
    EXPECT_THAT(Fired(0), IsEmpty());
  }
  EXPECT_LE(clock_.sleeps().size() - before, 11u);
}

}  // namespace
}  // namespace logexport
