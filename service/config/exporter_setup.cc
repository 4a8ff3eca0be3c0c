#include "service/config/exporter_setup.h"

#include <utility>

#include "absl/strings/str_join.h"

#include "logexport/v1/config.pb.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/config/exporter_id.h"
#include "service/config/field_changes.h"
#include "service/config/message_namespace.h"
#include "service/config/noted_changes.h"
#include "service/config/resolved_settings.h"
#include "service/config/schema.h"
#include "service/config/serialization.h"

namespace logexport {
namespace {

constexpr char kRequester[] = "file and environment";

StartupPlan Plan(const StartupSources& sources, const StartupChecks& checks, absl::Time now,
                 std::map<std::string, v1::ExporterConfig> stored, std::set<std::string> deleted) {
  StartupInputs inputs;
  inputs.file = sources.has_file ? &sources.file : nullptr;
  inputs.environment = &sources.environment;
  inputs.stored = std::move(stored);
  inputs.deleted = std::move(deleted);
  inputs.config_wins = sources.config_wins;
  ValidationContext context;
  context.is_known_log_type = checks.is_known_log_type;
  context.is_known_category = checks.is_known_category;
  context.log_types = &checks.log_types;
  context.secrets = &checks.secrets;
  context.now = now;
  return PlanStartup(inputs, context);
}

std::vector<std::string> SetFields(const v1::ExporterConfig& config) {
  std::vector<std::string> fields;
  for (const ConfigField& field : ConfigFields()) {
    if (IsSet(config, field)) fields.push_back(field.path);
  }
  return fields;
}

// What file and environment change stands in the audit like what callers do.
AuditEntry AuditOfStart(absl::string_view method, const std::string& exporter, const Audit& audit,
                        const v1::ExporterConfig& before, const v1::ExporterConfig& after,
                        const std::vector<std::string>& fields, absl::Time now) {
  AuditEntry entry;
  entry.time = now;
  entry.caller = audit.requester;
  entry.verified = audit.verified;
  entry.way = "start";
  entry.method = std::string(method);
  entry.exporter = exporter;
  entry.reason = audit.reason;
  entry.changes = AuditedChanges(ChangesBetween(before, after, fields));
  return entry;
}

absl::Status CarryOut(Transaction& tx, const StartupPlan& plan, const SecretResolver& secrets,
                      absl::Time now) {
  for (const PlannedExporter& planned : plan.create) {
    NewExporter exporter;
    exporter.record.id = planned.exporter;
    exporter.record.created = now;
    exporter.config = SerializeConfig(planned.config);
    exporter.start = planned.start;
    exporter.audit = {kRequester, true, "start of the service"};
    ASSIGN_OR_RETURN(const ExporterSettings resolved,
                     ResolveSettings(planned.exporter, planned.config, {}, secrets));
    ASSIGN_OR_RETURN(exporter.record.message_namespace, NewMessageNamespace(resolved));
    RETURN_IF_ERROR(tx.CreateExporter(exporter, /*revive=*/false));
    RETURN_IF_ERROR(tx.AddAudit(AuditOfStart("CreateExporter", planned.exporter, exporter.audit, {},
                                             planned.config, SetFields(planned.config), now))
                        .status());
  }
  for (const PlannedReplacement& planned : plan.replace) {
    ASSIGN_OR_RETURN(const ConfigVersion current, tx.GetConfig(planned.exporter));
    ASSIGN_OR_RETURN(const v1::ExporterConfig stored, ParseStoredConfig(current.config));
    ConfigVersion next = current;
    next.config = SerializeConfig(planned.config);
    next.changed_fields = planned.changed_fields;
    next.created = now;
    next.audit = {kRequester, true, "--config-wins"};
    RETURN_IF_ERROR(tx.AddConfigVersion(next, current.version).status());
    RETURN_IF_ERROR(tx.AddAudit(AuditOfStart("UpdateConfig", planned.exporter, next.audit, stored,
                                             planned.config, planned.changed_fields, now))
                        .status());
    ASSIGN_OR_RETURN(ExporterRecord exporter, tx.GetExporter(planned.exporter));
    NoteChangedFields(planned.changed_fields, now, &exporter);
    if (!SameEventDestination(stored, planned.config)) {
      ASSIGN_OR_RETURN(const ExporterSettings resolved,
                       ResolveSettings(planned.exporter, planned.config, {}, secrets));
      ASSIGN_OR_RETURN(exporter.message_namespace, NewMessageNamespace(resolved));
    }
    RETURN_IF_ERROR(tx.UpdateExporter(exporter));
  }
  return absl::OkStatus();
}

void LogPlan(const StartupPlan& plan) {
  for (const std::string& warning : plan.warnings) LogWarning(warning);
  for (const PlannedExporter& planned : plan.create) {
    LogInfo("exporter was created from file and environment",
            {{"exporter", planned.exporter}, {"start", DescribePosition(planned.start)}});
  }
  for (const PlannedReplacement& planned : plan.replace) {
    LogInfo(
        "configuration was replaced from file and environment",
        {{"exporter", planned.exporter}, {"fields", absl::StrJoin(planned.changed_fields, ",")}});
  }
  for (const auto& [exporter, fields] : plan.differences) {
    LogWarning(
        "the stored configuration differs from file and environment and goes on to hold; change it "
        "with update-config, or start with --config-wins",
        {{"exporter", exporter}, {"fields", absl::StrJoin(fields, ",")}});
  }
  for (const std::string& exporter : plan.skipped) {
    LogWarning("the exporter is configured, but was deleted and stays so",
               {{"exporter", exporter}});
  }
}

}  // namespace

StartupPlan PlanWithoutStore(const StartupSources& sources, const StartupChecks& checks,
                             absl::Time now) {
  return Plan(sources, checks, now, {}, {});
}

absl::StatusOr<StartupPlan> SetUpExporters(Store& store, const StartupSources& sources,
                                           const StartupChecks& checks, Clock& clock) {
  StartupPlan plan;
  const auto make_plan = [&](Transaction& tx) -> absl::Status {
    std::map<std::string, v1::ExporterConfig> stored;
    std::set<std::string> deleted;
    ASSIGN_OR_RETURN(const std::vector<ExporterRecord> exporters, tx.ListExporters());
    for (const ExporterRecord& exporter : exporters) {
      ASSIGN_OR_RETURN(const ConfigVersion version, tx.GetConfig(exporter.id));
      ASSIGN_OR_RETURN(stored[exporter.id], ParseStoredConfig(version.config));
    }
    std::set<std::string> named = {kDefaultExporter};
    for (const PartialConfig& source : sources.file.exporters) named.insert(source.exporter);
    for (const std::string& exporter : named) {
      ASSIGN_OR_RETURN(const bool was_deleted, tx.WasDeleted(exporter));
      if (was_deleted) deleted.insert(exporter);
    }
    plan = Plan(sources, checks, clock.Now(), std::move(stored), std::move(deleted));
    return absl::OkStatus();
  };
  // Others work on a shared store: it is locked only if there is something to write.
  if (store.members() != nullptr) RETURN_IF_ERROR(store.Read(make_plan));
  if (store.members() == nullptr || !plan.create.empty() || !plan.replace.empty()) {
    RETURN_IF_ERROR(store.Write([&](Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(make_plan(tx));
      if (!plan.violations.empty()) return absl::OkStatus();
      return CarryOut(tx, plan, checks.secrets, clock.Now());
    }));
  }
  if (plan.violations.empty()) LogPlan(plan);
  return plan;
}

}  // namespace logexport
