#include "service/runs/exporter_state.h"

#include <optional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/runs/run_warnings.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const absl::Time kNoon = absl::FromUnixSeconds(1'767'268'800);  // 2026-01-01T12:00:00Z

LoadedConfig Every10Minutes(std::optional<absl::Time> last_fire,
                            absl::Duration jitter = absl::ZeroDuration()) {
  absl::StatusOr<Schedule> schedule = Schedule::Create({.cron = "*/10 * * * *", .jitter = jitter});
  EXPECT_THAT(schedule, IsOk());
  LoadedConfig config{{}, {}, *std::move(schedule), {}, {}, {}};
  config.exporter.id = "acme";
  config.exporter.last_fire = last_fire;
  return config;
}

TEST(NextStartsTest, NamesTheFiresToCome) {
  EXPECT_THAT(NextStarts(Every10Minutes(std::nullopt), 2, kNoon + absl::Minutes(1)),
              ElementsAre(kNoon + absl::Minutes(10), kNoon + absl::Minutes(20)));
  LoadedConfig paused = Every10Minutes(std::nullopt);
  paused.exporter.pause = Pause{};
  EXPECT_THAT(NextStarts(paused, 2, kNoon), IsEmpty());
}

// Fires up to the one that was handled last start no run a second time.
TEST(NextStartsTest, AfterTheClockWasSetBackOnlyRunsThatHappenAreNamed) {
  EXPECT_THAT(NextStarts(Every10Minutes(kNoon + absl::Minutes(30)), 2, kNoon),
              ElementsAre(kNoon + absl::Minutes(40), kNoon + absl::Minutes(50)));
  // By more than the limit: the schedule counts from now.
  EXPECT_THAT(NextStarts(Every10Minutes(kNoon + absl::Hours(24 * 3650)), 1, kNoon),
              ElementsAre(kNoon + absl::Minutes(10)));
}

TEST(NextStartsTest, ARunThatWaitsForItsJitterIsNamed) {
  const LoadedConfig config = Every10Minutes(kNoon - absl::Minutes(10), absl::Minutes(9));
  const std::vector<absl::Time> starts = NextStarts(config, 1, kNoon - absl::Seconds(1));
  ASSERT_EQ(starts.size(), 1u);
  ASSERT_GT(starts[0], kNoon + absl::Seconds(1)) << "this exporter has no jitter at noon";
  EXPECT_EQ(NextStarts(config, 1, kNoon + absl::Seconds(1)), starts);
}

// People read it on the command line and in Slack, where the fields of the API mean nothing.
TEST(ReplayWarningTest, NamesTheCommandThatHelps) {
  const RunWarning warning = ReplayWarning(kNoon - absl::Hours(3), kNoon);
  EXPECT_EQ(warning.code, "SEGMENT_MAY_DROP_REPEATS");
  EXPECT_THAT(warning.message, HasSubstr("run-now --window.start TIME --new-message-ids"));
  EXPECT_EQ(ReplayWarning(kNoon - absl::Hours(25), kNoon).code, "REPLAY_BEYOND_DEDUPE");
}

}  // namespace
}  // namespace logexport
