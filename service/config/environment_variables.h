#ifndef LOGEXPORT_SERVICE_CONFIG_ENVIRONMENT_VARIABLES_H_
#define LOGEXPORT_SERVICE_CONFIG_ENVIRONMENT_VARIABLES_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "service/config/partial_config.h"
#include "service/config/secret_source.h"
#include "service/config/violation.h"

namespace logexport {

// What the environment says about the exporter `default`. Usable only without violations.
struct EnvironmentConfig {
  PartialConfig source;
  // The variables that were set, by the names under which they were found.
  std::vector<std::string> variables;
  // Whether one of the settings that every exporter needs (tenant, client, write key) is among
  // them: only then is the environment meant to set up an exporter by itself.
  bool identifies_exporter = false;
  std::vector<ConfigViolation> violations;
};

// Reads the variables by which the Auth0 extension was configured, and a few more: SCHEDULE,
// BATCH_SIZE, START_FROM, AUTH0_DOMAIN, SEGMENT_KEY … (EnvironmentNames). An empty variable counts
// as not set. A secret is not copied: the configuration refers to its variable (`env:SEGMENT_KEY`),
// unless the variable itself holds a reference.
//
// LOG_TYPES is a comma-separated list. DAILY_REPORT_TIME is an hour, optionally followed by a time
// zone: `16`, `16:00 Europe/Berlin`.
EnvironmentConfig ReadEnvironment(const EnvironmentLookup& environment);

// The variable for a field, "AUTH0_DOMAIN" for "auth0.domain"; empty if there is none.
std::string EnvironmentNameOf(absl::string_view field);

// Every variable that is read, without aliases.
std::vector<std::string> EnvironmentNames();

// Of these variables those that are not read although they look like a slip of one that is, each
// with what it may be meant for: "LOG_TYPE is not read; did you mean LOG_TYPES?". A setting that is
// silently not there would leave its default.
std::vector<std::string> LookAlikes(const std::vector<std::string>& variables);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_ENVIRONMENT_VARIABLES_H_
