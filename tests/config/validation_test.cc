#include "service/config/validation.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config/schema.h"
#include "tests/config/config_samples.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// A complete configuration with `text` merged into it.
ValidationResult Validate(const std::string& text, const ValidationContext& context = {}) {
  v1::ExporterConfig config = CompleteConfig();
  config.MergeFrom(Config(text));
  return ValidateConfig(config, context);
}

TEST(ConfigValidationTest, TheLeastConfigurationIsFine) {
  const ValidationResult result = ValidateConfig(CompleteConfig(), {});
  EXPECT_THAT(Texts(result.violations), IsEmpty());
  EXPECT_THAT(result.warnings, IsEmpty());
}

// Also proves that every number and duration has a range: one without fails here.
TEST(ConfigValidationTest, EveryDefaultIsAllowed) {
  v1::ExporterConfig config = WithDefaults(CompleteConfig());
  config.mutable_slack()->set_daily_report_hour(0);
  config.mutable_auth0()->mutable_retention()->set_seconds(172800);
  EXPECT_THAT(Texts(ValidateConfig(config, {}).violations), IsEmpty());
}

TEST(ConfigValidationTest, EveryMissingRequiredFieldIsNamed) {
  EXPECT_THAT(
      Fields(ValidateConfig(v1::ExporterConfig(), {}).violations),
      ElementsAre("auth0.domain", "auth0.client_id", "auth0.client_secret", "segment.write_key"));
  ValidationContext context;
  context.require_all = false;
  EXPECT_THAT(ValidateConfig(v1::ExporterConfig(), context).violations, IsEmpty());
}

struct Case {
  const char* config;
  const char* field;
  const char* description;
};

TEST(ConfigValidationTest, NamesTheFieldAndWhatIsAllowed) {
  const Case kCases[] = {
      {R"(schedule { cron: "every day" })", "schedule.cron", "field"},
      {R"(schedule { cron: "0 0 31 2 *" })", "schedule.cron", ""},
      {R"(schedule { time_zone: "Europe/Belin" })", "schedule.time_zone", "Europe/Belin"},
      {R"(schedule { jitter { seconds: 86401 } })", "schedule.jitter", "allowed: 0s to 1d"},
      {R"(schedule { jitter { seconds: -1 } })", "schedule.jitter", "is -1s; allowed"},
      {R"(schedule { jitter { seconds: 1 nanos: -5 } })", "schedule.jitter", "well-formed"},
      {R"(schedule { jitter { nanos: 1000000000 } })", "schedule.jitter", "well-formed"},
      {R"(auth0 { domain: "https://acme.auth0.com/" })", "auth0.domain", "host name alone"},
      {R"(auth0 { domain: "acme..com" })", "auth0.domain", "host name alone"},
      {R"(auth0 { domain: "acme_eu.com" })", "auth0.domain", "host name alone"},
      {R"(auth0 { domain: "acme.com:443" })", "auth0.domain", "host name alone"},
      {R"(auth0 { client_id: "two words" })", "auth0.client_id", "space"},
      {R"(auth0 { client_secret: "two words" })", "auth0.client_secret", "space"},
      {R"(auth0 { client_secret: "********" })", "auth0.client_secret", "mask"},
      {R"(auth0 { client_secret: "env:NOT A NAME" })", "auth0.client_secret", "env:NAME"},
      {R"(auth0 { client_secret: "file:relative" })", "auth0.client_secret", "absolute path"},
      {R"(auth0 { audience: "acme.auth0.com" })", "auth0.audience", "URL"},
      {R"(auth0 { base_url: "http://acme.auth0.com" })", "auth0.base_url", "loopback"},
      {R"(auth0 { base_url: "ftp://acme.auth0.com" })", "auth0.base_url", "https"},
      {R"(auth0 { base_url: "https://acme.auth0.com?x=1" })", "auth0.base_url", "query"},
      {R"(auth0 { base_url: "https://u:p@acme.auth0.com" })", "auth0.base_url", "password"},
      {R"(auth0 { batch_size: 0 })", "auth0.batch_size", "is 0; allowed: 1 to 100"},
      {R"(auth0 { batch_size: 101 })", "auth0.batch_size", "is 101; allowed: 1 to 100"},
      {R"(auth0 { settle_delay { seconds: 3601 } })", "auth0.settle_delay", "0s to 1h"},
      {R"(auth0 { retention { seconds: 60 } })", "auth0.retention", "1h to 3650d"},
      {R"(auth0 { rate_limit_reserve_percent: 91 })", "auth0.rate_limit_reserve_percent",
       "0 to 90"},
      {R"(segment { write_key: "" })", "segment.write_key", "is required"},
      {R"(segment { write_key: "a\nb" })", "segment.write_key", "control character"},
      {R"(segment { endpoint: "Europe" })", "segment.endpoint", "neither US nor EU"},
      {R"(segment { endpoint: "http://rudder.acme.com" })", "segment.endpoint", "loopback"},
      {R"(segment { endpoint: "https://api.segment.io/v1/batch" })", "segment.endpoint",
       "/v1/batch is added"},
      {R"(segment { mapping: 9 })", "segment.mapping", "is 9, which is no known value"},
      {R"(segment { max_events_per_second: -1 })", "segment.max_events_per_second", "0 to"},
      {R"(segment { max_in_flight: 17 })", "segment.max_in_flight", "1 to 16"},
      {R"(filter { types: "" })", "filter.types[0]", "1 to 256"},
      {R"(filter { types: "s" types: "s f" })", "filter.types[1]", "space"},
      {R"(filter { connections: "" })", "filter.connections[0]", "name of a connection"},
      {R"(profile { cache_ttl { seconds: -1 } })", "profile.cache_ttl", "0s to 30d"},
      {R"(profile { rate_share_percent: 0 })", "profile.rate_share_percent", "1 to 100"},
      {R"(profile { fields: "email,name" })", "profile.fields[0]", "one field an item"},
      {R"(privacy { preset: PRIVACY_PRESET_STANDARD })", "privacy.hash_key",
       "since privacy.preset hashes"},
      {R"(privacy { rules { path: "ip" action: PRIVACY_ACTION_HASH } })", "privacy.hash_key",
       "since privacy.rules[0] hashes"},
      {R"(privacy { rules { path: "ip" } })", "privacy.rules[0].action", "drop, mask or hash"},
      {R"(privacy { rules { path: "a..b" action: 1 } })", "privacy.rules[0].path", "empty key"},
      {R"(privacy { rules { path: "" action: 1 } })", "privacy.rules[0].path", "empty key"},
      {R"(privacy { rules { path: "a.b*" action: 1 } })", "privacy.rules[0].path", "part of a key"},
      {R"(privacy { rules { path: "a" action: 1 } rules { path: "a" action: 2 } })",
       "privacy.rules[1].path", "as in privacy.rules[0]"},
      {R"(privacy { allow_only: "a." })", "privacy.allow_only[0]", "empty key"},
      {R"(privacy { hash_key_id: "no spaces" })", "privacy.hash_key_id", "space"},
      {R"(slack { webhook: "hooks.slack.com/x" })", "slack.webhook", "URL"},
      {R"(slack { webhook: "http://hooks.slack.com/x" })", "slack.webhook", "loopback"},
      {R"(slack { webhook: "https://h/x" daily_report_hour: 24 })", "slack.daily_report_hour",
       "is 24; allowed: 0 to 23"},
      {R"(webhook { url: "https://h/x" })", "webhook.secret", "is required"},
      {R"(webhook { url: "https://h/x" secret: "short" })", "webhook.secret", "16 characters"},
      {R"(webhook { url: "http://events.example/x" secret: "sixteen-and-more" })", "webhook.url",
       "loopback"},
      {R"(slack { time_zone: "Mars/Olympus" })", "slack.time_zone", "Mars/Olympus"},
      {R"(slack { silence_periods: -1 })", "slack.silence_periods", "0 to"},
      {R"(slack { reminder_interval { seconds: 1 } })", "slack.reminder_interval", "1m to 30d"},
      {R"(run { max_duration {} })", "run.max_duration", "1s to 7d"},
      {R"(run { max_logs: -1 })", "run.max_logs", "0 or more"},
      {R"(run { max_stall { seconds: 100000 } })", "run.max_stall", "1s to 1d"},
      {R"(reports { max_age { seconds: 1 } })", "reports.max_age", "1h to 3650d"},
      {R"(reports { max_count: 0 })", "reports.max_count", "1 or more"},
      {R"(start_from: "lastest")", "start_from", "did you mean latest?"},
      {R"(start_from: "24h")", "start_from", "write -24h"},
      {R"(schedule { cron: "5m" })", "schedule.cron", "did you mean '@every 5m'?"},
      {R"(schedule { cron: "every 5m" })", "schedule.cron", "did you mean '@every 5m'?"},
      {R"(schedule { cron: "hourly" })", "schedule.cron", "did you mean '@hourly'?"},
      {R"(auth0 { base_url: "https://acme.auth0.com/api/v2/" })", "auth0.base_url", "leave that"},
      {R"(auth0 { client_secret: "ENV:SECRET" })", "auth0.client_secret", "env:NAME"},
      {R"(segment { endpoint: "https://api.segment.io/v1/track" })", "segment.endpoint",
       "/v1/batch is added"},
      {R"(segment { endpoint: "https://app.segment.com" })", "segment.endpoint", "no events"},
      {R"(segment { endpoint: "https://api.segmentapis.com/" })", "segment.endpoint", "no events"},
      {R"(filter { types: "all" })", "filter.types[0]", ""},
      {R"(filter { types: "FP" })", "filter.types[0]", "write fp"},
      {R"(filter { types: "s,fp" })", "filter.types[0]", "item of its own"},
      {R"(filter { categories: "auth.*" })", "filter.categories[0]", "leave the list empty"},
      {R"(filter { connections: "a,b" })", "filter.connections[0]", "item of its own"},
      {R"(privacy { allow_only: "$.details.ip" })", "privacy.allow_only[0]", "JSONPath"},
      {R"(privacy { allow_only: "details/ip" })", "privacy.allow_only[0]", "slashes"},
      {R"(privacy { allow_only: "details.ips[0]" })", "privacy.allow_only[0]", "brackets"},
      {R"(slack { webhook: "https://acme.slack.com/archives/C1" })", "slack.webhook",
       "no incoming webhook"},
      {R"(slack { webhook: "https://hooks.slack.com/services/" })", "slack.webhook",
       "no incoming webhook"},
  };
  for (const Case& test : kCases) {
    ValidationContext context;
    context.is_known_log_type = [](absl::string_view code) { return code == "s" || code == "fp"; };
    const ValidationResult result = Validate(test.config, context);
    ASSERT_THAT(result.violations, SizeIs(1)) << test.config << "\n"
                                              << ::testing::PrintToString(Texts(result.violations));
    EXPECT_EQ(result.violations[0].field, test.field) << test.config;
    EXPECT_THAT(result.violations[0].description, HasSubstr(test.description)) << test.config;
  }
}

TEST(ConfigValidationTest, WhatIsNotUtf8IsRefused) {
  v1::ExporterConfig config = CompleteConfig();
  config.mutable_segment()->set_endpoint("https://rudder.acme.com/\xff");
  EXPECT_THAT(Texts(ValidateConfig(config, {}).violations),
              Contains("segment.endpoint: is not UTF-8"));
}

TEST(ConfigValidationTest, WhatLooksOddButWorksIsAllowed) {
  for (const char* text : {
           R"(schedule { cron: "@every 90s" time_zone: "America/Argentina/Buenos_Aires" })",
           R"(auth0 { domain: "127.0.0.1" base_url: "http://127.0.0.1:8080" })",
           R"(auth0 { domain: "localhost" base_url: "http://[::1]:8080/" })",
           R"(auth0 { settle_delay {} })",
           R"(segment { endpoint: "http://localhost:9000" })",
           R"(segment { endpoint: "https://rudder.acme.com/gateway/" })",
           R"(segment { endpoint: "eu" max_events_per_second: 0 })",
           R"(privacy { rules { path: "profile.*.email" action: PRIVACY_ACTION_MASK } })",
           R"(slack { webhook: "http://127.0.0.1:1/slack" daily_report_hour: 0 })",
           R"(webhook { url: "https://events.example/v2?key=1" secret: "whsec_c2l4dGVlbiBhbmQ=" })",
           R"(start_from: "90020261101000000123456000000000000000000000000000000000")",
       }) {
    EXPECT_THAT(Texts(Validate(text).violations), IsEmpty()) << text;
  }
}

TEST(ConfigValidationTest, AllViolationsComeAtOnce) {
  EXPECT_THAT(
      Fields(ValidateConfig(Config(R"pb(
                              schedule { cron: "x" time_zone: "y" }
                              auth0 { domain: "a b" batch_size: 1000 }
                              segment { endpoint: "z" }
                              slack { webhook: "w" daily_report_hour: -1 }
                            )pb"),
                            {})
                 .violations),
      UnorderedElementsAre("schedule.cron", "schedule.time_zone", "auth0.domain", "auth0.client_id",
                           "auth0.client_secret", "auth0.batch_size", "segment.write_key",
                           "segment.endpoint", "slack.webhook", "slack.daily_report_hour"));
}

TEST(ConfigValidationTest, NoDescriptionHoldsASecret) {
  const ValidationResult result =
      ValidateConfig(Config(R"pb(
                       auth0 { domain: "a" client_id: "b" client_secret: "hunter2 hunter2" }
                       segment { write_key: "hunter2\thunter2" }
                       privacy { hash_key: "hunter2" }
                       slack { webhook: "http://hooks.slack.com/hunter2" }
                     )pb"),
                     {});
  EXPECT_THAT(Fields(result.violations),
              UnorderedElementsAre("auth0.client_secret", "segment.write_key", "slack.webhook"));
  EXPECT_THAT(Texts(result.violations), Each(Not(HasSubstr("hunter2"))));
  EXPECT_THAT(result.warnings, AllOf(Not(IsEmpty()), Each(Not(HasSubstr("hunter2")))));
}

TEST(ConfigValidationTest, ReferencesAreReadAndWhatTheyHoldIsChecked) {
  const SecretResolver secrets(
      Environment({{"GOOD", "https://hooks.slack.com/x"}, {"BAD", "http://hooks.slack.com/x"}}));
  ValidationContext context;
  context.secrets = &secrets;
  EXPECT_THAT(Validate(R"(slack { webhook: "env:GOOD" })", context).violations, IsEmpty());
  EXPECT_THAT(Texts(Validate(R"(slack { webhook: "env:BAD" })", context).violations),
              ElementsAre(HasSubstr("slack.webhook: is plain http")));
  const ValidationResult missing = Validate(R"(slack { webhook: "env:MISSING" })", context);
  EXPECT_THAT(
      Texts(missing.violations),
      ElementsAre("slack.webhook: cannot be read: environment variable MISSING is not set"));
  EXPECT_EQ(missing.violations[0].kind, ConfigViolation::Kind::kSecretUnreadable);
  context.secrets = nullptr;
  EXPECT_THAT(Validate(R"(slack { webhook: "env:MISSING" })", context).violations, IsEmpty());
}

TEST(ConfigValidationTest, UnknownLogTypesAreWarnedAboutOnly) {
  ValidationContext context;
  context.is_known_log_type = [](absl::string_view code) { return code == "s"; };
  context.is_known_category = [](absl::string_view name) { return name == "auth.login.fail"; };
  const ValidationResult result = Validate(
      R"(filter { types: "s" types: "brand_new" categories: "auth.login.fail" categories: "nope" })",
      context);
  EXPECT_THAT(result.violations, IsEmpty());
  EXPECT_THAT(result.warnings,
              ElementsAre(AllOf(HasSubstr("filter.types[1]"), HasSubstr("brand_new")),
                          AllOf(HasSubstr("filter.categories[1]"), HasSubstr("nope"))));
}

TEST(ConfigValidationTest, WarnsAboutWhatWorksButSurprises) {
  const Case kCases[] = {
      {R"(auth0 { audience: "https://acme.auth0.com/api/v2" })", "auth0.audience", "/api/v2/"},
      {R"(segment { write_key: "short" })", "segment.write_key", "has 5 characters"},
      {R"(profile { fields: "emial" })", "profile.fields[0]", "did you mean email?"},
      {R"(profile { fields: "identities" })", "profile.fields[0]", "tokens"},
      {R"(privacy { hash_key: "short" })", "privacy.hash_key", "fewer than 16"},
      {R"(slack { send_success: true })", "slack.webhook", "no message is sent"},
  };
  for (const Case& test : kCases) {
    const ValidationResult result = Validate(test.config);
    EXPECT_THAT(result.violations, IsEmpty()) << test.config;
    EXPECT_THAT(result.warnings,
                ElementsAre(AllOf(HasSubstr(test.field), HasSubstr(test.description))))
        << test.config;
  }
  v1::ExporterConfig region_unset = CompleteConfig();
  region_unset.mutable_segment()->clear_endpoint();
  EXPECT_THAT(ValidateConfig(region_unset, {}).warnings,
              ElementsAre(AllOf(HasSubstr("segment.endpoint"), HasSubstr("US region"))));
}

TEST(ConfigValidationTest, TheWriteKeysLengthIsSegmentsOwnAffair) {
  EXPECT_THAT(
      Validate(R"(segment { write_key: "short" endpoint: "https://rudder.acme.com" })").warnings,
      IsEmpty());
}

TEST(ConfigValidationTest, StartFromMayNotLieInTheFuture) {
  ValidationContext context;
  context.now = absl::FromUnixSeconds(1'800'000'000);
  EXPECT_THAT(Fields(Validate(R"(start_from: "2027-06-01")", context).violations),
              ElementsAre("start_from"));
  EXPECT_THAT(Validate(R"(start_from: "2026-06-01")", context).violations, IsEmpty());
}

TEST(ConfigValidationTest, AHundredViolationsAreAllReported) {
  std::string text = "filter {";
  for (int i = 0; i < 100; ++i) text += " types: \" \"";
  EXPECT_THAT(Validate(text + "}").violations, SizeIs(100));
}

TEST(ConfigValidationTest, EndlessListsAreRefused) {
  v1::ExporterConfig config = CompleteConfig();
  for (int i = 0; i < 1001; ++i) config.mutable_filter()->add_types("s");
  EXPECT_THAT(Texts(ValidateConfig(config, {}).violations),
              Contains("filter.types: has 1001 items; allowed: at most 1000"));
}

}  // namespace
}  // namespace logexport
