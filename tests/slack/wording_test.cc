#include "service/slack/wording.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace logexport {
namespace {

TEST(WordingTest, ShowsTheTwoLargestUnitsOfASpan) {
  const std::vector<std::pair<absl::Duration, std::string>> rows = {
      {absl::ZeroDuration(), "under 1s"},
      {-absl::Seconds(5), "under 1s"},
      {absl::Milliseconds(999), "under 1s"},
      {absl::Seconds(1), "1s"},
      {absl::Seconds(59.9), "59s"},
      {absl::Seconds(60), "1m"},
      {absl::Seconds(1000), "16m 40s"},
      {absl::Hours(1) + absl::Seconds(59), "1h"},
      {absl::Hours(25), "1d 1h"},
      {absl::Hours(24 * 400), "400d"},
      {absl::InfiniteDuration(), "for ever"},
  };
  for (const auto& [span, text] : rows) EXPECT_EQ(SpanText(span), text);
}

Position At(Position::Kind kind, const std::string& id) {
  Position position;
  position.kind = kind;
  position.id = id;
  return position;
}

std::string ReplayOf(RunKind kind, const Position& checkpoint_after) {
  RunRecord run;
  run.exporter = "acme";
  run.parameters.kind = kind;
  const absl::Time noon = absl::FromUnixSeconds(1'795'435'200);
  if (kind == RunKind::kWindow) run.parameters.window = TimeWindow{noon, noon + absl::Hours(1)};
  run.checkpoint_after = checkpoint_after;
  return ReplayCommand(run);
}

TEST(WordingTest, GivesTheCommandThatReplaysEachKindOfRun) {
  using Kind = Position::Kind;
  EXPECT_EQ(ReplayOf(RunKind::kExport, At(Kind::kAfter, "900123")),
            "logexportctl set-checkpoint --exporter acme --log-id 900123 --run-now");
  EXPECT_EQ(ReplayOf(RunKind::kExport, At(Kind::kAt, "900123")),
            "logexportctl set-checkpoint --exporter acme --log-id 900123 --inclusive --run-now");
  EXPECT_EQ(ReplayOf(RunKind::kExport, At(Kind::kAfter, "")),
            "logexportctl set-checkpoint --exporter acme --earliest --run-now");
  for (const Kind unresolved : {Kind::kEarliest, Kind::kLatest, Kind::kTime}) {
    EXPECT_EQ(ReplayOf(RunKind::kExport, At(unresolved, "")),
              "logexportctl run-now --exporter acme");
  }
  EXPECT_EQ(ReplayOf(RunKind::kRedrive, At(Kind::kAfter, "900123")),
            "logexportctl redrive-dead-letters --exporter acme");
  EXPECT_EQ(ReplayOf(RunKind::kWindow, At(Kind::kAfter, "900123")),
            "logexportctl run-now --exporter acme --window.start 2026-11-23T12:00:00.000Z "
            "--window.end 2026-11-23T13:00:00.000Z");
}

TEST(WordingTest, SaysWhereAPositionIs) {
  EXPECT_EQ(PositionText(At(Position::Kind::kAfter, "900")), "after 900");
  EXPECT_EQ(PositionText(At(Position::Kind::kAfter, "")), "before the first log");
  EXPECT_EQ(PositionText(At(Position::Kind::kAt, "900")), "at 900");
  EXPECT_EQ(PositionText(At(Position::Kind::kTime, "")),
            "logs since 1970-01-01 00:00:00 UTC, not looked up yet");
}

TEST(WordingTest, TalliesTheMostFrequentFirstAndNamesAFew) {
  EXPECT_EQ(TallyText({}), "none");
  EXPECT_EQ(TallyText({{"A", 1}}), "1: A");
  EXPECT_EQ(TallyText({{"A", 1}, {"B", 1200}}), "1,201: B ×1,200, A");
  EXPECT_EQ(TallyText({{"A", 1}, {"B", 1}, {"C", 1}, {"D", 1}, {"E", 1}, {"F", 2}, {"G", 1}}),
            "8: F ×2, A, B, C, D, and 2 more");
  std::vector<RunWarning> warnings(7, {"W", "", 3});
  EXPECT_EQ(WarningsText(warnings), "W ×3, W ×3, W ×3, W ×3, W ×3, and 2 more");
  EXPECT_EQ(WarningsText({}), "");
}

}  // namespace
}  // namespace logexport
