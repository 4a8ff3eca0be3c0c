#include "service/telemetry/instruments.h"

#include <algorithm>

namespace logexport {

void DurationHistogram::Observe(absl::Duration took) {
  const double seconds = absl::ToDoubleSeconds(took);
  const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), seconds) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.Add(took);
}

std::vector<double> CallBounds() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
}

std::vector<double> RunBounds() {
  return {0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600};
}

}  // namespace logexport
