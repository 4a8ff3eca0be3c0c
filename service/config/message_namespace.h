#ifndef LOGEXPORT_SERVICE_CONFIG_MESSAGE_NAMESPACE_H_
#define LOGEXPORT_SERVICE_CONFIG_MESSAGE_NAMESPACE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/export/settings.h"

namespace logexport {

namespace v1 {
class ExporterConfig;
}

// The first part of every messageId of an exporter. Segment drops a repeated messageId, so the
// namespace stays the same for as long as events go to the same place.

// 16 hex digits: equal only for equal arguments. `base_url` and `tenant` as given by SegmentBaseUrl
// and TenantOfAudience.
std::string MessageNamespace(absl::string_view base_url, absl::string_view write_key,
                             absl::string_view tenant, absl::string_view exporter);

// Whether events go to the same place under both configurations, however the endpoint is written.
// Another place de-duplicates on its own, so a change needs a new namespace.
bool SameEventDestination(const v1::ExporterConfig& a, const v1::ExporterConfig& b);

// The namespace for an exporter with these settings: for a new exporter, and when a new namespace
// is wanted.
absl::StatusOr<std::string> NewMessageNamespace(const ExporterSettings& settings);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_MESSAGE_NAMESPACE_H_
