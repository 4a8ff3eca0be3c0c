#include "service/config/message_namespace.h"

#include "absl/strings/str_cat.h"

#include "logexport/v1/config.pb.h"
#include "service/base/hash.h"
#include "service/base/status_macros.h"
#include "service/config/endpoints.h"
#include "service/config/schema.h"

namespace logexport {

std::string MessageNamespace(absl::string_view base_url, absl::string_view write_key,
                             absl::string_view tenant, absl::string_view exporter) {
  std::string input;
  // The length before each part keeps two lists of parts from making the same text.
  for (const absl::string_view part : {base_url, write_key, tenant, exporter}) {
    absl::StrAppend(&input, part.size(), ":", part, ",");
  }
  return Sha256Hex(input).substr(0, 16);
}

bool SameEventDestination(const v1::ExporterConfig& a, const v1::ExporterConfig& b) {
  return SameEndpoint(WithDefaults(a).segment().endpoint(), WithDefaults(b).segment().endpoint());
}

absl::StatusOr<std::string> NewMessageNamespace(const ExporterSettings& settings) {
  ASSIGN_OR_RETURN(const std::string tenant, TenantOfAudience(settings.auth0.audience));
  return MessageNamespace(settings.segment.base_url, settings.segment.write_key, tenant,
                          settings.exporter);
}

}  // namespace logexport
