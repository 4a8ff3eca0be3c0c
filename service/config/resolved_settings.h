#ifndef LOGEXPORT_SERVICE_CONFIG_RESOLVED_SETTINGS_H_
#define LOGEXPORT_SERVICE_CONFIG_RESOLVED_SETTINGS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/config/secret_resolver.h"
#include "service/export/settings.h"

namespace logexport {

namespace v1 {
class CompletenessSettings;
class ExporterConfig;
}  // namespace v1

// What never changes with the configuration, from the exporter's record.
struct MessageIdentity {
  std::string message_namespace;
  std::int64_t generation = 0;
};

// The settings a run works with: defaults filled in, addresses made from domain and region, secrets
// read now. `config` is a validated one. A secret that cannot be read is a Failure (failure.h) with
// the reason kSecretUnreadable that names every such field and its reference, never a value; but
// one that only messages need keeps no run from taking place (NotificationSettings).
absl::StatusOr<ExporterSettings> ResolveSettings(absl::string_view exporter,
                                                 const v1::ExporterConfig& config,
                                                 const MessageIdentity& identity,
                                                 const SecretResolver& secrets);

// Only what messages need. What keeps a channel from being used is said in its `problem`.
NotificationSettings ResolveNotifications(absl::string_view exporter,
                                          const v1::ExporterConfig& config,
                                          const SecretResolver& secrets);

// Of a complete configuration.
CompletenessSettings ResolveCompleteness(const v1::CompletenessSettings& config);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_RESOLVED_SETTINGS_H_
