#include "service/control/config_control.h"

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "logexport/v1/configuration.pb.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/config/field_changes.h"
#include "service/config/loaded_config.h"
#include "service/config/message_namespace.h"
#include "service/config/presented_config.h"
#include "service/config/resolved_settings.h"
#include "service/config/schema.h"
#include "service/config/secret_rules.h"
#include "service/config/serialization.h"
#include "service/config/start_point.h"
#include "service/config/update.h"
#include "service/config/validation.h"
#include "service/control/api_error.h"
#include "service/control/audited_call.h"
#include "service/control/checkpoint_move.h"
#include "service/control/config_change.h"
#include "service/control/config_check.h"
#include "service/control/config_probe.h"
#include "service/control/config_versions.h"
#include "service/control/member_control.h"
#include "service/control/page_token.h"
#include "service/control/report_message.h"
#include "service/control/run_control.h"
#include "service/control/start_check.h"
#include "service/control/write_once.h"
#include "service/runs/trusted_time.h"
#include "service/runs/unfinished_runs.h"

namespace logexport {
namespace {

absl::Status EtagMismatch(const ConfigVersion& current) {
  ApiError error;
  error.code = absl::StatusCode::kAborted;
  error.reason = "ETAG_MISMATCH";
  error.message = absl::StrCat("the configuration has changed and is at version ", current.version,
                               " now; read it again with GetConfig and repeat the change");
  error.metadata["etag"] = ConfigEtag(current);
  error.metadata["version"] = absl::StrCat(current.version);
  return MakeApiError(error);
}

absl::Status VersionNotFound(std::int64_t version) {
  ApiError error;
  error.code = absl::StatusCode::kNotFound;
  error.reason = "CONFIG_VERSION_NOT_FOUND";
  error.message =
      absl::StrCat("there is no version ", version, "; ListConfigVersions shows those there are");
  error.metadata["version"] = absl::StrCat(version);
  return MakeApiError(error);
}

absl::StatusOr<ConfigVersion> ReadVersion(Transaction& tx, const std::string& exporter,
                                          std::int64_t version) {
  absl::StatusOr<ConfigVersion> found = tx.GetConfigVersion(exporter, version);
  if (absl::IsNotFound(found.status())) return VersionNotFound(version);
  return found;
}

struct Probed {
  std::int64_t version = 0;  // of the configuration that the update was probed on top of
  std::vector<v1::Probe> probes;
};
// Tries the configuration as the update would make it. Nothing for a request that has its answer.
absl::StatusOr<std::optional<Probed>> ProbeUpdate(const v1::UpdateConfigRequest& request,
                                                  const ControlEnvironment& environment,
                                                  const CallLimits& limits) {
  Probed probed;
  std::optional<ExporterSettings> settings;
  RETURN_IF_ERROR(environment.store.Read([&](Transaction& tx) -> absl::Status {
    if (!request.validate_only()) {
      ASSIGN_OR_RETURN(const bool answered,
                       IsAnswered(tx, TrustedNow(environment.clock, environment.components),
                                  request.request_id()));
      if (answered) return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const ExporterRecord record, FindExporter(tx, ExporterOr(request.exporter())));
    ASSIGN_OR_RETURN(ConfigVersion version, tx.GetConfig(record.id));
    probed.version = version.version;
    ASSIGN_OR_RETURN(const v1::ExporterConfig stored, ParseStoredConfig(version.config));
    const ConfigUpdate update =
        ApplyUpdate(stored, request.config(),
                    {request.update_mask().paths().begin(), request.update_mask().paths().end()});
    RETURN_IF_ERROR(CheckUpdate(record.id, stored, update, environment).status());
    version.config = SerializeConfig(update.config);
    ASSIGN_OR_RETURN(settings, LoadSettings(record, version, 0, environment.secrets));
    return absl::OkStatus();
  }));
  if (!settings.has_value()) return std::nullopt;
  probed.probes = ProbeSettings(*settings, TestMessages::kSend, environment.components.factory(),
                                environment.notifiers, environment.clock, limits);
  RETURN_IF_ERROR(ProbesPassed(probed.probes, limits));
  return probed;
}

}  // namespace

absl::StatusOr<v1::GetConfigResponse> ConfigControl::GetConfig(
    const v1::GetConfigRequest& request) {
  const std::string exporter = ExporterOr(request.exporter());
  if (request.version() < 0) return InvalidFields({{"version", "must not be negative"}});
  ConfigVersion version;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(FindExporter(tx, exporter).status());
    ASSIGN_OR_RETURN(version, request.version() == 0
                                  ? tx.GetConfig(exporter)
                                  : ReadVersion(tx, exporter, request.version()));
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(const v1::ExporterConfig stored, ParseStoredConfig(version.config));
  v1::GetConfigResponse response;
  *response.mutable_config() = PresentedConfig(stored);
  response.set_version(version.version);
  response.set_etag(ConfigEtag(version));
  *response.mutable_update_time() = ToProto(version.created);
  *response.mutable_updated_by() = ToRequester(version.audit);
  response.set_reason(version.audit.reason);
  if (const auto configured = configured_.find(exporter); configured != configured_.end()) {
    for (const std::string& field : DifferingFields(configured->second, stored)) {
      response.add_differs_from_file(field);
    }
  }
  return response;
}

absl::Status ConfigControl::UpdateIn(Transaction& tx, const v1::UpdateConfigRequest& request,
                                     const Caller& caller, v1::UpdateConfigResponse* response,
                                     std::vector<AuditedChange>* changes) {
  const std::string exporter = ExporterOr(request.exporter());
  RETURN_IF_ERROR(FindExporter(tx, exporter).status());
  ASSIGN_OR_RETURN(const ConfigVersion current, tx.GetConfig(exporter));
  if (!request.etag().empty() && request.etag() != ConfigEtag(current)) {
    return EtagMismatch(current);
  }
  ASSIGN_OR_RETURN(const v1::ExporterConfig stored, ParseStoredConfig(current.config));
  const ConfigUpdate update =
      ApplyUpdate(stored, request.config(),
                  {request.update_mask().paths().begin(), request.update_mask().paths().end()});
  ASSIGN_OR_RETURN(const CheckedUpdate checked,
                   CheckUpdate(exporter, stored, update, environment_));
  const Audit audit = caller.AuditWith(request.reason());
  ConfigVersion next = current;
  if (!request.validate_only()) {
    ASSIGN_OR_RETURN(next, StoreConfigChange(tx, environment_, current,
                                             {exporter, update.config, update.changed_fields,
                                              request.new_message_namespace()},
                                             audit));
  }
  *changes = AuditedChanges(ChangesBetween(stored, update.config, update.changed_fields));
  if (next.version != current.version) {
    changes->push_back({"version", absl::StrCat(current.version), absl::StrCat(next.version)});
  }
  for (const std::string& warning : checked.warnings) response->add_warnings(warning);
  if (update.start_from.has_value()) {
    const absl::Time now = environment_.clock.Now();
    MoveRequest move;
    ASSIGN_OR_RETURN(move.to, ParseStartPoint(*update.start_from, now));
    move.allow_skip = request.allow_skip();
    ASSIGN_OR_RETURN(
        const CheckpointMove moved,
        MoveCheckpoint(tx, exporter, move, audit, ToDuration(update.config.auth0().retention()),
                       now, !request.validate_only()));
    if (moved.blocked_by.has_value()) return RunAlreadyActive(*moved.blocked_by);
    changes->push_back({"checkpoint", DescribePosition(moved.before.position),
                        DescribePosition(moved.after.position)});
    for (const RunWarning& warning : moved.warnings) {
      response->add_warnings(absl::StrCat(warning.code, ": ", warning.message));
    }
  } else {
    ASSIGN_OR_RETURN(std::string other, WarnOfOtherTenant(tx, exporter, stored, update.config));
    if (!other.empty()) response->add_warnings(std::move(other));
  }
  *response->mutable_config() = PresentedConfig(update.config);
  response->set_version(next.version);
  response->set_etag(ConfigEtag(next));
  for (const std::string& field : update.changed_fields) response->add_changed_fields(field);
  if (update.start_from.has_value()) response->add_changed_fields("start_from");
  ASSIGN_OR_RETURN(const std::optional<RunRecord> active, ActiveRun(tx, exporter, RunLane::kMain));
  if (active.has_value()) response->set_effective_after_run(active->run_id);
  return absl::OkStatus();
}

template <typename Request, typename Response>
absl::Status ConfigControl::ChangeOnce(const Request& request, const Caller& caller,
                                       const std::string& exporter,
                                       absl::FunctionRef<absl::Status(Transaction&)> body,
                                       MadeChange* change, Response* response) {
  ASSIGN_OR_RETURN(
      const bool ran,
      WriteOnce(environment_.store, TrustedNow(environment_.clock, environment_.components), caller,
                request, response, &change->changes, body));
  if (ran && response->changed_fields_size() > 0) {
    LogInfo(
        change->rollback_of == 0 ? "configuration was changed" : "configuration was rolled back",
        {{"exporter", exporter},
         {"version_before", change->version_before},
         {"version", response->version()},
         {"rollback_of", change->rollback_of},
         {"fields", absl::StrJoin(response->changed_fields(), ", ")},
         {"requester", caller.name},
         {"reason", request.reason()}});
  }
  supervisor_.Wake(exporter);
  return absl::OkStatus();
}

absl::StatusOr<v1::UpdateConfigResponse> ConfigControl::UpdateConfig(
    const v1::UpdateConfigRequest& request, const Caller& caller, const CallLimits& limits) {
  const std::string exporter = ExporterOr(request.exporter());
  v1::UpdateConfigResponse response;
  std::optional<Probed> probed;
  if (request.probe()) {
    // Probes take time, so they come before the transaction that stores. It checks that the
    // configuration has not changed since.
    ASSIGN_OR_RETURN(probed, ProbeUpdate(request, environment_, limits));
  }
  // What is no start point is refused below.
  const absl::StatusOr<Position> start =
      ParseStartPoint(request.config().start_from(), environment_.clock.Now());
  std::optional<RunWarning> unknown;
  if (start.ok()) unknown = CheckNamedStart(environment_, exporter, *start, limits);
  MadeChange change;
  const auto body = [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(FindExporter(tx, exporter).status());
    ASSIGN_OR_RETURN(const ConfigVersion current, tx.GetConfig(exporter));
    change.version_before = current.version;
    if (probed.has_value()) {
      if (current.version != probed->version) return EtagMismatch(current);
    }
    RETURN_IF_ERROR(UpdateIn(tx, request, caller, &response, &change.changes));
    if (unknown.has_value()) {
      response.add_warnings(absl::StrCat(unknown->code, ": ", unknown->message));
    }
    if (probed.has_value()) {
      response.mutable_probes()->Assign(probed->probes.begin(), probed->probes.end());
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(ChangeOnce(request, caller, exporter, body, &change, &response));
  return response;
}

absl::StatusOr<v1::ProbeExporterResponse> ConfigControl::ProbeExporter(
    const v1::ProbeExporterRequest& request, const Caller& caller, const CallLimits& limits) {
  std::optional<ExporterSettings> settings;
  const std::string exporter = ExporterOr(request.exporter());
  const absl::Status loaded = environment_.store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const ExporterRecord record, FindExporter(tx, exporter));
    ASSIGN_OR_RETURN(const ConfigVersion version, tx.GetConfig(record.id));
    ASSIGN_OR_RETURN(settings, LoadSettings(record, version, 0, environment_.secrets));
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(ExplainSecretHere(environment_, exporter, loaded));
  v1::ProbeExporterResponse response;
  for (v1::Probe& probe : ProbeSettings(
           *settings, request.notify() ? TestMessages::kSend : TestMessages::kSkip,
           environment_.components.factory(), environment_.notifiers, environment_.clock, limits)) {
    *response.add_probes() = std::move(probe);
  }
  std::vector<AuditedChange> found;
  for (const v1::Probe& probe : response.probes()) {
    found.push_back(
        {probe.name(), "", v1::ProbeState_Name(probe.state()).substr(sizeof("PROBE_STATE_") - 1)});
  }
  RETURN_IF_ERROR(RecordShown(environment_.store,
                              TrustedNow(environment_.clock, environment_.components), caller,
                              request, std::move(found)));
  return response;
}

absl::StatusOr<v1::ListConfigVersionsResponse> ConfigControl::ListConfigVersions(
    const v1::ListConfigVersionsRequest& request) {
  const std::string exporter = ExporterOr(request.exporter());
  ASSIGN_OR_RETURN(const std::string key, ReadPageToken(request));
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  std::int64_t before = 0;
  if (!key.empty() && !absl::SimpleAtoi(key, &before)) return BadPageToken();
  v1::ListConfigVersionsResponse response;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(FindExporter(tx, exporter).status());
    return AddConfigVersions(tx, exporter, before, size, request, &response);
  }));
  return response;
}

absl::StatusOr<v1::RollbackConfigResponse> ConfigControl::RollbackConfig(
    const v1::RollbackConfigRequest& request, const Caller& caller) {
  const std::string exporter = ExporterOr(request.exporter());
  if (request.version() <= 0) return InvalidFields({{"version", "is required, 1 or more"}});
  v1::RollbackConfigResponse response;
  MadeChange change;
  const auto body = [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(FindExporter(tx, exporter).status());
    ASSIGN_OR_RETURN(const ConfigVersion current, tx.GetConfig(exporter));
    if (!request.etag().empty() && request.etag() != ConfigEtag(current)) {
      return EtagMismatch(current);
    }
    change.version_before = current.version;
    ASSIGN_OR_RETURN(const ConfigVersion target, ReadVersion(tx, exporter, request.version()));
    ASSIGN_OR_RETURN(const v1::ExporterConfig now_stored, ParseStoredConfig(current.config));
    ASSIGN_OR_RETURN(const v1::ExporterConfig config, ParseStoredConfig(target.config));
    // What was valid then may not be now: the table of log types, the time zones or a secret's file
    // may have changed.
    ValidationContext context;
    context.secrets = &environment_.secrets;
    RETURN_IF_ERROR(ConfigRefused(ValidateConfig(config, context).violations));
    const std::vector<std::string> changed = ChangedFields(now_stored, config);
    ConfigVersion next = current;
    if (!request.validate_only()) {
      ASSIGN_OR_RETURN(next,
                       StoreConfigChange(tx, environment_, current,
                                         {exporter, config, changed, false, request.version()},
                                         caller.AuditWith(request.reason())));
    }
    change.changes = AuditedChanges(ChangesBetween(now_stored, config, changed));
    change.changes.push_back(
        {"version", absl::StrCat(current.version), absl::StrCat(next.version)});
    *response.mutable_config() = PresentedConfig(config);
    response.set_version(next.version);
    response.set_etag(ConfigEtag(next));
    for (const std::string& field : changed) response.add_changed_fields(field);
    return absl::OkStatus();
  };
  change.rollback_of = request.version();
  RETURN_IF_ERROR(ChangeOnce(request, caller, exporter, body, &change, &response));
  return response;
}

}  // namespace logexport
