#include "service/runs/unfinished_runs.h"

#include <utility>
#include <vector>

#include "service/base/status_macros.h"

namespace logexport {

absl::StatusOr<UnfinishedRuns> UnfinishedIn(Transaction& tx, absl::string_view exporter,
                                            RunLane lane) {
  ASSIGN_OR_RETURN(std::vector<RunRecord> unfinished, tx.UnfinishedRuns(exporter));
  UnfinishedRuns runs;
  for (RunRecord& run : unfinished) {
    if (LaneOf(run.parameters.kind) != lane) continue;
    (run.state == RunState::kRunning ? runs.active : runs.queued) = std::move(run);
  }
  return runs;
}

absl::StatusOr<std::optional<RunRecord>> ActiveRun(Transaction& tx, absl::string_view exporter,
                                                   RunLane lane) {
  ASSIGN_OR_RETURN(UnfinishedRuns runs, UnfinishedIn(tx, exporter, lane));
  return std::move(runs.active);
}

}  // namespace logexport
