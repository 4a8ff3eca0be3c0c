#include "service/config/environment_variables.h"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config/schema.h"
#include "tests/config/config_samples.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

TEST(EnvironmentTest, ReadsTheSettingsOfTheExtension) {
  const EnvironmentConfig environment = ReadEnvironment(Environment({
      {"SCHEDULE", "*/10 * * * *"},
      {"BATCH_SIZE", "50"},
      {"START_FROM", "latest"},
      {"SLACK_INCOMING_WEBHOOK", "https://hooks.slack.com/services/x"},
      {"SLACK_SEND_SUCCESS", "true"},
      {"SEGMENT_KEY", "key"},
      {"AUTH0_DOMAIN", "acme.auth0.com"},
      {"AUTH0_CLIENT_ID", "client"},
      {"AUTH0_CLIENT_SECRET", "s3cret"},
      {"AUTH0_AUDIENCE", "https://acme.auth0.com/api/v2/"},
      {"AUTH0_BASE_URL", "https://login.acme.com"},
      {"SEGMENT_ENDPOINT", "EU"},
      {"SEGMENT_MAX_EVENTS_PER_SECOND", "500"},
      {"LOG_TYPES", "s, ss,f,"},
      {"EXPORT_MIN_LEVEL", "warning"},
      {"DAILY_REPORT_TIME", "16"},
      {"UNRELATED", "x"},
  }));
  EXPECT_THAT(Texts(environment.violations), IsEmpty());
  EXPECT_EQ(environment.source.exporter, "default");
  EXPECT_TRUE(environment.identifies_exporter);
  EXPECT_EQ(environment.variables.size(), EnvironmentNames().size());
  EXPECT_THAT(
      environment.source.config, EqualsConfig(Config(R"pb(
        schedule { cron: "*/10 * * * *" }
        auth0 {
          domain: "acme.auth0.com"
          client_id: "client"
          client_secret: "env:AUTH0_CLIENT_SECRET"
          audience: "https://acme.auth0.com/api/v2/"
          base_url: "https://login.acme.com"
          batch_size: 50
        }
        segment { write_key: "env:SEGMENT_KEY" endpoint: "EU" max_events_per_second: 500 }
        filter { types: "s" types: "ss" types: "f" min_level: LOG_LEVEL_WARNING }
        slack { webhook: "env:SLACK_INCOMING_WEBHOOK" send_success: true daily_report_hour: 16 }
        start_from: "latest"
      )pb")));
}

TEST(EnvironmentTest, EveryVariableStandsForAFieldThereIs) {
  std::set<std::string> fields;
  for (const ConfigField& field : ConfigFields()) {
    const std::string name = EnvironmentNameOf(field.path);
    if (!name.empty()) fields.insert(name);
  }
  const std::vector<std::string> names = EnvironmentNames();
  EXPECT_EQ(fields, std::set<std::string>(names.begin(), names.end()));
  EXPECT_EQ(EnvironmentNameOf("auth0.domain"), "AUTH0_DOMAIN");
  EXPECT_EQ(EnvironmentNameOf("segment.gzip"), "");
}

TEST(EnvironmentTest, NothingSetIsNothingConfigured) {
  const EnvironmentConfig environment = ReadEnvironment(Environment({}));
  EXPECT_THAT(environment.variables, IsEmpty());
  EXPECT_FALSE(environment.identifies_exporter);
  EXPECT_THAT(environment.source.config, EqualsConfig(v1::ExporterConfig()));
}

TEST(EnvironmentTest, AnEmptyVariableCountsAsNotSet) {
  const EnvironmentConfig environment =
      ReadEnvironment(Environment({{"AUTH0_DOMAIN", ""}, {"BATCH_SIZE", "  "}}));
  EXPECT_THAT(environment.variables, IsEmpty());
  EXPECT_THAT(environment.violations, IsEmpty());
}

TEST(EnvironmentTest, OnlySettingsThatNameATenantOrSourceIdentifyAnExporter) {
  EXPECT_FALSE(ReadEnvironment(Environment({{"SCHEDULE", "@hourly"}})).identifies_exporter);
  EXPECT_TRUE(ReadEnvironment(Environment({{"SEGMENT_KEY", "x"}})).identifies_exporter);
}

TEST(EnvironmentTest, TheAliasOfTheWebhookWorks) {
  const EnvironmentConfig environment =
      ReadEnvironment(Environment({{"SLACK_INCOMING_WEBHOOK_URL", "https://hooks.slack.com/x"}}));
  EXPECT_EQ(environment.source.config.slack().webhook(), "env:SLACK_INCOMING_WEBHOOK_URL");
  EXPECT_EQ(OriginOf(environment.source.origins, "slack.webhook"), "SLACK_INCOMING_WEBHOOK_URL");
}

TEST(EnvironmentTest, TwoNamesForTheWebhookMustAgree) {
  EXPECT_THAT(ReadEnvironment(Environment({{"SLACK_INCOMING_WEBHOOK", "https://a/1"},
                                           {"SLACK_INCOMING_WEBHOOK_URL", "https://a/1"}}))
                  .violations,
              IsEmpty());
  EXPECT_THAT(Texts(ReadEnvironment(Environment({{"SLACK_INCOMING_WEBHOOK", "https://a/1"},
                                                 {"SLACK_INCOMING_WEBHOOK_URL", "https://a/2"}}))
                        .violations),
              ElementsAre(AllOf(StartsWith("SLACK_INCOMING_WEBHOOK: slack.webhook:"),
                                HasSubstr("SLACK_INCOMING_WEBHOOK_URL"))));
}

TEST(EnvironmentTest, AVariableMayItselfHoldAReference) {
  const EnvironmentConfig environment = ReadEnvironment(Environment(
      {{"SEGMENT_KEY", "file:/run/secrets/segment"}, {"AUTH0_CLIENT_SECRET", "env:OTHER"}}));
  EXPECT_EQ(environment.source.config.segment().write_key(), "file:/run/secrets/segment");
  EXPECT_EQ(environment.source.config.auth0().client_secret(), "env:OTHER");
}

TEST(EnvironmentTest, BooleansTakeTheUsualWords) {
  for (const char* text : {"true", "1", "yes", "TRUE"}) {
    EXPECT_TRUE(ReadEnvironment(Environment({{"SLACK_SEND_SUCCESS", text}}))
                    .source.config.slack()
                    .send_success())
        << text;
  }
  for (const char* text : {"false", "0", "no"}) {
    const EnvironmentConfig environment =
        ReadEnvironment(Environment({{"SLACK_SEND_SUCCESS", text}}));
    EXPECT_TRUE(environment.source.config.slack().has_send_success()) << text;
    EXPECT_FALSE(environment.source.config.slack().send_success()) << text;
  }
}

TEST(EnvironmentTest, TheDailyReportTimeMayNameItsZone) {
  const struct {
    const char* text;
    int hour;
    const char* zone;
  } kCases[] = {
      {"0", 0, ""},
      {"16", 16, ""},
      {"16:00", 16, ""},
      {"7 Europe/Berlin", 7, "Europe/Berlin"},
      {"07:00  America/New_York ", 7, "America/New_York"},
      {"24", 24, ""},  // refused by validation, with the range
  };
  for (const auto& test : kCases) {
    const EnvironmentConfig environment =
        ReadEnvironment(Environment({{"DAILY_REPORT_TIME", test.text}}));
    EXPECT_THAT(environment.violations, IsEmpty()) << test.text;
    EXPECT_EQ(environment.source.config.slack().daily_report_hour(), test.hour) << test.text;
    EXPECT_EQ(environment.source.config.slack().time_zone(), test.zone) << test.text;
  }
}

TEST(EnvironmentTest, AVariableThatIsASlipOfAnotherIsTold) {
  EXPECT_THAT(LookAlikes({"LOG_TYPE", "SEGMENT_ENDPONT", "start_from", "AUTHO_BASE_URL",
                          "SLACK_WEBHOOK_INCOMING", "SLACK_INCOMING_WEBHOOK_URI"}),
              ElementsAre("LOG_TYPE is not read; did you mean LOG_TYPES?",
                          "SEGMENT_ENDPONT is not read; did you mean SEGMENT_ENDPOINT?",
                          "start_from is not read; did you mean START_FROM?",
                          "AUTHO_BASE_URL is not read; did you mean AUTH0_BASE_URL?",
                          "SLACK_INCOMING_WEBHOOK_URI is not read; did you mean "
                          "SLACK_INCOMING_WEBHOOK_URL?"));
  // What is set rightly besides, and what belongs to others.
  EXPECT_THAT(LookAlikes({"LOG_TYPE", "LOG_TYPES", "SLACK_INCOMING_WEBHOOK_URL", "PATH", "HOME",
                          "LOGNAME", "SHELL", "SHLVL", "LANG", "LOGEXPORT_CA_FILE", "AUTH0_TENANT",
                          "SLACK_TOKEN", "LOG_LEVEL", "TERM", "USER", "_"}),
              IsEmpty());
}

TEST(EnvironmentTest, MalformedVariablesAreAllNamed) {
  const EnvironmentConfig environment = ReadEnvironment(Environment({
      {"BATCH_SIZE", "all"},
      {"SLACK_SEND_SUCCESS", "maybe"},
      {"EXPORT_MIN_LEVEL", "loud"},
      {"DAILY_REPORT_TIME", "16:30"},
      {"SEGMENT_MAX_EVENTS_PER_SECOND", "1k"},
  }));
  EXPECT_THAT(Texts(environment.violations),
              UnorderedElementsAre(
                  StartsWith("BATCH_SIZE: auth0.batch_size: is \"all\"; write a whole number"),
                  StartsWith("SLACK_SEND_SUCCESS: slack.send_success: is \"maybe\"; write true or"),
                  StartsWith("EXPORT_MIN_LEVEL: filter.min_level: is \"loud\"; write one of info"),
                  StartsWith("DAILY_REPORT_TIME: slack.daily_report_hour: is \"16:30\"; write an "
                             "hour from 0 to 23"),
                  StartsWith("SEGMENT_MAX_EVENTS_PER_SECOND: segment.max_events_per_second: is "
                             "\"1k\"")));
}

}  // namespace
}  // namespace logexport
