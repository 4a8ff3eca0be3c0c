#include "service/api/log_export_service.h"

#include "logexport/v1/service.grpc.pb.h"
#include "service/base/status_macros.h"

namespace logexport {
namespace {

class LogExportServiceImpl final : public v1::LogExportService::Service {
 public:
  LogExportServiceImpl(CallGate& gate, const UseCases& use_cases, RunWatch& watch)
      : gate_(gate), use_(use_cases), watch_(watch) {}

  grpc::Status RunNow(grpc::ServerContext* context, const v1::RunNowRequest* request,
                      v1::RunNowResponse* response) override {
    return gate_.Answer(context, "RunNow", *request, response,
                        [&](const Call& call) { return use_.runs.RunNow(*request, call.caller); });
  }

  grpc::Status CancelRun(grpc::ServerContext* context, const v1::CancelRunRequest* request,
                         v1::CancelRunResponse* response) override {
    return gate_.Answer(context, "CancelRun", *request, response, [&](const Call& call) {
      return use_.runs.CancelRun(*request, call.caller);
    });
  }

  grpc::Status GetReports(grpc::ServerContext* context, const v1::GetReportsRequest* request,
                          v1::GetReportsResponse* response) override {
    return gate_.Answer(context, "GetReports", *request, response,
                        [&](const Call&) { return use_.runs.GetReports(*request); });
  }

  grpc::Status GetReport(grpc::ServerContext* context, const v1::GetReportRequest* request,
                         v1::GetReportResponse* response) override {
    return gate_.Answer(context, "GetReport", *request, response,
                        [&](const Call&) { return use_.runs.GetReport(*request); });
  }

  grpc::Status SetCheckpoint(grpc::ServerContext* context, const v1::SetCheckpointRequest* request,
                             v1::SetCheckpointResponse* response) override {
    return gate_.Answer(context, "SetCheckpoint", *request, response, [&](const Call& call) {
      return use_.checkpoints.SetCheckpoint(*request, call.caller, call.limits.deadline);
    });
  }

  grpc::Status ListCheckpoints(grpc::ServerContext* context,
                               const v1::ListCheckpointsRequest* request,
                               v1::ListCheckpointsResponse* response) override {
    return gate_.Answer(context, "ListCheckpoints", *request, response,
                        [&](const Call&) { return use_.checkpoints.ListCheckpoints(*request); });
  }

  grpc::Status GetConfig(grpc::ServerContext* context, const v1::GetConfigRequest* request,
                         v1::GetConfigResponse* response) override {
    return gate_.Answer(context, "GetConfig", *request, response,
                        [&](const Call&) { return use_.configs.GetConfig(*request); });
  }

  grpc::Status UpdateConfig(grpc::ServerContext* context, const v1::UpdateConfigRequest* request,
                            v1::UpdateConfigResponse* response) override {
    return gate_.Answer(context, "UpdateConfig", *request, response, [&](const Call& call) {
      return use_.configs.UpdateConfig(*request, call.caller, call.limits);
    });
  }

  grpc::Status ListConfigVersions(grpc::ServerContext* context,
                                  const v1::ListConfigVersionsRequest* request,
                                  v1::ListConfigVersionsResponse* response) override {
    return gate_.Answer(context, "ListConfigVersions", *request, response,
                        [&](const Call&) { return use_.configs.ListConfigVersions(*request); });
  }

  grpc::Status RollbackConfig(grpc::ServerContext* context,
                              const v1::RollbackConfigRequest* request,
                              v1::RollbackConfigResponse* response) override {
    return gate_.Answer(context, "RollbackConfig", *request, response, [&](const Call& call) {
      return use_.configs.RollbackConfig(*request, call.caller);
    });
  }

  grpc::Status GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest* request,
                         v1::GetStatusResponse* response) override {
    return gate_.Answer(context, "GetStatus", *request, response,
                        [&](const Call&) { return use_.exporters.GetStatus(*request); });
  }

  grpc::Status PauseExporter(grpc::ServerContext* context, const v1::PauseExporterRequest* request,
                             v1::PauseExporterResponse* response) override {
    return gate_.Answer(context, "PauseExporter", *request, response, [&](const Call& call) {
      return use_.exporters.PauseExporter(*request, call.caller);
    });
  }

  grpc::Status ResumeExporter(grpc::ServerContext* context,
                              const v1::ResumeExporterRequest* request,
                              v1::ResumeExporterResponse* response) override {
    return gate_.Answer(context, "ResumeExporter", *request, response, [&](const Call& call) {
      return use_.exporters.ResumeExporter(*request, call.caller);
    });
  }

  grpc::Status PreviewExport(grpc::ServerContext* context, const v1::PreviewExportRequest* request,
                             v1::PreviewExportResponse* response) override {
    return gate_.Answer(context, "PreviewExport", *request, response, [&](const Call& call) {
      return use_.previews.PreviewExport(*request, call.limits);
    });
  }

  grpc::Status ListDeadLetters(grpc::ServerContext* context,
                               const v1::ListDeadLettersRequest* request,
                               v1::ListDeadLettersResponse* response) override {
    return gate_.Answer(context, "ListDeadLetters", *request, response,
                        [&](const Call& call) -> absl::StatusOr<v1::ListDeadLettersResponse> {
                          // As read from Auth0, before any privacy rule.
                          if (request->include_log()) {
                            RETURN_IF_ERROR(RequireRole(call, v1::ROLE_OPERATOR, "include_log"));
                          }
                          return use_.dead_letters.ListDeadLetters(*request);
                        });
  }

  grpc::Status RedriveDeadLetters(grpc::ServerContext* context,
                                  const v1::RedriveDeadLettersRequest* request,
                                  v1::RedriveDeadLettersResponse* response) override {
    return gate_.Answer(context, "RedriveDeadLetters", *request, response, [&](const Call& call) {
      return use_.runs.RedriveDeadLetters(*request, call.caller);
    });
  }

  grpc::Status PurgeDeadLetters(grpc::ServerContext* context,
                                const v1::PurgeDeadLettersRequest* request,
                                v1::PurgeDeadLettersResponse* response) override {
    return gate_.Answer(context, "PurgeDeadLetters", *request, response, [&](const Call& call) {
      return use_.dead_letters.PurgeDeadLetters(*request, call.caller);
    });
  }

  grpc::Status TestNotification(grpc::ServerContext* context,
                                const v1::TestNotificationRequest* request,
                                v1::TestNotificationResponse* response) override {
    return gate_.Answer(context, "TestNotification", *request, response, [&](const Call& call) {
      return use_.previews.TestNotification(*request, call.caller, call.limits);
    });
  }

  grpc::Status ListLogTypes(grpc::ServerContext* context, const v1::ListLogTypesRequest* request,
                            v1::ListLogTypesResponse* response) override {
    return gate_.Answer(context, "ListLogTypes", *request, response,
                        [&](const Call&) { return use_.previews.ListLogTypes(*request); });
  }

  grpc::Status ListExporters(grpc::ServerContext* context, const v1::ListExportersRequest* request,
                             v1::ListExportersResponse* response) override {
    return gate_.Answer(context, "ListExporters", *request, response,
                        [&](const Call&) { return use_.exporters.ListExporters(*request); });
  }

  grpc::Status CreateExporter(grpc::ServerContext* context,
                              const v1::CreateExporterRequest* request,
                              v1::CreateExporterResponse* response) override {
    return gate_.Answer(context, "CreateExporter", *request, response, [&](const Call& call) {
      return use_.exporters.CreateExporter(*request, call.caller, call.limits);
    });
  }

  grpc::Status DeleteExporter(grpc::ServerContext* context,
                              const v1::DeleteExporterRequest* request,
                              v1::DeleteExporterResponse* response) override {
    return gate_.Answer(context, "DeleteExporter", *request, response, [&](const Call& call) {
      return use_.exporters.DeleteExporter(*request, call.caller, call.limits);
    });
  }

  grpc::Status WatchRun(grpc::ServerContext* context, const v1::WatchRunRequest* request,
                        grpc::ServerWriter<v1::WatchRunResponse>* writer) override {
    return gate_.Pass(*context, "WatchRun", *request, [&](const Call&) {
      return watch_.Watch(
          *request, [&] { return context->IsCancelled(); },
          [&](const v1::WatchRunResponse& message) { return writer->Write(message); });
    });
  }

 private:
  CallGate& gate_;
  const UseCases use_;
  RunWatch& watch_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeLogExportService(CallGate& gate, const UseCases& use_cases,
                                                    RunWatch& watch) {
  return std::make_unique<LogExportServiceImpl>(gate, use_cases, watch);
}

}  // namespace logexport
