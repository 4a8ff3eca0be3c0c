#ifndef LOGEXPORT_SERVICE_CONTROL_EXPORTER_SETTINGS_H_
#define LOGEXPORT_SERVICE_CONTROL_EXPORTER_SETTINGS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/control/secrets.h"
#include "service/export/settings.h"
#include "service/schedule/schedule.h"
#include "service/state/transaction.h"

namespace logexport {

// An exporter's configuration of one version, in the form that its users need.
struct LoadedConfig {
  ExporterRecord exporter;
  ConfigVersion version;
  Schedule schedule;
  absl::Duration settle_delay;
};

// Reads the exporter with its current configuration. NOT_FOUND when there is no such exporter.
absl::StatusOr<LoadedConfig> LoadConfig(Transaction& tx, absl::string_view exporter);

// The settings of a stored configuration with its secrets read now. FAILED_PRECONDITION names the
// references that cannot be read.
absl::StatusOr<ExporterSettings> LoadSettings(const ExporterRecord& exporter,
                                              const ConfigVersion& version,
                                              std::int64_t message_generation,
                                              const SecretResolver& secrets);

// Only what messages to Slack need; a webhook that cannot be read counts as none.
SlackSettings LoadSlackSettings(const ConfigVersion& version, const SecretResolver& secrets);

// How long reports are kept: by age and by number (0: no bound).
struct ReportRetention {
  absl::Duration max_age;
  std::int64_t max_count = 0;
};
ReportRetention LoadReportRetention(const ConfigVersion& version);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_EXPORTER_SETTINGS_H_
