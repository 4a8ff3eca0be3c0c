#ifndef LOGEXPORT_SERVICE_CONTROL_CHECKPOINT_CONTROL_H_
#define LOGEXPORT_SERVICE_CONTROL_CHECKPOINT_CONTROL_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

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

  // With `drain` it blocks until the active run has ended, at most until `deadline`
  // (Clock::Monotonic).
  absl::StatusOr<v1::SetCheckpointResponse> SetCheckpoint(const v1::SetCheckpointRequest& request,
                                                          const Caller& caller,
                                                          absl::Duration deadline);
  absl::StatusOr<v1::ListCheckpointsResponse> ListCheckpoints(
      const v1::ListCheckpointsRequest& request);

 private:
  const ControlEnvironment& environment_;
  Supervisor& supervisor_;
};

// Cancels the exporter's queued run and its active one (those that move the checkpoint) and waits
// for the end: OK when none is left, ABORTED / RUN_ALREADY_ACTIVE when `deadline` passed first.
absl::Status DrainMainLane(const ControlEnvironment& environment, Supervisor& supervisor,
                           absl::string_view exporter, absl::Duration deadline);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_CHECKPOINT_CONTROL_H_
