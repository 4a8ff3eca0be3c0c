#include "service/config/startup_plan.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "service/config/exporter_id.h"
#include "service/config/schema.h"
#include "service/config/start_point.h"

namespace logexport {
namespace {

bool Contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

const PartialConfig* FindDefault(const ConfigFile* file) {
  if (file == nullptr) return nullptr;
  for (const PartialConfig& source : file->exporters) {
    if (source.exporter == kDefaultExporter) return &source;
  }
  return nullptr;
}

PartialConfig Overlay(const PartialConfig& base, const PartialConfig& top) {
  PartialConfig merged = base;
  for (const ConfigField& field : ConfigFields()) {
    if (!IsSet(top.config, field)) continue;
    CopyField(top.config, field, &merged.config);
    // The places of a replaced list's items in the file mean nothing any more.
    const std::string items = field.path + "[";
    for (auto it = merged.origins.lower_bound(items);
         it != merged.origins.end() && it->first.compare(0, items.size(), items) == 0;) {
      it = merged.origins.erase(it);
    }
  }
  for (const auto& [field, origin] : top.origins) merged.origins[field] = origin;
  return merged;
}

class Planner {
 public:
  Planner(const StartupInputs& inputs, const ValidationContext& context)
      : inputs_(inputs), context_(context) {}

  StartupPlan Run() && {
    TakeViolations();
    const PartialConfig* in_file = FindDefault(inputs_.file);
    if (inputs_.file != nullptr) {
      for (const PartialConfig& source : inputs_.file->exporters) {
        if (&source != in_file) Plan(source, /*partial=*/false);
      }
    }
    PlanDefault(in_file);
    return std::move(plan_);
  }

 private:
  void TakeViolations() {
    if (inputs_.file != nullptr) plan_.violations = inputs_.file->violations;
    if (inputs_.environment == nullptr) return;
    for (const ConfigViolation& violation : inputs_.environment->violations) {
      plan_.violations.push_back(violation);
    }
  }

  void PlanDefault(const PartialConfig* in_file) {
    const EnvironmentConfig nothing;
    const EnvironmentConfig& environment =
        inputs_.environment != nullptr ? *inputs_.environment : nothing;
    const bool nothing_else =
        inputs_.file == nullptr && inputs_.stored.empty() && inputs_.deleted.empty();
    if (in_file != nullptr || environment.identifies_exporter || nothing_else) {
      PartialConfig base;
      base.exporter = kDefaultExporter;
      Plan(Overlay(in_file != nullptr ? *in_file : base, environment.source), /*partial=*/false);
      return;
    }
    if (environment.variables.empty()) return;
    if (inputs_.stored.contains(kDefaultExporter) && !inputs_.config_wins) {
      PartialConfig source = environment.source;
      source.exporter = kDefaultExporter;
      Plan(source, /*partial=*/true);
      return;
    }
    plan_.warnings.push_back(absl::StrCat(
        absl::StrJoin(environment.variables, ", "),
        environment.variables.size() == 1 ? " is" : " are",
        " set but not used, since neither file nor environment says which tenant the exporter ",
        kDefaultExporter,
        " reads; set AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET and "
        "SEGMENT_KEY, too"));
  }

  void Plan(const PartialConfig& source, bool partial) {
    const std::string& exporter = source.exporter;
    const auto stored = inputs_.stored.find(exporter);
    const bool is_stored = stored != inputs_.stored.end();
    const bool is_deleted = !is_stored && inputs_.deleted.contains(exporter);
    const bool takes_effect = !is_deleted && (!is_stored || inputs_.config_wins);

    v1::ExporterConfig config = source.config;
    const std::string start_from = config.start_from();
    Normalize(&config);
    if (!start_from.empty()) config.set_start_from(start_from);
    Validate(source, config, takes_effect);
    config.clear_start_from();

    plan_.configured[exporter] = {config, partial};
    if (is_deleted) {
      plan_.skipped.push_back(exporter);
    } else if (!is_stored) {
      Create(exporter, config, start_from);
    } else {
      Compare(exporter, stored->second);
    }
  }

  void Create(const std::string& exporter, const v1::ExporterConfig& config,
              const std::string& start_from) {
    absl::StatusOr<Position> start =
        ParseStartPoint(start_from.empty() ? "earliest" : start_from, context_.now);
    if (!start.ok()) return;  // validation has said so
    plan_.create.push_back({exporter, config, *std::move(start)});
  }

  void Compare(const std::string& exporter, const v1::ExporterConfig& stored) {
    const ConfiguredExporter& configured = plan_.configured[exporter];
    if (inputs_.config_wins) {
      std::vector<std::string> changed = ChangedFields(stored, configured.config);
      if (!changed.empty()) {
        plan_.replace.push_back({exporter, configured.config, std::move(changed)});
      }
      return;
    }
    std::vector<std::string> fields = DifferingFields(configured, stored);
    if (!fields.empty()) plan_.differences[exporter] = std::move(fields);
  }

  void Validate(const PartialConfig& source, const v1::ExporterConfig& config, bool takes_effect) {
    ValidationContext context = context_;
    if (!takes_effect) {
      context.require_all = false;
      context.secrets = nullptr;
    }
    ValidationResult result = ValidateConfig(config, context);
    NameOrigins(source.origins, &result.violations);
    for (ConfigViolation& violation : result.violations) {
      if (AlreadyNamed(violation.origin)) continue;
      violation.exporter = source.exporter;
      const std::string variable = EnvironmentNameOf(violation.field);
      if (violation.origin.empty() && source.exporter == kDefaultExporter && !variable.empty()) {
        absl::StrAppend(&violation.description, "; set ", variable,
                        ", or the field in the file given by --config");
      }
      plan_.violations.push_back(std::move(violation));
    }
    if (!takes_effect) return;
    for (const std::string& warning : result.warnings) {
      plan_.warnings.push_back(absl::StrCat("exporter ", source.exporter, ": ", warning));
    }
  }

  // A value that could not even be read leaves its field unset; that it is missing is then no news.
  bool AlreadyNamed(const std::string& origin) const {
    return !origin.empty() && std::any_of(plan_.violations.begin(), plan_.violations.end(),
                                          [&](const ConfigViolation& earlier) {
                                            return earlier.exporter.empty() &&
                                                   earlier.origin == origin;
                                          });
  }

  const StartupInputs& inputs_;
  const ValidationContext& context_;
  StartupPlan plan_;
};

}  // namespace

StartupPlan PlanStartup(const StartupInputs& inputs, const ValidationContext& context) {
  return Planner(inputs, context).Run();
}

std::vector<std::string> DifferingFields(const ConfiguredExporter& configured,
                                         const v1::ExporterConfig& stored) {
  std::vector<std::string> changed = ChangedFields(stored, configured.config);
  const std::vector<std::string> required = RequiredFields();
  std::vector<std::string> differing;
  for (const ConfigField& field : ConfigFields()) {
    if (!Contains(changed, field.path)) continue;
    const bool silent = configured.partial || Contains(required, field.path);
    if (silent && !IsSet(configured.config, field)) continue;
    differing.push_back(field.path);
  }
  return differing;
}

}  // namespace logexport
