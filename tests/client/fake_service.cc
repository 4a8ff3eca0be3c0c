#include "tests/client/fake_service.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace logexport {

FakeService::FakeService() = default;

grpc::Status FakeService::Enter(const std::string& method, grpc::ServerContext* context) {
  MutexLock lock(&mutex_);
  calls_.push_back(method);
  const auto& metadata = context->client_metadata();
  const auto token = metadata.find("authorization");
  authorization_ =
      token == metadata.end() ? "" : std::string(token->second.data(), token->second.size());
  if (failures_left_ == 0) return grpc::Status::OK;
  --failures_left_;
  return failure_;
}

grpc::Status FakeService::RunNow(grpc::ServerContext* context, const v1::RunNowRequest* request,
                                 v1::RunNowResponse* response) {
  const bool trial = request->validate_only();
  if (grpc::Status status = Enter(trial ? "RunNow?" : "RunNow", context); !status.ok()) {
    return status;
  }
  if (trial) {
    response->mutable_estimate()->set_logs(1234);
    return grpc::Status::OK;
  }
  MutexLock lock(&mutex_);
  run_ = *request;
  *response->mutable_run() = MakeReport("run-7", v1::RUN_STATE_RUNNING);
  response->mutable_run()->set_exporter(request->exporter().empty() ? "default"
                                                                    : request->exporter());
  response->set_disposition(v1::RUN_DISPOSITION_STARTED);
  return grpc::Status::OK;
}

grpc::Status FakeService::WatchRun(grpc::ServerContext* context, const v1::WatchRunRequest* request,
                                   grpc::ServerWriter<v1::WatchRunResponse>* writer) {
  if (grpc::Status status = Enter("WatchRun", context); !status.ok()) return status;
  Watch script;
  {
    MutexLock lock(&mutex_);
    watches_.push_back(*request);
    if (next_script_ == scripts_.size()) {
      return {grpc::StatusCode::NOT_FOUND, "no such run"};
    }
    script = scripts_[next_script_++];
  }
  for (const auto& message : script.messages) {
    writer->Write(message);
    if (after_watch_message) after_watch_message();
  }
  while (script.endless && !context->IsCancelled()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return script.end;
}

grpc::Status FakeService::GetReports(grpc::ServerContext* context,
                                     const v1::GetReportsRequest* request,
                                     v1::GetReportsResponse* response) {
  if (grpc::Status status = Enter("GetReports", context); !status.ok()) return status;
  MutexLock lock(&mutex_);
  report_requests_.push_back(*request);
  std::size_t first = 0;
  if (!request->page_token().empty() && !absl::SimpleAtoi(request->page_token(), &first)) {
    return {grpc::StatusCode::INVALID_ARGUMENT, "not a page token"};
  }
  const auto size = static_cast<std::size_t>(
      request->page_size() == 0 ? 50 : std::min(request->page_size(), 500));
  const std::size_t end = std::min(first + size, reports_.size());
  for (std::size_t i = first; i < end; ++i) *response->add_reports() = reports_[i];
  if (end < reports_.size()) response->set_next_page_token(absl::StrCat(end));
  response->set_total_size(static_cast<std::int64_t>(reports_.size()));
  return grpc::Status::OK;
}

grpc::Status FakeService::GetReport(grpc::ServerContext* context,
                                    const v1::GetReportRequest* request,
                                    v1::GetReportResponse* response) {
  if (grpc::Status status = Enter("GetReport", context); !status.ok()) return status;
  *response->mutable_report() = MakeReport(
      request->run_id().empty() ? "run-newest" : request->run_id(), v1::RUN_STATE_SUCCEEDED);
  return grpc::Status::OK;
}

grpc::Status FakeService::SetCheckpoint(grpc::ServerContext* context,
                                        const v1::SetCheckpointRequest* request,
                                        v1::SetCheckpointResponse* response) {
  if (grpc::Status status = Enter("SetCheckpoint", context); !status.ok()) return status;
  MutexLock lock(&mutex_);
  set_checkpoints_.push_back(*request);
  *response = checkpoint_response;
  return grpc::Status::OK;
}

grpc::Status FakeService::UpdateConfig(grpc::ServerContext* context,
                                       const v1::UpdateConfigRequest* request,
                                       v1::UpdateConfigResponse* response) {
  if (grpc::Status status = Enter("UpdateConfig", context); !status.ok()) return status;
  MutexLock lock(&mutex_);
  update_ = *request;
  *response->mutable_config() = request->config();
  for (const auto& path : request->update_mask().paths()) response->add_changed_fields(path);
  for (const std::string& warning : update_warnings) response->add_warnings(warning);
  response->set_version(4);
  return grpc::Status::OK;
}

grpc::Status FakeService::TestNotification(grpc::ServerContext* context,
                                           const v1::TestNotificationRequest* request,
                                           v1::TestNotificationResponse* response) {
  if (grpc::Status status = Enter("TestNotification", context); !status.ok()) return status;
  response->set_delivered(request->reason() == "works");
  response->set_http_status(response->delivered() ? 200 : 404);
  response->set_message(response->delivered() ? "ok" : "no_service");
  return grpc::Status::OK;
}

grpc::Status FakeService::GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest*,
                                    v1::GetStatusResponse* response) {
  if (grpc::Status status = Enter("GetStatus", context); !status.ok()) return status;
  *response = status_response;
  return grpc::Status::OK;
}

grpc::Status FakeService::GetCaller(grpc::ServerContext* context, const v1::GetCallerRequest*,
                                    v1::GetCallerResponse* response) {
  if (grpc::Status status = Enter("GetCaller", context); !status.ok()) return status;
  *response = caller_response;
  return grpc::Status::OK;
}

grpc::Status FakeService::ProbeExporter(grpc::ServerContext* context,
                                        const v1::ProbeExporterRequest* request,
                                        v1::ProbeExporterResponse* response) {
  if (grpc::Status status = Enter("ProbeExporter", context); !status.ok()) return status;
  MutexLock lock(&mutex_);
  probe_ = *request;
  *response = probe_response;
  return grpc::Status::OK;
}

grpc::Status FakeService::PurgeDeadLetters(grpc::ServerContext* context,
                                           const v1::PurgeDeadLettersRequest* request,
                                           v1::PurgeDeadLettersResponse* response) {
  if (grpc::Status status =
          Enter(request->validate_only() ? "PurgeDeadLetters?" : "PurgeDeadLetters", context);
      !status.ok()) {
    return status;
  }
  response->set_purged(12);
  return grpc::Status::OK;
}

grpc::Status FakeService::DeleteExporter(grpc::ServerContext* context,
                                         const v1::DeleteExporterRequest* request,
                                         v1::DeleteExporterResponse* response) {
  if (grpc::Status status = Enter("DeleteExporter", context); !status.ok()) return status;
  response->set_exporter(request->exporter());
  return grpc::Status::OK;
}

v1::Report FakeService::MakeReport(const std::string& run_id, v1::RunState state) {
  v1::Report report;
  report.set_run_id(run_id);
  report.set_exporter("default");
  report.set_kind(v1::RUN_KIND_EXPORT);
  report.set_state(state);
  report.set_trigger(v1::TRIGGER_MANUAL);
  report.mutable_start_time()->set_seconds(1795435200 - 300);  // five minutes before the test's now
  auto& ledger = *report.mutable_ledger();
  ledger.set_fetched(12345);
  ledger.set_accepted(12340);
  ledger.set_filtered(5);
  return report;
}

grpc::Status FakeService::Error(grpc::StatusCode code, const std::string& message,
                                const std::vector<const google::protobuf::Message*>& details) {
  google::rpc::Status status;
  status.set_code(static_cast<int>(code));
  status.set_message(message);
  for (const auto* detail : details) status.add_details()->PackFrom(*detail);
  return {code, message, status.SerializeAsString()};
}

void FakeService::FailNext(const grpc::Status& status, int times) {
  MutexLock lock(&mutex_);
  failure_ = status;
  failures_left_ = times;
}

void FakeService::AddWatch(std::vector<v1::WatchRunResponse> messages, const grpc::Status& end) {
  MutexLock lock(&mutex_);
  scripts_.push_back({std::move(messages), end, false});
}

void FakeService::AddEndlessWatch(std::vector<v1::WatchRunResponse> messages) {
  MutexLock lock(&mutex_);
  scripts_.push_back({std::move(messages), grpc::Status::CANCELLED, true});
}

void FakeService::AddReports(int count) {
  MutexLock lock(&mutex_);
  for (int i = 0; i < count; ++i) {
    reports_.push_back(MakeReport(absl::StrCat("019355d0-0000-7000-8000-", 100000000000 + i),
                                  i % 3 == 2 ? v1::RUN_STATE_FAILED : v1::RUN_STATE_SUCCEEDED));
  }
}

std::vector<std::string> FakeService::calls() const {
  MutexLock lock(&mutex_);
  return calls_;
}
std::vector<v1::SetCheckpointRequest> FakeService::set_checkpoints() const {
  MutexLock lock(&mutex_);
  return set_checkpoints_;
}
std::vector<v1::WatchRunRequest> FakeService::watches() const {
  MutexLock lock(&mutex_);
  return watches_;
}
std::vector<v1::GetReportsRequest> FakeService::report_requests() const {
  MutexLock lock(&mutex_);
  return report_requests_;
}
v1::RunNowRequest FakeService::last_run() const {
  MutexLock lock(&mutex_);
  return run_;
}
v1::UpdateConfigRequest FakeService::last_update() const {
  MutexLock lock(&mutex_);
  return update_;
}
v1::ProbeExporterRequest FakeService::last_probe() const {
  MutexLock lock(&mutex_);
  return probe_;
}
std::string FakeService::last_authorization() const {
  MutexLock lock(&mutex_);
  return authorization_;
}

}  // namespace logexport
