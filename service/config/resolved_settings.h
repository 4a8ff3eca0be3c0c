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

struct ResolvedSettings {
  ExporterSettings settings;
  // Why there are no Slack messages although a webhook is configured; else OK. Slack must never
  // keep a run from taking place.
  absl::Status slack;
};

// The settings a run works with: defaults filled in, addresses made from domain and region, secrets
// read now. `config` is a validated one. A secret that cannot be read is a Failure (failure.h) with
// the reason kSecretUnreadable that names every such field and its reference, never a value.
absl::StatusOr<ResolvedSettings> ResolveSettings(absl::string_view exporter,
                                                 const v1::ExporterConfig& config,
                                                 const MessageIdentity& identity,
                                                 const SecretResolver& secrets);

// Of a complete configuration.
CompletenessSettings ResolveCompleteness(const v1::CompletenessSettings& config);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_RESOLVED_SETTINGS_H_
