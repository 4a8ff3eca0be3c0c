#ifndef LOGEXPORT_SERVICE_STATE_IDLE_RUNS_H_
#define LOGEXPORT_SERVICE_STATE_IDLE_RUNS_H_

#include <cstdint>

#include "absl/time/time.h"

#include "service/state/records.h"

namespace logexport {

// When the runs took place that one record stands for (RunRecord::idle_runs). The record knows the
// first and the last; those between are taken to be evenly spread, as those of a schedule are.
struct IdleRuns {
  std::int64_t count = 1;
  absl::Time first_start;
  absl::Duration distance;  // from one start to the next
  absl::Duration took;      // each, on average

  absl::Time StartOf(std::int64_t n) const { return first_start + n * distance; }
  absl::Time EndOf(std::int64_t n) const { return StartOf(n) + took; }
};

inline IdleRuns SpreadIdleRuns(std::int64_t count, absl::Time first_start, absl::Time last_end,
                               absl::Duration took_together) {
  IdleRuns runs{count, first_start, absl::ZeroDuration(), took_together / count};
  if (count > 1) runs.distance = (last_end - runs.took - first_start) / (count - 1);
  return runs;
}

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_IDLE_RUNS_H_
