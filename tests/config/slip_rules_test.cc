#include "service/config/slip_rules.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include "service/config/environment_variables.h"
#include "service/config/exporter_id.h"
#include "service/config/schema.h"
#include "service/config/startup_plan.h"
#include "service/config/validation.h"
#include "tests/config/config_samples.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A value that works for each setting that is a text or a list of texts.
const std::map<std::string, std::string>& GoodTexts() {
  static const auto& texts = *new std::map<std::string, std::string>{
      {"schedule.cron", "0 */5 * * * *"},
      {"schedule.time_zone", "Europe/Berlin"},
      {"auth0.domain", "acme.eu.auth0.com"},
      {"auth0.client_id", "AaBbCc"},
      {"auth0.client_secret", "hunter2"},
      {"auth0.audience", "https://acme.eu.auth0.com/api/v2/"},
      {"auth0.base_url", "https://login.acme.com"},
      {"segment.write_key", "hunter2"},
      {"segment.endpoint", "EU"},
      {"filter.types", "fp"},
      {"filter.categories", "auth.login.fail"},
      {"filter.client_ids", "AaBbCc"},
      {"filter.connections", "Username-Password-Authentication"},
      {"profile.fields", "email"},
      {"privacy.allow_only", "details.request.ip"},
      {"privacy.hash_key_id", "2026-11"},
      {"slack.webhook", "https://hooks.slack.com/services/T0/B0/hunter2"},
      {"slack.time_zone", "Europe/Berlin"},
      {"webhook.url", "https://events.example/hooks/hunter2"},
      {"webhook.secret", "hunter2hunter2hunter2"},
      {"start_from", "90020261101000000123456000000000000000000000000000000000"},
  };
  return texts;
}

ValidationResult ValidateWith(const ConfigField& field, const std::string& text) {
  v1::ExporterConfig config = CompleteConfig();
  if (field.path == "webhook.url") config.mutable_webhook()->set_secret("hunter2hunter2hunter2");
  google::protobuf::Message* holder = MutableHolder(field, &config);
  const google::protobuf::Reflection* reflection = holder->GetReflection();
  if (field.descriptor().is_repeated()) {
    reflection->AddString(holder, &field.descriptor(), text);
  } else {
    reflection->SetString(holder, &field.descriptor(), text);
  }
  ValidationContext context;
  context.now = absl::FromUnixSeconds(1'800'000'000);
  return ValidateConfig(config, context);
}

std::vector<std::string> Slips(const std::string& good) {
  return {absl::StrCat("\"", good, "\""),
          absl::StrCat("'", good, "'"),
          absl::StrCat("`", good, "`"),
          absl::StrCat("“", good, "”"),
          absl::StrCat(good, " "),
          absl::StrCat(" ", good),
          "${VALUE}",
          "$VALUE",
          "{{ value }}",
          "%VALUE%",
          "<value>"};
}

// Walks the schema, so that a new setting without protection fails here.
TEST(SlipRulesTest, NoTextSettingTakesQuotesSpacesOrPlaceholders) {
  for (const ConfigField& field : ConfigFields()) {
    if (field.descriptor().cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
      continue;
    }
    if (field.path == "privacy.hash_key") continue;  // any text is a key
    const auto good = GoodTexts().find(field.path);
    ASSERT_NE(good, GoodTexts().end()) << "no good value for " << field.path;
    EXPECT_THAT(Texts(ValidateWith(field, good->second).violations), IsEmpty()) << field.path;
    for (const std::string& slip : Slips(good->second)) {
      // Surrounding white space has always been ignored in a start point.
      if (field.path == "start_from" && slip.size() == good->second.size() + 1) continue;
      const ValidationResult result = ValidateWith(field, slip);
      EXPECT_THAT(Fields(result.violations), Contains(HasSubstr(field.path)))
          << field.path << ": " << slip;
      if (!field.secret) continue;
      EXPECT_THAT(Texts(result.violations), Each(Not(HasSubstr("hunter2"))));
    }
  }
}

TEST(SlipRulesTest, NoVariableTakesItsValueInQuotes) {
  const std::map<std::string, std::string> good = {
      {"SCHEDULE", "@hourly"},
      {"AUTH0_DOMAIN", "acme.eu.auth0.com"},
      {"AUTH0_CLIENT_ID", "client"},
      {"AUTH0_CLIENT_SECRET", "hunter2"},
      {"AUTH0_AUDIENCE", "https://acme.eu.auth0.com/api/v2/"},
      {"AUTH0_BASE_URL", "https://login.acme.com"},
      {"BATCH_SIZE", "50"},
      {"SEGMENT_KEY", "0123456789abcdefghijklmnopqrstuv"},
      {"SEGMENT_ENDPOINT", "EU"},
      {"SEGMENT_MAX_EVENTS_PER_SECOND", "500"},
      {"LOG_TYPES", "s,fp"},
      {"EXPORT_MIN_LEVEL", "warning"},
      {"SLACK_INCOMING_WEBHOOK", "https://hooks.slack.com/services/T0/B0/hunter2"},
      {"SLACK_SEND_SUCCESS", "true"},
      {"DAILY_REPORT_TIME", "16:00 Europe/Berlin"},
      {"START_FROM", "latest"},
  };
  const auto violations = [](const std::map<std::string, std::string>& variables) {
    const EnvironmentConfig environment = ReadEnvironment(Environment(variables));
    StartupInputs inputs;
    inputs.environment = &environment;
    const SecretResolver secrets(Environment(variables));
    ValidationContext context;
    context.now = absl::FromUnixSeconds(1'800'000'000);
    context.secrets = &secrets;
    return Texts(PlanStartup(inputs, context).violations);
  };
  EXPECT_THAT(violations(good), IsEmpty());
  for (const std::string& name : EnvironmentNames()) {
    ASSERT_TRUE(good.contains(name)) << "no good value for " << name;
    for (const char* quote : {"\"", "'"}) {
      std::map<std::string, std::string> variables = good;
      variables[name] = absl::StrCat(quote, good.at(name), quote);
      EXPECT_THAT(violations(variables), Contains(HasSubstr(name))) << variables[name];
    }
  }
}

TEST(SlipRulesTest, ListsWrittenInAnotherWayAreRefused) {
  for (const char* text : {"[s", "fp]", "s,fp", "s;fp", "\"s\"", "{s}", "*", "auth.*", "s|fp", "!s",
                           "type:s", "type=s"}) {
    EXPECT_THAT(CheckListItem(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
  for (const char* text : {"s", "gd_send_pn", "auth.login.fail", "Username-Password-Authentication",
                           "my connection"}) {
    EXPECT_THAT(CheckListItem(text), IsOk()) << text;
  }
}

TEST(SlipRulesTest, AReferenceIsNotTakenForTheSecretItself) {
  for (const char* text : {"ENV:NAME", "Env:NAME", "env=NAME", "FILE:/run/key", "File://run/key"}) {
    EXPECT_THAT(CheckLiteralSecret(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
  for (const char* text : {"environment", "file", "envelope", "s3cret", "fileNAME"}) {
    EXPECT_THAT(CheckLiteralSecret(text), IsOk()) << text;
  }
}

TEST(SlipRulesTest, WhatOnlyBeginsLikeASlipIsTaken) {
  for (const char* text :
       {"\"", "'tis", "a\"", "$", "$5", "%", "100%", "<", "a<b>", "{{", "it's"}) {
    EXPECT_THAT(CheckForSlips(text), IsOk()) << text;
  }
}

}  // namespace
}  // namespace logexport
