#include "client/cli/series_lines.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/series.pb.h"
#include "logexport/v1/status.pb.h"

namespace logexport::cli {
namespace {

using ::testing::HasSubstr;

v1::GetSeriesResponse SomeSeries(int steps) {
  v1::GetSeriesResponse series;
  series.mutable_step()->set_seconds(60);
  series.mutable_since()->set_seconds(1'000'000);
  series.mutable_until()->set_seconds(1'000'000 + 60 * steps);
  return series;
}

v1::SeriesPoint& AddPoint(v1::GetSeriesResponse& series, int step, std::int64_t logs) {
  v1::SeriesPoint& point = *series.add_points();
  point.mutable_start_time()->set_seconds(1'000'000 + 60 * step);
  point.set_runs(1);
  point.mutable_ledger()->set_fetched(logs);
  return point;
}

TEST(SeriesLinesTest, TheHighestBarIsFullAndTheLeastOneIsSeen) {
  EXPECT_EQ(Sparkline({0.0, 1.0, std::nullopt, 500.0, 1000.0}), "▁▂ ▅█");
  EXPECT_EQ(Sparkline({0.0, 0.0}), "▁▁");
  EXPECT_EQ(Sparkline({}), "");
}

TEST(SeriesLinesTest, EachStepHasItsBarAndStepsWithoutRunsHaveNone) {
  v1::GetSeriesResponse series = SomeSeries(5);
  AddPoint(series, 1, 70);
  v1::SeriesPoint& last = AddPoint(series, 4, 10);
  last.set_failed_runs(2);
  last.mutable_lag()->set_seconds(7200);
  const std::string lines = SeriesLines(series, 0);
  EXPECT_THAT(lines, HasSubstr("logs         █  ▂  up to 70\n"));
  EXPECT_THAT(lines, HasSubstr("failed runs  ▁  █  up to 2\n"));
  EXPECT_THAT(lines, HasSubstr("lag             █  up to 2h 00m\n"));
}

TEST(SeriesLinesTest, MoreStepsThanColumnsAreJoined) {
  v1::GetSeriesResponse series = SomeSeries(500);
  for (int step = 0; step < 500; ++step) AddPoint(series, step, 1);
  const std::string lines = SeriesLines(series, 60);
  // 500 steps in 20 columns are 25 logs in each.
  EXPECT_THAT(lines, HasSubstr("up to 25\n"));
  EXPECT_THAT(lines, HasSubstr("logs        ████████████████████  up"));
}

TEST(SeriesLinesTest, OtherAnswersHaveNone) {
  EXPECT_EQ(SeriesLines(v1::GetStatusResponse(), 80), "");
  EXPECT_EQ(SeriesLines(v1::GetSeriesResponse(), 80), "");
  // Of a service that says what cannot be.
  v1::GetSeriesResponse odd = SomeSeries(3);
  AddPoint(odd, -4, 1);
  AddPoint(odd, 4000, 1);
  EXPECT_THAT(SeriesLines(odd, 80), HasSubstr("logs           "));
  odd.clear_step();
  EXPECT_EQ(SeriesLines(odd, 80), "");
}

}  // namespace
}  // namespace logexport::cli
