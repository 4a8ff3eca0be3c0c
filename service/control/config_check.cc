#include "service/control/config_check.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "logexport/v1/configuration.pb.h"
#include "service/base/status_macros.h"
#include "service/config/secret_rules.h"
#include "service/config/start_point.h"
#include "service/config/update.h"
#include "service/config/validation.h"
#include "service/control/api_error.h"

namespace logexport {
namespace {

// Where a field of the configuration stands in the requests that carry one.
std::string FieldOfRequest(const std::string& field) {
  if (field.empty()) return "config";
  return field == "update_mask" ? field : absl::StrCat("config.", field);
}

}  // namespace

absl::Status ConfigRefused(const std::vector<ConfigViolation>& violations) {
  if (violations.empty()) return absl::OkStatus();
  std::vector<ApiError::Violation> fields;
  bool all_secret_required = true;
  bool all_references = true;
  for (const ConfigViolation& violation : violations) {
    fields.push_back({FieldOfRequest(violation.field), violation.description});
    all_secret_required &= violation.kind == ConfigViolation::Kind::kSecretRequired;
    all_references &= violation.kind == ConfigViolation::Kind::kReferenceNotAllowed;
  }
  ApiError error = ApiErrorOf(InvalidFields(std::move(fields)));
  if (all_secret_required) error.reason = "SECRET_REQUIRED";
  if (all_references) error.reason = "SECRET_REFERENCE_NOT_ALLOWED";
  return MakeApiError(error);
}

absl::StatusOr<CheckedUpdate> CheckUpdate(absl::string_view exporter,
                                          const v1::ExporterConfig& before,
                                          const ConfigUpdate& update,
                                          const ControlEnvironment& environment) {
  std::vector<ConfigViolation> violations = update.violations;
  for (ConfigViolation& violation :
       CheckSecretsOverApi(before, update.config, update.given_secrets, environment.secret_dir)) {
    violations.push_back(std::move(violation));
  }
  if (update.start_from.has_value()) {
    const absl::StatusOr<Position> start =
        ParseStartPoint(*update.start_from, environment.clock.Now());
    if (!start.ok()) {
      violations.push_back({ConfigViolation::Kind::kInvalid, "", "start_from",
                            std::string(start.status().message()), ""});
    }
  }
  ValidationContext context;
  context.is_known_log_type = environment.is_known_log_type;
  context.is_known_category = environment.is_known_category;
  context.log_types = &environment.log_types;
  context.now = environment.clock.Now();
  context.exporter = std::string(exporter);
  // References that may not be set are not read either: what they hold would show in the answer.
  if (violations.empty()) context.secrets = &environment.secrets;
  ValidationResult result = ValidateConfig(update.config, context);
  for (ConfigViolation& violation : result.violations) {
    // A secret that cannot be read now must not keep other settings from being changed.
    if (violation.kind == ConfigViolation::Kind::kSecretUnreadable &&
        !update.given_secrets.contains(violation.field)) {
      result.warnings.push_back(absl::StrCat(violation.field, ": ", violation.description));
    } else {
      violations.push_back(std::move(violation));
    }
  }
  RETURN_IF_ERROR(ConfigRefused(violations));
  return CheckedUpdate{std::move(result.warnings)};
}

}  // namespace logexport
