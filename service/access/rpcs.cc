#include "service/access/rpcs.h"

#include "logexport/v1/service.pb.h"
#include "service/access/roles.h"
#include "service/base/status_macros.h"

namespace logexport {

RpcTable MakeRpcTable(const UseCases& use) {
  RpcTable table;
  // ---- runs
  table.Add<v1::RunNowRequest>("RunNow", [use](const Call& call, const auto& request) {
    return use.runs.RunNow(request, call.caller);
  });
  table.AddStream<v1::WatchRunRequest>(
      "WatchRun", [use](const Call&, const auto& request, auto check, auto write) {
        return use.watch.Watch(request, check, write);
      });
  table.Add<v1::CancelRunRequest>("CancelRun", [use](const Call& call, const auto& request) {
    return use.runs.CancelRun(request, call.caller);
  });
  table.Add<v1::GetReportsRequest>("GetReports", [use](const Call&, const auto& request) {
    return use.runs.GetReports(request);
  });
  table.Add<v1::GetReportRequest>(
      "GetReport", [use](const Call&, const auto& request) { return use.runs.GetReport(request); });
  table.Add<v1::GetSeriesRequest>(
      "GetSeries", [use](const Call&, const auto& request) { return use.runs.GetSeries(request); });

  // ---- checkpoints
  table.Add<v1::SetCheckpointRequest>(
      "SetCheckpoint", [use](const Call& call, const auto& request) {
        return use.checkpoints.SetCheckpoint(request, call.caller, call.limits);
      });
  table.Add<v1::ListCheckpointsRequest>("ListCheckpoints", [use](const Call&, const auto& request) {
    return use.checkpoints.ListCheckpoints(request);
  });

  // ---- configuration
  table.Add<v1::GetConfigRequest>("GetConfig", [use](const Call&, const auto& request) {
    return use.configs.GetConfig(request);
  });
  table.Add<v1::UpdateConfigRequest>("UpdateConfig", [use](const Call& call, const auto& request) {
    return use.configs.UpdateConfig(request, call.caller, call.limits);
  });
  table.Add<v1::ProbeExporterRequest>(
      "ProbeExporter", [use](const Call& call, const auto& request) {
        return use.configs.ProbeExporter(request, call.caller, call.limits);
      });
  table.Add<v1::ListConfigVersionsRequest>(
      "ListConfigVersions",
      [use](const Call&, const auto& request) { return use.configs.ListConfigVersions(request); });
  table.Add<v1::RollbackConfigRequest>("RollbackConfig",
                                       [use](const Call& call, const auto& request) {
                                         return use.configs.RollbackConfig(request, call.caller);
                                       });

  // ---- exporters
  table.Add<v1::GetStatusRequest>("GetStatus", [use](const Call& call, const auto& request) {
    return use.exporters.GetStatus(request, call.role);
  });
  table.Add<v1::PauseExporterRequest>("PauseExporter",
                                      [use](const Call& call, const auto& request) {
                                        return use.exporters.PauseExporter(request, call.caller);
                                      });
  table.Add<v1::ResumeExporterRequest>("ResumeExporter",
                                       [use](const Call& call, const auto& request) {
                                         return use.exporters.ResumeExporter(request, call.caller);
                                       });
  table.Add<v1::ListExportersRequest>("ListExporters", [use](const Call&, const auto& request) {
    return use.exporters.ListExporters(request);
  });
  table.Add<v1::CreateExporterRequest>(
      "CreateExporter", [use](const Call& call, const auto& request) {
        return use.exporters.CreateExporter(request, call.caller, call.limits);
      });
  table.Add<v1::DeleteExporterRequest>(
      "DeleteExporter", [use](const Call& call, const auto& request) {
        return use.exporters.DeleteExporter(request, call.caller, call.limits);
      });

  // ---- preview, notifications, log types
  table.Add<v1::PreviewExportRequest>(
      "PreviewExport", [use](const Call& call, const auto& request) {
        return use.previews.PreviewExport(request, call.caller, call.limits);
      });
  table.Add<v1::TestNotificationRequest>(
      "TestNotification", [use](const Call& call, const auto& request) {
        return use.previews.TestNotification(request, call.caller, call.limits);
      });
  table.Add<v1::ListLogTypesRequest>("ListLogTypes", [use](const Call&, const auto& request) {
    return use.previews.ListLogTypes(request);
  });

  // ---- dead letters
  table.Add<v1::ListDeadLettersRequest>(
      "ListDeadLetters",
      [use](const Call& call, const auto& request) -> absl::StatusOr<v1::ListDeadLettersResponse> {
        // As read from Auth0, before any privacy rule.
        if (request.include_log()) {
          RETURN_IF_ERROR(RequireRole(call.role, v1::ROLE_OPERATOR, "include_log"));
        }
        return use.dead_letters.ListDeadLetters(request, call.caller);
      });
  table.Add<v1::RedriveDeadLettersRequest>(
      "RedriveDeadLetters", [use](const Call& call, const auto& request) {
        return use.runs.RedriveDeadLetters(request, call.caller);
      });
  table.Add<v1::PurgeDeadLettersRequest>(
      "PurgeDeadLetters", [use](const Call& call, const auto& request) {
        return use.dead_letters.PurgeDeadLetters(request, call.caller);
      });

  // ---- audit, history, secrets
  table.Add<v1::ListAuditRequest>("ListAudit", [use](const Call&, const auto& request) {
    return use.audit.ListAudit(request);
  });
  table.Add<v1::VerifyAuditRequest>("VerifyAudit", [use](const Call& call, const auto& request) {
    return use.audit.VerifyAudit(request, call.limits);
  });
  table.Add<v1::ListHistoryRequest>("ListHistory", [use](const Call& call, const auto& request) {
    return use.audit.ListHistory(request, call.role);
  });
  table.Add<v1::RotateSecretsRequest>("RotateSecrets",
                                      [use](const Call& call, const auto& request) {
                                        return use.secrets.RotateSecrets(request, call.caller);
                                      });

  // ---- the service
  table.Add<v1::ListMembersRequest>(
      "ListMembers", [use](const Call&, const auto&) { return use.members.ListMembers(); });

  // ---- callers
  table.Add<v1::GetCallerRequest>(
      "GetCaller", [use](const Call& call, const auto&) -> absl::StatusOr<v1::GetCallerResponse> {
        return use.exporters.GetCaller(call.caller, call.role);
      });
  table.Add<v1::CreateLoginRequest>("CreateLogin", [use](const Call& call, const auto& request) {
    return use.logins.CreateLogin(request, call);
  });
  return table;
}

}  // namespace logexport
