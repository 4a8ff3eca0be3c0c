#include "service/config/exporter_id.h"
#include "service/config/yaml_file.h"
#include "tests/fuzz/config_checks.h"
#include "tests/fuzz/targets.h"

namespace logexport {

// A configuration file, through to the settings of the runs.
void FuzzConfigFile(absl::string_view input) {
  const ConfigFile file = ParseConfigFile(input, "exporters.yaml");
  CheckViolations(file.violations);
  if (!file.violations.empty()) return;
  for (const PartialConfig& source : file.exporters) {
    Promise(IsExporterId(source.exporter), "exporters have ids");
    CheckConfig(source.config);
  }
}

}  // namespace logexport
