#include "service/telemetry/instruments.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "service/telemetry/exposition.h"

namespace logexport {
namespace {

TEST(InstrumentsTest, AHistogramPutsWhatIsOnABoundBelowIt) {
  DurationHistogram histogram({0.1, 1});
  for (const double seconds : {0.05, 0.1, 0.11, 1.0, 1.5, 100.0}) {
    histogram.Observe(absl::Seconds(seconds));
  }
  EXPECT_EQ(histogram.count(0), 2);
  EXPECT_EQ(histogram.count(1), 2);
  EXPECT_EQ(histogram.count(2), 2);
  EXPECT_DOUBLE_EQ(histogram.sum_seconds(), 102.76);
}

TEST(InstrumentsTest, ManyThreadsLoseNoCount) {
  Counter counter;
  DurationHistogram histogram(CallBounds());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 10'000; ++n) {
        counter.Add();
        histogram.Observe(absl::Milliseconds(3));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.value(), 40'000);
  EXPECT_EQ(histogram.count(2), 40'000);
  EXPECT_NEAR(histogram.sum_seconds(), 120, 1e-6);
}

TEST(ExpositionTest, IsWhatPrometheusReads) {
  DurationHistogram histogram({0.1, 1});
  histogram.Observe(absl::Milliseconds(50));
  histogram.Observe(absl::Seconds(7));
  Exposition out;
  out.Counter("a_total", "Counts.");
  out.Value(9007199254740992, {{"who", "a\"b\\c\nd"}, {"none", ""}});
  out.Gauge("b", "Nothing of it.");
  out.Histogram("c_seconds", "Times.");
  out.Value(histogram);
  EXPECT_EQ(out.Text(),
            "# HELP a_total Counts.\n"
            "# TYPE a_total counter\n"
            "a_total{who=\"a\\\"b\\\\c\\nd\"} 9007199254740992\n"
            "# HELP c_seconds Times.\n"
            "# TYPE c_seconds histogram\n"
            "c_seconds_count 2\n"
            "c_seconds_sum 7.05\n"
            "c_seconds_bucket{le=\"0.1\"} 1\n"
            "c_seconds_bucket{le=\"1\"} 1\n"
            "c_seconds_bucket{le=\"+Inf\"} 2\n");
}

}  // namespace
}  // namespace logexport
