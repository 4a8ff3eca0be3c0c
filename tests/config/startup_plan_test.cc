#include "service/config/startup_plan.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/config/config_samples.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

constexpr char kLogId[] = "90020261101000000123456000000000000000000000000000000000";

constexpr char kTwoExporters[] = R"(exporters:
  - id: default
    auth0: {domain: acme.auth0.com, client_id: file-client, client_secret: file-secret, batch_size: 10}
    segment: {write_key: file-key, endpoint: EU}
    filter: {types: [s, f]}
  - id: other
    auth0: {domain: other.auth0.com, client_id: c, client_secret: s}
    segment: {write_key: k, endpoint: EU}
    start_from: latest
)";

const std::map<std::string, std::string> kFullEnvironment = {
    {"AUTH0_DOMAIN", "env.auth0.com"},
    {"AUTH0_CLIENT_ID", "env-client"},
    {"AUTH0_CLIENT_SECRET", "env-secret"},
    {"SEGMENT_KEY", "env-key"},
    {"SEGMENT_ENDPOINT", "EU"},
};

class StartupPlanTest : public ::testing::Test {
 protected:
  void File(const std::string& yaml) {
    file_ = ParseConfigFile(yaml, "config.yaml");
    inputs_.file = &*file_;
  }
  void Env(const std::map<std::string, std::string>& variables) {
    environment_ = ReadEnvironment(Environment(variables));
    secrets_.emplace(Environment(variables));
  }
  StartupPlan Plan() {
    inputs_.environment = &environment_;
    ValidationContext context;
    context.now = absl::FromUnixSeconds(1'800'000'000);
    context.secrets = &*secrets_;
    return PlanStartup(inputs_, context);
  }
  // Stores what the plan creates and replaces, as the caller does.
  void CarryOut(const StartupPlan& plan) {
    ASSERT_THAT(Texts(plan.violations), IsEmpty());
    for (const PlannedExporter& created : plan.create) {
      inputs_.stored[created.exporter] = created.config;
    }
    for (const PlannedReplacement& replaced : plan.replace) {
      inputs_.stored[replaced.exporter] = replaced.config;
    }
  }

  std::optional<ConfigFile> file_;
  EnvironmentConfig environment_ = ReadEnvironment(Environment({}));
  std::optional<SecretResolver> secrets_{Environment({})};
  StartupInputs inputs_;
};

TEST_F(StartupPlanTest, TheEnvironmentAloneCreatesTheDefaultExporter) {
  Env(kFullEnvironment);
  const StartupPlan plan = Plan();
  ASSERT_THAT(Texts(plan.violations), IsEmpty());
  ASSERT_THAT(plan.create, SizeIs(1));
  EXPECT_EQ(plan.create[0].exporter, "default");
  EXPECT_EQ(plan.create[0].config.auth0().client_secret(), "env:AUTH0_CLIENT_SECRET");
  EXPECT_EQ(plan.create[0].start.kind, Position::Kind::kEarliest);
}

TEST_F(StartupPlanTest, NothingConfiguredNamesEverySettingThatIsMissing) {
  EXPECT_THAT(Texts(Plan().violations),
              ElementsAre(AllOf(StartsWith("exporter default: auth0.domain: is required"),
                                HasSubstr("AUTH0_DOMAIN")),
                          HasSubstr("AUTH0_CLIENT_ID"), HasSubstr("AUTH0_CLIENT_SECRET"),
                          HasSubstr("SEGMENT_KEY")));
}

TEST_F(StartupPlanTest, MissingAndMalformedSettingsAreNamedTogether) {
  Env({{"AUTH0_DOMAIN", "https://acme.auth0.com/"},
       {"BATCH_SIZE", "500"},
       {"SLACK_SEND_SUCCESS", "maybe"},
       {"SLACK_INCOMING_WEBHOOK_URL", "http://hooks.slack.com/hunter2"},
       {"START_FROM", "lastest"},
       {"SCHEDULE", "whenever"}});
  const StartupPlan plan = Plan();
  EXPECT_THAT(
      Texts(plan.violations),
      UnorderedElementsAre(
          StartsWith("SLACK_SEND_SUCCESS: slack.send_success: is \"maybe\""),
          StartsWith("AUTH0_DOMAIN: exporter default: auth0.domain: is \"https://acme"),
          StartsWith("BATCH_SIZE: exporter default: auth0.batch_size: is 500"),
          StartsWith("SLACK_INCOMING_WEBHOOK_URL: exporter default: slack.webhook: is plain http"),
          StartsWith("START_FROM: exporter default: start_from: is \"lastest\""),
          StartsWith("SCHEDULE: exporter default: schedule.cron: "), HasSubstr("AUTH0_CLIENT_ID"),
          HasSubstr("AUTH0_CLIENT_SECRET"), HasSubstr("SEGMENT_KEY")));
  EXPECT_THAT(Texts(plan.violations), Each(Not(HasSubstr("hunter2"))));
}

TEST_F(StartupPlanTest, TheEnvironmentGoesOverTheFileForDefaultOnly) {
  File(kTwoExporters);
  Env({{"AUTH0_CLIENT_ID", "env-client"}, {"LOG_TYPES", "fp"}, {"START_FROM", kLogId}});
  const StartupPlan plan = Plan();
  ASSERT_THAT(Texts(plan.violations), IsEmpty());
  ASSERT_THAT(plan.create, SizeIs(2));
  const PlannedExporter& other = plan.create[0];
  EXPECT_EQ(other.exporter, "other");
  EXPECT_EQ(other.config.auth0().client_id(), "c");
  EXPECT_EQ(other.start.kind, Position::Kind::kLatest);
  EXPECT_FALSE(other.config.has_start_from());
  const PlannedExporter& standard = plan.create[1];
  EXPECT_EQ(standard.exporter, "default");
  EXPECT_EQ(standard.config.auth0().client_id(), "env-client");
  EXPECT_EQ(standard.config.auth0().domain(), "acme.auth0.com");
  EXPECT_EQ(standard.config.auth0().batch_size(), 10);
  EXPECT_THAT(standard.config.filter().types(), ElementsAre("fp"));
  EXPECT_EQ(standard.start.kind, Position::Kind::kAfter);
  EXPECT_EQ(standard.start.id, kLogId);
}

TEST_F(StartupPlanTest, ARestartChangesNothingAndNeverReplays) {
  File(kTwoExporters);
  Env({{"START_FROM", kLogId}, {"AUTH0_CLIENT_ID", "env-client"}});
  CarryOut(Plan());
  const StartupPlan again = Plan();
  EXPECT_THAT(Texts(again.violations), IsEmpty());
  EXPECT_THAT(again.create, IsEmpty());
  EXPECT_THAT(again.replace, IsEmpty());
  EXPECT_THAT(again.differences, IsEmpty());
}

TEST_F(StartupPlanTest, TheStoreIsTheTruthAndDifferencesAreNamed) {
  File(kTwoExporters);
  CarryOut(Plan());
  v1::ExporterConfig& stored = inputs_.stored["other"];
  stored.mutable_auth0()->set_batch_size(5);
  stored.mutable_segment()->set_write_key("rotated");
  const StartupPlan plan = Plan();
  EXPECT_THAT(plan.create, IsEmpty());
  EXPECT_THAT(plan.replace, IsEmpty());
  EXPECT_THAT(plan.differences,
              ElementsAre(Pair("other", ElementsAre("auth0.batch_size", "segment.write_key"))));
  EXPECT_THAT(DifferingFields(plan.configured.at("other"), stored),
              ElementsAre("auth0.batch_size", "segment.write_key"));
}

TEST_F(StartupPlanTest, ConfigWinsReplacesWhatDiffersAndKeepsWhatIsAbsent) {
  File(kTwoExporters);
  CarryOut(Plan());
  inputs_.stored["other"].mutable_auth0()->set_batch_size(5);
  inputs_.stored["from-the-api"] = CompleteConfig();
  inputs_.config_wins = true;
  const StartupPlan plan = Plan();
  EXPECT_THAT(Texts(plan.violations), IsEmpty());
  ASSERT_THAT(plan.replace, SizeIs(1));
  EXPECT_EQ(plan.replace[0].exporter, "other");
  EXPECT_THAT(plan.replace[0].changed_fields, ElementsAre("auth0.batch_size"));
  EXPECT_FALSE(plan.replace[0].config.auth0().has_batch_size());
  EXPECT_FALSE(plan.replace[0].config.has_start_from());
  EXPECT_THAT(plan.differences, IsEmpty());
}

TEST_F(StartupPlanTest, ADeletedExporterIsNotRecreated) {
  File(kTwoExporters);
  inputs_.deleted = {"other"};
  for (const bool config_wins : {false, true}) {
    inputs_.config_wins = config_wins;
    const StartupPlan plan = Plan();
    ASSERT_THAT(plan.create, SizeIs(1));
    EXPECT_EQ(plan.create[0].exporter, "default");
    EXPECT_THAT(plan.skipped, ElementsAre("other"));
  }
}

TEST_F(StartupPlanTest, ADeletedDefaultIsNotDemandedBack) {
  inputs_.deleted = {"default"};
  const StartupPlan plan = Plan();
  EXPECT_THAT(Texts(plan.violations), IsEmpty());
  EXPECT_THAT(plan.create, IsEmpty());
}

TEST_F(StartupPlanTest, AStoredExporterNeedsNoSettingsAtAll) {
  inputs_.stored["default"] = CompleteConfig();
  const StartupPlan plan = Plan();
  EXPECT_THAT(Texts(plan.violations), IsEmpty());
  EXPECT_THAT(plan.differences, IsEmpty());
  EXPECT_THAT(plan.create, IsEmpty());
}

TEST_F(StartupPlanTest, AFewVariablesAreComparedForThemselvesOnly) {
  inputs_.stored["default"] = CompleteConfig();
  inputs_.stored["default"].mutable_schedule()->set_cron("@hourly");
  Env({{"BATCH_SIZE", "50"}});
  const StartupPlan plan = Plan();
  EXPECT_THAT(Texts(plan.violations), IsEmpty());
  EXPECT_THAT(plan.differences, ElementsAre(Pair("default", ElementsAre("auth0.batch_size"))));
}

TEST_F(StartupPlanTest, StrayVariablesDoNotMakeAnExporter) {
  File(
      "exporters:\n  - id: other\n    auth0: {domain: a.com, client_id: c, client_secret: s}\n"
      "    segment: {write_key: k, endpoint: 'http://localhost:1'}\n");
  Env({{"SCHEDULE", "@hourly"}});
  const StartupPlan plan = Plan();
  EXPECT_THAT(Texts(plan.violations), IsEmpty());
  ASSERT_THAT(plan.create, SizeIs(1));
  EXPECT_EQ(plan.create[0].exporter, "other");
  EXPECT_THAT(plan.warnings, ElementsAre(AllOf(StartsWith("SCHEDULE is set but not used"),
                                               HasSubstr("AUTH0_DOMAIN"))));
}

TEST_F(StartupPlanTest, PartOfTheRequiredVariablesDemandsTheRest) {
  Env({{"AUTH0_DOMAIN", "acme.auth0.com"}, {"SEGMENT_KEY", "k"}});
  EXPECT_THAT(Fields(Plan().violations), ElementsAre("auth0.client_id", "auth0.client_secret"));
}

TEST_F(StartupPlanTest, ValuesAreCheckedAlsoWhereTheyWouldNotBeUsed) {
  inputs_.stored["default"] = CompleteConfig();
  Env({{"BATCH_SIZE", "500"}});
  EXPECT_THAT(Texts(Plan().violations), ElementsAre(StartsWith("BATCH_SIZE: exporter default")));
}

TEST_F(StartupPlanTest, FileViolationsNameLineAndColumn) {
  File(
      "exporters:\n"
      "  - id: acme\n"
      "    auth0: {domain: acme.auth0.com, client_id: [x], client_secret: env:GONE, batch_size: "
      "0}\n"
      "    segment: {write_key: k}\n"
      "    filter: {types: [s, 'x y']}\n");
  EXPECT_THAT(Texts(Plan().violations),
              UnorderedElementsAre(
                  StartsWith("config.yaml:3:48: exporters[0].auth0.client_id: is a list"),
                  AllOf(StartsWith("config.yaml:3:"),
                        HasSubstr("exporter acme: auth0.client_secret: cannot "
                                  "be read: environment variable GONE")),
                  AllOf(StartsWith("config.yaml:3:"),
                        HasSubstr("exporter acme: auth0.batch_size: is 0; allowed: 1 to 100")),
                  StartsWith("config.yaml:5:25: exporter acme: filter.types[1]: ")));
}

TEST_F(StartupPlanTest, AnEmptyListOfExportersIsAnEmptyService) {
  File("exporters: []");
  const StartupPlan plan = Plan();
  EXPECT_THAT(Texts(plan.violations), IsEmpty());
  EXPECT_THAT(plan.create, IsEmpty());
}

TEST_F(StartupPlanTest, WarningsNameTheExporter) {
  std::map<std::string, std::string> variables = kFullEnvironment;
  variables.erase("SEGMENT_ENDPOINT");
  Env(variables);
  EXPECT_THAT(Plan().warnings, testing::Contains(HasSubstr("exporter default: segment.endpoint")));
}

}  // namespace
}  // namespace logexport
