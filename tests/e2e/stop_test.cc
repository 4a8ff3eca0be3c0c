// How the program ends when it is asked to, whatever it is doing.
#include <csignal>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/logexport/client.h"
#include "client/logexport/error_details.h"
#include "logexport/v1/service.pb.h"
#include "service/base/clock.h"
#include "service/json/json_value.h"
#include "tests/e2e/installation.h"
#include "tests/support/await.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kStopLimit = absl::Seconds(10);
// Longer than anything waits by itself.
constexpr absl::Duration kCallLimit = absl::Minutes(2);

std::vector<std::string> RunOnceOn(const Installation& installation) {
  return {"--run-once", "--state", "sqlite:" + installation.state()};
}

// Blocks until the first rule of the sandbox's faults has struck the process. False, and a failed
// test, if it does not: then the process does not wait for what the test is about.
bool AwaitFault(Installation& installation, Subprocess& process) {
  bool struck = false;
  Await([&] {
    const absl::StatusOr<JsonValue> faults = installation.sandbox().GetJson("faults");
    struck = faults.ok() && faults->items().front()["struck"].Int(0) > 0;
    return struck || !process.Running();
  });
  EXPECT_TRUE(struck) << process.ErrorOutput();
  return struck;
}

TEST(StopTest, RunOnceEndsInTimeWithWhatWasSettledCommitted) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Installation installation(
        {"--generate", "10000", "--latency", "logs=20", "--latency", "segment=20"});
    const std::unique_ptr<Subprocess> process =
        StartService(RunOnceOn(installation), installation.environment());
    ASSERT_NE(process, nullptr);
    ASSERT_TRUE(Await([&] {
      return !process->Running() ||
             installation.sandbox().Stat({"segment", "events_accepted"}) >= 500;
    }));
    ASSERT_TRUE(process->Running()) << process->ErrorOutput();
    process->Signal(signal);
    ASSERT_EQ(process->Wait(kStopLimit), 1) << process->ErrorOutput();
    EXPECT_THAT(process->Output(), HasSubstr("RUN_STATE_CANCELLED"));
    EXPECT_THAT(process->ErrorOutput(), HasSubstr("stopped"));

    installation.Start();
    const v1::Report report = installation.Status().last_run();
    EXPECT_EQ(report.state(), v1::RUN_STATE_CANCELLED);
    EXPECT_EQ(report.stop_reason(), v1::STOP_REASON_SHUTDOWN);
    // What was being sent was brought to its end, and all of it is settled.
    EXPECT_EQ(report.ledger().accepted(),
              installation.sandbox().Stat({"segment", "events_accepted"}));
    EXPECT_LT(report.ledger().accepted(), 10000);
    EXPECT_EQ(installation.Stop(), 0);

    EXPECT_EQ(RunService(RunOnceOn(installation), installation.environment()).exit_status, 0);
    EXPECT_EQ(installation.Missing(), 0);
    EXPECT_EQ(installation.sandbox().Stat({"segment", "duplicates"}), 0);
  }
}

// A signal that is waited for comes even where it is ignored, so it must not be waited for.
TEST(StopTest, UnderNohupATerminalThatClosesEndsNothing) {
  Installation installation({"--generate", "200"});
  ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<Subprocess> process,
      Subprocess::Start({"/usr/bin/nohup", BinaryPath("logexportd"), "--listen", "127.0.0.1:0",
                         "--state", "sqlite:" + installation.state()},
                        installation.environment()));
  ASSERT_TRUE(Await(
      [&] { return !process->Running() || absl::StrContains(process->Output(), "listening on"); }));
  process->Signal(SIGHUP);
  // Signals of a process come in the order of their numbers, so this one finds it alive or gone.
  process->Signal(SIGTERM);
  ASSERT_EQ(process->Wait(kStopLimit), 0) << process->ErrorOutput();
  EXPECT_THAT(process->ErrorOutput(), HasSubstr("service stopped"));
  EXPECT_THAT(process->ErrorOutput(), Not(HasSubstr("SIGHUP")));
}

TEST(StopTest, RunOnceDoesNotWaitForSlack) {
  Installation installation({"--generate", "1"});
  installation.SetFault(R"({"endpoint":"slack","action":"hang"})");
  installation.SetFault(R"({"endpoint":"token","action":"status","status":401})");
  ServiceProcess::Environment environment = installation.environment();
  environment.emplace_back("SLACK_INCOMING_WEBHOOK", installation.sandbox().slack_webhook());
  const std::unique_ptr<Subprocess> process = StartService(RunOnceOn(installation), environment);
  ASSERT_NE(process, nullptr);
  ASSERT_TRUE(AwaitFault(installation, *process));
  process->Signal(SIGTERM);
  EXPECT_EQ(process->Wait(kStopLimit), 1) << process->ErrorOutput();

  // The message goes out with the next process.
  installation.ClearFaults();
  EXPECT_EQ(RunService(RunOnceOn(installation), environment).exit_status, 0);
  ASSERT_OK_AND_ASSIGN(const std::string messages, installation.sandbox().Get("slack"));
  EXPECT_THAT(messages, HasSubstr("AUTH0_CLIENT_SECRET"));
}

TEST(StopTest, AProbeOfTheConfigurationDiesOfTheSignal) {
  Installation installation({"--generate", "1"});
  installation.SetFault(R"({"endpoint":"token","action":"hang"})");
  const std::unique_ptr<Subprocess> process =
      StartService({"--check-config", "--probe"}, installation.environment());
  ASSERT_NE(process, nullptr);
  ASSERT_TRUE(AwaitFault(installation, *process));
  process->Signal(SIGTERM);
  EXPECT_EQ(process->Wait(kStopLimit), -SIGTERM) << process->ErrorOutput();
}

// A call that waits for somebody who does not answer.
struct WaitingCall {
  const char* name;
  const char* hang;  // the endpoint of the sandbox
  absl::Status (*make)(client::Client& client);
};

void PrintTo(const WaitingCall& call, std::ostream* out) { *out << call.name; }

absl::Status Preview(client::Client& client) {
  return client.Call(&Stub::PreviewExport, v1::PreviewExportRequest(), kCallLimit).status();
}

absl::Status Probe(client::Client& client) {
  v1::UpdateConfigRequest request;
  request.mutable_config()->mutable_auth0()->set_batch_size(50);
  request.set_probe(true);
  return client.Call(&Stub::UpdateConfig, request, kCallLimit).status();
}

absl::Status TestNotification(client::Client& client) {
  return client.Call(&Stub::TestNotification, v1::TestNotificationRequest(), kCallLimit).status();
}

class StopTestWithCall : public ::testing::TestWithParam<WaitingCall> {};

TEST_P(StopTestWithCall, TheServiceDoesNotWaitForIt) {
  Installation installation({"--generate", "10"});
  installation.Start({{"SLACK_INCOMING_WEBHOOK", installation.sandbox().slack_webhook()}});
  installation.SetFault(absl::StrCat(R"({"action":"hang","endpoint":")", GetParam().hang, R"("})"));
  client::ConnectionOptions options;
  options.server = installation.service().address();
  client::RetryPolicy once;
  once.max_attempts = 1;
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<client::Client> client,
                       client::Client::Connect(options, once));
  absl::Status status;
  std::thread caller([&] { status = GetParam().make(*client); });
  const bool waits = AwaitFault(installation, installation.service().process());
  const absl::Duration begun = RealClock().Monotonic();
  const int exit_status = installation.Stop();
  const absl::Duration took = RealClock().Monotonic() - begun;
  caller.join();
  ASSERT_TRUE(waits);
  ASSERT_EQ(exit_status, 0);
  EXPECT_LT(took, kStopLimit / 2);
  EXPECT_EQ(client::DetailsOf(status).reason, "SHUTTING_DOWN") << status;

  // What could not be probed is not stored.
  installation.ClearFaults();
  installation.Start();
  ASSERT_OK_AND_ASSIGN(const v1::GetConfigResponse config,
                       installation.client().Call(&Stub::GetConfig, v1::GetConfigRequest()));
  EXPECT_EQ(config.version(), 1);
}

INSTANTIATE_TEST_SUITE_P(Calls, StopTestWithCall,
                         ::testing::Values(WaitingCall{"PreviewOfAuth0", "logs", Preview},
                                           WaitingCall{"ProbeOfAuth0", "logs", Probe},
                                           WaitingCall{"ProbeOfSegment", "segment", Probe},
                                           WaitingCall{"ProbeOfSlack", "slack", Probe},
                                           WaitingCall{"NotificationToSlack", "slack",
                                                       TestNotification}),
                         [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace logexport
