#include "service/control/drain.h"

#include <utility>

#include "service/base/status_macros.h"
#include "service/control/api_error.h"
#include "service/runs/lifecycle.h"
#include "service/runs/unfinished_runs.h"

namespace logexport {

absl::Status DrainRuns(const RunEnvironment& environment, Supervisor& supervisor,
                       absl::string_view exporter, const std::vector<RunLane>& lanes,
                       const CallLimits& limits) {
  for (;;) {
    std::vector<RunRecord> active;
    std::vector<RunRecord> cancelled;
    RETURN_IF_ERROR(environment.store.Write([&](Transaction& tx) -> absl::Status {
      active.clear();
      cancelled.clear();
      for (const RunLane lane : lanes) {
        ASSIGN_OR_RETURN(UnfinishedRuns runs, UnfinishedIn(tx, exporter, lane));
        if (runs.active.has_value()) active.push_back(*std::move(runs.active));
        if (!runs.queued.has_value()) continue;
        RETURN_IF_ERROR(CancelQueued(tx, environment.clock.Now(), &*runs.queued));
        cancelled.push_back(*std::move(runs.queued));
      }
      return absl::OkStatus();
    }));
    for (const RunRecord& run : cancelled) environment.feed.Publish(run);
    if (active.empty()) return absl::OkStatus();
    for (const RunRecord& run : active) {
      supervisor.StopRun(exporter, run.run_id, StopReason::kCancelled);
    }
    for (const RunRecord& run : active) {
      if (supervisor.AwaitRunEnd(exporter, run.run_id, limits.deadline)) continue;
      if (limits.stop.stop_requested() || environment.feed.closed()) return ShuttingDown();
      return RunAlreadyActive(run);
    }
    // A scheduled run may have begun meanwhile.
  }
}

}  // namespace logexport
