#include "tests/bench/service_trial.h"

#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include <google/protobuf/util/time_util.h>

#include "logexport/v1/service.pb.h"
#include "service/base/status_macros.h"
#include "service/export/log.h"

namespace logexport::bench {
namespace {

using Stub = client::Client::Stub;
using google::protobuf::util::TimeUtil;

// Between two looks at the run: often enough, and no load.
constexpr auto kLookInterval = std::chrono::milliseconds(50);

double CpuSecondsOf(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::int64_t PeakKbOf(pid_t pid) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  std::string line;
  while (std::getline(status, line)) {
    if (!absl::StartsWith(line, "VmHWM:")) continue;
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    std::int64_t kb = 0;
    return words.size() > 1 && absl::SimpleAtoi(words[1], &kb) ? kb : 0;
  }
  return 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServiceTrial>> ServiceTrial::Start(const SandboxProcess& sandbox,
                                                                  const TrialOptions& options) {
  std::unique_ptr<ServiceTrial> trial(new ServiceTrial);
  const std::filesystem::path parent =
      options.state_in_memory ? "/dev/shm" : std::filesystem::temp_directory_path();
  trial->directory_ = parent / "logexport-bench-XXXXXX";
  if (::mkdtemp(trial->directory_.data()) == nullptr) {
    return absl::UnavailableError("cannot make " + trial->directory_);
  }
  trial->environment_ = sandbox.Environment();
  trial->environment_.emplace_back("SCHEDULE", "0 0 0 1 1 *");
  trial->environment_.emplace_back("SEGMENT_MAX_EVENTS_PER_SECOND", "0");
  // As the bare client starts, without a search for the oldest log.
  trial->environment_.emplace_back("START_FROM", SyntheticLogId(absl::UnixEpoch()));
  const std::string config = trial->directory_ + "/config.yaml";
  std::ofstream(config) << "exporters:\n  - id: default\n    segment: {gzip: "
                        << (options.gzip ? "true" : "false")
                        << ", max_in_flight: " << options.max_in_flight
                        << "}\n    profile: {enabled: " << (options.profiles ? "true" : "false")
                        << "}\n";
  trial->flags_ = {"--config", config};
  if (!options.ca_file.empty()) {
    trial->flags_.push_back("--ca-file");
    trial->flags_.push_back(options.ca_file);
  }
  RETURN_IF_ERROR(trial->Launch());
  return trial;
}

ServiceTrial::~ServiceTrial() {
  client_.reset();
  service_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

absl::Status ServiceTrial::Launch() {
  ASSIGN_OR_RETURN(service_, ServiceProcess::Start(directory_ + "/state.db", environment_, flags_));
  client::ConnectionOptions options;
  options.server = service_->address();
  ASSIGN_OR_RETURN(client_, client::Client::Connect(options));
  // The first call connects.
  return client_->Call(&Stub::GetStatus, v1::GetStatusRequest()).status();
}

absl::StatusOr<double> ServiceTrial::Restart() {
  client_.reset();
  service_->process().Signal(SIGTERM);
  if (!service_->process().Wait(absl::Seconds(20)).has_value()) {
    return absl::DeadlineExceededError("the service did not end");
  }
  const absl::Time start = absl::Now();
  RETURN_IF_ERROR(Launch());
  return absl::ToDoubleMilliseconds(absl::Now() - start);
}

absl::StatusOr<v1::Report> ServiceTrial::RunAndWait(std::int64_t max_logs, double calls_per_minute,
                                                    ControlLoadResult* load) {
  v1::RunNowRequest run;
  run.set_max_logs(max_logs);
  ASSIGN_OR_RETURN(const v1::RunNowResponse started, client_->Call(&Stub::RunNow, run));
  v1::GetReportRequest request;
  run_id_ = started.run().run_id();
  request.set_run_id(run_id_);
  std::unique_ptr<ControlLoad> calls;
  if (calls_per_minute > 0) {
    ASSIGN_OR_RETURN(calls,
                     ControlLoad::Start(service_->address(), request.run_id(), calls_per_minute));
  }
  v1::Report report = started.run();
  while (report.state() == v1::RUN_STATE_QUEUED || report.state() == v1::RUN_STATE_RUNNING) {
    std::this_thread::sleep_for(kLookInterval);
    ASSIGN_OR_RETURN(const v1::GetReportResponse answer, client_->Call(&Stub::GetReport, request));
    report = answer.report();
  }
  if (calls != nullptr) {
    ASSIGN_OR_RETURN(*load, calls->Finish());
  }
  if (report.state() == v1::RUN_STATE_SUCCEEDED && report.ledger().accepted() > 0 &&
      report.ledger().fetched() == report.ledger().accepted()) {
    return report;
  }
  return absl::InternalError(absl::StrCat("the run did not export every log:\n",
                                          report.DebugString(), service_->process().ErrorOutput()));
}

absl::StatusOr<ControlLoadResult> ServiceTrial::CallIdle(absl::Duration time,
                                                         double calls_per_minute) {
  ASSIGN_OR_RETURN(const auto calls,
                   ControlLoad::Start(service_->address(), run_id_, calls_per_minute));
  absl::SleepFor(time);
  return calls->Finish();
}

absl::StatusOr<TrialResult> ServiceTrial::Run(int warm_up, double calls_per_minute) {
  TrialResult result;
  if (warm_up > 0) {
    RETURN_IF_ERROR(RunAndWait(warm_up, /*calls_per_minute=*/0, nullptr).status());
  }
  const pid_t pid = service_->process().pid();
  std::ofstream(absl::StrCat("/proc/", pid, "/clear_refs")) << "5\n";  // forget the peak so far
  const double cpu = CpuSecondsOf(pid);
  ASSIGN_OR_RETURN(const v1::Report report, RunAndWait(0, calls_per_minute, &result.load));
  result.cpu_seconds = CpuSecondsOf(pid) - cpu;
  result.peak_kb = PeakKbOf(pid);
  result.logs = report.ledger().accepted();
  result.seconds =
      1e-6 * static_cast<double>(TimeUtil::TimestampToMicroseconds(report.end_time()) -
                                 TimeUtil::TimestampToMicroseconds(report.start_time()));
  result.auth0_requests = report.api_calls().auth0();
  result.segment_requests = report.api_calls().segment();
  result.commits = report.sequence();
  return result;
}

}  // namespace logexport::bench
