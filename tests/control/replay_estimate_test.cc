#include "service/control/replay_estimate.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "service/control/report_message.h"

namespace logexport {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'795'435'200);

RunRecord MovedBy(const std::string& before, const std::string& after, absl::Time first,
                  absl::Time last, std::int64_t logs) {
  RunRecord run;
  run.checkpoint_before.kind = run.checkpoint_after.kind = Position::Kind::kAfter;
  run.checkpoint_before.id = before;
  run.checkpoint_after.id = after;
  run.first_log_time = first;
  run.last_log_time = last;
  run.ledger.logs.fetched = logs;
  run.started = last;
  run.ended = last + absl::Seconds(10);
  return run;
}

// Two hours, each with a run of 100 logs, the last of them 50 hours ago; newest first.
std::vector<RunRecord> TwoRuns(absl::Time end) {
  return {MovedBy("b", "c", end - absl::Hours(1), end, 100),
          MovedBy("a", "b", end - absl::Hours(2), end - absl::Hours(1), 100)};
}

TEST(ReplayEstimateTest, CountsWhereTheRunsJoin) {
  const absl::Time end = kNow - absl::Minutes(5);
  const auto estimate = EstimateReplay({"a", end - absl::Hours(2), "c", end}, TwoRuns(end), kNow);
  EXPECT_EQ(estimate.logs(), 200);
  EXPECT_TRUE(estimate.exact());
  EXPECT_EQ(estimate.logs_beyond_dedupe(), 0);
  EXPECT_EQ(FromProto(estimate.duration()), absl::Seconds(20));
}

TEST(ReplayEstimateTest, SaysWhenItIsOnlyAnEstimate) {
  const absl::Time end = kNow - absl::Minutes(5);
  // From the middle of the older run.
  const auto middle = EstimateReplay({"", end - absl::Minutes(90), "c", end}, TwoRuns(end), kNow);
  EXPECT_EQ(middle.logs(), 150);
  EXPECT_FALSE(middle.exact());
  // A run between them is missing: what is left does not begin where it should.
  std::vector<RunRecord> torn = TwoRuns(end);
  torn[0].checkpoint_before.id = "b2";
  EXPECT_FALSE(EstimateReplay({"a", end - absl::Hours(2), "c", end}, torn, kNow).exact());
}

TEST(ReplayEstimateTest, GoesOnAtTheMeanRateBeforeTheOldestReport) {
  const absl::Time end = kNow - absl::Minutes(5);
  const auto estimate = EstimateReplay({"", end - absl::Hours(4), "c", end}, TwoRuns(end), kNow);
  EXPECT_EQ(estimate.logs(), 400);
  EXPECT_FALSE(estimate.exact());
}

TEST(ReplayEstimateTest, CountsWhatSegmentNoLongerRecognises) {
  const absl::Time end = kNow - absl::Hours(50);
  const auto all = EstimateReplay({"a", end - absl::Hours(2), "c", end}, TwoRuns(end), kNow);
  EXPECT_EQ(all.logs_beyond_dedupe(), 200);
  // The look-back ends in the middle of the newer run.
  const absl::Time late = kNow - absl::Hours(24) + absl::Minutes(30);
  const auto part = EstimateReplay({"a", late - absl::Hours(2), "c", late}, TwoRuns(late), kNow);
  EXPECT_EQ(part.logs(), 200);
  EXPECT_EQ(part.logs_beyond_dedupe(), 150);
}

TEST(ReplayEstimateTest, KnowsNothingWithoutReports) {
  const auto estimate = EstimateReplay({"a", std::nullopt, "c", kNow}, {}, kNow);
  EXPECT_EQ(estimate.logs(), 0);
  EXPECT_FALSE(estimate.exact());
  EXPECT_FALSE(estimate.has_duration());
}

TEST(ReplayEstimateTest, LeavesOutRunsThatMovedNothing) {
  const absl::Time end = kNow - absl::Minutes(5);
  std::vector<RunRecord> runs = TwoRuns(end);
  runs.insert(runs.begin() + 1, MovedBy("b", "b", end, end, 0));
  const auto estimate = EstimateReplay({"a", end - absl::Hours(2), "c", end}, runs, kNow);
  EXPECT_TRUE(estimate.exact());
  EXPECT_EQ(estimate.logs(), 200);
}

}  // namespace
}  // namespace logexport
