#include "service/api/log_export_service.h"

#include "logexport/v1/service.grpc.pb.h"
#include "service/api/call_handler.h"

namespace logexport {
namespace {

// protoc makes a virtual function of each RPC, so that each needs its line here. What it does
// stands in access/rpcs.cc; a test compares both with the proto.
#define LOGEXPORT_UNARY_RPC(Method)                                                            \
  grpc::Status Streamed##Method(                                                               \
      grpc::ServerContext* context,                                                            \
      grpc::ServerUnaryStreamer<v1::Method##Request, v1::Method##Response>* stream) override { \
    return handler_.Answer(*context, #Method, *stream);                                        \
  }

class LogExportServiceImpl final : public v1::LogExportService::StreamedService {
 public:
  LogExportServiceImpl(CallGate& gate, StallGuard& guard, const RpcTable& rpcs)
      : handler_(gate, guard, rpcs) {}

  LOGEXPORT_UNARY_RPC(RunNow)
  LOGEXPORT_UNARY_RPC(CancelRun)
  LOGEXPORT_UNARY_RPC(GetReports)
  LOGEXPORT_UNARY_RPC(GetReport)
  LOGEXPORT_UNARY_RPC(GetSeries)
  LOGEXPORT_UNARY_RPC(SetCheckpoint)
  LOGEXPORT_UNARY_RPC(ListCheckpoints)
  LOGEXPORT_UNARY_RPC(GetConfig)
  LOGEXPORT_UNARY_RPC(UpdateConfig)
  LOGEXPORT_UNARY_RPC(ProbeExporter)
  LOGEXPORT_UNARY_RPC(ListConfigVersions)
  LOGEXPORT_UNARY_RPC(RollbackConfig)
  LOGEXPORT_UNARY_RPC(GetStatus)
  LOGEXPORT_UNARY_RPC(PauseExporter)
  LOGEXPORT_UNARY_RPC(ResumeExporter)
  LOGEXPORT_UNARY_RPC(PreviewExport)
  LOGEXPORT_UNARY_RPC(ListDeadLetters)
  LOGEXPORT_UNARY_RPC(RedriveDeadLetters)
  LOGEXPORT_UNARY_RPC(PurgeDeadLetters)
  LOGEXPORT_UNARY_RPC(TestNotification)
  LOGEXPORT_UNARY_RPC(ListLogTypes)
  LOGEXPORT_UNARY_RPC(GetCaller)
  LOGEXPORT_UNARY_RPC(ListMembers)
  LOGEXPORT_UNARY_RPC(CreateLogin)
  LOGEXPORT_UNARY_RPC(ListExporters)
  LOGEXPORT_UNARY_RPC(CreateExporter)
  LOGEXPORT_UNARY_RPC(DeleteExporter)
  LOGEXPORT_UNARY_RPC(ListAudit)
  LOGEXPORT_UNARY_RPC(VerifyAudit)
  LOGEXPORT_UNARY_RPC(ListHistory)
  LOGEXPORT_UNARY_RPC(RotateSecrets)

  grpc::Status StreamedWatchRun(
      grpc::ServerContext* context,
      grpc::ServerSplitStreamer<v1::WatchRunRequest, v1::WatchRunResponse>* stream) override {
    return handler_.Stream(*context, "WatchRun", *stream);
  }

 private:
  CallHandler handler_;
};

#undef LOGEXPORT_UNARY_RPC

}  // namespace

std::unique_ptr<grpc::Service> MakeLogExportService(CallGate& gate, StallGuard& guard,
                                                    const RpcTable& rpcs) {
  return std::make_unique<LogExportServiceImpl>(gate, guard, rpcs);
}

}  // namespace logexport
