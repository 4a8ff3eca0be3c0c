#include "tests/e2e/installation.h"

#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <gtest/gtest.h>

#include "service/json/json_value.h"
#include "tests/support/http_client.h"
#include "tests/support/status_matchers.h"

namespace logexport {

Installation::Installation(const std::vector<std::string>& sandbox_flags) {
  absl::StatusOr<std::unique_ptr<SandboxProcess>> sandbox = SandboxProcess::Start(sandbox_flags);
  if (!sandbox.ok()) {
    ADD_FAILURE() << sandbox.status();
    std::abort();
  }
  sandbox_ = *std::move(sandbox);
}

Installation::~Installation() {
  client_.reset();
  service_.reset();
}

ServiceProcess::Environment Installation::environment() const {
  ServiceProcess::Environment environment = sandbox_->Environment();
  // Runs are started by the tests, and no rate limit makes them wait.
  environment.emplace_back("SCHEDULE", "0 0 0 1 1 *");
  environment.emplace_back("SEGMENT_MAX_EVENTS_PER_SECOND", "0");
  return environment;
}

void Installation::Start(const ServiceProcess::Environment& more,
                         const std::vector<std::string>& flags) {
  ServiceProcess::Environment environment = this->environment();
  environment.insert(environment.end(), more.begin(), more.end());
  absl::StatusOr<std::unique_ptr<ServiceProcess>> service =
      ServiceProcess::Start(state(), environment, flags);
  if (!service.ok()) {
    ADD_FAILURE() << service.status();
    std::abort();
  }
  service_ = *std::move(service);
  client::ConnectionOptions options;
  options.server = service_->address();
  client_ = *client::Client::Connect(options);
}

int Installation::Stop() {
  service_->process().Signal(SIGTERM);
  const std::optional<int> status = service_->process().Wait(absl::Seconds(10));
  EXPECT_TRUE(status.has_value()) << "the service did not end within 10 s of SIGTERM";
  earlier_logs_ += service_->process().ErrorOutput();
  return status.value_or(-1);
}

void Installation::Kill() {
  service_->process().Signal(SIGKILL);
  service_->process().Wait(absl::Seconds(10));
  earlier_logs_ += service_->process().ErrorOutput();
}

std::string Installation::Logs() { return earlier_logs_ + service_->process().ErrorOutput(); }

v1::Report Installation::Await(const std::string& run_id) {
  const absl::StatusOr<v1::Report> report = client_->WaitForRun("", run_id, absl::Minutes(2));
  if (!report.ok()) {
    ADD_FAILURE() << report.status() << "\n" << Logs();
    return {};
  }
  const v1::Ledger& ledger = report->ledger();
  EXPECT_EQ(ledger.fetched(),
            ledger.accepted() + ledger.filtered() + ledger.dead_lettered() + ledger.unsettled());
  return *report;
}

v1::Report Installation::RunNow(std::int64_t max_logs) {
  v1::RunNowRequest request;
  request.set_max_logs(max_logs);
  const absl::StatusOr<v1::RunNowResponse> started =
      client_->Call(&client::Client::Stub::RunNow, request);
  if (!started.ok()) {
    ADD_FAILURE() << started.status() << "\n" << Logs();
    return {};
  }
  EXPECT_EQ(started->disposition(), v1::RUN_DISPOSITION_STARTED);
  return Await(started->run().run_id());
}

v1::GetStatusResponse Installation::Status() {
  const absl::StatusOr<v1::GetStatusResponse> status =
      client_->Call(&client::Client::Stub::GetStatus, v1::GetStatusRequest());
  EXPECT_THAT(status, IsOk());
  return status.ok() ? *status : v1::GetStatusResponse();
}

void Installation::SetFault(const std::string& json) {
  EXPECT_THAT(sandbox_->Post("faults", json), IsOk());
}

void Installation::ClearFaults() {
  EXPECT_EQ(HttpDelete(sandbox_->url(), "/_sandbox/faults").status, 200);
}

std::int64_t Installation::Missing() {
  const absl::StatusOr<JsonValue> missing = sandbox_->GetJson("missing");
  EXPECT_THAT(missing, IsOk());
  return missing.ok() ? (*missing)["count"].Int(-1) : -1;
}

std::multimap<std::string, ArrivedEvent> ArrivedEvents(SandboxProcess& sandbox) {
  std::multimap<std::string, ArrivedEvent> events;
  const absl::StatusOr<std::string> lines = sandbox.Get("events");
  EXPECT_THAT(lines, IsOk());
  if (!lines.ok()) return events;
  for (const absl::string_view line : absl::StrSplit(*lines, '\n', absl::SkipEmpty())) {
    const absl::StatusOr<JsonValue> event = JsonValue::Parse(line);
    EXPECT_THAT(event, IsOk());
    if (!event.ok()) continue;
    events.emplace(std::string((*event)["log_id"].String()),
                   ArrivedEvent{std::string((*event)["messageId"].String()),
                                std::string((*event)["timestamp"].String()), std::string(line)});
  }
  return events;
}

}  // namespace logexport
