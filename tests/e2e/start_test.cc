#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/installation.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

std::vector<std::string> On(const std::string& state) {
  return {"--listen", "127.0.0.1:0", "--state", "sqlite:" + state};
}

TEST(StartTest, NamesEveryMissingAndMalformedSettingAtOnce) {
  const TempDirectory directory;
  const std::string state = directory.File("state.db");
  const ServiceProcess::Environment malformed = {
      {"BATCH_SIZE", "500"},
      {"SCHEDULE", "every day"},
      {"START_FROM", "yesterday"},
      {"SLACK_INCOMING_WEBHOOK", "http://hooks.slack.com/x"},
      {"SLACK_SEND_SUCCESS", "perhaps"},
      {"SEGMENT_ENDPOINT", "http://example.com"},
      {"SEGMENT_MAX_EVENTS_PER_SECOND", "-1"},
      {"EXPORT_MIN_LEVEL", "5"},
      {"DAILY_REPORT_TIME", "25"},
  };
  const ProgramEnd end = RunService(On(state), malformed);
  EXPECT_EQ(end.exit_status, 2);
  for (const char* name :
       {"AUTH0_DOMAIN", "AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET", "SEGMENT_KEY"}) {
    EXPECT_THAT(end.error_output, HasSubstr(name));
  }
  for (const auto& [name, value] : malformed) EXPECT_THAT(end.error_output, HasSubstr(name));
}

TEST(StartTest, NamesEveryUnknownKeyOfTheFileAtOnce) {
  const TempDirectory directory;
  const std::string file = directory.File("exporters.yaml");
  WriteFile(file,
            "exporter: []\n"
            "exporters:\n"
            "  - id: acme\n"
            "    colour: red\n"
            "    auth0: {domain: a.auth0.com, clientid: x}\n");
  std::vector<std::string> flags = On(directory.File("state.db"));
  flags.insert(flags.end(), {"--config", file});
  const ProgramEnd end = RunService(flags, {});
  EXPECT_EQ(end.exit_status, 2);
  for (const char* key : {"exporter", "colour", "clientid"}) {
    EXPECT_THAT(end.error_output, HasSubstr(absl::StrCat("unknown key \\\"", key, "\\\"")));
  }
  EXPECT_THAT(end.error_output, HasSubstr("client_id"));  // which was meant
}

TEST(StartTest, ASecondProcessOnTheSameStateIsToldThePidOfTheFirst) {
  Installation installation({"--generate", "1"});
  installation.Start();
  const ProgramEnd end = RunService(On(installation.state()), installation.environment());
  EXPECT_EQ(end.exit_status, 3);
  EXPECT_THAT(end.error_output, HasSubstr(absl::StrCat(installation.service().process().pid())));
}

TEST(StartTest, LeavesAFileThatIsNoDatabaseUntouched) {
  Installation installation({"--generate", "1"});
  const std::string rubbish(5000, 'x');
  std::ofstream(installation.state()) << rubbish;
  const ProgramEnd end = RunService(On(installation.state()), installation.environment());
  EXPECT_NE(end.exit_status, 0);
  EXPECT_THAT(end.error_output, HasSubstr("state.db"));
  EXPECT_EQ(Content(installation.state()), rubbish);
}

TEST(StartTest, RefusesToListenBeyondLoopbackWithoutTls) {
  Installation installation({"--generate", "1"});
  const ProgramEnd end =
      RunService({"--listen", "0.0.0.0:0", "--state", "sqlite:" + installation.state()},
                 installation.environment());
  EXPECT_EQ(end.exit_status, 2);
  EXPECT_THAT(end.error_output, HasSubstr("--allow-insecure"));
}

TEST(StartTest, ChecksAndProbesTheConfigurationWithoutAState) {
  Installation installation({"--generate", "10"});
  ProgramEnd end = RunService({"--check-config", "--probe"}, installation.environment());
  EXPECT_EQ(end.exit_status, 0) << end.output << end.error_output;
  EXPECT_THAT(end.output, HasSubstr("auth0.logs PASSED"));
  ServiceProcess::Environment wrong = installation.environment();
  wrong.emplace_back("AUTH0_CLIENT_SECRET", "wrong");
  end = RunService({"--check-config", "--probe"}, wrong);
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.output, HasSubstr("auth0.token FAILED"));
}

TEST(StartTest, RunOnceExitsByTheOutcome) {
  Installation installation({"--generate", "200"});
  std::vector<std::string> flags = On(installation.state());
  flags.push_back("--run-once");
  EXPECT_EQ(RunService(flags, installation.environment()).exit_status, 0);
  EXPECT_EQ(installation.Missing(), 0);
  installation.SetFault(R"({"endpoint":"token","action":"status","status":401})");
  const ProgramEnd end = RunService(flags, installation.environment());
  EXPECT_EQ(end.exit_status, 1);
  EXPECT_THAT(end.output, HasSubstr("RUN_STATE_FAILED"));
}

// As cron and Kubernetes jobs see it: no hour of standing still.
TEST(StartTest, RunOnceDoesNotWaitForALimitThatOutlastsIt) {
  for (const char* endpoint : {"token", "logs"}) {
    Installation installation({"--generate", "200"});
    installation.SetFault(
        absl::StrCat(R"({"endpoint":")", endpoint,
                     R"(","action":"status","status":429,"headers":{"Retry-After":"3600"}})"));
    std::vector<std::string> flags = On(installation.state());
    flags.push_back("--run-once");
    const ProgramEnd end = RunService(flags, installation.environment());
    EXPECT_EQ(end.exit_status, 1);
    EXPECT_THAT(end.output, HasSubstr(R"("reason":"AUTH0_RATE_LIMITED")"));
    EXPECT_THAT(end.error_output, HasSubstr("asks for a wait of 1h"));
  }
}

}  // namespace
}  // namespace logexport
