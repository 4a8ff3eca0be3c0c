#ifndef LOGEXPORT_SERVICE_EXPORT_RUN_LANE_H_
#define LOGEXPORT_SERVICE_EXPORT_RUN_LANE_H_

#include "service/state/records.h"

namespace logexport {

// Runs of one exporter exclude each other within a lane; a run of each lane may be active at the
// same time. The main lane moves the checkpoint and goes first where the tenant's rate budget is
// short.
enum class RunLane { kMain, kSide };

inline RunLane LaneOf(RunKind kind) {
  return kind == RunKind::kExport ? RunLane::kMain : RunLane::kSide;
}

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_RUN_LANE_H_
