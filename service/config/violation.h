#ifndef LOGEXPORT_SERVICE_CONFIG_VIOLATION_H_
#define LOGEXPORT_SERVICE_CONFIG_VIOLATION_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport {

// One thing that is wrong with a configuration. Violations are collected, so that all of them are
// reported at once; nothing is stored while there is one. No text in them holds a secret's value.
struct ConfigViolation {
  enum class Kind {
    kInvalid,
    // The destination of a secret was changed without giving the secret in the same call.
    kSecretRequired,
    // A reference that may not be set over the API.
    kReferenceNotAllowed,
    // A reference whose variable or file cannot be read now.
    kSecretUnreadable,
  };
  Kind kind = Kind::kInvalid;
  // Whose configuration it is; empty where only one is spoken of.
  std::string exporter;
  // Dotted path in ExporterConfig, "privacy.rules[2].path"; empty for the configuration as a whole.
  std::string field;
  // What is wrong and what is allowed: "is 500; allowed: 1 to 100".
  std::string description;
  // Where the value was written: "AUTH0_DOMAIN", "exporters.yaml:12:7". Empty for calls of the API.
  std::string origin;
};

ConfigViolation MakeViolation(std::string field, std::string description,
                              ConfigViolation::Kind kind = ConfigViolation::Kind::kInvalid);
ConfigViolation MakeViolationAt(std::string origin, std::string field, std::string description);

// "AUTH0_DOMAIN: auth0.domain: is required". For logs and the console.
std::string ToText(const ConfigViolation& violation);

// Where each field that was set was written, by dotted path.
using ConfigOrigins = std::map<std::string, std::string>;

// The origin of `field`, or of the nearest field around it ("privacy.rules" for
// "privacy.rules[2].path"); empty when none is known.
std::string OriginOf(const ConfigOrigins& origins, absl::string_view field);

// Completes violations that have no origin yet.
void NameOrigins(const ConfigOrigins& origins, std::vector<ConfigViolation>* violations);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_VIOLATION_H_
