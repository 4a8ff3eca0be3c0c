#include "service/config/secret_destinations.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "absl/status/status.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config/resolved_settings.h"
#include "service/config/secret_resolver.h"
#include "service/config/validation.h"
#include "service/export/failure.h"
#include "tests/config/config_samples.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

class SecretDestinationsTest : public ::testing::Test {
 protected:
  SecretDestinationsTest() {
    std::filesystem::create_directories(folder_ / "..2026");
    Write("..2026/listed", "hunter2");
    Write("..2026/listed.hosts", "login.acme.com\n*.acme.example\n");
    Write("..2026/unlisted", "hunter2");
    // As Kubernetes mounts secrets.
    std::filesystem::create_symlink("..2026", folder_ / "..data");
    std::filesystem::create_symlink("..data/listed", folder_ / "listed");
    std::filesystem::create_symlink("..data/unlisted", folder_ / "unlisted");
  }

  void Write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name) << content;
  }

  SecretDestinations Destinations(std::map<std::string, std::string> environment = {}) {
    return {Environment(std::move(environment)),
            folder_.string(),
            {{"acme", {"login.named.com", "127.0.0.1"}}}};
  }

  absl::Status Check(const std::string& reference, const std::string& host,
                     const std::string& exporter = "acme") {
    return Destinations({{"LOGEXPORT_SECRET_LISTED_HOSTS", "login.acme.com, *.acme.example"}})
        .Check(exporter, ParseSecretSource(reference), host);
  }

  std::string File(const std::string& name) { return "file:" + (folder_ / name).string(); }

  const TempDirectory directory_;
  const std::filesystem::path folder_{directory_.path()};
};

TEST_F(SecretDestinationsTest, WithoutAListASecretGoesToTheServicesAndWhatWasNamedAtStart) {
  for (const std::string& reference :
       {std::string("env:LOGEXPORT_SECRET_X"), File("unlisted"), File("not-there")}) {
    for (const char* host : {"acme.eu.auth0.com", "api.segment.io", "events.eu1.segmentapis.com",
                             "hooks.slack.com", "login.named.com", "LOGIN.named.com"}) {
      EXPECT_THAT(Check(reference, host), IsOk()) << reference << " " << host;
    }
    for (const char* host : {"evil.example", "auth0.com.evil.example", "evilauth0.com", "auth0.com",
                             "api.segment.io.evil.example", "127.0.0.2", "localhost"}) {
      EXPECT_THAT(Check(reference, host),
                  StatusIs(absl::StatusCode::kFailedPrecondition,
                           AllOf(HasSubstr(host), HasSubstr("send the secret itself"))))
          << reference << " " << host;
    }
    // What was named for one exporter holds for that one.
    EXPECT_THAT(Check(reference, "login.named.com", "other"),
                StatusIs(absl::StatusCode::kFailedPrecondition));
  }
}

TEST_F(SecretDestinationsTest, AListIsAllThereIs) {
  for (const std::string& reference : {std::string("env:LOGEXPORT_SECRET_LISTED"), File("listed"),
                                       File("..data/listed"), File("x/../listed")}) {
    for (const char* host : {"login.acme.com", "a.acme.example", "A.B.ACME.example"}) {
      EXPECT_THAT(Check(reference, host), IsOk()) << reference << " " << host;
    }
    for (const char* host : {"acme.eu.auth0.com", "login.named.com", "acme.example",
                             "evilacme.example", "x.login.acme.com"}) {
      EXPECT_THAT(Check(reference, host), StatusIs(absl::StatusCode::kFailedPrecondition))
          << reference << " " << host;
    }
  }
}

TEST_F(SecretDestinationsTest, AnUnreadableListAllowsNothing) {
  std::filesystem::create_directory(folder_ / "..2026" / "unlisted.hosts");
  EXPECT_THAT(Check(File("unlisted"), "acme.eu.auth0.com"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not be sent anywhere")));
}

TEST_F(SecretDestinationsTest, WhatTheApiCannotReferToIsBoundByWhoSetIt) {
  for (const std::string& text : {std::string("s3cret"), std::string("env:AUTH0_CLIENT_SECRET"),
                                  std::string("file:/run/secrets/key")}) {
    EXPECT_THAT(Check(text, "evil.example"), IsOk()) << text;
  }
}

// The attack: a caller refers to a secret that is not theirs, and to a server of their own.
TEST_F(SecretDestinationsTest, NoRunReadsASecretForAnotherPlace) {
  const std::map<std::string, std::string> variables = {
      {"LOGEXPORT_SECRET_X", "hunter2hunter2"}, {"LOGEXPORT_SECRET_URL", "https://evil.example/x"}};
  const SecretResolver secrets(Environment(variables), Destinations(variables));
  const struct {
    const char* text;
    const char* field;
  } kAttacks[] = {
      {R"(auth0 { base_url: "https://evil.example" client_secret: "env:LOGEXPORT_SECRET_X" })",
       "auth0.client_secret"},
      {R"(auth0 { domain: "evil.example" client_secret: "env:LOGEXPORT_SECRET_X" })",
       "auth0.client_secret"},
      {R"(segment { endpoint: "https://evil.example" write_key: "env:LOGEXPORT_SECRET_X" })",
       "segment.write_key"},
  };
  for (const auto& attack : kAttacks) {
    v1::ExporterConfig config = CompleteConfig();
    config.MergeFrom(Config(attack.text));
    const absl::StatusOr<ExporterSettings> resolved = ResolveSettings("acme", config, {}, secrets);
    EXPECT_EQ(FailureOf(resolved.status()).reason, FailureReason::kSecretUnreadable) << attack.text;
    EXPECT_THAT(resolved.status().message(), HasSubstr("evil.example")) << attack.text;
    ValidationContext context;
    context.secrets = &secrets;
    context.exporter = "acme";
    const ValidationResult result = ValidateConfig(config, context);
    EXPECT_THAT(Fields(result.violations), ElementsAre(attack.field)) << attack.text;
    EXPECT_THAT(Texts(result.violations), Each(Not(HasSubstr("hunter2"))));
  }
  v1::ExporterConfig config = CompleteConfig();
  config.mutable_slack()->set_webhook("env:LOGEXPORT_SECRET_URL");
  const absl::StatusOr<ExporterSettings> resolved = ResolveSettings("acme", config, {}, secrets);
  ASSERT_THAT(resolved, IsOk());
  EXPECT_THAT(resolved->notifications.slack.webhook, IsEmpty());
  EXPECT_THAT(resolved->notifications.slack.problem, HasSubstr("evil.example"));
}

TEST_F(SecretDestinationsTest, TheHostsNamedAtStartAreThoseOfTheConfiguration) {
  v1::ExporterConfig config = CompleteConfig();
  config.mutable_auth0()->set_base_url("https://Login.acme.com/");
  config.mutable_segment()->set_endpoint("http://127.0.0.1:8080");
  config.mutable_slack()->set_webhook("env:HOOK");
  const SecretResolver secrets(Environment({{"HOOK", "https://chat.acme.com/hooks/1"}}));
  EXPECT_THAT(SecretHostsOf(config, secrets),
              UnorderedElementsAre("login.acme.com", "127.0.0.1", "chat.acme.com"));
}

}  // namespace
}  // namespace logexport
