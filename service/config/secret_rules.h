#ifndef LOGEXPORT_SERVICE_CONFIG_SECRET_RULES_H_
#define LOGEXPORT_SERVICE_CONFIG_SECRET_RULES_H_

#include <string>
#include <vector>

#include "service/config/secrets.h"
#include "service/config/violation.h"

namespace logexport {

namespace v1 {
class ExporterConfig;
}
struct ConfigUpdate;

// How it is kept from the API's callers to read secrets they do not know, and how secrets are
// shown.

// Variables that a caller of the API may refer to begin with this.
inline constexpr char kApiSecretPrefix[] = "LOGEXPORT_SECRET_";

// Replaces literal secrets by kMaskedSecret. References stay as they are.
void MaskSecrets(v1::ExporterConfig* config);

// Whether a caller of the API may set this reference: a variable LOGEXPORT_SECRET_* or a file that
// lies, links followed, below `secret_dir` (none when that is empty). True for literals.
bool AllowedOverApi(const SecretSource& source, const std::string& secret_dir);

// What the API's callers must keep to, on top of what holds for every configuration:
//   - a reference that the update sets or changes must be one that is allowed over the API;
//   - where a secret is sent (Auth0 domain, base URL and audience; Segment endpoint) changes only
//     together with the secret itself, as a literal or a reference allowed over the API: else
//     whoever may change the configuration could have the secret sent to himself. The Slack webhook
//     is its own destination.
// `before` is what was stored; for a new exporter, an empty configuration.
std::vector<ConfigViolation> CheckSecretsOverApi(const v1::ExporterConfig& before,
                                                 const ConfigUpdate& update,
                                                 const std::string& secret_dir);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_SECRET_RULES_H_
