// A whole life of the service with planted secrets, and then a look everywhere: no answer, log,
// file of the state, entry of /proc or core dump holds one of them, in any encoding.
#include <atomic>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "client/logexport/client.h"
#include "tests/attack/attacked_service.h"
#include "tests/attack/secret_traces.h"
#include "tests/support/paths.h"
#include "tests/support/raw_server.h"
#include "tests/support/service_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/subprocess.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;

constexpr char kFileClientSecret[] = "fcs-8Kd2Lq7ZtW1mVx4LpKc9Nd3Rk";
constexpr char kFileWriteKey[] = "fwk-3Tn6Pz9qWm4Xc8Vb1Nf5Rj7Yh";
constexpr char kClientSecret1[] = "cs1-4Fq9ZtW1mVx72LpKc8Nd1Rk0S";
constexpr char kClientSecret2[] = "cs2-9Hd2Pz7qWm3Xc5Vb8Nf1Rj4Tk";
constexpr char kWriteKey1[] = "wk1-Q3e7Rt1Yu9Io5Pa2Sd8Fg4Hj6";
constexpr char kWriteKey2[] = "wk2-Z6x1Cv9Bn4Mq7Wl2Er8Ty3Ui5";
constexpr char kWebhook1[] = "wh1X7c2Vb9Nm4Qw1Er6Ty3Ui8Op5";
constexpr char kWebhook2[] = "wh2L5k8Jh1Gf4Ds7Aq2We9Rt6Yu3";
constexpr char kAccessToken[] = "eyTk7Hd2Pz9qWm4Xc8Vb1Nf6Rj3sIg";
constexpr char kViewer[] = "vt-1Qa9Ws2Ed8Rf3Tg7Yh4Uj6Ik5O";
constexpr char kOperator[] = "ot-6Zx2Cv8Bn1Mk9Lj3Hg7Fd4Sa5P";
constexpr char kAdmin[] = "at-7Po4Iu1Yt8Re5Wq2Lk9Jh6Gf3D";

const std::vector<std::string> kPlanted = {
    kFileClientSecret, kFileWriteKey, kClientSecret1, kClientSecret2, kWriteKey1, kWriteKey2,
    kWebhook1,         kWebhook2,     kAccessToken,   kViewer,        kOperator,  kAdmin};

enum class Mood { kRefuseCredentials, kForbidLogs, kRefuseEvents, kAccept };

// Auth0, Segment and Slack in one, which repeat in their errors every secret they were sent.
class EchoingWorld {
 public:
  std::string url() const { return server_.Url(""); }
  void SetMood(Mood mood) { mood_ = mood; }

 private:
  static std::string Refuse(int status, const RawRequest& request) {
    std::vector<std::string> forms;
    const std::string all = request.head + request.body;
    for (const std::string& secret : kPlanted) {
      const bool sent = absl::StrContains(all, secret) ||
                        absl::StrContains(all, absl::Base64Escape(absl::StrCat(secret, ":")));
      if (!sent) continue;
      for (const std::string& form : Forms(secret)) forms.push_back(form);
    }
    const std::string text = absl::StrJoin(forms, " ");
    return RawResponse(status,
                       absl::StrCat(R"({"error":"denied","error_description":"you sent )", text,
                                    R"(","message":"you sent )", text, "\"}"),
                       absl::StrCat("Content-Type: text/", forms.empty() ? "x" : forms[0], "\r\n"));
  }

  std::string Answer(const RawRequest& request) const {
    const absl::string_view line = request.Line();
    const Mood mood = mood_;
    if (absl::StartsWith(line, "POST /oauth/token")) {
      if (mood == Mood::kRefuseCredentials) return Refuse(401, request);
      return RawResponse(
          200, absl::StrCat(R"({"access_token":")", kAccessToken, R"(","expires_in":86400})"));
    }
    if (absl::StartsWith(line, "GET /api/v2/logs")) {
      if (mood == Mood::kForbidLogs) return Refuse(403, request);
      if (absl::StrContains(line, "from=900202611")) return RawResponse(200, "[]");
      return RawResponse(200,
                         R"([{"log_id":"90020261101000000000001000000000000000000000000000000001",)"
                         R"("date":"2026-11-01T00:00:00.000Z","type":"s","user_id":"auth0|1"}])");
    }
    if (absl::StartsWith(line, "POST /v1/batch")) {
      return mood == Mood::kRefuseEvents ? Refuse(400, request)
                                         : RawResponse(200, R"({"success":true})");
    }
    return Refuse(404, request);
  }

  std::atomic<Mood> mood_{Mood::kRefuseCredentials};
  RawServer server_{[this](RawConnection& connection, int) {
    for (auto request = connection.ReadRequest(); request.has_value();
         request = connection.ReadRequest()) {
      if (!connection.Send(Answer(*request))) return;
    }
  }};
};

class WholeLifeTest : public ::testing::Test {
 protected:
  WholeLifeTest() {
    std::filesystem::create_directory(State(""));
    std::filesystem::create_directory(Outside(""));
    WriteFile(Outside("client-secret"), kFileClientSecret);
    WriteFile(Outside("write-key"), kFileWriteKey);
    WriteFile(Outside("tokens"), TokenFileLine("vera", "viewer", kViewer) +
                                     TokenFileLine("oscar", "operator", kOperator) +
                                     TokenFileLine("ada", "admin", kAdmin));
    WriteKeys("key-1 " + absl::Base64Escape(std::string(32, 'k')) + "\n");
    WriteFile(Outside("exporters.yaml"),
              absl::StrCat("exporters:\n- id: default\n  schedule: {cron: '0 0 0 1 1 *'}\n",
                           "  auth0: {domain: echo.eu.auth0.com, client_id: client, ",
                           "client_secret: 'file:", Outside("client-secret"), "', base_url: '",
                           world_.url(), "'}\n  segment: {write_key: 'file:", Outside("write-key"),
                           "', endpoint: '", world_.url(), "'}\n"));
    for (const char* name : {"client-secret", "write-key", "tokens", "exporters.yaml"}) {
      chmod(Outside(name).c_str(), 0600);
    }
  }

  std::string State(const std::string& name) const { return directory_.File("state/" + name); }
  std::string Outside(const std::string& name) const { return directory_.File("outside/" + name); }

  void WriteKeys(const std::string& lines) {
    WriteFile(Outside("keys"), lines + "audit log " + absl::Base64Escape(std::string(32, 'a')));
    chmod(Outside("keys").c_str(), 0600);
  }

  void Start(const std::string& format) {
    absl::StatusOr<std::unique_ptr<ServiceProcess>> started = ServiceProcess::Start(
        State("state.db"), {},
        {"--config", Outside("exporters.yaml"), "--secret-dir", Outside(""), "--auth-token-file",
         Outside("tokens"), "--secret-key-file", Outside("keys"), "--log-verbosity", "debug",
         "--log-format", format});
    ASSERT_THAT(started, IsOk());
    service_ = *std::move(started);
  }

  std::unique_ptr<client::Client> As(const char* token) {
    client::ConnectionOptions options;
    options.server = service_->address();
    options.token_file = Outside("token");
    WriteFile(options.token_file, token);
    absl::StatusOr<std::unique_ptr<client::Client>> made = client::Client::Connect(options);
    EXPECT_THAT(made, IsOk());
    return made.ok() ? *std::move(made) : nullptr;
  }

  // Makes the call as everybody and looks into each answer.
  template <typename Method, typename Request>
  void Ask(Method method, const Request& request) {
    for (const char* token : {"wrong-token", kViewer, kOperator, kAdmin}) {
      const auto answer = As(token)->Call(method, request);
      ++asked_;
      ExpectNoSecret(answer.ok() ? answer->DebugString() : answer.status().ToString(),
                     Request::descriptor()->name(), kPlanted);
    }
  }
  // An admin's call that succeeds.
  template <typename Method, typename Request>
  auto Do(Method method, const Request& request) {
    auto answer = As(kAdmin)->Call(method, request);
    EXPECT_THAT(answer, IsOk()) << request.DebugString();
    using Response = typename decltype(answer)::value_type;
    const Response response = answer.ok() ? *answer : Response();
    ExpectNoSecret(response.DebugString(), "an answer", kPlanted);
    return response;
  }

  void Run(const std::string& exporter) {
    v1::RunNowRequest request;
    request.set_exporter(exporter);
    const v1::RunNowResponse started = Do(&Stub::RunNow, request);
    const auto report = As(kAdmin)->WaitForRun(exporter, started.run().run_id());
    ASSERT_THAT(report, IsOk());
    ExpectNoSecret(report->DebugString(), "a report", kPlanted);
  }

  // Every RPC of the API.
  void AskEverything(const std::string& exporter) {
    v1::ListDeadLettersRequest letters;
    letters.set_exporter(exporter);
    letters.set_include_log(true);
    Ask(&Stub::ListDeadLetters, letters);
    v1::ListAuditRequest audit;
    audit.set_include_ocsf(true);
    audit.set_page_size(500);
    Ask(&Stub::ListAudit, audit);
    Ask(&Stub::VerifyAudit, v1::VerifyAuditRequest());
    Ask(&Stub::GetCaller, v1::GetCallerRequest());
    Ask(&Stub::ListMembers, v1::ListMembersRequest());
    Ask(&Stub::ListExporters, v1::ListExportersRequest());
    Ask(&Stub::ListLogTypes, v1::ListLogTypesRequest());
    Ask(&Stub::RotateSecrets, v1::RotateSecretsRequest());
    const auto ask = [&](auto method, auto request) {
      request.set_exporter(exporter);
      Ask(method, request);
    };
    ask(&Stub::GetStatus, v1::GetStatusRequest());
    ask(&Stub::GetConfig, v1::GetConfigRequest());
    ask(&Stub::ListConfigVersions, v1::ListConfigVersionsRequest());
    ask(&Stub::ListCheckpoints, v1::ListCheckpointsRequest());
    ask(&Stub::ListHistory, v1::ListHistoryRequest());
    ask(&Stub::GetReports, v1::GetReportsRequest());
    ask(&Stub::GetReport, v1::GetReportRequest());
    ask(&Stub::PreviewExport, v1::PreviewExportRequest());
    ask(&Stub::PauseExporter, v1::PauseExporterRequest());
    ask(&Stub::ResumeExporter, v1::ResumeExporterRequest());
    ask(&Stub::CancelRun, v1::CancelRunRequest());
    ask(&Stub::SetCheckpoint, v1::SetCheckpointRequest());
    ask(&Stub::RunNow, v1::RunNowRequest());
    ask(&Stub::RedriveDeadLetters, v1::RedriveDeadLettersRequest());
    v1::ProbeExporterRequest probe;
    probe.set_notify(true);
    ask(&Stub::ProbeExporter, probe);
    ask(&Stub::TestNotification, v1::TestNotificationRequest());
    v1::PurgeDeadLettersRequest purge;
    purge.set_validate_only(true);
    purge.set_all(true);
    ask(&Stub::PurgeDeadLetters, purge);
    v1::UpdateConfigRequest update;
    update.mutable_config()->mutable_auth0()->set_client_secret(kClientSecret2);
    update.set_validate_only(true);
    update.set_probe(true);
    ask(&Stub::UpdateConfig, update);
  }

  void ExpectStateClean() {
    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(State(""))) {
      ++files;
      const std::string content = FileContent(entry.path().string());
      ExpectNoSecret(content, entry.path().string(), kPlanted);
    }
    EXPECT_GE(files, 2);
  }

  void ExpectProcClean() {
    const std::string proc = absl::StrCat("/proc/", service_->process().pid(), "/");
    for (const char* name : {"cmdline", "environ", "status", "comm", "maps", "mountinfo"}) {
      ExpectNoSecret(FileContent(proc + name), proc + name, kPlanted);
    }
  }

  TempDirectory directory_;
  EchoingWorld world_;
  std::unique_ptr<ServiceProcess> service_;
  int asked_ = 0;
};

TEST_F(WholeLifeTest, NoneOfTheTwelveSecretsIsAnywhere) {
  Start("json");
  v1::CreateExporterRequest create;
  create.set_exporter("literal");
  v1::ExporterConfig* config = create.mutable_config();
  config->mutable_schedule()->set_cron("0 0 0 1 1 *");
  config->mutable_auth0()->set_domain("echo.eu.auth0.com");
  config->mutable_auth0()->set_client_id("client");
  config->mutable_auth0()->set_client_secret(kClientSecret1);
  config->mutable_auth0()->set_base_url(world_.url());
  config->mutable_segment()->set_write_key(kWriteKey1);
  config->mutable_segment()->set_endpoint(world_.url());
  config->mutable_slack()->set_webhook(absl::StrCat(world_.url(), "/services/T0/B0/", kWebhook1));
  Do(&Stub::CreateExporter, create);

  for (const Mood mood :
       {Mood::kRefuseCredentials, Mood::kForbidLogs, Mood::kRefuseEvents, Mood::kAccept}) {
    world_.SetMood(mood);
    for (const char* exporter : {"default", "literal"}) {
      Run(exporter);
      v1::SetCheckpointRequest back;
      back.set_exporter(exporter);
      back.mutable_earliest();
      back.set_drain(true);
      Do(&Stub::SetCheckpoint, back);
    }
  }
  world_.SetMood(Mood::kRefuseCredentials);
  v1::UpdateConfigRequest update;
  update.set_exporter("literal");
  update.mutable_config()->mutable_auth0()->set_client_secret(kClientSecret2);
  update.mutable_config()->mutable_segment()->set_write_key(kWriteKey2);
  update.mutable_config()->mutable_slack()->set_webhook(
      absl::StrCat(world_.url(), "/services/T0/B0/", kWebhook2));
  Do(&Stub::UpdateConfig, update);
  Run("literal");
  v1::RollbackConfigRequest rollback;
  rollback.set_exporter("literal");
  rollback.set_version(1);
  Do(&Stub::RollbackConfig, rollback);
  Run("literal");
  WriteKeys("key-2 " + absl::Base64Escape(std::string(32, 'n')) + "\nkey-1 " +
            absl::Base64Escape(std::string(32, 'k')) + "\n");
  Do(&Stub::RotateSecrets, v1::RotateSecretsRequest());
  for (const Mood mood : {Mood::kRefuseCredentials, Mood::kForbidLogs}) {
    world_.SetMood(mood);
    for (const char* exporter : {"default", "literal"}) AskEverything(exporter);
  }
  EXPECT_GT(asked_, 200);
  // With the write-ahead log as it is while the service lives.
  ASSERT_GT(std::filesystem::file_size(State("state.db-wal")), 0u);
  ExpectStateClean();
  ExpectProcClean();
  ExpectNoSecret(service_->process().Output(), "standard output", kPlanted);
  ExpectNoSecret(service_->process().ErrorOutput(), "the log", kPlanted);

  // It dies of a defect where core dumps are wanted.
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  prlimit(service_->process().pid(), RLIMIT_CORE, &unlimited, nullptr);
  service_->process().Signal(SIGABRT);
  EXPECT_EQ(service_->process().Wait(absl::Seconds(30)), -SIGABRT);
  EXPECT_FALSE(service_->process().dumped_core());
  ExpectStateClean();

  // The next life, which finds runs unfinished, and its orderly end.
  Start("text");
  AskEverything("literal");
  v1::DeleteExporterRequest remove;
  remove.set_exporter("literal");
  remove.set_force(true);
  Do(&Stub::DeleteExporter, remove);
  ExpectStateClean();
  service_->process().Signal(SIGTERM);
  EXPECT_EQ(service_->process().Wait(absl::Seconds(30)), 0);
  ExpectNoSecret(service_->process().ErrorOutput(), "the log", kPlanted);
  ExpectStateClean();
}

}  // namespace
}  // namespace logexport
