#include "service/base/time_text.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/random_seed.h"

namespace logexport {
namespace {

const absl::Time kTime = absl::FromUnixMillis(1'795'395'062'123);  // 2026-11-23T00:51:02.123Z

TEST(TimeTextTest, PrintsMillisecondsInUtc) {
  EXPECT_EQ(FormatTimestamp(kTime), "2026-11-23T00:51:02.123Z");
  EXPECT_EQ(FormatTimestamp(kTime + absl::Microseconds(999)), "2026-11-23T00:51:02.123Z");
  EXPECT_EQ(FormatTimestamp(absl::UnixEpoch()), "1970-01-01T00:00:00.000Z");
}

TEST(TimeTextTest, ReadsEveryOffsetAndFraction) {
  EXPECT_EQ(ParseTimestamp("2026-11-23T00:51:02.123Z"), kTime);
  EXPECT_EQ(ParseTimestamp("2026-11-23T01:51:02.123+01:00"), kTime);
  EXPECT_EQ(ParseTimestamp("2026-11-22T19:21:02.123000-05:30"), kTime);
  EXPECT_EQ(ParseTimestamp("2026-11-23T00:51:02Z"), kTime - absl::Milliseconds(123));
  EXPECT_EQ(ParseTimestamp("2026-11-23T00:51:02.123456789Z"), kTime + absl::Nanoseconds(456'789));
}

TEST(TimeTextTest, ReadsNothingElse) {
  for (const char* text :
       {"", "2026-11-23", "2026-11-23T00:51:02", "2026-11-23T00:51Z", "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z", "2026-11-23T25:00:00Z", "2026-11-23T00:51:02.123Zx", "tomorrow",
        "1795395062", "infinite-future", "infinite-past", "0000-12-31T23:59:59Z",
        "-0001-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "99999-01-01T00:00:00Z",
        // In the year 0 or 10000 by UTC, though not as written.
        "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z"}) {
    EXPECT_EQ(ParseTimestamp(text), std::nullopt) << text;
  }
}

TEST(TimeTextTest, ReadsTheYears1To9999) {
  EXPECT_EQ(FormatTimestamp(ParseTimestamp("0001-01-01T00:00:00Z").value_or(kTime)),
            "0001-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatTimestamp(ParseTimestamp("9999-12-31T23:59:59.999Z").value_or(kTime)),
            "9999-12-31T23:59:59.999Z");
}

TEST(TimeTextTest, ReadsALeapSecondAsTheSecondAfterIt) {
  EXPECT_EQ(FormatTimestamp(ParseTimestamp("2016-12-31T23:59:60Z").value_or(kTime)),
            "2017-01-01T00:00:00.000Z");
}

RC_GTEST_PROP(TimeTextPropertyTest, WhatIsPrintedIsReadBackAndSortsByTime, ()) {
  const auto any_millis = rc::gen::inRange<std::int64_t>(0, 253'402'300'799'999);  // to year 9999
  const absl::Time a = absl::FromUnixMillis(*any_millis);
  const absl::Time b = absl::FromUnixMillis(*any_millis);
  RC_ASSERT(ParseTimestamp(FormatTimestamp(a)) == std::optional<absl::Time>(a));
  RC_ASSERT((FormatTimestamp(a) < FormatTimestamp(b)) == (a < b));
}

RC_GTEST_PROP(TimeTextPropertyTest, AnyBytesAreReadOrRefused, (const std::string& text)) {
  const auto time = ParseTimestamp(text);
  if (time.has_value()) RC_ASSERT(IsCalendarTime(*time));
}

}  // namespace
}  // namespace logexport
