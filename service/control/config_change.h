#ifndef LOGEXPORT_SERVICE_CONTROL_CONFIG_CHANGE_H_
#define LOGEXPORT_SERVICE_CONTROL_CONFIG_CHANGE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "logexport/v1/config.pb.h"
#include "service/control/control_environment.h"
#include "service/state/transaction.h"

namespace logexport {

// A change of an exporter's configuration that has passed every check.
struct ConfigChange {
  std::string exporter;
  v1::ExporterConfig config;
  std::vector<std::string> changed_fields;
  bool new_message_namespace = false;
  std::int64_t rollback_of = 0;  // the version it repeats; 0: it is no rollback
};

// Stores the change as the version after `current` and answers that. What follows from it for the
// exporter is stored, too: a new destination gets a new message namespace, a new schedule has
// missed no fires, and a new webhook has refused no messages. Without changed fields and a new
// namespace nothing is stored.
absl::StatusOr<ConfigVersion> StoreConfigChange(Transaction& tx,
                                                const ControlEnvironment& environment,
                                                const ConfigVersion& current,
                                                const ConfigChange& change, const Audit& audit);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_CONFIG_CHANGE_H_
