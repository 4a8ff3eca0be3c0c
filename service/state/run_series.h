#ifndef LOGEXPORT_SERVICE_STATE_RUN_SERIES_H_
#define LOGEXPORT_SERVICE_STATE_RUN_SERIES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "service/state/records.h"

namespace logexport {

// Which runs are summed up in which steps of time.
struct RunSeriesQuery {
  std::string exporter;        // required
  std::vector<RunKind> kinds;  // empty: any
  // The first step begins at `from`; runs belong to a step by when they were created, as in
  // RunFilter.
  absl::Time from;
  absl::Duration step;  // at least a microsecond
  int steps = 0;        // at least 1
};

// What the runs of one step did together.
struct RunSeriesStep {
  int step = 0;  // counts from 0
  std::int64_t runs = 0;
  std::int64_t failed = 0;
  LogCounts logs;
  std::int64_t unsettled = 0;
  // Time that runs took; of those that have ended.
  absl::Duration total_time;
  absl::Duration longest_time;
  absl::Duration limit_wait;
  // Greatest age that the last log of a run had when the run ended without being caught up. Nothing
  // where no run with logs ended so.
  std::optional<absl::Duration> age_at_end;
  std::string last_run_id;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_RUN_SERIES_H_
