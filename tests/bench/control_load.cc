#include "tests/bench/control_load.h"

#include <algorithm>
#include <cmath>

#include "absl/time/clock.h"

#include "logexport/v1/service.pb.h"
#include "service/base/status_macros.h"

namespace logexport::bench {
namespace {

using Stub = client::Client::Stub;

constexpr int kReaders = 4;
constexpr int kWriteEvery = 50;

void Append(const std::vector<double>& more, std::vector<double>* all) {
  all->insert(all->end(), more.begin(), more.end());
}

}  // namespace

void ControlLoadResult::Add(const ControlLoadResult& other) {
  Append(other.read_millis, &read_millis);
  Append(other.write_millis, &write_millis);
  messages += other.messages;
  lagged += other.lagged;
  unmarked_gaps += other.unmarked_gaps;
  final_last &= other.final_last;
}

absl::StatusOr<std::unique_ptr<ControlLoad>> ControlLoad::Start(const std::string& server,
                                                                const std::string& run_id,
                                                                double calls_per_minute) {
  std::unique_ptr<ControlLoad> load(new ControlLoad);
  load->run_id_ = run_id;
  const bool paced = std::isfinite(calls_per_minute);
  const absl::Duration period = paced ? absl::Minutes(1) / calls_per_minute : absl::ZeroDuration();
  const int readers = paced ? kReaders : 1;
  // Beside the readers a writer and a watcher.
  for (int i = 0; i < readers + (paced ? 2 : 0); ++i) {
    RETURN_IF_ERROR(load->AddCaller(server));
    Caller& caller = *load->callers_.back();
    caller.writes = i == readers;
    caller.period =
        period * (caller.writes ? kWriteEvery : readers * kWriteEvery / (kWriteEvery - 1.0));
    caller.offset = i * caller.period / readers;
  }
  for (int i = 0; i < readers + (paced ? 1 : 0); ++i) {
    Caller& caller = *load->callers_[static_cast<std::size_t>(i)];
    caller.thread = std::thread([&load = *load, &caller] { load.Call(caller); });
  }
  if (paced) {
    Caller& watcher = *load->callers_.back();
    watcher.thread = std::thread([&load = *load, &watcher] { load.Watch(watcher); });
  }
  return load;
}

ControlLoad::~ControlLoad() { Join(); }

absl::Status ControlLoad::AddCaller(const std::string& server) {
  auto caller = std::make_unique<Caller>();
  client::ConnectionOptions options;
  options.server = server;
  ASSIGN_OR_RETURN(caller->client, client::Client::Connect(options));
  // The first call connects.
  RETURN_IF_ERROR(caller->client->Call(&Stub::GetStatus, v1::GetStatusRequest()).status());
  callers_.push_back(std::move(caller));
  return absl::OkStatus();
}

void ControlLoad::Call(Caller& caller) {
  client::Client& client = *caller.client;
  v1::GetReportRequest report;
  report.set_run_id(run_id_);
  bool paused = false;
  absl::Time due = absl::Now() + caller.offset;
  for (int n = 1; caller.status.ok() && !stop_; ++n, due += caller.period) {
    absl::Time start = absl::Now();
    if (due > start) {
      // The time it takes this thread to wake up is not the service's.
      absl::SleepFor(due - start);
      start = absl::Now();
    } else if (caller.period > absl::ZeroDuration()) {
      start = due;
    }
    if (caller.writes) {
      paused = !paused;
      caller.status =
          paused ? client.Call(&Stub::PauseExporter, v1::PauseExporterRequest()).status()
                 : client.Call(&Stub::ResumeExporter, v1::ResumeExporterRequest()).status();
    } else if (n % 5 == 1) {
      caller.status = client.Call(&Stub::GetStatus, v1::GetStatusRequest()).status();
    } else if (n % 5 == 2) {
      caller.status = client.Call(&Stub::GetReports, v1::GetReportsRequest()).status();
    } else if (n % 5 == 3) {
      caller.status = client.Call(&Stub::GetConfig, v1::GetConfigRequest()).status();
    } else if (n % 5 == 4) {
      caller.status = client.Call(&Stub::ListCheckpoints, v1::ListCheckpointsRequest()).status();
    } else {
      caller.status = client.Call(&Stub::GetReport, report).status();
    }
    (caller.writes ? caller.result.write_millis : caller.result.read_millis)
        .push_back(absl::ToDoubleMilliseconds(absl::Now() - start));
  }
}

void ControlLoad::Watch(Caller& watcher) {
  ControlLoadResult& result = watcher.result;
  result.final_last = false;
  v1::WatchRunRequest request;
  request.set_run_id(run_id_);
  std::int64_t before = 0;
  watcher.status = watcher.client
                       ->Watch(request,
                               [&](const v1::WatchRunResponse& message) {
                                 if (result.messages++ == 0) before = message.sequence();
                                 if (message.lagged()) ++result.lagged;
                                 if (message.sequence() > before + 1 && !message.lagged()) {
                                   ++result.unmarked_gaps;
                                 }
                                 before = message.sequence();
                                 result.final_last = message.phase() == v1::WATCH_PHASE_FINAL;
                                 return true;
                               })
                       .status();
}

void ControlLoad::Join() {
  stop_ = true;
  for (const auto& caller : callers_) {
    if (caller->thread.joinable()) caller->thread.join();
  }
}

absl::StatusOr<ControlLoadResult> ControlLoad::Finish() {
  Join();
  ControlLoadResult all;
  for (const auto& caller : callers_) {
    RETURN_IF_ERROR(caller->status);
    all.Add(caller->result);
  }
  return all;
}

}  // namespace logexport::bench
