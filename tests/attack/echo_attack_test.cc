// Servers that repeat in their errors what they were sent: no secret gets from there into reports,
// the state, the log, dead letters, events or Slack, in any form.
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/logexport/client.h"
#include "tests/attack/secret_traces.h"
#include "tests/support/raw_server.h"
#include "tests/support/service_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;

constexpr char kClientSecret[] = "cs-4Fq9ZtW1mVx72LpKc8Nd1Rk0Sa5";
constexpr char kToken[] = "eyTk.7Hd2Pz9qWm4Xc8Vb1Nf6Rj3.sIg";
constexpr char kWriteKey[] = "wkQ3e7Rt1Yu9Io5Pa2Sd8Fg4Hj6Kl0Z";
constexpr char kWebhookToken[] = "hookX7c2Vb9Nm4Qw1Er6Ty3";

const std::vector<std::string> kSecrets = {kClientSecret, kToken, kWriteKey, kWebhookToken};

// What the server does with a request, besides repeating it.
enum class Mood { kRefuseCredentials, kTokenWithoutToken, kForbidLogs, kRefuseEvents, kAccept };

class EchoingServer {
 public:
  std::string url() const { return server_.Url(""); }
  void SetMood(Mood mood) { mood_ = mood; }
  std::vector<RawRequest> requests() const { return server_.requests(); }

 private:
  static std::string Echo(int status, absl::string_view secret) {
    const std::string forms = absl::StrJoin(Forms(secret), " ");
    return RawResponse(status,
                       absl::StrCat(R"({"error":"denied","error_description":"you sent )", forms,
                                    R"(","message":"you sent )", forms, "\"}"),
                       absl::StrCat("Content-Type: text/", secret, "\r\nX-Echo: ", secret, "\r\n"));
  }

  std::string Answer(const RawRequest& request) const {
    const absl::string_view line = request.Line();
    const Mood mood = mood_;
    if (absl::StartsWith(line, "POST /oauth/token")) {
      if (mood == Mood::kRefuseCredentials) return Echo(401, kClientSecret);
      if (mood == Mood::kTokenWithoutToken) return Echo(200, kClientSecret);
      return RawResponse(200,
                         absl::StrCat(R"({"access_token":")", kToken, R"(","expires_in":86400})"));
    }
    if (absl::StartsWith(line, "GET /api/v2/logs")) {
      if (mood == Mood::kForbidLogs) return Echo(403, kToken);
      if (absl::StrContains(line, "from=900202611")) return RawResponse(200, "[]");
      return RawResponse(
          200,
          absl::StrCat(R"([{"log_id":"90020261101000000000001000000000000000000000000000000001",)",
                       R"("date":"2026-11-01T00:00:00.000Z","type":"s","user_id":"auth0|1",)",
                       R"("client_id":"c1","description":"sent )", kClientSecret, " and ", kToken,
                       R"("}])"));
    }
    if (absl::StartsWith(line, "POST /v1/batch")) {
      return mood == Mood::kRefuseEvents ? Echo(400, kWriteKey)
                                         : RawResponse(200, R"({"success":true})");
    }
    return Echo(404, kWebhookToken);
  }

  std::atomic<Mood> mood_{Mood::kRefuseCredentials};
  RawServer server_{[this](RawConnection& connection, int) {
    for (auto request = connection.ReadRequest(); request.has_value();
         request = connection.ReadRequest()) {
      if (!connection.Send(Answer(*request))) return;
    }
  }};
};

TEST(EchoAttackTest, NoSecretComesBackFromServersThatRepeatIt) {
  EchoingServer server;
  const TempDirectory directory;
  const std::string state = directory.File("state.db");
  const ServiceProcess::Environment environment = {
      {"AUTH0_DOMAIN", "echo.eu.auth0.com"},
      {"AUTH0_BASE_URL", server.url()},
      {"AUTH0_CLIENT_ID", "client"},
      {"AUTH0_CLIENT_SECRET", kClientSecret},
      {"SEGMENT_KEY", kWriteKey},
      {"SEGMENT_ENDPOINT", server.url()},
      {"SLACK_INCOMING_WEBHOOK", absl::StrCat(server.url(), "/services/T0/B0/", kWebhookToken)},
      {"SLACK_SEND_SUCCESS", "true"},
      {"START_FROM", "2026-10-31T00:00:00Z"},
      {"SCHEDULE", "0 0 0 1 1 *"},
  };
  const auto run = [&](Mood mood, std::vector<std::string> flags) {
    server.SetMood(mood);
    flags.insert(flags.end(), {"--log-verbosity", "debug"});
    const ProgramEnd end = RunService(flags, environment);
    ExpectNoSecret(end.output, "standard output", kSecrets);
    ExpectNoSecret(end.error_output, "the log", kSecrets);
    return end;
  };
  const std::vector<std::string> once = {"--run-once", "--state", "sqlite:" + state};

  ProgramEnd end = run(Mood::kRefuseCredentials, once);
  EXPECT_THAT(end.output, HasSubstr("AUTH0_CREDENTIALS_REJECTED"));
  EXPECT_THAT(end.output, HasSubstr("denied: you sent ********"));
  EXPECT_THAT(end.error_output, HasSubstr("a message was given up"));

  end = run(Mood::kTokenWithoutToken, {"--check-config", "--probe"});
  EXPECT_THAT(end.output, HasSubstr("text/********"));

  end = run(Mood::kForbidLogs, once);
  EXPECT_THAT(end.output, HasSubstr("AUTH0_FORBIDDEN"));

  end = run(Mood::kRefuseEvents, once);
  EXPECT_THAT(end.output, HasSubstr(R"("dead_lettered":"1")"));

  // The API, with everything that the runs left.
  server.SetMood(Mood::kAccept);
  absl::StatusOr<std::unique_ptr<ServiceProcess>> service =
      ServiceProcess::Start(state, environment);
  ASSERT_THAT(service, IsOk());
  client::ConnectionOptions options;
  options.server = (*service)->address();
  auto client = client::Client::Connect(options);
  ASSERT_THAT(client, IsOk());
  v1::ListDeadLettersRequest dead_letters;
  dead_letters.set_include_log(true);
  const auto letters = (*client)->Call(&client::Client::Stub::ListDeadLetters, dead_letters);
  ASSERT_THAT(letters, IsOk());
  ASSERT_EQ(letters->dead_letters_size(), 1);
  ExpectNoSecret(letters->DebugString(), "a dead letter", kSecrets);
  const auto reports = (*client)->Call(&client::Client::Stub::GetReports, v1::GetReportsRequest());
  ASSERT_THAT(reports, IsOk());
  EXPECT_GE(reports->reports_size(), 3);
  ExpectNoSecret(reports->DebugString(), "a report", kSecrets);
  const auto status = (*client)->Call(&client::Client::Stub::GetStatus, v1::GetStatusRequest());
  ASSERT_THAT(status, IsOk());
  ExpectNoSecret(status->DebugString(), "the status", kSecrets);
  service->reset();

  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    ExpectNoSecret(FileContent(entry.path().string()), entry.path().string(), kSecrets);
  }
  // What was sent on: to Slack, and in events. The write key and the webhook are there by right.
  for (const RawRequest& request : server.requests()) {
    if (absl::StartsWith(request.Line(), "POST /oauth/token")) continue;
    ExpectNoSecret(request.body, std::string(request.Line()),
                   {kClientSecret, kToken, kWebhookToken});
  }
}

}  // namespace
}  // namespace logexport
