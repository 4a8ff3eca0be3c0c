#ifndef LOGEXPORT_SERVICE_CONFIG_EXPORTER_SETUP_H_
#define LOGEXPORT_SERVICE_CONFIG_EXPORTER_SETUP_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "service/base/clock.h"
#include "service/config/secret_resolver.h"
#include "service/config/startup_plan.h"
#include "service/export/log.h"
#include "service/state/store.h"

namespace logexport {

// What file and environment say, read and waiting to be held against the store.
struct StartupSources {
  ConfigFile file;
  bool has_file = false;
  EnvironmentConfig environment;
  bool config_wins = false;
};

// What the settings are held against; see config_validation.h.
struct StartupChecks {
  std::function<bool(absl::string_view)> is_known_log_type;
  std::function<bool(absl::string_view)> is_known_category;
  const std::vector<LogType>& log_types;
  const SecretResolver& secrets;
};

// Plans without touching the store: `stored` as for a store that holds nothing. For --check-config.
StartupPlan PlanWithoutStore(const StartupSources& sources, const StartupChecks& checks,
                             absl::Time now);

// Creates and replaces exporters as file and environment ask for, in one transaction, and logs what
// was done and where the store differs from them. With violations in the plan nothing is done.
absl::StatusOr<StartupPlan> SetUpExporters(Store& store, const StartupSources& sources,
                                           const StartupChecks& checks, Clock& clock);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_EXPORTER_SETUP_H_
