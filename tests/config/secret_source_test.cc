#include "service/config/secret_source.h"

#include <string>

#include "absl/status/status.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

TEST(SecretSourceTest, KnowsReferencesByTheirPrefix) {
  EXPECT_EQ(ParseSecretSource("env:A_1").kind, SecretSource::Kind::kEnvironment);
  EXPECT_EQ(ParseSecretSource("env:A_1").name, "A_1");
  EXPECT_EQ(ParseSecretSource("file:/run/x").name, "/run/x");
  EXPECT_FALSE(ParseSecretSource("environment").reference());
  EXPECT_FALSE(ParseSecretSource("").reference());
}

TEST(SecretSourceTest, MalformedReferencesAreRefused) {
  for (const char* text : {"env:", "env:1A", "env:A B", "env:A-B", "file:", "file:key"}) {
    EXPECT_THAT(CheckSecretSource(ParseSecretSource(text)),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
  for (const char* text : {"env:_A1", "file:/a", "literal"}) {
    EXPECT_THAT(CheckSecretSource(ParseSecretSource(text)), IsOk()) << text;
  }
}

TEST(SecretFingerprintTest, TellsSecretsApartWithoutShowingThem) {
  const std::string fingerprint = SecretFingerprint("s3cret");
  EXPECT_EQ(fingerprint.size(), 12u);
  EXPECT_EQ(fingerprint, SecretFingerprint("s3cret"));
  EXPECT_NE(fingerprint, SecretFingerprint("s3creT"));
}

TEST(ProcessEnvironmentTest, FindsWhatIsSetAndOnlyThat) {
  const EnvironmentLookup lookup = ProcessEnvironment();
  EXPECT_TRUE(lookup("PATH").has_value());
  EXPECT_FALSE(lookup("LOGEXPORT_NO_SUCH_VARIABLE").has_value());
}

}  // namespace
}  // namespace logexport
