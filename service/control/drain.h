#ifndef LOGEXPORT_SERVICE_CONTROL_DRAIN_H_
#define LOGEXPORT_SERVICE_CONTROL_DRAIN_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "service/control/caller.h"
#include "service/export/run_lane.h"
#include "service/runs/run_environment.h"
#include "service/runs/supervisor.h"

namespace logexport {

// Cancels the queued and active runs of these lanes and waits until they have ended. OK when none
// is left.
//   ABORTED / RUN_ALREADY_ACTIVE  `limits.deadline` passed first
//   UNAVAILABLE / SHUTTING_DOWN   the service ends
absl::Status DrainRuns(const RunEnvironment& environment, Supervisor& supervisor,
                       absl::string_view exporter, const std::vector<RunLane>& lanes,
                       const CallLimits& limits);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_DRAIN_H_
