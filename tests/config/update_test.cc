#include "service/config/update.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config/presented_config.h"
#include "service/config/schema.h"
#include "tests/config/config_samples.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::UnorderedElementsAre;

TEST(ConfigUpdateTest, WithoutAMaskTheFieldsThatAreSetAreTakenOver) {
  const ConfigUpdate update = ApplyUpdate(CompleteConfig(), Config(R"pb(
                                            schedule { cron: "@hourly" catch_up: false }
                                            filter { types: "s" }
                                          )pb"),
                                          {});
  v1::ExporterConfig expected = CompleteConfig();
  expected.mutable_schedule()->set_cron("@hourly");
  expected.mutable_schedule()->set_catch_up(false);
  expected.mutable_filter()->add_types("s");
  EXPECT_THAT(update.config, EqualsConfig(expected));
  EXPECT_THAT(update.changed_fields,
              ElementsAre("schedule.cron", "schedule.catch_up", "filter.types"));
  EXPECT_THAT(update.violations, IsEmpty());
}

TEST(ConfigUpdateTest, AMaskTakesOverWhatItNamesAndNothingElse) {
  v1::ExporterConfig stored = CompleteConfig();
  stored.mutable_auth0()->set_batch_size(10);
  const ConfigUpdate update = ApplyUpdate(stored, Config(R"pb(schedule { cron: "@hourly" }
                                                              segment { gzip: true })pb"),
                                          {"segment.gzip"});
  v1::ExporterConfig expected = stored;
  expected.mutable_segment()->set_gzip(true);
  EXPECT_THAT(update.config, EqualsConfig(expected));
  EXPECT_THAT(update.changed_fields, ElementsAre("segment.gzip"));
}

TEST(ConfigUpdateTest, NamedButNotSetMeansBackToTheDefault) {
  v1::ExporterConfig stored = CompleteConfig();
  stored.mutable_auth0()->set_batch_size(10);
  stored.mutable_filter()->add_types("s");
  stored.mutable_slack()->set_webhook("https://hooks.slack.com/x");
  const ConfigUpdate update =
      ApplyUpdate(stored, v1::ExporterConfig(), {"auth0.batch_size", "filter.types", "slack"});
  EXPECT_THAT(update.config, EqualsConfig(CompleteConfig()));
  EXPECT_THAT(update.changed_fields,
              ElementsAre("auth0.batch_size", "filter.types", "slack.webhook"));
}

TEST(ConfigUpdateTest, AGroupInTheMaskIsReplacedAsAWhole) {
  v1::ExporterConfig stored = CompleteConfig();
  stored.mutable_run()->set_max_logs(5);
  stored.mutable_run()->mutable_max_stall()->set_seconds(60);
  const ConfigUpdate update = ApplyUpdate(stored, Config(R"pb(run { max_logs: 6 })pb"), {"run"});
  EXPECT_EQ(update.config.run().max_logs(), 6);
  EXPECT_FALSE(update.config.run().has_max_stall());
  EXPECT_THAT(update.changed_fields, ElementsAre("run.max_logs", "run.max_stall"));
}

TEST(ConfigUpdateTest, AStarReplacesEverything) {
  v1::ExporterConfig stored = CompleteConfig();
  stored.mutable_auth0()->set_batch_size(10);
  v1::ExporterConfig incoming = CompleteConfig();
  incoming.mutable_schedule()->set_cron("@daily");
  const ConfigUpdate update = ApplyUpdate(stored, incoming, {"*"});
  EXPECT_THAT(update.config, EqualsConfig(incoming));
  EXPECT_THAT(update.changed_fields, ElementsAre("schedule.cron", "auth0.batch_size"));
}

TEST(ConfigUpdateTest, UnknownPathsAreAllNamedWithTheNearestKnownOne) {
  const ConfigUpdate update =
      ApplyUpdate(CompleteConfig(), v1::ExporterConfig(),
                  {"schedule.crom", "cron", "privacy.rules.path", "schedule.jitter.seconds", ""});
  EXPECT_THAT(Texts(update.violations),
              ElementsAre("update_mask: unknown path \"schedule.crom\"; did you mean "
                          "schedule.cron?",
                          "update_mask: unknown path \"cron\"; did you mean schedule.cron?",
                          AllOf(HasSubstr("\"privacy.rules.path\""), HasSubstr("privacy.rules?")),
                          HasSubstr("\"schedule.jitter.seconds\""), HasSubstr("\"\"")));
}

TEST(ConfigUpdateTest, MaskedSecretsKeepWhatIsStored) {
  for (const std::vector<std::string>& mask :
       {std::vector<std::string>{}, {"*"}, {"auth0.client_secret"}, {"auth0", "segment"}}) {
    v1::ExporterConfig incoming = CompleteConfig();
    incoming.mutable_auth0()->set_client_secret("********");
    incoming.mutable_segment()->set_write_key("********");
    const ConfigUpdate update = ApplyUpdate(CompleteConfig(), incoming, mask);
    EXPECT_THAT(update.config, EqualsConfig(CompleteConfig()));
    EXPECT_THAT(update.changed_fields, IsEmpty());
    EXPECT_THAT(update.given_secrets, IsEmpty());
    EXPECT_THAT(update.violations, IsEmpty());
  }
}

TEST(ConfigUpdateTest, AMaskWithoutAStoredSecretIsAViolation) {
  const ConfigUpdate update =
      ApplyUpdate(CompleteConfig(), Config(R"pb(slack { webhook: "********" })pb"), {});
  EXPECT_THAT(Fields(update.violations), ElementsAre("slack.webhook"));
}

TEST(ConfigUpdateTest, AChangedSecretShowsOnlyAsChanged) {
  const ConfigUpdate update =
      ApplyUpdate(CompleteConfig(), Config(R"pb(segment { write_key: "new" })pb"), {});
  EXPECT_EQ(update.config.segment().write_key(), "new");
  EXPECT_THAT(update.changed_fields, ElementsAre("segment.write_key"));
  EXPECT_THAT(update.given_secrets, UnorderedElementsAre("segment.write_key"));
}

TEST(ConfigUpdateTest, AnEmptyTextUnsetsAField) {
  v1::ExporterConfig stored = CompleteConfig();
  stored.mutable_slack()->set_webhook("https://hooks.slack.com/x");
  const ConfigUpdate update = ApplyUpdate(stored, Config(R"pb(slack { webhook: "" })pb"), {});
  EXPECT_THAT(update.config, EqualsConfig(CompleteConfig()));
  EXPECT_THAT(update.changed_fields, ElementsAre("slack.webhook"));
}

TEST(ConfigUpdateTest, StartFromIsTakenOutAndNeverStored) {
  const v1::ExporterConfig incoming = Config(R"pb(start_from: "latest")pb");
  for (const std::vector<std::string>& mask :
       {std::vector<std::string>{}, {"start_from"}, {"schedule", "start_from"}}) {
    const ConfigUpdate update = ApplyUpdate(CompleteConfig(), incoming, mask);
    EXPECT_THAT(update.start_from, Optional(std::string("latest")));
    EXPECT_THAT(update.config, EqualsConfig(CompleteConfig()));
    EXPECT_THAT(update.changed_fields, IsEmpty());
  }
  EXPECT_EQ(ApplyUpdate(CompleteConfig(), incoming, {"schedule"}).start_from, std::nullopt);
}

TEST(ConfigUpdateTest, StartFromNamedButNotSetIsAViolation) {
  EXPECT_THAT(
      Fields(ApplyUpdate(CompleteConfig(), v1::ExporterConfig(), {"start_from"}).violations),
      ElementsAre("start_from"));
}

TEST(ConfigUpdateTest, ReadingAndWritingBackChangesNothing) {
  v1::ExporterConfig stored = CompleteConfig();
  stored.mutable_segment()->clear_endpoint();
  stored.mutable_slack()->set_webhook("env:WEBHOOK");
  const ConfigUpdate update = ApplyUpdate(stored, PresentedConfig(stored), {"*"});
  EXPECT_THAT(update.violations, IsEmpty());
  EXPECT_THAT(update.changed_fields, IsEmpty());
  EXPECT_EQ(update.start_from, std::nullopt);
  EXPECT_THAT(update.config, EqualsConfig(stored));
}

TEST(ConfigUpdateTest, AddressesGoOnFollowingAnEditedDomain) {
  for (const std::vector<std::string>& mask : {std::vector<std::string>{}, {"*"}}) {
    v1::ExporterConfig edited = PresentedConfig(CompleteConfig());
    edited.mutable_auth0()->set_domain("other.auth0.com");
    const ConfigUpdate update = ApplyUpdate(CompleteConfig(), edited, mask);
    EXPECT_THAT(update.changed_fields, ElementsAre("auth0.domain"));
    EXPECT_EQ(WithDefaults(update.config).auth0().base_url(), "https://other.auth0.com");
    EXPECT_EQ(WithDefaults(update.config).auth0().audience(), "https://other.auth0.com/api/v2/");
  }
}

TEST(ConfigUpdateTest, TheAssumedRegionCanBeConfirmed) {
  v1::ExporterConfig stored = CompleteConfig();
  stored.mutable_segment()->clear_endpoint();
  const v1::ExporterConfig incoming = Config(R"pb(segment { endpoint: "US" })pb");
  for (const std::vector<std::string>& mask : {std::vector<std::string>{}, {"segment.endpoint"}}) {
    const ConfigUpdate update = ApplyUpdate(stored, incoming, mask);
    EXPECT_THAT(update.changed_fields, ElementsAre("segment.endpoint"));
    EXPECT_TRUE(update.config.segment().has_endpoint());
  }
}

TEST(ConfigUpdateTest, ANewExporterIsAnUpdateOfNothing) {
  v1::ExporterConfig incoming = CompleteConfig();
  incoming.set_start_from("2026-11-01");
  const ConfigUpdate update = ApplyUpdate(v1::ExporterConfig(), incoming, {});
  EXPECT_THAT(update.config, EqualsConfig(CompleteConfig()));
  EXPECT_THAT(update.start_from, Optional(std::string("2026-11-01")));
  EXPECT_THAT(update.given_secrets,
              UnorderedElementsAre("auth0.client_secret", "segment.write_key"));
}

}  // namespace
}  // namespace logexport
