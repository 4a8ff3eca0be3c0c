#ifndef LOGEXPORT_SERVICE_CONTROL_CONTROL_ENVIRONMENT_H_
#define LOGEXPORT_SERVICE_CONTROL_CONTROL_ENVIRONMENT_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/export/log.h"
#include "service/export/notifier.h"
#include "service/runs/run_environment.h"
#include "service/state/audit_trail.h"

namespace logexport {

class SecretKeys;
class SecretSealer;

// What protects secrets and the audit in the store. Without keys in tests of other things.
struct StoreProtection {
  SecretKeys* keys = nullptr;
  const SecretSealer* sealer = nullptr;
  const AuditSigner* audit_signer = &KeylessAuditSigner();
};

// What the use cases work with, beside what runs need; one per process. Every referenced object
// must outlive its users.
struct ControlEnvironment : RunEnvironment {
  Notifier& notifier;
  // Files that secrets may be read from over the API lie below it; empty: none.
  std::string secret_dir;
  // The table of log types.
  const std::vector<LogType>& log_types;
  std::function<bool(absl::string_view)> is_known_category;
  absl::Time service_started;
  StoreProtection protection = {};
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_CONTROL_ENVIRONMENT_H_
