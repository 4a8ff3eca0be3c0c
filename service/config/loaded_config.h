#ifndef LOGEXPORT_SERVICE_CONFIG_LOADED_CONFIG_H_
#define LOGEXPORT_SERVICE_CONFIG_LOADED_CONFIG_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/config/secret_resolver.h"
#include "service/export/settings.h"
#include "service/schedule/schedule.h"
#include "service/state/transaction.h"

namespace logexport {

// A stored configuration in the forms that workers, announcements and the status need.

// An exporter with what can be known of its current configuration without reading secrets.
struct LoadedConfig {
  ExporterRecord exporter;
  ConfigVersion version;
  Schedule schedule;
  absl::Duration settle_delay;
  absl::Duration retention;  // zero: not known
  CompletenessSettings completeness;
};

// NOT_FOUND when there is no such exporter.
absl::StatusOr<LoadedConfig> LoadConfig(Transaction& tx, absl::string_view exporter);

// The settings of a stored configuration, with its secrets read now. A Failure with the reason
// SECRET_UNREADABLE names the references that cannot be read.
absl::StatusOr<ExporterSettings> LoadSettings(const ExporterRecord& exporter,
                                              const ConfigVersion& version,
                                              std::int64_t message_generation,
                                              const SecretResolver& secrets);

// Whether the configuration names anybody to tell, read or not: that takes no secret.
bool NamesReceivers(const ConfigVersion& version);

// Only what messages need; a webhook that cannot be read counts as none.
NotificationSettings LoadNotifications(const ConfigVersion& version, const SecretResolver& secrets);

// How long reports are kept: by age (infinite: no bound) and by number (0: no bound).
struct ReportRetention {
  absl::Duration max_age = absl::InfiniteDuration();
  std::int64_t max_count = 0;
};
ReportRetention LoadReportRetention(const ConfigVersion& version);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_LOADED_CONFIG_H_
