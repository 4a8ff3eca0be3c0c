#ifndef LOGEXPORT_SERVICE_RUNS_IDLE_FOLD_H_
#define LOGEXPORT_SERVICE_RUNS_IDLE_FOLD_H_

#include <string>

#include "absl/status/statusor.h"

#include "service/state/records.h"
#include "service/state/transaction.h"

namespace logexport {

// Runs that find nothing are most of all runs where there are many exporters. Consecutive ones are
// folded into one report: it counts them, and its times span them.

// Whether the run was started by the schedule (or --run-once), found nothing, and left nothing that
// anybody would look for.
bool IsIdle(const RunRecord& run);

// Whether `next`, which is idle, belongs into the report of idle runs `fold`. A fold ends with the
// hour of UTC, a new version of the configuration and another owner.
bool FoldsInto(const RunRecord& fold, const RunRecord& next);

// Stores the ended run and answers the id of its report. If it is idle and `may_fold` is true, that
// can be the report of the idle runs before it; then the run has no row of its own any more. Any
// other report, of whatever kind, ends a fold.
absl::StatusOr<std::string> StoreEndedRun(Transaction& tx, const RunRecord& run, bool may_fold);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_IDLE_FOLD_H_
