// Attacks on the service's secrets by callers of its API and by readers of its files, against the
// real process.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/logexport/error_details.h"
#include "logexport/v1/service.pb.h"
#include "service/base/mutex.h"
#include "tests/e2e/installation.h"
#include "tests/support/raw_server.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;
using ::testing::HasSubstr;

constexpr char kSecret[] = "planted-secret-4711";

// A server of the attacker that keeps all it is sent.
class Listener {
 public:
  std::string Url(absl::string_view host) const {
    return absl::StrCat("http://", host, ":", server_.port());
  }

  bool Heard(absl::string_view text) {
    MutexLock lock(&mutex_);
    return absl::StrContains(heard_, text);
  }

 private:
  Mutex mutex_;
  std::string heard_;
  RawServer server_{[this](RawConnection& connection, int) {
    while (const std::optional<RawRequest> request = connection.ReadRequest()) {
      {
        MutexLock lock(&mutex_);
        heard_ += request->head + request->body;
      }
      connection.Send(RawResponse(401, "{}"));
    }
  }};
};

v1::ExporterConfig Attack(const std::string& url) {
  v1::ExporterConfig config;
  config.mutable_schedule()->set_cron("0 0 0 1 1 *");
  config.mutable_auth0()->set_domain("acme.eu.auth0.com");
  config.mutable_auth0()->set_client_id("client");
  config.mutable_auth0()->set_client_secret("env:LOGEXPORT_SECRET_PLANTED");
  config.mutable_auth0()->set_base_url(url);
  config.mutable_segment()->set_write_key("literal-write-key");
  config.mutable_segment()->set_endpoint(url);
  return config;
}

TEST(SecretsTest, NoCallSendsAReferencedSecretToAServerOfTheCallersChoice) {
  Listener listener;
  Installation installation({"--generate", "10"});
  installation.Start({{"LOGEXPORT_SECRET_PLANTED", kSecret}});
  const auto refused = [](const absl::Status& status) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("localhost")));
  };
  for (const bool probe : {false, true}) {
    v1::CreateExporterRequest create;
    create.set_exporter("evil");
    create.set_probe(probe);
    *create.mutable_config() = Attack(listener.Url("localhost"));
    refused(installation.client().Call(&Stub::CreateExporter, create).status());

    v1::UpdateConfigRequest update;
    update.set_probe(probe);
    update.mutable_config()->mutable_auth0()->set_client_secret("env:LOGEXPORT_SECRET_PLANTED");
    update.mutable_config()->mutable_auth0()->set_base_url(listener.Url("localhost"));
    refused(installation.client().Call(&Stub::UpdateConfig, update).status());

    update.clear_config();
    update.mutable_config()->mutable_segment()->set_write_key("env:LOGEXPORT_SECRET_PLANTED");
    update.mutable_config()->mutable_segment()->set_endpoint(listener.Url("localhost"));
    refused(installation.client().Call(&Stub::UpdateConfig, update).status());
  }
  EXPECT_FALSE(listener.Heard(kSecret));
  EXPECT_FALSE(listener.Heard(absl::Base64Escape(absl::StrCat(kSecret, ":"))));
}

TEST(SecretsTest, WhereItIsDefinedASecretIsAllowedToGoThere) {
  Listener listener;
  Installation installation({"--generate", "10"});
  installation.Start({{"LOGEXPORT_SECRET_PLANTED", kSecret},
                      {"LOGEXPORT_SECRET_PLANTED_HOSTS", "login.acme.example, localhost"}});
  v1::CreateExporterRequest create;
  create.set_exporter("own");
  *create.mutable_config() = Attack(listener.Url("localhost"));
  ASSERT_THAT(installation.client().Call(&Stub::CreateExporter, create), IsOk());
  v1::RunNowRequest run;
  run.set_exporter("own");
  ASSERT_OK_AND_ASSIGN(const v1::RunNowResponse started,
                       installation.client().Call(&Stub::RunNow, run));
  ASSERT_OK_AND_ASSIGN(const v1::Report report,
                       installation.client().WaitForRun("own", started.run().run_id()));
  EXPECT_EQ(report.error().reason(), "AUTH0_CREDENTIALS_REJECTED");
  EXPECT_TRUE(listener.Heard(kSecret));

  // The list is read anew at each start, and what is stored is bound by it, too.
  Listener later;
  EXPECT_EQ(installation.Stop(), 0);
  installation.Start({{"LOGEXPORT_SECRET_PLANTED", kSecret},
                      {"LOGEXPORT_SECRET_PLANTED_HOSTS", "login.acme.example"}});
  ASSERT_OK_AND_ASSIGN(const v1::RunNowResponse again,
                       installation.client().Call(&Stub::RunNow, run));
  ASSERT_OK_AND_ASSIGN(const v1::Report unread,
                       installation.client().WaitForRun("own", again.run().run_id()));
  EXPECT_EQ(unread.error().reason(), "SECRET_UNREADABLE");
  EXPECT_THAT(unread.error().message(), HasSubstr("LOGEXPORT_SECRET_PLANTED_HOSTS"));
}

TEST(SecretsTest, NoFileOfTheStateHoldsALiteral) {
  Installation installation({"--generate", "10"});
  installation.Start();
  v1::UpdateConfigRequest update;
  update.mutable_config()->mutable_auth0()->set_client_secret(kSecret);
  ASSERT_THAT(installation.client().Call(&Stub::UpdateConfig, update), IsOk());
  update.mutable_config()->mutable_auth0()->set_client_secret(absl::StrCat(kSecret, "-2"));
  ASSERT_THAT(installation.client().Call(&Stub::UpdateConfig, update), IsOk());
  v1::RollbackConfigRequest back;
  back.set_version(2);
  ASSERT_THAT(installation.client().Call(&Stub::RollbackConfig, back), IsOk());
  const auto expect_hidden = [&] {
    for (const auto& entry : std::filesystem::directory_iterator(installation.directory())) {
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string content{std::istreambuf_iterator<char>(file),
                                std::istreambuf_iterator<char>()};
      EXPECT_FALSE(absl::StrContains(content, kSecret)) << entry.path();
    }
  };
  expect_hidden();
  installation.Kill();
  expect_hidden();
  // With another key file the service does not start, and says which key it misses.
  const std::string key_file = installation.state() + ".key";
  ASSERT_TRUE(std::filesystem::exists(key_file));
  std::filesystem::rename(key_file, key_file + ".away");
  const ProgramEnd end =
      RunService({"--state", "sqlite:" + installation.state(), "--listen", "127.0.0.1:0"},
                 installation.environment());
  EXPECT_EQ(end.exit_status, 2) << end.error_output;
  EXPECT_THAT(end.error_output, HasSubstr("encrypted with the key"));
  std::filesystem::rename(key_file + ".away", key_file);
  installation.Start();
  ASSERT_OK_AND_ASSIGN(const v1::GetConfigResponse config,
                       installation.client().Call(&Stub::GetConfig, v1::GetConfigRequest()));
  EXPECT_EQ(config.version(), 4);
}

}  // namespace
}  // namespace logexport
