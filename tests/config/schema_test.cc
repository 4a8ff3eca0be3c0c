#include "service/config/schema.h"

#include <set>

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <gtest/gtest.h>

#include "tests/config/config_samples.h"

namespace logexport {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(ConfigSchemaTest, EverySettingAppearsOnceByItsDottedPath) {
  std::set<std::string> paths;
  for (const ConfigField& field : ConfigFields()) {
    EXPECT_TRUE(paths.insert(field.path).second) << field.path;
  }
  EXPECT_THAT(paths, Contains("auth0.batch_size"));
  EXPECT_THAT(paths, Contains("schedule.jitter"));  // a duration is one setting, not a group
  EXPECT_THAT(paths, Contains("privacy.rules"));    // and so is a list
  EXPECT_THAT(paths, Not(Contains("auth0")));
}

TEST(ConfigSchemaTest, KnowsTheSecretsByTheirMark) {
  std::vector<std::string> secrets;
  for (const ConfigField& field : ConfigFields()) {
    if (field.secret) secrets.push_back(field.path);
  }
  EXPECT_THAT(secrets, ElementsAre("auth0.client_secret", "segment.write_key", "privacy.hash_key",
                                   "slack.webhook", "webhook.url", "webhook.secret"));
}

TEST(ConfigSchemaTest, OnlyStartFromIsInputOnly) {
  for (const ConfigField& field : ConfigFields()) {
    EXPECT_EQ(field.input_only, field.path == "start_from") << field.path;
  }
}

TEST(ConfigSchemaTest, MaskPathsAreSettingsAndTheirGroups) {
  const std::vector<std::string> paths = ConfigPaths();
  EXPECT_EQ(std::set<std::string>(paths.begin(), paths.end()).size(), paths.size());
  EXPECT_THAT(paths, Contains("auth0"));
  EXPECT_THAT(paths, Contains("auth0.domain"));
  EXPECT_THAT(paths, Contains("start_from"));
}

// Settings without a default: those that are required, those that follow from others, and those
// for which not being set has a meaning of its own.
TEST(ConfigSchemaTest, EveryOtherSettingHasADefault) {
  const std::set<std::string> without_default = {
      "auth0.domain",      "auth0.client_id",         "auth0.client_secret", "segment.write_key",
      "auth0.audience",    "auth0.base_url",          "auth0.retention",     "filter.types",
      "filter.categories", "filter.client_ids",       "filter.connections",  "profile.fields",
      "privacy.rules",     "privacy.allow_only",      "privacy.hash_key",    "privacy.hash_key_id",
      "slack.webhook",     "slack.daily_report_hour", "start_from",          "webhook.url",
      "webhook.secret"};
  const v1::ExporterConfig defaults = WithDefaults(v1::ExporterConfig());
  for (const ConfigField& field : ConfigFields()) {
    EXPECT_EQ(IsSet(defaults, field), !without_default.contains(field.path)) << field.path;
  }
}

TEST(ConfigSchemaTest, DefaultsAreTheDocumentedOnes) {
  const v1::ExporterConfig config =
      WithDefaults(Config(R"pb(auth0 { domain: "Acme.auth0.com" })pb"));
  EXPECT_EQ(config.schedule().cron(), "0 */5 * * * *");
  EXPECT_EQ(config.schedule().time_zone(), "UTC");
  EXPECT_TRUE(config.schedule().catch_up());
  EXPECT_EQ(config.auth0().batch_size(), 100);
  EXPECT_EQ(ToDuration(config.auth0().settle_delay()), absl::Seconds(10));
  EXPECT_EQ(config.auth0().audience(), "https://acme.auth0.com/api/v2/");
  EXPECT_EQ(config.auth0().base_url(), "https://acme.auth0.com");
  EXPECT_EQ(config.segment().endpoint(), "US");
  EXPECT_EQ(config.segment().max_events_per_second(), 1000);
  EXPECT_EQ(config.segment().details(), v1::DETAILS_FORMAT_JSON_STRING);
  EXPECT_FALSE(config.slack().send_success());
  EXPECT_EQ(ToDuration(config.run().max_duration()), absl::Hours(1));
  EXPECT_EQ(ToDuration(config.run().max_stall()), absl::Minutes(2));
  EXPECT_EQ(ToDuration(config.reports().max_age()), absl::Hours(24 * 90));
}

TEST(ConfigSchemaTest, DefaultsLeaveWhatIsSetAlone) {
  const v1::ExporterConfig config = WithDefaults(Config(R"pb(
    schedule { catch_up: false }
    auth0 {
      domain: "login.acme.com"
      audience: "https://acme.auth0.com/api/v2/"
      batch_size: 7
      settle_delay {}
    }
    segment { max_events_per_second: 0 details: DETAILS_FORMAT_OMIT }
  )pb"));
  EXPECT_FALSE(config.schedule().catch_up());
  EXPECT_EQ(config.auth0().audience(), "https://acme.auth0.com/api/v2/");
  EXPECT_EQ(config.auth0().base_url(), "https://login.acme.com");
  EXPECT_EQ(config.auth0().batch_size(), 7);
  EXPECT_EQ(config.segment().max_events_per_second(), 0);
  EXPECT_EQ(config.segment().details(), v1::DETAILS_FORMAT_OMIT);
  EXPECT_EQ(ToDuration(config.auth0().settle_delay()), absl::ZeroDuration());
}

TEST(ConfigSchemaTest, CopyingAnUnsetFieldUnsetsIt) {
  const v1::ExporterConfig full = Config(R"pb(
    schedule {
      cron: "@hourly"
      jitter { seconds: 5 }
    }
    filter { types: "s" types: "fp" min_level: LOG_LEVEL_ERROR }
    privacy { rules { path: "ip" action: PRIVACY_ACTION_DROP } }
  )pb");
  const v1::ExporterConfig empty;
  for (const ConfigField& field : ConfigFields()) {
    v1::ExporterConfig target = full;
    CopyField(empty, field, &target);
    EXPECT_FALSE(IsSet(target, field)) << field.path;

    v1::ExporterConfig other;
    CopyField(full, field, &other);
    EXPECT_TRUE(SameValue(full, other, field)) << field.path;
    EXPECT_EQ(IsSet(other, field), IsSet(full, field)) << field.path;
  }
}

TEST(ConfigSchemaTest, CopyingAListReplacesIt) {
  v1::ExporterConfig target = Config(R"pb(filter { types: "s" types: "f" })pb");
  for (const ConfigField& field : ConfigFields()) {
    if (field.path == "filter.types") {
      CopyField(Config(R"pb(filter { types: "fp" })pb"), field, &target);
    }
  }
  EXPECT_THAT(target.filter().types(), ElementsAre("fp"));
}

TEST(ConfigSchemaTest, NormalizingDropsEmptyTextsEmptyGroupsAndStartFrom) {
  v1::ExporterConfig config = Config(R"pb(
    slack { webhook: "" }
    schedule { jitter {} }
    profile {}
    start_from: "latest"
  )pb");
  Normalize(&config);
  EXPECT_THAT(config, EqualsConfig(Config("schedule { jitter {} }")));
}

TEST(ConfigSchemaTest, AChangeIsWhatWorksDifferently) {
  const v1::ExporterConfig stored = CompleteConfig();
  EXPECT_THAT(ChangedFields(stored, stored), IsEmpty());

  v1::ExporterConfig written_out = WithDefaults(stored);
  EXPECT_THAT(ChangedFields(stored, written_out), IsEmpty());

  v1::ExporterConfig changed = stored;
  changed.mutable_auth0()->set_domain("other.auth0.com");
  changed.mutable_filter()->add_types("s");
  changed.mutable_run()->mutable_max_duration()->set_seconds(60);
  EXPECT_THAT(ChangedFields(stored, changed),
              ElementsAre("auth0.domain", "filter.types", "run.max_duration"));
}

TEST(ConfigSchemaTest, ConfirmingTheAssumedRegionIsAChange) {
  const v1::ExporterConfig unset;
  EXPECT_THAT(ChangedFields(unset, Config(R"pb(segment { endpoint: "US" })pb")),
              ElementsAre("segment.endpoint"));
}

TEST(ConfigSchemaTest, SuggestsTheFieldThatWasMeant) {
  EXPECT_THAT(DidYouMeanField("schedule.crom"), HasSubstr("schedule.cron"));
  EXPECT_THAT(DidYouMeanField("auth0.batchSize"), HasSubstr("auth0.batch_size"));
  EXPECT_THAT(DidYouMeanField("cron"), HasSubstr("schedule.cron"));
  EXPECT_THAT(DidYouMeanField("slack.write_key"), HasSubstr("segment.write_key"));
  EXPECT_THAT(DidYouMeanField("completely.different"), IsEmpty());
}

}  // namespace
}  // namespace logexport
