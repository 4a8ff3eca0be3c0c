#include "service/state/run_columns.h"

#include <limits>

#include <gtest/gtest.h>

namespace logexport {
namespace {

TEST(LogsMagnitudeTest, IsExactForFewLogs) {
  for (int logs = 0; logs < 16; ++logs) EXPECT_EQ(LogsMagnitude(logs), logs);
  EXPECT_EQ(LogsMagnitude(-1), 0);
}

TEST(LogsMagnitudeTest, NeverGoesDownAndSkipsNoStep) {
  int last = 0;
  for (std::int64_t logs = 1; logs < 100'000; ++logs) {
    const int magnitude = LogsMagnitude(logs);
    EXPECT_GE(magnitude, last);
    EXPECT_LE(magnitude, last + 1);
    last = magnitude;
  }
  EXPECT_EQ(LogsMagnitude(2'000) - LogsMagnitude(1'000), 8);
  EXPECT_LT(LogsMagnitude(std::numeric_limits<std::int64_t>::max()), 500);
  EXPECT_GT(LogsMagnitude(std::numeric_limits<std::int64_t>::max()),
            LogsMagnitude(std::numeric_limits<std::int64_t>::max() / 2));
}

}  // namespace
}  // namespace logexport
