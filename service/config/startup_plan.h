#ifndef LOGEXPORT_SERVICE_CONFIG_STARTUP_PLAN_H_
#define LOGEXPORT_SERVICE_CONFIG_STARTUP_PLAN_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "logexport/v1/config.pb.h"
#include "service/config/environment_variables.h"
#include "service/config/partial_config.h"
#include "service/config/validation.h"
#include "service/config/violation.h"
#include "service/config/yaml_file.h"
#include "service/state/records.h"

namespace logexport {

struct StartupInputs {
  // Null when no file was named.
  const ConfigFile* file = nullptr;
  const EnvironmentConfig* environment = nullptr;
  // What the store holds, by exporter, and which exporters were deleted from it.
  std::map<std::string, v1::ExporterConfig> stored;
  std::set<std::string> deleted;
  // The file and the environment replace what is stored (--config-wins).
  bool config_wins = false;
};

// What file and environment together say about one exporter, normalised.
struct ConfiguredExporter {
  v1::ExporterConfig config;
  // Only a few variables are set, which cannot make up an exporter: what they leave out says
  // nothing.
  bool partial = false;
};

struct PlannedExporter {
  std::string exporter;
  v1::ExporterConfig config;  // normalised, to be stored as version 1
  Position start;
};

struct PlannedReplacement {
  std::string exporter;
  v1::ExporterConfig config;
  std::vector<std::string> changed_fields;
};

// What is to be done at start. Nothing of it may be done while there is a violation.
struct StartupPlan {
  std::vector<PlannedExporter> create;
  std::vector<PlannedReplacement> replace;
  // Where the stored configuration, which goes on to hold, differs from file and environment:
  // dotted paths by exporter. For the start-up log.
  std::map<std::string, std::vector<std::string>> differences;
  // Configured, but deleted over the API: stays deleted.
  std::vector<std::string> skipped;
  // Everything configured, for comparing with it later.
  std::map<std::string, ConfiguredExporter> configured;
  std::vector<std::string> warnings;
  std::vector<ConfigViolation> violations;
};

// Merges environment over file over defaults (the environment only for the exporter `default`) and
// compares with the store. Pure; the caller carries the plan out in one transaction.
//
// The environment takes part if the file has `default`, if it sets one of the settings that every
// exporter needs, or if there is nothing else at all, so that a service started without any
// configuration says what is missing. Otherwise variables that happen to be set, such as SCHEDULE,
// are only warned about.
//
// Violations of file and environment are taken over, so that all there are come out at once.
// Settings that would not be stored are checked for their form, too, but need not be complete.
StartupPlan PlanStartup(const StartupInputs& inputs, const ValidationContext& context);

// Which fields of `stored` differ from what was configured at start, as dotted paths.
std::vector<std::string> DifferingFields(const ConfiguredExporter& configured,
                                         const v1::ExporterConfig& stored);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_STARTUP_PLAN_H_
