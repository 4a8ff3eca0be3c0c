#include "service/runs/completeness_end.h"

#include <optional>
#include <utility>
#include <vector>

#include "service/base/status_macros.h"

namespace logexport {

absl::Status FinishCompletenessRun(Transaction& tx, const ExportRunResult& result, absl::Time now) {
  const RunRecord& run = result.run;
  std::vector<CompletenessPass> passes = result.passes;
  if (passes.empty()) {
    // A run that was broken off does not know how far it has read.
    ASSIGN_OR_RETURN(std::optional<CompletenessRecord> record, tx.GetCompleteness(run.exporter));
    if (record.has_value()) passes = std::move(record->passes);
  }
  RETURN_IF_ERROR(tx.RecordPasses(run.exporter, passes, run.ledger.logs.settled(), now));
  // There is one each few minutes, and nearly none of them finds anything.
  if (run.ledger.logs.fetched == 0) return tx.DeleteRun(run.exporter, run.run_id);
  return tx.UpdateRun(run);
}

}  // namespace logexport
