#ifndef LOGEXPORT_SERVICE_CONTROL_CONFIG_CHECK_H_
#define LOGEXPORT_SERVICE_CONTROL_CONFIG_CHECK_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/config/violation.h"
#include "service/control/control_environment.h"

namespace logexport {

namespace v1 {
class ExporterConfig;
}
struct ConfigUpdate;

// INVALID_ARGUMENT with every violation, fields named as in the request ("config.auth0.domain"); OK
// when there are none.
absl::Status ConfigRefused(const std::vector<ConfigViolation>& violations);

// Everything that is wrong with a configuration about to be stored over the API.
struct CheckedUpdate {
  std::vector<std::string> warnings;
};
absl::StatusOr<CheckedUpdate> CheckUpdate(absl::string_view exporter,
                                          const v1::ExporterConfig& before,
                                          const ConfigUpdate& update,
                                          const ControlEnvironment& environment);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_CONFIG_CHECK_H_
