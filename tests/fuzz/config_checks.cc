#include "tests/fuzz/config_checks.h"

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <google/protobuf/util/message_differencer.h>

#include "service/auth0/type_table.h"
#include "service/config/message_namespace.h"
#include "service/config/presented_config.h"
#include "service/config/resolved_settings.h"
#include "service/config/schema.h"
#include "service/config/secret_resolver.h"
#include "service/config/serialization.h"
#include "service/config/update.h"
#include "service/config/validation.h"
#include "service/segment/event_mapper.h"
#include "tests/fuzz/targets.h"

namespace logexport {
namespace {

using google::protobuf::util::MessageDifferencer;

std::optional<std::string> AnyVariable(absl::string_view) { return "the-secret-of-a-variable"; }

}  // namespace

void CheckViolations(const std::vector<ConfigViolation>& violations) {
  for (const ConfigViolation& violation : violations) {
    PromisePrintable(ToText(violation), "violations can be shown");
  }
}

void CheckConfig(const v1::ExporterConfig& config) {
  const SecretResolver secrets(AnyVariable);
  ValidationContext context;
  context.is_known_log_type = [](absl::string_view code) { return FindLogType(code) != nullptr; };
  const ValidationResult result = ValidateConfig(config, context);
  CheckViolations(result.violations);
  for (const std::string& warning : result.warnings) {
    PromisePrintable(warning, "warnings can be shown");
  }
  if (!result.ok()) return;

  v1::ExporterConfig normal = config;
  Normalize(&normal);
  const absl::StatusOr<v1::ExporterConfig> stored = ParseStoredConfig(SerializeConfig(normal));
  Promise(stored.ok() && MessageDifferencer::Equals(*stored, normal),
          "what is stored is read back the same");
  const ConfigUpdate back = ApplyUpdate(*stored, PresentedConfig(*stored), {"*"});
  Promise(back.violations.empty() && back.changed_fields.empty(),
          "reading and writing back changes nothing");
  // A file that a secret refers to is not there, which is for the run to report.
  const absl::StatusOr<ExporterSettings> resolved =
      ResolveSettings("fuzzed", *stored, {"0123456789abcdef", 0}, secrets);
  if (!resolved.ok()) return;
  const ExporterSettings& settings = *resolved;
  Promise(NewMessageNamespace(settings).ok(), "settings that were accepted have a namespace");
  Promise(
      MakeEventMapper(settings.segment, settings.privacy, settings.profile, "tenant") != nullptr,
      "settings that were accepted make a mapper");
}

}  // namespace logexport
