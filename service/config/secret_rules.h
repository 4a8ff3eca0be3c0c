#ifndef LOGEXPORT_SERVICE_CONFIG_SECRET_RULES_H_
#define LOGEXPORT_SERVICE_CONFIG_SECRET_RULES_H_

#include <set>
#include <string>
#include <vector>

#include "service/config/secret_source.h"
#include "service/config/violation.h"

namespace logexport {

namespace v1 {
class ExporterConfig;
}

// Rules that keep callers of the API from reading secrets they do not know.

// Variables that a caller of the API may refer to begin with this.
inline constexpr char kApiSecretPrefix[] = "LOGEXPORT_SECRET_";

// Whether a caller of the API may set this reference: a variable LOGEXPORT_SECRET_* or a file that
// lies, links followed, below `secret_dir` (none when that is empty). True for literals.
bool AllowedOverApi(const SecretSource& source, const std::string& secret_dir);

// The rules for callers of the API, on top of those for every configuration:
//   - a reference that the call sets or changes must be one that is allowed over the API;
//   - the call that changes where a secret is sent (Auth0 domain, base URL and audience; Segment
//     endpoint) must also send the secret itself, as a literal or as a reference allowed over the
//     API. Otherwise a caller who may change the configuration could have the secret sent to a
//     server of their own. The Slack webhook is its own destination.
// `before` is the stored configuration, an empty one for a new exporter; `after` is what would be
// stored; `given_secrets` holds the paths of the secrets that the call sends.
std::vector<ConfigViolation> CheckSecretsOverApi(const v1::ExporterConfig& before,
                                                 const v1::ExporterConfig& after,
                                                 const std::set<std::string>& given_secrets,
                                                 const std::string& secret_dir);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_SECRET_RULES_H_
