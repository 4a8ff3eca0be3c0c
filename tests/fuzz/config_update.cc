#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include <google/protobuf/util/json_util.h>

#include "service/config/update.h"
#include "service/config/validation.h"
#include "tests/fuzz/config_checks.h"
#include "tests/fuzz/targets.h"

namespace logexport {
namespace {

v1::ExporterConfig FromJson(absl::string_view json) {
  v1::ExporterConfig config;
  const google::protobuf::StringPiece text(json.data(), json.size());
  if (!google::protobuf::util::JsonStringToMessage(text, &config).ok()) config.Clear();
  return config;
}

}  // namespace

// Three lines: a stored configuration, the one that comes in, and the mask, by commas.
void FuzzConfigUpdate(absl::string_view input) {
  const std::vector<absl::string_view> lines = absl::StrSplit(input, absl::MaxSplits('\n', 2));
  const v1::ExporterConfig given = FromJson(lines[0]);
  const v1::ExporterConfig incoming = lines.size() > 1 ? FromJson(lines[1]) : v1::ExporterConfig();
  std::vector<std::string> mask;
  if (lines.size() > 2) mask = absl::StrSplit(lines[2], ',', absl::SkipEmpty());

  const ConfigUpdate stored = ApplyUpdate({}, given, {"*"});
  CheckViolations(stored.violations);
  if (!stored.violations.empty()) return;
  CheckConfig(stored.config);
  const ConfigUpdate update = ApplyUpdate(stored.config, incoming, mask);
  CheckViolations(update.violations);
  if (!update.violations.empty()) return;
  CheckConfig(update.config);
  const ConfigUpdate again = ApplyUpdate(update.config, incoming, mask);
  Promise(again.changed_fields.empty(), "the same update again changes nothing");
}

}  // namespace logexport
