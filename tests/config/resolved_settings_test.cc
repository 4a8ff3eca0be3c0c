#include "service/config/resolved_settings.h"

#include <string>

#include "absl/status/status.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/export/failure.h"
#include "tests/config/config_samples.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Optional;

ExporterSettings Resolve(const v1::ExporterConfig& config,
                         std::map<std::string, std::string> environment = {}) {
  const SecretResolver secrets(Environment(std::move(environment)));
  absl::StatusOr<ExporterSettings> resolved = ResolveSettings(
      "acme", config, {.message_namespace = "0123456789abcdef", .generation = 2}, secrets);
  EXPECT_THAT(resolved, IsOk());
  return resolved.ok() ? *resolved : ExporterSettings();
}

TEST(ResolveSettingsTest, FillsInDefaultsAndAddresses) {
  const ExporterSettings settings = Resolve(CompleteConfig());
  EXPECT_EQ(settings.exporter, "acme");
  EXPECT_EQ(settings.auth0.base_url, "https://acme.eu.auth0.com");
  EXPECT_EQ(settings.auth0.audience, "https://acme.eu.auth0.com/api/v2/");
  EXPECT_EQ(settings.auth0.client_id, "client");
  EXPECT_EQ(settings.auth0.client_secret, "s3cret");
  EXPECT_EQ(settings.auth0.batch_size, 100);
  EXPECT_EQ(settings.auth0.settle_delay, absl::Seconds(10));
  EXPECT_EQ(settings.auth0.retention, absl::ZeroDuration());
  EXPECT_EQ(settings.segment.base_url, "https://events.eu1.segmentapis.com");
  EXPECT_FALSE(settings.segment.region_assumed);
  EXPECT_EQ(settings.segment.message_namespace, "0123456789abcdef");
  EXPECT_EQ(settings.segment.message_generation, 2);
  EXPECT_EQ(settings.filter.min_level, 1);
  EXPECT_TRUE(settings.filter.ignore_own_client);
  EXPECT_FALSE(settings.profile.enabled);
  EXPECT_THAT(settings.notifications.slack.webhook, IsEmpty());
  EXPECT_EQ(settings.notifications.slack.daily_report_hour, std::nullopt);
  EXPECT_EQ(settings.run.max_duration, absl::Hours(1));
}

// What the settings' own header states as defaults is what an unset field resolves to.
TEST(ResolveSettingsTest, AgreesWithTheDefaultsOfTheSettings) {
  const ExporterSettings defaults;
  const ExporterSettings settings = Resolve(CompleteConfig());
  EXPECT_EQ(settings.auth0.batch_size, defaults.auth0.batch_size);
  EXPECT_EQ(settings.auth0.rate_limit_reserve_percent, defaults.auth0.rate_limit_reserve_percent);
  EXPECT_EQ(settings.segment.mapping, defaults.segment.mapping);
  EXPECT_EQ(settings.segment.details, defaults.segment.details);
  EXPECT_EQ(settings.segment.anonymous_id, defaults.segment.anonymous_id);
  EXPECT_EQ(settings.segment.identify, defaults.segment.identify);
  EXPECT_EQ(settings.segment.max_events_per_second, defaults.segment.max_events_per_second);
  EXPECT_EQ(settings.segment.max_in_flight, defaults.segment.max_in_flight);
  EXPECT_EQ(settings.segment.gzip, defaults.segment.gzip);
  EXPECT_EQ(settings.filter.min_level, defaults.filter.min_level);
  EXPECT_EQ(settings.profile.cache_ttl, defaults.profile.cache_ttl);
  EXPECT_EQ(settings.profile.rate_share_percent, defaults.profile.rate_share_percent);
  EXPECT_EQ(settings.privacy.standard_preset, defaults.privacy.standard_preset);
  EXPECT_EQ(settings.notifications.slack.time_zone, defaults.notifications.slack.time_zone);
  EXPECT_EQ(settings.notifications.slack.silence_periods,
            defaults.notifications.slack.silence_periods);
  EXPECT_EQ(settings.notifications.slack.reminder_interval,
            defaults.notifications.slack.reminder_interval);
  EXPECT_EQ(settings.run.max_stall, defaults.run.max_stall);
  EXPECT_EQ(settings.run.max_logs, defaults.run.max_logs);
}

TEST(ResolveSettingsTest, TakesOverEveryGroup) {
  v1::ExporterConfig config = CompleteConfig();
  config.MergeFrom(Config(R"pb(
    auth0 {
      base_url: "https://login.acme.com/"
      retention { seconds: 172800 }
      batch_size: 7
    }
    segment {
      endpoint: "https://rudder.acme.com/gw/"
      details: DETAILS_FORMAT_OMIT
      anonymous_id: ANONYMOUS_ID_DROP
      identify: true
      max_events_per_second: 0
      gzip: true
    }
    filter {
      types: "s"
      categories: "auth.login.fail"
      client_ids: "c"
      connections: "db"
      min_level: LOG_LEVEL_ERROR
      ignore_own_client: false
    }
    profile {
      enabled: true
      fields: "email"
      cache_ttl { seconds: 60 }
    }
    privacy {
      preset: PRIVACY_PRESET_STANDARD
      rules { path: "a" action: PRIVACY_ACTION_DROP }
      rules { path: "b" action: PRIVACY_ACTION_MASK }
      rules { path: "c" action: PRIVACY_ACTION_HASH }
      allow_only: "d"
      hash_key: "env:HASH"
      hash_key_id: "2026"
    }
    slack { webhook: "https://hooks.slack.com/x" send_success: true daily_report_hour: 0 }
    run {
      max_duration { seconds: 5 }
      max_stall { seconds: 6 }
      max_logs: 7
    }
  )pb"));
  const ExporterSettings settings = Resolve(config, {{"HASH", "key of hashes"}});
  EXPECT_EQ(settings.auth0.base_url, "https://login.acme.com");
  EXPECT_EQ(settings.auth0.retention, absl::Hours(48));
  EXPECT_EQ(settings.auth0.batch_size, 7);
  EXPECT_EQ(settings.segment.base_url, "https://rudder.acme.com/gw");
  EXPECT_EQ(settings.segment.details, DetailsForm::kOmit);
  EXPECT_EQ(settings.segment.anonymous_id, AnonymousIdSource::kDrop);
  EXPECT_TRUE(settings.segment.identify);
  EXPECT_TRUE(settings.segment.gzip);
  EXPECT_EQ(settings.segment.max_events_per_second, 0);
  EXPECT_THAT(settings.filter.types, ElementsAre("s"));
  EXPECT_THAT(settings.filter.categories, ElementsAre("auth.login.fail"));
  EXPECT_THAT(settings.filter.client_ids, ElementsAre("c"));
  EXPECT_THAT(settings.filter.connections, ElementsAre("db"));
  EXPECT_EQ(settings.filter.min_level, 3);
  EXPECT_FALSE(settings.filter.ignore_own_client);
  EXPECT_TRUE(settings.profile.enabled);
  EXPECT_THAT(settings.profile.fields, ElementsAre("email"));
  EXPECT_EQ(settings.profile.cache_ttl, absl::Minutes(1));
  EXPECT_TRUE(settings.privacy.standard_preset);
  ASSERT_EQ(settings.privacy.rules.size(), 3u);
  EXPECT_EQ(settings.privacy.rules[0].action, PrivacyAction::kDrop);
  EXPECT_EQ(settings.privacy.rules[1].action, PrivacyAction::kMask);
  EXPECT_EQ(settings.privacy.rules[2].action, PrivacyAction::kHash);
  EXPECT_EQ(settings.privacy.rules[2].path, "c");
  EXPECT_THAT(settings.privacy.allow_only, ElementsAre("d"));
  EXPECT_EQ(settings.privacy.hash_key, "key of hashes");
  EXPECT_EQ(settings.privacy.hash_key_id, "2026");
  EXPECT_EQ(settings.notifications.slack.webhook, "https://hooks.slack.com/x");
  EXPECT_TRUE(settings.notifications.slack.send_success);
  EXPECT_THAT(settings.notifications.slack.daily_report_hour, Optional(0));
  EXPECT_EQ(settings.run.max_duration, absl::Seconds(5));
  EXPECT_EQ(settings.run.max_stall, absl::Seconds(6));
  EXPECT_EQ(settings.run.max_logs, 7);
}

TEST(ResolveSettingsTest, AnUnsetEndpointIsTheUsRegionAssumed) {
  v1::ExporterConfig config = CompleteConfig();
  config.mutable_segment()->clear_endpoint();
  EXPECT_TRUE(Resolve(config).segment.region_assumed);
  EXPECT_EQ(Resolve(config).segment.base_url, "https://api.segment.io");
  config.mutable_segment()->set_endpoint("US");
  EXPECT_FALSE(Resolve(config).segment.region_assumed);
}

TEST(ResolveSettingsTest, TheBasicProfileLeavesOutTokensAndMetadata) {
  const std::vector<std::string> fields = Resolve(CompleteConfig()).profile.fields;
  EXPECT_THAT(fields, Contains("email"));
  EXPECT_THAT(fields, Not(Contains("identities")));
  EXPECT_THAT(fields, Not(Contains("app_metadata")));
  EXPECT_FALSE(Resolve(CompleteConfig()).profile.whole);
}

TEST(ResolveSettingsTest, TheMappingOfTheExtensionNeedsWholeProfilesUnlessFieldsAreNamed) {
  v1::ExporterConfig config = CompleteConfig();
  config.mutable_segment()->set_mapping(v1::EVENT_MAPPING_EXTENSION);
  const ExporterSettings settings = Resolve(config);
  EXPECT_EQ(settings.segment.mapping, MappingKind::kExtension);
  EXPECT_TRUE(settings.profile.enabled);
  EXPECT_TRUE(settings.profile.whole);

  config.mutable_profile()->add_fields("email");
  const ExporterSettings named = Resolve(config);
  EXPECT_FALSE(named.profile.whole);
  EXPECT_THAT(named.profile.fields, ElementsAre("email"));
}

TEST(ResolveSettingsTest, EverySecretThatCannotBeReadIsNamed) {
  v1::ExporterConfig config = CompleteConfig();
  config.mutable_auth0()->set_client_secret("env:GONE");
  config.mutable_segment()->set_write_key("file:/no/such/file");
  config.mutable_privacy()->set_hash_key("env:GONE_TOO");
  const SecretResolver secrets(Environment({}));
  const Failure failure = FailureOf(ResolveSettings("acme", config, {}, secrets).status());
  EXPECT_EQ(failure.reason, FailureReason::kSecretUnreadable);
  EXPECT_EQ(failure.kind, FailureClass::kPermanent);
  EXPECT_THAT(failure.message, HasSubstr("auth0.client_secret: environment variable GONE is not"));
  EXPECT_THAT(failure.message, HasSubstr("segment.write_key: file /no/such/file does not exist"));
  EXPECT_THAT(failure.message, HasSubstr("privacy.hash_key"));
  EXPECT_THAT(failure.action, Not(IsEmpty()));
  EXPECT_EQ(failure.field, "auth0.client_secret, segment.write_key, privacy.hash_key");
}

TEST(ResolveSettingsTest, AnUnusableWebhookDoesNotKeepARunFromTakingPlace) {
  v1::ExporterConfig config = CompleteConfig();
  config.mutable_slack()->set_webhook("env:GONE");
  ExporterSettings resolved = Resolve(config);
  EXPECT_THAT(resolved.notifications.slack.webhook, IsEmpty());
  EXPECT_THAT(resolved.notifications.slack.problem, HasSubstr("GONE"));

  config.mutable_slack()->set_webhook("env:PLAIN");
  resolved = Resolve(config, {{"PLAIN", "http://hooks.slack.com/hunter2"}});
  EXPECT_THAT(resolved.notifications.slack.webhook, IsEmpty());
  EXPECT_THAT(resolved.notifications.slack.problem,
              AllOf(HasSubstr("plain http"), Not(HasSubstr("hunter2"))));

  config.mutable_slack()->set_webhook("env:GOOD");
  resolved = Resolve(config, {{"GOOD", "https://hooks.slack.com/x\n"}});
  EXPECT_EQ(resolved.notifications.slack.webhook, "https://hooks.slack.com/x");
  EXPECT_THAT(resolved.notifications.slack.problem, IsEmpty());
}

TEST(ResolveSettingsTest, AWebhookForProgramsNeedsItsSecretAndNoRunNeedsEither) {
  v1::ExporterConfig config = CompleteConfig();
  config.mutable_webhook()->set_url("env:HOOK");
  config.mutable_webhook()->set_secret("file:/no/such/file");
  config.mutable_webhook()->set_send_success(true);
  ExporterSettings resolved = Resolve(config, {{"HOOK", "https://events.example/1"}});
  EXPECT_THAT(resolved.notifications.webhook.url, IsEmpty());
  EXPECT_THAT(resolved.notifications.webhook.problem, HasSubstr("webhook.secret: file"));
  EXPECT_FALSE(resolved.notifications.any());

  config.mutable_webhook()->set_secret("sixteen-and-more");
  resolved = Resolve(config, {{"HOOK", "https://events.example/1"}});
  EXPECT_EQ(resolved.notifications.webhook.url, "https://events.example/1");
  EXPECT_EQ(resolved.notifications.webhook.secret, "sixteen-and-more");
  EXPECT_TRUE(resolved.notifications.webhook.send_success);
  EXPECT_THAT(resolved.notifications.webhook.problem, IsEmpty());
  EXPECT_TRUE(resolved.notifications.any());
}

}  // namespace
}  // namespace logexport
