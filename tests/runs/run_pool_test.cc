#include "service/runs/run_pool.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/mutex.h"
#include "tests/support/await.h"
#include "tests/support/gate.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;

// Work that lasts until it is told to end.
struct Held {
  Gate begun;
  Gate may_end;
  void operator()() {
    begun.Open();
    may_end.Wait();
  }
};

class Begun {
 public:
  void Add(const std::string& name) {
    MutexLock lock(&mutex_);
    names_.push_back(name);
  }
  std::vector<std::string> names() const {
    MutexLock lock(&mutex_);
    return names_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::string> names_ ABSL_GUARDED_BY(mutex_);
};

const int kKeys[8] = {};

TEST(RunPoolTest, WhatFindsNoPlaceBeginsInOrder) {
  Begun begun;
  {
    RunPool pool(1);
    Held first;
    pool.Submit(&kKeys[0], [&] { first(); });
    ASSERT_TRUE(first.begun.Wait());
    for (int i = 1; i < 4; ++i) {
      pool.Submit(&kKeys[i], [&begun, i] { begun.Add(std::to_string(i)); });
    }
    EXPECT_EQ(pool.waiting(), 3u);
    EXPECT_TRUE(begun.names().empty());
    first.may_end.Open();
  }
  EXPECT_THAT(begun.names(), ElementsAre("1", "2", "3"));
}

TEST(RunPoolTest, NeverMoreAtATimeThanPlaces) {
  std::atomic<int> now = 0;
  std::atomic<int> most = 0;
  {
    RunPool pool(3);
    for (int i = 0; i < 200; ++i) {
      pool.Submit(&kKeys[0], [&] {
        const int mine = ++now;
        for (int seen = most; mine > seen && !most.compare_exchange_weak(seen, mine);) {
        }
        --now;
      });
    }
  }
  EXPECT_LE(most, 3);
  EXPECT_EQ(now, 0);
}

TEST(RunPoolTest, OnlyWhatHasNotBegunCanBeWithdrawn) {
  RunPool pool(1);
  Held first;
  pool.Submit(&kKeys[0], [&] { first(); });
  ASSERT_TRUE(first.begun.Wait());
  pool.Submit(&kKeys[1], [] { ADD_FAILURE() << "was withdrawn"; });
  EXPECT_FALSE(pool.Withdraw(&kKeys[0]));
  EXPECT_TRUE(pool.Withdraw(&kKeys[1]));
  EXPECT_FALSE(pool.Withdraw(&kKeys[1]));
  EXPECT_EQ(pool.waiting(), 0u);
  first.may_end.Open();
}

// Reading again must not keep runs from going on, however much of it there is.
TEST(RunPoolTest, WhatGivesWayLeavesPlacesFree) {
  RunPool pool(4);
  std::vector<std::unique_ptr<Held>> reading;
  for (int i = 0; i < 4; ++i) {
    reading.push_back(std::make_unique<Held>());
    Held& held = *reading.back();
    pool.SubmitGivingWay(
        &kKeys[i], [&held] { held(); }, [] { ADD_FAILURE() << "there is a place"; });
  }
  ASSERT_TRUE(reading[0]->begun.Wait());
  ASSERT_TRUE(reading[1]->begun.Wait());
  Gate ran;
  pool.Submit(&kKeys[4], [&] { ran.Open(); });
  EXPECT_TRUE(ran.Wait());
  EXPECT_EQ(pool.waiting(), 2u);
  EXPECT_FALSE(reading[2]->begun.is_open());
  for (const auto& held : reading) held->may_end.Open();
  // And in the end it has its turn.
  EXPECT_TRUE(reading[3]->begun.Wait());
}

TEST(RunPoolTest, WhatGivesWayIsAskedToWhenAllPlacesAreTaken) {
  RunPool pool(1);
  Held reading;
  std::atomic<int> asked = 0;
  pool.SubmitGivingWay(
      &kKeys[0], [&] { reading(); },
      [&] {
        ++asked;
        reading.may_end.Open();
      });
  ASSERT_TRUE(reading.begun.Wait());
  Gate ran;
  pool.Submit(&kKeys[1], [&] { ran.Open(); });
  EXPECT_TRUE(ran.Wait());
  EXPECT_EQ(asked, 1);
}

TEST(RunPoolTest, AtRestThereIsNoThread) {
  RunPool pool(8);
  Gate ran;
  pool.Submit(&kKeys[0], [&] { ran.Open(); });
  ASSERT_TRUE(ran.Wait());
  EXPECT_TRUE(Await([&] { return pool.threads() == 0; }));
}

}  // namespace
}  // namespace logexport
