#include "service/segment/rate_limiter.h"

#include <gtest/gtest.h>

namespace logexport {
namespace {

constexpr absl::Duration kStart = absl::Hours(5);

TEST(RateLimiterTest, ABatchLeavesOnceThoseBeforeItArePaidFor) {
  struct Booking {
    double at;  // seconds after the start
    int events;
    double wait;
  };
  const Booking bookings[] = {
      {0.0, 500, 0.0},    // from what was saved up
      {0.0, 500, 0.0},    //
      {0.0, 2000, 0.0},   // on credit, however large
      {0.0, 100, 2.0},    // behind all of it
      {1.0, 100, 1.1},    // and this one behind the last
      {2.1, 1000, 0.1},   //
      {10.0, 3000, 0.0},  // not more than a second's worth was saved up meanwhile
      {10.0, 1, 2.0},     //
  };
  RateLimiter limiter(1000);
  for (const Booking& b : bookings) {
    EXPECT_EQ(limiter.Book(b.events, kStart + absl::Seconds(b.at)), absl::Seconds(b.wait))
        << "at " << b.at << " for " << b.events;
  }
}

TEST(RateLimiterTest, WhatIsReturnedIsFreeForOthers) {
  RateLimiter limiter(10);
  EXPECT_EQ(limiter.Book(40, kStart), absl::ZeroDuration());
  EXPECT_EQ(limiter.Book(20, kStart), absl::Seconds(3));
  limiter.Return(20);
  EXPECT_EQ(limiter.Book(1, kStart), absl::Seconds(3));
}

TEST(RateLimiterTest, ZeroMeansNoLimit) {
  RateLimiter limiter(0);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(limiter.Book(1'000'000, kStart), absl::ZeroDuration());
}

TEST(RateLimiterTest, KeepsToTheRateOverAnyLongStretch) {
  RateLimiter limiter(250);
  absl::Duration now = kStart;
  const int batches = 400;
  for (int i = 0; i < batches; ++i) now += limiter.Book(i % 7 * 30, now);
  std::int64_t events = 0;
  for (int i = 0; i < batches - 1; ++i) events += i % 7 * 30;
  EXPECT_NEAR(absl::ToDoubleSeconds(now - kStart), static_cast<double>(events) / 250, 1.5);
}

}  // namespace
}  // namespace logexport
