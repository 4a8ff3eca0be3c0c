#ifndef LOGEXPORT_SERVICE_CONFIG_EXPORTER_SETTINGS_H_
#define LOGEXPORT_SERVICE_CONFIG_EXPORTER_SETTINGS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/config/secrets.h"
#include "service/export/settings.h"

namespace logexport {

namespace v1 {
class ExporterConfig;
}

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

// 16 hex digits that begin the message ids of an exporter: equal only for equal arguments.
// `base_url` and `tenant` as of SegmentBaseUrl and TenantOfAudience.
std::string MessageNamespace(absl::string_view base_url, absl::string_view write_key,
                             absl::string_view tenant, absl::string_view exporter);

// Whether events go to the same place under both configurations, however that is written. Another
// place de-duplicates on its own, so a change needs a new namespace.
bool SameEventDestination(const v1::ExporterConfig& a, const v1::ExporterConfig& b);

// The namespace for an exporter with these settings: for a new one, and when a new namespace is
// wanted.
absl::StatusOr<std::string> NewMessageNamespace(const ExporterSettings& settings);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_EXPORTER_SETTINGS_H_
