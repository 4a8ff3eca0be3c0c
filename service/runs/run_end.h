#ifndef LOGEXPORT_SERVICE_RUNS_RUN_END_H_
#define LOGEXPORT_SERVICE_RUNS_RUN_END_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/export/export_run.h"
#include "service/state/transaction.h"

namespace logexport {

// What is found out at the end of a run, before FinishRun stores it: a step of that transaction.
struct RunEndOptions {
  std::function<bool(absl::string_view code)> is_known_log_type;
  // Whether fires of the schedule that passed during the run were skipped for it.
  bool follows_schedule = false;
  absl::Time host_now;  // the schedule follows the host's clock
  absl::Time now;       // see TrustedNow
};

// Adds these warnings to the run and updates the exporter's record to match:
//   SCHEDULE_OVERRUN             scheduled runs were skipped because of a run of the main lane
//   UNKNOWN_LOG_TYPE             types that no report of this exporter has told before
//   WINDOW_BEYOND_RETENTION      a window was empty that Auth0 no longer keeps
// `fires_skipped`, unless null, gets how many fires were skipped for the run or a pause.
absl::Status AddEndFindings(Transaction& tx, const RunEndOptions& options, ExportRunResult* result,
                            std::int64_t* fires_skipped = nullptr);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_RUN_END_H_
