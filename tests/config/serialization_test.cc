#include "service/config/serialization.h"

#include <string>

#include "absl/status/status.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config/schema.h"
#include "tests/config/config_samples.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ConfigStorageTest, AConfigurationComesBackAsItWas) {
  v1::ExporterConfig config = WithDefaults(CompleteConfig());
  config.mutable_filter()->add_types("s");
  config.mutable_schedule()->mutable_jitter()->set_nanos(500'000'000);
  config.mutable_privacy()->add_rules()->set_path("größe.*");
  for (const v1::ExporterConfig& each : {config, CompleteConfig(), v1::ExporterConfig()}) {
    const absl::StatusOr<v1::ExporterConfig> parsed = ParseStoredConfig(SerializeConfig(each));
    ASSERT_THAT(parsed, IsOk());
    EXPECT_THAT(*parsed, EqualsConfig(each));
  }
}

// What was parsed is kept for the next who asks: of many texts each gets its own, and a copy.
TEST(ConfigStorageTest, ManyConfigurationsReadAgainAndAgainAreNotMixedUp) {
  for (int round = 0; round < 2; ++round) {
    for (int n = 1; n <= 600; ++n) {
      v1::ExporterConfig config = CompleteConfig();
      config.mutable_segment()->set_max_events_per_second(n);
      for (int time = 0; time < 2; ++time) {
        absl::StatusOr<v1::ExporterConfig> parsed = ParseStoredConfig(SerializeConfig(config));
        ASSERT_THAT(parsed, IsOk());
        EXPECT_THAT(*parsed, EqualsConfig(config));
        parsed->mutable_segment()->set_max_events_per_second(0);
      }
    }
  }
}

TEST(ConfigStorageTest, IsOneReadableLineWithoutDefaultsOrStartFrom) {
  v1::ExporterConfig config = CompleteConfig();
  config.set_start_from("latest");
  config.mutable_slack();
  EXPECT_EQ(SerializeConfig(config),
            R"({"auth0":{"domain":"acme.eu.auth0.com","client_id":"client",)"
            R"("client_secret":"s3cret"},)"
            R"("segment":{"write_key":"0123456789abcdefghijklmnopqrstuv","endpoint":"EU"}})");
}

TEST(ConfigStorageTest, DamagedTextIsDataLossAndNotQuoted) {
  for (const char* text : {"", "{", "[]", "hunter2", R"({"auth0":"hunter2"})"}) {
    EXPECT_THAT(ParseStoredConfig(text),
                StatusIs(absl::StatusCode::kDataLoss, Not(HasSubstr("hunter2"))))
        << text;
  }
}

TEST(ConfigStorageTest, SettingsOfANewerVersionAreNotDropped) {
  EXPECT_THAT(ParseStoredConfig(R"({"auth0":{"domain":"a","teleport":true}})"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("newer version")));
}

TEST(ConfigEtagTest, DiffersByVersionExporterAndCreation) {
  ConfigVersion version;
  version.exporter = "a";
  version.version = 3;
  version.created = absl::FromUnixSeconds(1);
  const std::string etag = ConfigEtag(version);
  EXPECT_EQ(etag, ConfigEtag(version));

  ConfigVersion other = version;
  other.version = 4;
  EXPECT_NE(etag, ConfigEtag(other));
  other = version;
  other.exporter = "b";
  EXPECT_NE(etag, ConfigEtag(other));
  other = version;
  other.created += absl::Milliseconds(1);
  EXPECT_NE(etag, ConfigEtag(other));
  other = version;
  other.config = "different";
  EXPECT_EQ(etag, ConfigEtag(other));
}

}  // namespace
}  // namespace logexport
