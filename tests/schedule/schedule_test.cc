#include "service/schedule/schedule.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/schedule/time_zone.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using namespace std::string_literals;  // for texts that hold a NUL

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'767'225'600);  // 2026-01-01T00:00:00Z, a Thursday

TEST(ScheduleTest, TheDefaultIsEveryFiveMinutesInUtcWithCatchUp) {
  ASSERT_OK_AND_ASSIGN(const Schedule schedule, Schedule::Create({}));
  EXPECT_EQ(schedule.NextAfter(kNow), kNow + absl::Minutes(5));
  EXPECT_EQ(schedule.Describe(), "every 5 minutes, at second 0, UTC");
  EXPECT_TRUE(schedule.spec().catch_up);
}

TEST(ScheduleTest, NamesEveryWrongFieldAtOnce) {
  EXPECT_THAT(
      Schedule::Create(
          {.cron = "61 * * * *", .time_zone = "Europe/Atlantis", .jitter = -absl::Seconds(1)}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("cron: cron expression \"61 * * * *\""),
                     HasSubstr("time_zone: there is no time zone \"Europe/Atlantis\""),
                     HasSubstr("Europe/Berlin"), HasSubstr("jitter: -1s is out of range"))));
}

TEST(ScheduleTest, BoundsTheJitter) {
  EXPECT_THAT(Schedule::Create({.jitter = absl::Hours(24)}), IsOk());
  EXPECT_THAT(Schedule::Create({.jitter = absl::Hours(25)}), Not(IsOk()));
  EXPECT_THAT(Schedule::Create({.jitter = absl::InfiniteDuration()}), Not(IsOk()));
}

TEST(ScheduleTest, ListsTheNextFires) {
  ASSERT_OK_AND_ASSIGN(const Schedule schedule, Schedule::Create({.cron = "@daily"}));
  EXPECT_EQ(schedule.Next(kNow, 3),
            (std::vector<absl::Time>{kNow + absl::Hours(24), kNow + absl::Hours(48),
                                     kNow + absl::Hours(72)}));
  EXPECT_THAT(schedule.Next(kNow, 0), SizeIs(0));
  EXPECT_THAT(schedule.Next(kNow, -1), SizeIs(0));
  EXPECT_THAT(schedule.Next(absl::InfiniteFuture(), 5), SizeIs(0));
}

TEST(ScheduleTest, ThePeriodIsTheDistanceOfTheNextTwoFires) {
  ASSERT_OK_AND_ASSIGN(const Schedule working_hours,
                       Schedule::Create({.cron = "0 9-17 * * MON-FRI"}));
  // Thursday 2026-01-01 10:30: fires at 11 and 12.
  EXPECT_EQ(working_hours.PeriodAt(kNow + absl::Minutes(630)), absl::Hours(1));
  // Friday 16:30: fires at 17:00 and on Monday at 9:00.
  EXPECT_EQ(working_hours.PeriodAt(kNow + absl::Hours(40) + absl::Minutes(30)), absl::Hours(64));
  EXPECT_EQ(working_hours.PeriodAt(absl::InfiniteFuture()), absl::InfiniteDuration());
}

TEST(ScheduleTest, FindsTheLatestFireOfASpan) {
  ASSERT_OK_AND_ASSIGN(const Schedule schedule, Schedule::Create({.cron = "@hourly"}));
  EXPECT_EQ(schedule.LatestIn(kNow, kNow + absl::Minutes(59)), std::nullopt);
  EXPECT_EQ(schedule.LatestIn(kNow, kNow + absl::Hours(1)), kNow + absl::Hours(1));
  EXPECT_EQ(schedule.LatestIn(kNow, kNow + absl::Hours(100'000) + absl::Seconds(1)),
            kNow + absl::Hours(100'000));
  EXPECT_EQ(schedule.LatestIn(kNow, kNow - absl::Hours(1)), std::nullopt);
  EXPECT_TRUE(schedule.LatestIn(kNow, absl::InfiniteFuture()).has_value());
}

TEST(ScheduleTest, DescribesZoneAndJitterWhereTheyMatter) {
  ASSERT_OK_AND_ASSIGN(const Schedule berlin, Schedule::Create({.cron = "30 2 * * MON",
                                                                .time_zone = "Europe/Berlin",
                                                                .jitter = absl::Seconds(90)}));
  EXPECT_EQ(berlin.Describe(), "at 02:30, on Monday, Europe/Berlin, started up to 1m30s later");
  ASSERT_OK_AND_ASSIGN(const Schedule every, Schedule::Create({.cron = "@every 10m"}));
  EXPECT_EQ(every.Describe(), "every 10 minutes");
}

TEST(TimeZoneTest, TakesIanaNames) {
  for (const char* name : {"UTC", "", "Europe/Berlin", "America/Argentina/Buenos_Aires",
                           "America/Port-au-Prince", "Etc/GMT+5"}) {
    EXPECT_THAT(LoadZone(name), IsOk()) << name;
  }
  ASSERT_OK_AND_ASSIGN(const absl::TimeZone utc, LoadZone(""));
  EXPECT_EQ(utc.name(), "UTC");
}

TEST(TimeZoneTest, RefusesWhatIsNoNameOrOpensFiles) {
  const std::vector<std::string> names = {"Europe/Atlantis",
                                          "CETT",
                                          "+02:00",
                                          "UTC+2",
                                          "localtime",
                                          "libc:localtime",
                                          "/etc/localtime",
                                          "../zoneinfo/UTC",
                                          ":UTC",
                                          " UTC",
                                          "Europe//Berlin",
                                          "Europe",
                                          std::string(100, 'A'),
                                          "UTC\0x"s};
  for (const std::string& name : names) {
    EXPECT_THAT(LoadZone(name), StatusIs(absl::StatusCode::kInvalidArgument,
                                         HasSubstr("write an IANA name such as UTC")))
        << name;
  }
}

}  // namespace
}  // namespace logexport
