#include "service/http/header_time.h"

#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/random_seed.h"

namespace logexport {
namespace {

const absl::Time kExample =
    absl::FromCivil(absl::CivilSecond(1994, 11, 6, 8, 49, 37), absl::UTCTimeZone());

TEST(HttpDateTest, IsReadInAllThreeForms) {
  EXPECT_EQ(ParseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), kExample);
  EXPECT_EQ(ParseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"), kExample);
  EXPECT_EQ(ParseHttpDate("Sun Nov  6 08:49:37 1994"), kExample);
  EXPECT_EQ(ParseHttpDate("  Sun, 06 Nov 1994 08:49:37 GMT "), kExample);
}

TEST(HttpDateTest, IsNothingElse) {
  for (const char* text : {"", "Sun", "0", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994",
                           "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT+1",
                           "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
                           "Sun, 06 Nov 1994 08:49:37 PST", "infinite-future", "infinite-past"}) {
    EXPECT_EQ(ParseHttpDate(text), std::nullopt) << text;
  }
}

TEST(RetryAfterTest, IsSecondsOrADate) {
  const absl::Time now = kExample - absl::Seconds(90);
  EXPECT_EQ(ParseRetryAfter("0", now), absl::ZeroDuration());
  EXPECT_EQ(ParseRetryAfter("120", now), absl::Seconds(120));
  EXPECT_EQ(ParseRetryAfter(" 7 ", now), absl::Seconds(7));
  EXPECT_EQ(ParseRetryAfter("1.5", now), absl::Milliseconds(1500));
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", now), absl::Seconds(90));
}

TEST(RetryAfterTest, IsNeverNegative) {
  EXPECT_EQ(ParseRetryAfter("-5", kExample), absl::ZeroDuration());
  EXPECT_EQ(ParseRetryAfter("Sun, 06 Nov 1994 08:49:37 GMT", kExample + absl::Hours(1)),
            absl::ZeroDuration());
}

TEST(RetryAfterTest, MayBeAbsurd) {
  EXPECT_GT(ParseRetryAfter("99999999999999999999999999", kExample), absl::Hours(1'000'000));
  EXPECT_GT(ParseRetryAfter(std::string(400, '9'), kExample), absl::Hours(1'000'000));
}

TEST(RetryAfterTest, IsNothingElse) {
  for (const char* text : {"", " ", "soon", "1e9", "0x10", "nan", "inf", "5s", "1.", ".5", "1.2.3",
                           "--5", "- 5", "+5", "infinite-future"}) {
    EXPECT_EQ(ParseRetryAfter(text, kExample), std::nullopt) << text;
  }
}

RC_GTEST_PROP(RetryAfterPropertyTest, AnyBytesGiveNothingOrAWait, (const std::string& text)) {
  const auto wait = ParseRetryAfter(text, kExample);
  if (wait.has_value()) RC_ASSERT(*wait >= absl::ZeroDuration());
}

RC_GTEST_PROP(RetryAfterPropertyTest, EveryPrintedDateIsReadBack, ()) {
  const auto seconds = *rc::gen::inRange<std::int64_t>(0, 253'402'300'799);  // to the year 9999
  const absl::Time time = absl::FromUnixSeconds(seconds);
  const std::string text =
      absl::FormatTime("%a, %d %b %E4Y %H:%M:%S GMT", time, absl::UTCTimeZone());
  RC_ASSERT(ParseHttpDate(text) == std::optional<absl::Time>(time));
}

}  // namespace
}  // namespace logexport
