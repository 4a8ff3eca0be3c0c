#ifndef LOGEXPORT_SERVICE_CONTROL_CHECKPOINT_CONTROL_H_
#define LOGEXPORT_SERVICE_CONTROL_CHECKPOINT_CONTROL_H_

#include "absl/status/statusor.h"

#include "service/control/caller.h"
#include "service/control/control_environment.h"
#include "service/runs/supervisor.h"

namespace logexport {

namespace v1 {
class ListCheckpointsRequest;
class ListCheckpointsResponse;
class SetCheckpointRequest;
class SetCheckpointResponse;
}  // namespace v1

// Moving and showing checkpoints. Errors as the API documents them. Thread-safe.
class CheckpointControl {
 public:
  // Both must outlive it.
  CheckpointControl(const ControlEnvironment& environment, Supervisor& supervisor)
      : environment_(environment), supervisor_(supervisor) {}

  // With `drain` it blocks until the active run has ended, within `limits`.
  absl::StatusOr<v1::SetCheckpointResponse> SetCheckpoint(const v1::SetCheckpointRequest& request,
                                                          const Caller& caller,
                                                          const CallLimits& limits);
  absl::StatusOr<v1::ListCheckpointsResponse> ListCheckpoints(
      const v1::ListCheckpointsRequest& request);

 private:
  const ControlEnvironment& environment_;
  Supervisor& supervisor_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_CHECKPOINT_CONTROL_H_
