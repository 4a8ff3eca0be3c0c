#ifndef LOGEXPORT_SERVICE_TELEMETRY_INSTRUMENTS_H_
#define LOGEXPORT_SERVICE_TELEMETRY_INSTRUMENTS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"

namespace logexport {

// What rooms count with. Counting never waits for anything, so that a scrape cannot delay who
// counts: all of it is atomic. (The instruments of prometheus-cpp lock in a histogram.)

// Only grows. Whole numbers, so that it is exact beyond what a double can count by one.
class Counter {
 public:
  void Add(std::int64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Goes up and down.
class LevelGauge {
 public:
  void Add(std::int64_t by) { value_.fetch_add(by, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Time that has been spent, in seconds.
class TimeCounter {
 public:
  void Add(absl::Duration by) {
    nanoseconds_.fetch_add(absl::ToInt64Nanoseconds(by), std::memory_order_relaxed);
  }
  double seconds() const {
    return static_cast<double>(nanoseconds_.load(std::memory_order_relaxed)) / 1e9;
  }

 private:
  std::atomic<std::int64_t> nanoseconds_{0};
};

// How often something took how long.
class DurationHistogram {
 public:
  // Upper bounds of the buckets in seconds, ascending; one more holds what is above them.
  explicit DurationHistogram(const std::vector<double>& bounds)
      : bounds_(bounds), counts_(bounds.size() + 1) {}

  void Observe(absl::Duration took);

  const std::vector<double>& bounds() const { return bounds_; }
  // Of the bucket alone, not of those below it.
  std::int64_t count(std::size_t bucket) const {
    return counts_[bucket].load(std::memory_order_relaxed);
  }
  double sum_seconds() const { return sum_.seconds(); }

 private:
  const std::vector<double> bounds_;
  std::vector<std::atomic<std::int64_t>> counts_;
  TimeCounter sum_;
};

// What became of spans of traces.
struct SpanCounters {
  Counter sent;      // taken by the collector
  Counter rejected;  // refused by it for good
  Counter dropped;   // the queue was full, or the collector did not take them in time
};

// From a call within the process to one over the network that hangs.
std::vector<double> CallBounds();
// From a run that finds nothing to one that uses up its hour.
std::vector<double> RunBounds();

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_TELEMETRY_INSTRUMENTS_H_
