#include "service/runs/run_end.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/runs/announcements_fixture.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RunEndTest : public AnnouncementsTest {
 protected:
  // The warnings that the end of this run finds.
  std::vector<RunWarning> Find(RunRecord run, bool follows_schedule = false) {
    run.exporter = "acme";
    ExportRunResult result{std::move(run), std::nullopt};
    const RunEndOptions options{[](absl::string_view code) { return code == "s"; },
                                follows_schedule, clock_.Now(), clock_.Now()};
    EXPECT_THAT(
        store_->Write([&](Transaction& tx) { return AddEndFindings(tx, options, &result); }),
        IsOk());
    return result.run.warnings;
  }
  std::vector<std::string> Codes(RunRecord run, bool follows_schedule = false) {
    std::vector<std::string> codes;
    for (const RunWarning& warning : Find(std::move(run), follows_schedule)) {
      codes.push_back(warning.code);
    }
    return codes;
  }

  static RunRecord RunWith(std::vector<std::string> types) {
    RunRecord run;
    run.state = RunState::kSucceeded;
    for (const std::string& type : types) run.ledger.by_type[type].fetched = 1;
    run.ledger.logs.fetched = static_cast<std::int64_t>(types.size());
    return run;
  }
  static RunRecord Window(absl::Time end) {
    RunRecord run = RunWith({});
    run.parameters.kind = RunKind::kWindow;
    run.parameters.window = TimeWindow{end - absl::Hours(1), end};
    return run;
  }
};

TEST_F(RunEndTest, AnUnknownLogTypeIsToldOnce) {
  EXPECT_THAT(Codes(RunWith({"s"})), IsEmpty());
  const std::vector<RunWarning> found = Find(RunWith({"new", "newer", "s"}));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].code, "UNKNOWN_LOG_TYPE");
  EXPECT_EQ(found[0].count, 2);
  EXPECT_THAT(found[0].message, HasSubstr("new, newer"));
  EXPECT_THAT(Codes(RunWith({"new", "newer"})), IsEmpty());
  EXPECT_THAT(Find(RunWith({"newer", "newest"}))[0].message, HasSubstr(": newest"));
}

TEST_F(RunEndTest, ADryRunLeavesTheTellingToARun) {
  RunRecord dry = RunWith({"new"});
  dry.parameters.kind = RunKind::kDryRun;
  EXPECT_THAT(Codes(dry), IsEmpty());
  EXPECT_THAT(Codes(RunWith({"new"})), ElementsAre("UNKNOWN_LOG_TYPE"));
}

TEST_F(RunEndTest, FiresThatPassedDuringARunAreCountedAndTold) {
  Change([&](ExporterRecord& exporter) { exporter.last_fire = clock_.Now(); });
  clock_.Advance(absl::Minutes(17));
  // The sample's schedule fires every five minutes.
  const std::vector<RunWarning> found = Find(RunWith({}), /*follows_schedule=*/true);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].code, "SCHEDULE_OVERRUN");
  EXPECT_EQ(found[0].count, 3);
  EXPECT_THAT(Codes(RunWith({}), true), IsEmpty());
  // Runs beside the export skip nothing, and whoever paused it expects no fires.
  clock_.Advance(absl::Minutes(10));
  EXPECT_THAT(Codes(Window(clock_.Now()), true), IsEmpty());
  Pause();
  EXPECT_THAT(Codes(RunWith({}), true), IsEmpty());
}

TEST_F(RunEndTest, AnEmptyWindowThatAuth0NoLongerKeepsIsToldWithAHint) {
  // auth0.retention is not set, and the shortest is a day.
  EXPECT_THAT(Codes(Window(clock_.Now() - absl::Hours(23))), IsEmpty());
  EXPECT_THAT(Codes(Window(clock_.Now() - absl::Hours(25))),
              ElementsAre("WINDOW_BEYOND_RETENTION"));
  RunRecord found = Window(clock_.Now() - absl::Hours(25));
  found.ledger.logs.fetched = 2;
  found.ledger.filtered_by_reason["OUTSIDE_WINDOW"] = 1;
  EXPECT_THAT(Codes(found), IsEmpty());
  found.ledger.filtered_by_reason["OUTSIDE_WINDOW"] = 2;
  EXPECT_THAT(Codes(found), ElementsAre("WINDOW_BEYOND_RETENTION"));
}

}  // namespace
}  // namespace logexport
