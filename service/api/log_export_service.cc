#include "service/api/log_export_service.h"

#include "logexport/v1/service.grpc.pb.h"
#include "service/access/roles.h"
#include "service/api/call_handler.h"
#include "service/base/status_macros.h"

namespace logexport {
namespace {

template <typename Request, typename Response>
using Unary = grpc::ServerUnaryStreamer<Request, Response>;

class LogExportServiceImpl final : public v1::LogExportService::StreamedService {
 public:
  LogExportServiceImpl(CallGate& gate, StallGuard& guard, const UseCases& use_cases,
                       RunWatch& watch)
      : handler_(gate, guard), use_(use_cases), watch_(watch) {}

  grpc::Status StreamedRunNow(grpc::ServerContext* context,
                              Unary<v1::RunNowRequest, v1::RunNowResponse>* stream) override {
    return handler_.Answer(*context, "RunNow", *stream,
                           [&](const Call& call, const v1::RunNowRequest& request) {
                             return use_.runs.RunNow(request, call.caller);
                           });
  }

  grpc::Status StreamedCancelRun(
      grpc::ServerContext* context,
      Unary<v1::CancelRunRequest, v1::CancelRunResponse>* stream) override {
    return handler_.Answer(*context, "CancelRun", *stream,
                           [&](const Call& call, const v1::CancelRunRequest& request) {
                             return use_.runs.CancelRun(request, call.caller);
                           });
  }

  grpc::Status StreamedGetReports(
      grpc::ServerContext* context,
      Unary<v1::GetReportsRequest, v1::GetReportsResponse>* stream) override {
    return handler_.Answer(*context, "GetReports", *stream,
                           [&](const Call&, const v1::GetReportsRequest& request) {
                             return use_.runs.GetReports(request);
                           });
  }

  grpc::Status StreamedGetReport(
      grpc::ServerContext* context,
      Unary<v1::GetReportRequest, v1::GetReportResponse>* stream) override {
    return handler_.Answer(*context, "GetReport", *stream,
                           [&](const Call&, const v1::GetReportRequest& request) {
                             return use_.runs.GetReport(request);
                           });
  }

  grpc::Status StreamedGetSeries(
      grpc::ServerContext* context,
      Unary<v1::GetSeriesRequest, v1::GetSeriesResponse>* stream) override {
    return handler_.Answer(*context, "GetSeries", *stream,
                           [&](const Call&, const v1::GetSeriesRequest& request) {
                             return use_.runs.GetSeries(request);
                           });
  }

  grpc::Status StreamedSetCheckpoint(
      grpc::ServerContext* context,
      Unary<v1::SetCheckpointRequest, v1::SetCheckpointResponse>* stream) override {
    return handler_.Answer(*context, "SetCheckpoint", *stream,
                           [&](const Call& call, const v1::SetCheckpointRequest& request) {
                             return use_.checkpoints.SetCheckpoint(request, call.caller,
                                                                   call.limits);
                           });
  }

  grpc::Status StreamedListCheckpoints(
      grpc::ServerContext* context,
      Unary<v1::ListCheckpointsRequest, v1::ListCheckpointsResponse>* stream) override {
    return handler_.Answer(*context, "ListCheckpoints", *stream,
                           [&](const Call&, const v1::ListCheckpointsRequest& request) {
                             return use_.checkpoints.ListCheckpoints(request);
                           });
  }

  grpc::Status StreamedGetConfig(
      grpc::ServerContext* context,
      Unary<v1::GetConfigRequest, v1::GetConfigResponse>* stream) override {
    return handler_.Answer(*context, "GetConfig", *stream,
                           [&](const Call&, const v1::GetConfigRequest& request) {
                             return use_.configs.GetConfig(request);
                           });
  }

  grpc::Status StreamedUpdateConfig(
      grpc::ServerContext* context,
      Unary<v1::UpdateConfigRequest, v1::UpdateConfigResponse>* stream) override {
    return handler_.Answer(*context, "UpdateConfig", *stream,
                           [&](const Call& call, const v1::UpdateConfigRequest& request) {
                             return use_.configs.UpdateConfig(request, call.caller, call.limits);
                           });
  }

  grpc::Status StreamedListConfigVersions(
      grpc::ServerContext* context,
      Unary<v1::ListConfigVersionsRequest, v1::ListConfigVersionsResponse>* stream) override {
    return handler_.Answer(*context, "ListConfigVersions", *stream,
                           [&](const Call&, const v1::ListConfigVersionsRequest& request) {
                             return use_.configs.ListConfigVersions(request);
                           });
  }

  grpc::Status StreamedRollbackConfig(
      grpc::ServerContext* context,
      Unary<v1::RollbackConfigRequest, v1::RollbackConfigResponse>* stream) override {
    return handler_.Answer(*context, "RollbackConfig", *stream,
                           [&](const Call& call, const v1::RollbackConfigRequest& request) {
                             return use_.configs.RollbackConfig(request, call.caller);
                           });
  }

  grpc::Status StreamedGetStatus(
      grpc::ServerContext* context,
      Unary<v1::GetStatusRequest, v1::GetStatusResponse>* stream) override {
    return handler_.Answer(*context, "GetStatus", *stream,
                           [&](const Call& call, const v1::GetStatusRequest& request) {
                             return use_.exporters.GetStatus(request, call.role);
                           });
  }

  grpc::Status StreamedPauseExporter(
      grpc::ServerContext* context,
      Unary<v1::PauseExporterRequest, v1::PauseExporterResponse>* stream) override {
    return handler_.Answer(*context, "PauseExporter", *stream,
                           [&](const Call& call, const v1::PauseExporterRequest& request) {
                             return use_.exporters.PauseExporter(request, call.caller);
                           });
  }

  grpc::Status StreamedResumeExporter(
      grpc::ServerContext* context,
      Unary<v1::ResumeExporterRequest, v1::ResumeExporterResponse>* stream) override {
    return handler_.Answer(*context, "ResumeExporter", *stream,
                           [&](const Call& call, const v1::ResumeExporterRequest& request) {
                             return use_.exporters.ResumeExporter(request, call.caller);
                           });
  }

  grpc::Status StreamedPreviewExport(
      grpc::ServerContext* context,
      Unary<v1::PreviewExportRequest, v1::PreviewExportResponse>* stream) override {
    return handler_.Answer(*context, "PreviewExport", *stream,
                           [&](const Call& call, const v1::PreviewExportRequest& request) {
                             return use_.previews.PreviewExport(request, call.caller, call.limits);
                           });
  }

  grpc::Status StreamedListDeadLetters(
      grpc::ServerContext* context,
      Unary<v1::ListDeadLettersRequest, v1::ListDeadLettersResponse>* stream) override {
    return handler_.Answer(
        *context, "ListDeadLetters", *stream,
        [&](const Call& call, const v1::ListDeadLettersRequest& request)
            -> absl::StatusOr<v1::ListDeadLettersResponse> {
          // As read from Auth0, before any privacy rule.
          if (request.include_log()) {
            RETURN_IF_ERROR(RequireRole(call.role, v1::ROLE_OPERATOR, "include_log"));
          }
          return use_.dead_letters.ListDeadLetters(request, call.caller);
        });
  }

  grpc::Status StreamedRedriveDeadLetters(
      grpc::ServerContext* context,
      Unary<v1::RedriveDeadLettersRequest, v1::RedriveDeadLettersResponse>* stream) override {
    return handler_.Answer(*context, "RedriveDeadLetters", *stream,
                           [&](const Call& call, const v1::RedriveDeadLettersRequest& request) {
                             return use_.runs.RedriveDeadLetters(request, call.caller);
                           });
  }

  grpc::Status StreamedPurgeDeadLetters(
      grpc::ServerContext* context,
      Unary<v1::PurgeDeadLettersRequest, v1::PurgeDeadLettersResponse>* stream) override {
    return handler_.Answer(*context, "PurgeDeadLetters", *stream,
                           [&](const Call& call, const v1::PurgeDeadLettersRequest& request) {
                             return use_.dead_letters.PurgeDeadLetters(request, call.caller);
                           });
  }

  grpc::Status StreamedTestNotification(
      grpc::ServerContext* context,
      Unary<v1::TestNotificationRequest, v1::TestNotificationResponse>* stream) override {
    return handler_.Answer(*context, "TestNotification", *stream,
                           [&](const Call& call, const v1::TestNotificationRequest& request) {
                             return use_.previews.TestNotification(request, call.caller,
                                                                   call.limits);
                           });
  }

  grpc::Status StreamedListLogTypes(
      grpc::ServerContext* context,
      Unary<v1::ListLogTypesRequest, v1::ListLogTypesResponse>* stream) override {
    return handler_.Answer(*context, "ListLogTypes", *stream,
                           [&](const Call&, const v1::ListLogTypesRequest& request) {
                             return use_.previews.ListLogTypes(request);
                           });
  }

  grpc::Status StreamedGetCaller(
      grpc::ServerContext* context,
      Unary<v1::GetCallerRequest, v1::GetCallerResponse>* stream) override {
    return handler_.Answer(
        *context, "GetCaller", *stream,
        [&](const Call& call,
            const v1::GetCallerRequest&) -> absl::StatusOr<v1::GetCallerResponse> {
          return use_.exporters.GetCaller(call.caller, call.role);
        });
  }

  grpc::Status StreamedProbeExporter(
      grpc::ServerContext* context,
      Unary<v1::ProbeExporterRequest, v1::ProbeExporterResponse>* stream) override {
    return handler_.Answer(*context, "ProbeExporter", *stream,
                           [&](const Call& call, const v1::ProbeExporterRequest& request) {
                             return use_.configs.ProbeExporter(request, call.caller, call.limits);
                           });
  }

  grpc::Status StreamedListExporters(
      grpc::ServerContext* context,
      Unary<v1::ListExportersRequest, v1::ListExportersResponse>* stream) override {
    return handler_.Answer(*context, "ListExporters", *stream,
                           [&](const Call&, const v1::ListExportersRequest& request) {
                             return use_.exporters.ListExporters(request);
                           });
  }

  grpc::Status StreamedCreateExporter(
      grpc::ServerContext* context,
      Unary<v1::CreateExporterRequest, v1::CreateExporterResponse>* stream) override {
    return handler_.Answer(*context, "CreateExporter", *stream,
                           [&](const Call& call, const v1::CreateExporterRequest& request) {
                             return use_.exporters.CreateExporter(request, call.caller,
                                                                  call.limits);
                           });
  }

  grpc::Status StreamedDeleteExporter(
      grpc::ServerContext* context,
      Unary<v1::DeleteExporterRequest, v1::DeleteExporterResponse>* stream) override {
    return handler_.Answer(*context, "DeleteExporter", *stream,
                           [&](const Call& call, const v1::DeleteExporterRequest& request) {
                             return use_.exporters.DeleteExporter(request, call.caller,
                                                                  call.limits);
                           });
  }

  grpc::Status StreamedListAudit(
      grpc::ServerContext* context,
      Unary<v1::ListAuditRequest, v1::ListAuditResponse>* stream) override {
    return handler_.Answer(*context, "ListAudit", *stream,
                           [&](const Call&, const v1::ListAuditRequest& request) {
                             return use_.audit.ListAudit(request);
                           });
  }

  grpc::Status StreamedVerifyAudit(
      grpc::ServerContext* context,
      Unary<v1::VerifyAuditRequest, v1::VerifyAuditResponse>* stream) override {
    return handler_.Answer(*context, "VerifyAudit", *stream,
                           [&](const Call& call, const v1::VerifyAuditRequest& request) {
                             return use_.audit.VerifyAudit(request, call.limits);
                           });
  }

  grpc::Status StreamedListHistory(
      grpc::ServerContext* context,
      Unary<v1::ListHistoryRequest, v1::ListHistoryResponse>* stream) override {
    return handler_.Answer(*context, "ListHistory", *stream,
                           [&](const Call& call, const v1::ListHistoryRequest& request) {
                             return use_.audit.ListHistory(request, call.role);
                           });
  }

  grpc::Status StreamedRotateSecrets(
      grpc::ServerContext* context,
      Unary<v1::RotateSecretsRequest, v1::RotateSecretsResponse>* stream) override {
    return handler_.Answer(*context, "RotateSecrets", *stream,
                           [&](const Call& call, const v1::RotateSecretsRequest& request) {
                             return use_.secrets.RotateSecrets(request, call.caller);
                           });
  }

  grpc::Status StreamedWatchRun(
      grpc::ServerContext* context,
      grpc::ServerSplitStreamer<v1::WatchRunRequest, v1::WatchRunResponse>* stream) override {
    return handler_.Stream(*context, "WatchRun", *stream,
                           [&](const Call&, const v1::WatchRunRequest& request, auto check,
                               auto write) { return watch_.Watch(request, check, write); });
  }

 private:
  CallHandler handler_;
  const UseCases use_;
  RunWatch& watch_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeLogExportService(CallGate& gate, StallGuard& guard,
                                                    const UseCases& use_cases, RunWatch& watch) {
  return std::make_unique<LogExportServiceImpl>(gate, guard, use_cases, watch);
}

}  // namespace logexport
