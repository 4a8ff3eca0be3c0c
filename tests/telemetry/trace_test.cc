#include "service/telemetry/trace.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace logexport {
namespace {

// The example of the W3C's recommendation.
TEST(TraceparentTest, IsReadAsTheRecommendationSays) {
  const auto context = ParseTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(context->trace_hex(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(context->span_hex(), "b7ad6b7169203331");
  EXPECT_TRUE(context->sampled);
  EXPECT_FALSE(
      ParseTraceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02")->sampled);
  // A later version may have more behind.
  EXPECT_TRUE(
      ParseTraceparent("01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more").has_value());
}

TEST(TraceparentTest, WhatIsMalformedIsNone) {
  for (const char* text : {"", "00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                           "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                           "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                           "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
                           "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c8031zz-b7ad6b7169203331-01"}) {
    EXPECT_FALSE(ParseTraceparent(text).has_value()) << text;
  }
  EXPECT_FALSE(ParseTraceparent(std::string(100'000, '-')).has_value());
}

}  // namespace
}  // namespace logexport
