#ifndef LOGEXPORT_SERVICE_CONFIG_YAML_FILE_H_
#define LOGEXPORT_SERVICE_CONFIG_YAML_FILE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/config/partial_config.h"
#include "service/config/violation.h"

namespace logexport {

// The configuration file. Its content is usable only when there is no violation.
struct ConfigFile {
  std::vector<PartialConfig> exporters;
  std::vector<ConfigViolation> violations;
};

inline constexpr std::size_t kLargestConfigFile = std::size_t{1} << 20;

// Reads a configuration file:
//
//   exporters:
//     - id: acme            # "default" when left out
//       schedule: {cron: "0 */5 * * * *", jitter: 30s}
//       auth0: {domain: acme.eu.auth0.com, client_id: abc, client_secret: env:ACME_SECRET}
//       segment: {write_key: file:/run/secrets/segment, endpoint: EU}
//
// The keys are the fields of ExporterConfig; an empty value leaves its field unset. Unknown and
// repeated keys, wrong types, malformed and repeated ids are violations, with `name:line:column`
// as their origin; values are validated later. Reports up to 100 violations. Any bytes are safe to
// pass; files over 1 MiB are refused.
ConfigFile ParseConfigFile(absl::string_view yaml, absl::string_view name);

// The content of the file, for ParseConfigFile. NOT_FOUND, PERMISSION_DENIED or
// INVALID_ARGUMENT (too large, no regular file), naming the path.
absl::StatusOr<std::string> ReadConfigFile(const std::string& path);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_YAML_FILE_H_
