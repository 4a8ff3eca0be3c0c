#ifndef LOGEXPORT_SERVICE_EXPORT_RUN_LANE_H_
#define LOGEXPORT_SERVICE_EXPORT_RUN_LANE_H_

#include "service/state/records.h"

namespace logexport {

// Runs of one exporter exclude each other within a lane; a run of each lane may be active at the
// same time. The main lane moves the checkpoint and goes first where the tenant's rate budget is
// short.
//
// Runs for completeness have a lane of their own and give way to both others.
enum class RunLane { kMain, kSide, kCompleteness };

inline RunLane LaneOf(RunKind kind) {
  switch (kind) {
    case RunKind::kExport:
      return RunLane::kMain;
    case RunKind::kCompleteness:
      return RunLane::kCompleteness;
    case RunKind::kDryRun:
    case RunKind::kWindow:
    case RunKind::kRedrive:
      break;
  }
  return RunLane::kSide;
}

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_RUN_LANE_H_
