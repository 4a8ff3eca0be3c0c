#ifndef LOGEXPORT_SERVICE_CONTROL_SECRET_CONTROL_H_
#define LOGEXPORT_SERVICE_CONTROL_SECRET_CONTROL_H_

#include "absl/status/statusor.h"

#include "service/control/caller.h"
#include "service/control/control_environment.h"

namespace logexport {

namespace v1 {
class RotateSecretsRequest;
class RotateSecretsResponse;
}  // namespace v1

// Changing the keys that secrets in the store are encrypted with. Errors as the API documents them.
// Thread-safe.
class SecretControl {
 public:
  // `environment` must outlive it.
  explicit SecretControl(const ControlEnvironment& environment) : environment_(environment) {}

  absl::StatusOr<v1::RotateSecretsResponse> RotateSecrets(const v1::RotateSecretsRequest& request,
                                                          const Caller& caller);

 private:
  const ControlEnvironment& environment_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_SECRET_CONTROL_H_
