#include "client/cli/time_input.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include <gtest/gtest.h>

namespace logexport::cli {
namespace {

absl::TimeZone Berlin() {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone("Europe/Berlin", &zone));
  return zone;
}

absl::Time Utc(int year, int month, int day, int hour, int minute, int second = 0) {
  return absl::FromCivil(absl::CivilSecond(year, month, day, hour, minute, second),
                         absl::UTCTimeZone());
}

const absl::Time kNow = Utc(2026, 11, 23, 12, 0);

TEST(ParseTimeTest, ReadsEveryFormThatItNames) {
  const std::vector<std::pair<std::string, absl::Time>> cases = {
      {"now", kNow},
      {" now ", kNow},
      {"-2h", Utc(2026, 11, 23, 10, 0)},
      {"-1h30m", Utc(2026, 11, 23, 10, 30)},
      {"-2d", Utc(2026, 11, 21, 12, 0)},
      {"+30m", Utc(2026, 11, 23, 12, 30)},
      // Berlin is an hour ahead of UTC in November.
      {"today", Utc(2026, 11, 22, 23, 0)},
      {"yesterday", Utc(2026, 11, 21, 23, 0)},
      {"yesterday 14:00", Utc(2026, 11, 22, 13, 0)},
      {"today 00:00:30", Utc(2026, 11, 22, 23, 0, 30)},
      {"2026-11-01", Utc(2026, 10, 31, 23, 0)},
      {"2026-11-01 14:00", Utc(2026, 11, 1, 13, 0)},
      {"2026-11-01T14:00", Utc(2026, 11, 1, 13, 0)},
      {"2026-11-01 14:00:05", Utc(2026, 11, 1, 13, 0, 5)},
      {"2026-11-01T14:00:05.5", Utc(2026, 11, 1, 13, 0, 5) + absl::Milliseconds(500)},
      {"2026-11-01T14:00:05Z", Utc(2026, 11, 1, 14, 0, 5)},
      {"2026-11-01T14:00:05.25Z", Utc(2026, 11, 1, 14, 0, 5) + absl::Milliseconds(250)},
      {"2026-11-01T14:00:05+05:30", Utc(2026, 11, 1, 8, 30, 5)},
  };
  for (const auto& [text, expected] : cases) {
    const auto time = ParseTime(text, kNow, Berlin());
    ASSERT_TRUE(time.ok()) << text << ": " << time.status();
    EXPECT_EQ(*time, expected) << text;
  }
}

TEST(ParseTimeTest, TakesYesterdayAsADayAndNotAs24Hours) {
  // Summer time ended on 25 October: the day before had 24 hours, that day 25.
  const absl::Time monday = Utc(2026, 10, 26, 11, 0);
  EXPECT_EQ(ParseTime("yesterday 12:00", monday, Berlin()).value(), Utc(2026, 10, 25, 11, 0));
  EXPECT_EQ(ParseTime("yesterday", monday, Berlin()).value(), Utc(2026, 10, 24, 22, 0));
}

TEST(ParseTimeTest, RefusesWhatIsNoTimeAndNamesTheForms) {
  for (const char* text : {"", "  ", "2h", "tomorrow", "yesterdayish", "yesterday at 5",
                           "2026-13-01", "2026-02-30", "14:00", "-", "-2x", "1795435200",
                           "infinite-future", "2026-11-01T25:00:00Z", "yesterday 14:00Z"}) {
    const auto time = ParseTime(text, kNow, Berlin());
    ASSERT_FALSE(time.ok()) << text << " was read as " << *time;
    EXPECT_NE(std::string(time.status().message()).find("yesterday 14:00"), std::string::npos);
  }
}

TEST(ParseDurationTest, ReadsNumbersWithUnits) {
  const std::vector<std::pair<std::string, absl::Duration>> cases = {
      {"0", absl::ZeroDuration()},
      {"0s", absl::ZeroDuration()},
      {"90s", absl::Seconds(90)},
      {"1h30m", absl::Minutes(90)},
      {"2d", absl::Hours(48)},
      {"1w", absl::Hours(168)},
      {"1w2d3h4m5s6ms7us", absl::Hours(168 + 48 + 3) + absl::Minutes(4) + absl::Seconds(5) +
                               absl::Milliseconds(6) + absl::Microseconds(7)},
      {"1.5s", absl::Milliseconds(1500)},
      {"0.5h", absl::Minutes(30)},
      {"-5m", absl::Minutes(-5)},
      {"500ms", absl::Milliseconds(500)},
  };
  for (const auto& [text, expected] : cases) {
    const auto duration = ParseDuration(text);
    ASSERT_TRUE(duration.ok()) << text << ": " << duration.status();
    EXPECT_EQ(*duration, expected) << text;
  }
}

TEST(ParseDurationTest, RefusesWhatHasNoUnitOrIsTooLong) {
  for (const char* text : {"", "5", "90", "s", "1h 30m", "1x", "--5s", "1..5s", "h1", "1h30", "inf",
                           "99999999w", "1,5s", "5 s"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(FormatRoughDurationTest, KeepsToTwoUnits) {
  EXPECT_EQ(FormatRoughDuration(absl::ZeroDuration()), "0s");
  EXPECT_EQ(FormatRoughDuration(absl::Milliseconds(250)), "250ms");
  EXPECT_EQ(FormatRoughDuration(absl::Milliseconds(3456)), "3s");
  EXPECT_EQ(FormatRoughDuration(absl::Seconds(80)), "1m 20s");
  EXPECT_EQ(FormatRoughDuration(absl::Seconds(3661)), "1h 01m");
  EXPECT_EQ(FormatRoughDuration(absl::Hours(76)), "3d 4h");
  EXPECT_EQ(FormatRoughDuration(-absl::Seconds(5)), "-5s");
}

TEST(FormatRelativeTest, SaysHowLongAgoOrAhead) {
  EXPECT_EQ(FormatRelative(kNow, kNow), "now");
  EXPECT_EQ(FormatRelative(kNow - absl::Seconds(5), kNow), "5s ago");
  EXPECT_EQ(FormatRelative(kNow - absl::Minutes(5), kNow), "5m ago");
  EXPECT_EQ(FormatRelative(kNow - absl::Hours(47), kNow), "47h ago");
  EXPECT_EQ(FormatRelative(kNow - absl::Hours(49), kNow), "2d ago");
  EXPECT_EQ(FormatRelative(kNow + absl::Hours(3), kNow), "in 3h");
}

TEST(FormatTimeLongTest, GivesLocalTimeWithItsOffset) {
  EXPECT_EQ(FormatTimeLong(kNow - absl::Minutes(5), kNow, Berlin()),
            "2026-11-23 12:55:00 +01:00 (5m ago)");
}

}  // namespace
}  // namespace logexport::cli
