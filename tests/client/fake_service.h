#ifndef LOGEXPORT_TESTS_CLIENT_FAKE_SERVICE_H_
#define LOGEXPORT_TESTS_CLIENT_FAKE_SERVICE_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <google/rpc/status.pb.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include "logexport/v1/service.grpc.pb.h"
#include "service/base/mutex.h"

namespace logexport {

// A service with a memory: runs that are stepped through, a checkpoint that moves, a configuration
// that is changed field by field, and whatever error the test wants next.
class FakeService : public v1::LogExportService::Service {
 public:
  FakeService();

  grpc::Status RunNow(grpc::ServerContext* context, const v1::RunNowRequest* request,
                      v1::RunNowResponse* response) override;
  grpc::Status WatchRun(grpc::ServerContext* context, const v1::WatchRunRequest* request,
                        grpc::ServerWriter<v1::WatchRunResponse>* writer) override;
  grpc::Status GetReports(grpc::ServerContext* context, const v1::GetReportsRequest* request,
                          v1::GetReportsResponse* response) override;
  grpc::Status GetReport(grpc::ServerContext* context, const v1::GetReportRequest* request,
                         v1::GetReportResponse* response) override;
  grpc::Status SetCheckpoint(grpc::ServerContext* context, const v1::SetCheckpointRequest* request,
                             v1::SetCheckpointResponse* response) override;
  grpc::Status UpdateConfig(grpc::ServerContext* context, const v1::UpdateConfigRequest* request,
                            v1::UpdateConfigResponse* response) override;
  grpc::Status GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest* request,
                         v1::GetStatusResponse* response) override;
  // Slack takes the message if the reason is "works".
  grpc::Status TestNotification(grpc::ServerContext* context,
                                const v1::TestNotificationRequest* request,
                                v1::TestNotificationResponse* response) override;
  grpc::Status GetCaller(grpc::ServerContext* context, const v1::GetCallerRequest* request,
                         v1::GetCallerResponse* response) override;
  grpc::Status ProbeExporter(grpc::ServerContext* context, const v1::ProbeExporterRequest* request,
                             v1::ProbeExporterResponse* response) override;
  grpc::Status PurgeDeadLetters(grpc::ServerContext* context,
                                const v1::PurgeDeadLettersRequest* request,
                                v1::PurgeDeadLettersResponse* response) override;
  grpc::Status DeleteExporter(grpc::ServerContext* context,
                              const v1::DeleteExporterRequest* request,
                              v1::DeleteExporterResponse* response) override;

  // A report as a finished run leaves it.
  static v1::Report MakeReport(const std::string& run_id, v1::RunState state);
  // An error with the details it carries.
  static grpc::Status Error(grpc::StatusCode code, const std::string& message,
                            const std::vector<const google::protobuf::Message*>& details);

  // The next `times` calls of any method fail with `status`.
  void FailNext(const grpc::Status& status, int times = 1);
  // What a watch sends before it ends with `end`; the next watch sends the next script.
  void AddWatch(std::vector<v1::WatchRunResponse> messages,
                const grpc::Status& end = grpc::Status::OK);
  // A watch that sends these and then nothing, until the client goes away.
  void AddEndlessWatch(std::vector<v1::WatchRunResponse> messages);
  // Called after each message of a watch is written.
  std::function<void()> after_watch_message;

  void AddReports(int count);
  v1::GetStatusResponse status_response;
  v1::SetCheckpointResponse checkpoint_response;
  std::vector<std::string> update_warnings;  // answered by UpdateConfig
  v1::GetCallerResponse caller_response;
  v1::ProbeExporterResponse probe_response;

  // What was asked for, in order.
  std::vector<std::string> calls() const;
  std::vector<v1::SetCheckpointRequest> set_checkpoints() const;
  std::vector<v1::WatchRunRequest> watches() const;
  std::vector<v1::GetReportsRequest> report_requests() const;
  v1::RunNowRequest last_run() const;
  v1::UpdateConfigRequest last_update() const;
  v1::ProbeExporterRequest last_probe() const;
  std::string last_authorization() const;

 private:
  struct Watch {
    std::vector<v1::WatchRunResponse> messages;
    grpc::Status end;
    bool endless = false;
  };

  // Notes the call; answers the error that is due.
  grpc::Status Enter(const std::string& method, grpc::ServerContext* context);

  mutable Mutex mutex_;
  std::vector<std::string> calls_ ABSL_GUARDED_BY(mutex_);
  std::string authorization_ ABSL_GUARDED_BY(mutex_);
  grpc::Status failure_ ABSL_GUARDED_BY(mutex_);
  int failures_left_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Watch> scripts_ ABSL_GUARDED_BY(mutex_);
  std::size_t next_script_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<v1::Report> reports_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::SetCheckpointRequest> set_checkpoints_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::WatchRunRequest> watches_ ABSL_GUARDED_BY(mutex_);
  std::vector<v1::GetReportsRequest> report_requests_ ABSL_GUARDED_BY(mutex_);
  v1::RunNowRequest run_ ABSL_GUARDED_BY(mutex_);
  v1::UpdateConfigRequest update_ ABSL_GUARDED_BY(mutex_);
  v1::ProbeExporterRequest probe_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_CLIENT_FAKE_SERVICE_H_
