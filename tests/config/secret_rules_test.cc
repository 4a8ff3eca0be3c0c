#include "service/config/secret_rules.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config/update.h"
#include "tests/config/config_samples.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Kind = ConfigViolation::Kind;

// What the rules say to an update without a mask.
std::vector<ConfigViolation> CheckUpdate(const v1::ExporterConfig& stored,
                                         const v1::ExporterConfig& incoming,
                                         const std::string& secret_dir = "") {
  const ConfigUpdate update = ApplyUpdate(stored, incoming, {});
  return CheckSecretsOverApi(stored, update.config, update.given_secrets, secret_dir);
}

std::vector<ConfigViolation> Check(const v1::ExporterConfig& stored, const std::string& incoming,
                                   const std::string& secret_dir = "") {
  return CheckUpdate(stored, Config(incoming), secret_dir);
}

v1::ExporterConfig ConfiguredByEnvironment() {
  v1::ExporterConfig config = CompleteConfig();
  config.mutable_auth0()->set_client_secret("env:AUTH0_CLIENT_SECRET");
  config.mutable_segment()->set_write_key("env:SEGMENT_KEY");
  return config;
}

TEST(SecretRulesTest, ADestinationChangesOnlyTogetherWithItsSecret) {
  const struct {
    const char* change;
    const char* secret;
  } kCases[] = {
      {R"(auth0 { domain: "evil.example" })", "auth0.client_secret"},
      {R"(auth0 { base_url: "https://evil.example" })", "auth0.client_secret"},
      {R"(auth0 { audience: "https://evil.example/api/v2/" })", "auth0.client_secret"},
      {R"(segment { endpoint: "https://evil.example" })", "segment.write_key"},
      {R"(segment { endpoint: "US" })", "segment.write_key"},
  };
  for (const v1::ExporterConfig& stored : {CompleteConfig(), ConfiguredByEnvironment()}) {
    for (const auto& test : kCases) {
      const std::vector<ConfigViolation> violations = Check(stored, test.change);
      ASSERT_EQ(violations.size(), 1u) << test.change;
      EXPECT_EQ(violations[0].field, test.secret) << test.change;
      EXPECT_EQ(violations[0].kind, Kind::kSecretRequired) << test.change;
    }
  }
}

TEST(SecretRulesTest, TheSecretItselfIsEnough) {
  EXPECT_THAT(Check(CompleteConfig(),
                    R"(auth0 { domain: "new.example" client_secret: "new" }
                       segment { endpoint: "https://new.example" write_key: "new" })"),
              IsEmpty());
  // Who knows the secret may send it again.
  EXPECT_THAT(Check(CompleteConfig(), R"(auth0 { domain: "new.example" client_secret: "s3cret" })"),
              IsEmpty());
}

TEST(SecretRulesTest, AMaskOrAReferenceOnceReadIsNotTheSecret) {
  EXPECT_THAT(
      Check(CompleteConfig(), R"(auth0 { domain: "evil.example" client_secret: "********" })"),
      ElementsAre(testing::Field(&ConfigViolation::kind, Kind::kSecretRequired)));
  EXPECT_THAT(Check(ConfiguredByEnvironment(),
                    R"(segment { endpoint: "https://evil.example" write_key: "env:SEGMENT_KEY" })"),
              ElementsAre(testing::Field(&ConfigViolation::kind, Kind::kSecretRequired)));
}

TEST(SecretRulesTest, AReferenceMeantForTheApiIsEnough) {
  EXPECT_THAT(Check(ConfiguredByEnvironment(),
                    R"(segment { endpoint: "https://new.example"
                                 write_key: "env:LOGEXPORT_SECRET_KEY" })"),
              IsEmpty());
}

TEST(SecretRulesTest, EveryDestinationIsNamed) {
  EXPECT_THAT(Texts(Check(CompleteConfig(), R"(auth0 { domain: "evil.example" }
                                               segment { endpoint: "https://evil.example" })")),
              ElementsAre(AllOf(HasSubstr("auth0.client_secret: must be sent in the same call"),
                                HasSubstr("auth0.domain and auth0.base_url and auth0.audience")),
                          HasSubstr("segment.write_key")));
}

TEST(SecretRulesTest, AnotherWayToWriteADestinationIsNoChange) {
  v1::ExporterConfig stored = CompleteConfig();
  stored.mutable_segment()->clear_endpoint();
  for (const char* text : {
           R"(segment { endpoint: "US" })",
           R"(segment { endpoint: "https://api.segment.io/" })",
           R"(auth0 { domain: "ACME.eu.auth0.com" })",
           R"(auth0 { base_url: "https://Acme.eu.auth0.com/" })",
           R"(auth0 { audience: "https://acme.eu.auth0.com/api/v2/" })",
           R"(auth0 { batch_size: 5 } slack { send_success: true })",
       }) {
    EXPECT_THAT(Check(stored, text), IsEmpty()) << text;
  }
}

TEST(SecretRulesTest, TheWebhookIsItsOwnDestination) {
  v1::ExporterConfig stored = CompleteConfig();
  stored.mutable_slack()->set_webhook("https://hooks.slack.com/old");
  EXPECT_THAT(Check(stored, R"(slack { webhook: "https://hooks.slack.com/new" })"), IsEmpty());
}

// Whoever could point it elsewhere would have signatures to try keys against.
TEST(SecretRulesTest, AnotherReceiverNeedsTheSigningKey) {
  v1::ExporterConfig stored = CompleteConfig();
  EXPECT_THAT(Check(stored, R"(webhook { url: "https://a.example/1" secret: "sixteen-and-more" })"),
              IsEmpty());
  stored.mutable_webhook()->set_url("https://a.example/1");
  stored.mutable_webhook()->set_secret("sixteen-and-more");
  EXPECT_THAT(Fields(Check(stored, R"(webhook { url: "https://b.example/1" })")),
              ElementsAre("webhook.secret"));
  EXPECT_THAT(Check(stored, R"(webhook { url: "https://b.example/1" secret: "sixteen-and-less" })"),
              IsEmpty());
  EXPECT_THAT(Check(stored, R"(webhook { send_success: true })"), IsEmpty());
}

TEST(SecretRulesTest, OtherVariablesCannotBeReferredTo) {
  for (const char* text : {"env:SEGMENT_KEY", "env:PATH", "env:MY_LOGEXPORT_SECRET_X",
                           "env:logexport_secret_x", "file:/etc/passwd"}) {
    const std::vector<ConfigViolation> violations =
        Check(CompleteConfig(), std::string("segment { write_key: \"") + text + "\" }");
    ASSERT_EQ(violations.size(), 1u) << text;
    EXPECT_EQ(violations[0].field, "segment.write_key");
    EXPECT_EQ(violations[0].kind, Kind::kReferenceNotAllowed);
    EXPECT_THAT(violations[0].description, HasSubstr("LOGEXPORT_SECRET_*"));
  }
  EXPECT_THAT(Check(CompleteConfig(), R"(segment { write_key: "env:LOGEXPORT_SECRET_X" })"),
              IsEmpty());
}

TEST(SecretRulesTest, AReferenceThatIsStoredMayBeSentBack) {
  EXPECT_THAT(Check(ConfiguredByEnvironment(), R"(segment { write_key: "env:SEGMENT_KEY" })"),
              IsEmpty());
  // ... but not in another field.
  EXPECT_THAT(
      Fields(Check(ConfiguredByEnvironment(), R"(auth0 { client_secret: "env:SEGMENT_KEY" })")),
      ElementsAre("auth0.client_secret"));
}

TEST(SecretRulesTest, ANewExporterMayUseAnyDestinationButNotAnyReference) {
  v1::ExporterConfig incoming = CompleteConfig();
  EXPECT_THAT(CheckUpdate({}, incoming), IsEmpty());
  incoming = ConfiguredByEnvironment();
  EXPECT_THAT(Fields(CheckUpdate({}, incoming)),
              UnorderedElementsAre("auth0.client_secret", "segment.write_key"));
}

class SecretDirTest : public ::testing::Test {
 protected:
  SecretDirTest() {
    std::filesystem::create_directories(root_ / "secrets" / "..2026");
    std::ofstream(root_ / "secrets" / "..2026" / "key") << "k";
    std::ofstream(root_ / "outside") << "o";
    // As Kubernetes mounts secrets: key → ..data/key, ..data → ..2026.
    std::filesystem::create_symlink("..2026", root_ / "secrets" / "..data");
    std::filesystem::create_symlink("..data/key", root_ / "secrets" / "key");
    std::filesystem::create_symlink("../outside", root_ / "secrets" / "escape");
  }

  bool Allowed(const std::string& path) {
    return AllowedOverApi(ParseSecretSource("file:" + path), (root_ / "secrets").string());
  }

  const TempDirectory directory_;
  const std::filesystem::path root_{directory_.path()};
};

TEST_F(SecretDirTest, FilesBelowTheFolderMayBeReferredTo) {
  EXPECT_TRUE(Allowed((root_ / "secrets" / "key").string()));
  EXPECT_TRUE(Allowed((root_ / "secrets" / "not" / "yet").string()));
  EXPECT_TRUE(AllowedOverApi(ParseSecretSource("file:" + (root_ / "secrets" / "key").string()),
                             (root_ / "secrets").string() + "/"));
}

TEST_F(SecretDirTest, NothingElseMay) {
  EXPECT_FALSE(Allowed((root_ / "outside").string()));
  EXPECT_FALSE(Allowed((root_ / "secrets").string()));
  EXPECT_FALSE(Allowed((root_ / "secrets" / ".." / "outside").string()));
  EXPECT_FALSE(Allowed((root_ / "secrets" / "no" / ".." / ".." / "outside").string()));
  EXPECT_FALSE(Allowed((root_ / "secrets" / "escape").string()));
  EXPECT_FALSE(Allowed((root_ / "secrets" / "no" / ".." / "escape").string()));
  EXPECT_FALSE(Allowed((root_ / "secrets-of-others" / "key").string()));
  EXPECT_FALSE(Allowed("/etc/passwd"));
  EXPECT_FALSE(AllowedOverApi(ParseSecretSource("file:/etc/passwd"), ""));
}

}  // namespace
}  // namespace logexport
