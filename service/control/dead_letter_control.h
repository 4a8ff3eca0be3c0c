#ifndef LOGEXPORT_SERVICE_CONTROL_DEAD_LETTER_CONTROL_H_
#define LOGEXPORT_SERVICE_CONTROL_DEAD_LETTER_CONTROL_H_

#include "absl/status/statusor.h"

#include "service/control/caller.h"
#include "service/control/control_environment.h"

namespace logexport {

namespace v1 {
class ListDeadLettersRequest;
class ListDeadLettersResponse;
class PurgeDeadLettersRequest;
class PurgeDeadLettersResponse;
}  // namespace v1

// Looking at dead letters and deleting them; redriving is a run (run_control.h). Errors as the API
// documents them. Thread-safe.
class DeadLetterControl {
 public:
  // `environment` must outlive it.
  explicit DeadLetterControl(const ControlEnvironment& environment) : environment_(environment) {}

  absl::StatusOr<v1::ListDeadLettersResponse> ListDeadLetters(
      const v1::ListDeadLettersRequest& request, const Caller& caller);
  absl::StatusOr<v1::PurgeDeadLettersResponse> PurgeDeadLetters(
      const v1::PurgeDeadLettersRequest& request, const Caller& caller);

 private:
  const ControlEnvironment& environment_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_DEAD_LETTER_CONTROL_H_
