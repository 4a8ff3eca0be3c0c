#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_split.h"

#include "service/config/environment_variables.h"
#include "tests/fuzz/config_checks.h"
#include "tests/fuzz/targets.h"

namespace logexport {

// Lines of NAME=VALUE; values may hold anything else.
void FuzzEnvironment(absl::string_view input) {
  std::map<std::string, std::string> variables;
  for (const absl::string_view line : absl::StrSplit(input, '\n')) {
    variables.insert(
        std::pair<std::string, std::string>(absl::StrSplit(line, absl::MaxSplits('=', 1))));
  }
  const EnvironmentConfig environment =
      ReadEnvironment([&](absl::string_view name) -> std::optional<std::string> {
        const auto found = variables.find(std::string(name));
        if (found == variables.end()) return std::nullopt;
        return found->second;
      });
  CheckViolations(environment.violations);
  if (environment.violations.empty()) CheckConfig(environment.source.config);
}

}  // namespace logexport
