#ifndef LOGEXPORT_SERVICE_RUNS_COMPLETENESS_END_H_
#define LOGEXPORT_SERVICE_RUNS_COMPLETENESS_END_H_

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "service/export/export_run.h"
#include "service/state/transaction.h"

namespace logexport {

// Records the end of a run that read logs again: how far it has read, how many late logs it has
// settled, and a report if there were any.
absl::Status FinishCompletenessRun(Transaction& tx, const ExportRunResult& result, absl::Time now);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_COMPLETENESS_END_H_
