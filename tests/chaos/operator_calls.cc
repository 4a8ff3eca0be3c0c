#include "tests/chaos/operator_calls.h"

#include <algorithm>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "client/logexport/client.h"
#include "logexport/v1/service.pb.h"
#include "service/base/clock.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;

constexpr absl::Duration kBetween = absl::Milliseconds(400);
constexpr absl::Duration kPatience = absl::Seconds(8);

constexpr char kRunNow[] = "RunNow";
constexpr char kUpdateConfig[] = "UpdateConfig";
constexpr char kSetCheckpoint[] = "SetCheckpoint";
constexpr char kPauseExporter[] = "PauseExporter";
constexpr char kResumeExporter[] = "ResumeExporter";

// What they have in common.
template <typename Request>
Request For(const std::string& exporter, const std::string& request_id) {
  Request request;
  request.set_exporter(exporter);
  request.set_request_id(request_id);
  request.set_reason(request_id);
  return request;
}

}  // namespace

OperatorCalls::OperatorCalls(Options options) : options_(std::move(options)) {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    std::mt19937_64 random(options_.seed);
    while (RealClock().SleepFor(kBetween, stop)) CallOnce(random(), random());
  });
}

absl::Status OperatorCalls::Make(const std::string& address, Call& call, std::uint64_t random) {
  client::ConnectionOptions connection;
  connection.server = address;
  const auto client = client::Client::Connect(connection);
  if (!client.ok()) return client.status();
  if (call.method == kRunNow) {
    auto request = For<v1::RunNowRequest>(call.exporter, call.request_id);
    request.set_on_active(v1::ON_ACTIVE_JOIN);
    const auto answer = (*client)->Call(&Stub::RunNow, request, kPatience);
    if (answer.ok()) call.run_id = answer->run().run_id();
    return answer.status();
  }
  if (call.method == kUpdateConfig) {
    auto request = For<v1::UpdateConfigRequest>(call.exporter, call.request_id);
    request.mutable_config()->mutable_run()->mutable_max_duration()->set_seconds(
        static_cast<std::int64_t>(600 + random % 3000));
    request.mutable_update_mask()->add_paths("run.max_duration");
    return (*client)->Call(&Stub::UpdateConfig, request, kPatience).status();
  }
  if (call.method == kSetCheckpoint) {
    // One log back, so that little is sent again because the operator wanted it.
    v1::GetStatusRequest get;
    get.set_exporter(call.exporter);
    const auto status = (*client)->Call(&Stub::GetStatus, get, kPatience);
    if (!status.ok()) return status.status();
    auto request = For<v1::SetCheckpointRequest>(call.exporter, call.request_id);
    request.set_log_id(status->checkpoint().log_id());
    request.set_inclusive(true);
    request.set_expected_version(status->checkpoint().version());
    const auto answer = (*client)->Call(&Stub::SetCheckpoint, request, kPatience);
    // It may stand there already.
    if (answer.ok()) call.moved = answer->direction() != v1::CHECKPOINT_DIRECTION_NONE;
    return answer.status();
  }
  if (call.method == kPauseExporter) {
    return (*client)
        ->Call(&Stub::PauseExporter, For<v1::PauseExporterRequest>(call.exporter, call.request_id),
               kPatience)
        .status();
  }
  return (*client)
      ->Call(&Stub::ResumeExporter, For<v1::ResumeExporterRequest>(call.exporter, call.request_id),
             kPatience)
      .status();
}

void OperatorCalls::CallOnce(std::uint64_t random, std::uint64_t member) {
  const std::vector<std::string> members = options_.members();
  if (members.empty()) return;
  Call call;
  call.request_id = client::NewRequestId();
  switch (random % 10) {
    case 0:
      call.method = kSetCheckpoint;
      break;
    case 1:
      call.method = kPauseExporter;
      break;
    case 2:
      call.method = kResumeExporter;
      break;
    case 3:
    case 4:
    case 5:
    case 6:
      call.method = kUpdateConfig;
      break;
    default:
      call.method = kRunNow;
  }
  const bool any = call.method == kUpdateConfig || call.method == kRunNow;
  call.exporter =
      any ? options_.exporters[(random >> 8) % options_.exporters.size()] : options_.own;
  call.status = Make(members[member % members.size()], call, random >> 16);
  MutexLock lock(&mutex_);
  calls_.push_back(std::move(call));
}

void OperatorCalls::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  Call call;
  call.method = kResumeExporter;
  call.exporter = options_.own;
  call.request_id = client::NewRequestId();
  call.status = Make(options_.members().front(), call, 0);
  EXPECT_TRUE(call.status.ok()) << call.status;
  MutexLock lock(&mutex_);
  calls_.push_back(std::move(call));
}

void OperatorCalls::ExpectAllThere(
    const std::function<std::string(const std::string&)>& query) const {
  MutexLock lock(&mutex_);
  for (const Call& call : calls_) {
    SCOPED_TRACE(absl::StrCat(call.method, " of ", call.exporter, " as ", call.request_id));
    const std::string done = query(absl::StrCat("SELECT count(*) FROM audit WHERE request_id = '",
                                                call.request_id, "' AND outcome = 'DONE'"));
    if (!call.status.ok()) {
      EXPECT_TRUE(done == "0" || done == "1") << done;
      continue;
    }
    EXPECT_EQ(done, "1");
    if (call.method == kRunNow) {
      EXPECT_EQ(query(absl::StrCat("SELECT count(*) FROM runs WHERE exporter = '", call.exporter,
                                   "' AND run_id = '", call.run_id, "'")),
                "1");
    } else if (call.method == kUpdateConfig) {
      EXPECT_EQ(query(absl::StrCat("SELECT count(*) FROM config_versions WHERE exporter = '",
                                   call.exporter, "' AND reason = '", call.request_id, "'")),
                "1");
    } else if (call.moved) {
      EXPECT_EQ(query(absl::StrCat("SELECT count(*) FROM checkpoint_history WHERE exporter = '",
                                   call.exporter, "' AND reason = '", call.request_id, "'")),
                "1");
    }
  }
  EXPECT_EQ(query("SELECT count(*) FROM exporters WHERE paused_since IS NOT NULL"), "0");
}

int OperatorCalls::acknowledged() const {
  MutexLock lock(&mutex_);
  return static_cast<int>(std::count_if(calls_.begin(), calls_.end(),
                                        [](const Call& call) { return call.status.ok(); }));
}

int OperatorCalls::failed() const {
  MutexLock lock(&mutex_);
  return static_cast<int>(std::count_if(calls_.begin(), calls_.end(),
                                        [](const Call& call) { return !call.status.ok(); }));
}

}  // namespace logexport
