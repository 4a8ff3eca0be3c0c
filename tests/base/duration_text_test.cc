#include "service/base/duration_text.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace logexport {
namespace {

using ::testing::Optional;

TEST(ParseDurationTextTest, ReadsNumbersWithUnits) {
  const std::vector<std::pair<std::string, absl::Duration>> cases = {
      {"0", absl::ZeroDuration()},
      {"0s", absl::ZeroDuration()},
      {"90s", absl::Seconds(90)},
      {"1h30m", absl::Minutes(90)},
      {"2d", absl::Hours(48)},
      {"1d12h", absl::Hours(36)},
      {"0.5d", absl::Hours(12)},
      {"1w", absl::Hours(168)},
      {"1w2d3h4m5s6ms7us", absl::Hours(168 + 48 + 3) + absl::Minutes(4) + absl::Seconds(5) +
                               absl::Milliseconds(6) + absl::Microseconds(7)},
      {"1.5s", absl::Milliseconds(1500)},
      {"500ms", absl::Milliseconds(500)},
      {" 5m ", absl::Minutes(5)},
      {"87660000h", absl::Hours(87'660'000)},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_THAT(ParseDurationText(text), Optional(expected)) << text;
  }
}

TEST(ParseDurationTextTest, RefusesWhatHasNoUnitOrIsNoDuration) {
  for (const char* text : {"",
                           " ",
                           "90",
                           "s",
                           "5 minutes",
                           "5 s",
                           "1h 30m",
                           "-5s",
                           "+5s",
                           "--5s",
                           "inf",
                           "1x",
                           "d",
                           "h1",
                           "1h30",
                           "1d2",
                           "2dd",
                           "2d-1h",
                           "12h2d",
                           "30m1h",
                           "5m5m",
                           "1..5s",
                           "1,5s",
                           "1e300d",
                           "five",
                           "99999999w",
                           "99999999999999999h",
                           "99999999999999999999h",
                           "87660001h"}) {
    EXPECT_EQ(ParseDurationText(text), std::nullopt) << text;
  }
}

TEST(FormatDurationTextTest, WritesTheShortestText) {
  const std::vector<std::pair<absl::Duration, std::string>> cases = {
      {absl::ZeroDuration(), "0s"},
      {absl::Seconds(10), "10s"},
      {absl::Minutes(90), "1h30m"},
      {absl::Hours(48), "2d"},
      {absl::Hours(24 * 90), "90d"},
      {absl::Milliseconds(1500), "1s500ms"},
      {-absl::Minutes(5), "-5m"},
      {absl::Nanoseconds(3), "0s"},
      {absl::Hours(25) + absl::Seconds(1), "1d1h1s"},
  };
  for (const auto& [duration, expected] : cases) {
    EXPECT_EQ(FormatDurationText(duration), expected);
  }
}

RC_GTEST_PROP(DurationTextProperty, WhatIsWrittenIsReadBack, ()) {
  const auto micros = *rc::gen::inRange<std::int64_t>(0, 400'000'000'000'000);
  const absl::Duration duration = absl::Microseconds(micros);
  RC_ASSERT(ParseDurationText(FormatDurationText(duration)) == std::optional(duration));
}

}  // namespace
}  // namespace logexport
