#include "client/cli/render_json.h"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "logexport/v1/config.pb.h"
#include "logexport/v1/report.pb.h"
#include "service/base/shown_text.h"

namespace logexport::cli {
namespace {

using ::testing::HasSubstr;

TEST(ToJsonTest, PrintsFieldsWithoutAValueSoThatScriptsFindThem) {
  v1::Report report;
  report.set_run_id("r");
  report.mutable_ledger()->set_fetched(3);
  const std::string line = ToJson(report, JsonStyle::kLine);
  EXPECT_THAT(line, HasSubstr(R"("deadLettered":"0")"));
  EXPECT_THAT(line, HasSubstr(R"("fetched":"3")"));
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(ToJson(report, JsonStyle::kRequest), R"({"runId":"r","ledger":{"fetched":"3"}})");
  EXPECT_THAT(ToJson(report, JsonStyle::kPretty), HasSubstr("\n \"runId\": \"r\""));
}

TEST(ToJsonTest, TimesThatHaveNoJsonFormAppearAsTheNearestOne) {
  v1::Report report;
  report.set_run_id("r");
  report.mutable_start_time()->set_seconds(-70'000'000'000);
  report.mutable_end_time()->set_seconds(300'000'000'000);
  report.mutable_end_time()->set_nanos(5);
  report.mutable_limit_wait()->set_seconds(400'000'000'000);
  EXPECT_EQ(ToJson(report, JsonStyle::kRequest),
            R"({"runId":"r","startTime":"0001-01-01T00:00:00Z","endTime":"9999-12-31T23:59:59Z",)"
            R"("limitWait":"315576000000s"})");
  EXPECT_THAT(ToYaml(report), HasSubstr("9999-12-31T23:59:59Z"));
}

TEST(ToJsonTest, CharactersThatSteerATerminalOrTurnTextRoundAreEscaped) {
  v1::Report report;
  const std::string hidden = "a\x7f\u009b31m\u202eb\u2066c\u2028d";
  report.set_reason(hidden);
  for (const JsonStyle style : {JsonStyle::kPretty, JsonStyle::kLine, JsonStyle::kRequest}) {
    std::string json = ToJson(report, style);
    json.erase(std::remove(json.begin(), json.end(), '\n'), json.end());
    EXPECT_FALSE(FindHidden(json).found()) << json;
    EXPECT_THAT(json, HasSubstr("\\u202eb\\u2066c"));
  }
  std::string yaml = ToYaml(report);
  EXPECT_EQ(YAML::Load(yaml)["reason"].as<std::string>(), hidden);
  yaml.erase(std::remove(yaml.begin(), yaml.end(), '\n'), yaml.end());
  EXPECT_FALSE(FindHidden(yaml).found()) << yaml;
}

TEST(ToYamlTest, HoldsTheSameContent) {
  v1::Report report;
  report.set_run_id("90020261123000000");
  report.set_reason("yes");
  report.set_state(v1::RUN_STATE_SUCCEEDED);
  report.mutable_start_time()->set_seconds(1795435200);
  report.mutable_limit_wait()->set_seconds(3);
  report.mutable_ledger()->set_fetched(3);
  (*report.mutable_filtered_by_reason())["types"] = 2;
  auto* warning = report.add_warnings();
  warning->set_code("CLOCK_SKEW");
  warning->set_message("line one\nline two: \"quoted\"");
  const std::string yaml = ToYaml(report);
  const YAML::Node node = YAML::Load(yaml);
  EXPECT_EQ(node["runId"].as<std::string>(), "90020261123000000");
  EXPECT_EQ(node["state"].as<std::string>(), "RUN_STATE_SUCCEEDED");
  EXPECT_EQ(node["startTime"].as<std::string>(), "2026-11-23T12:00:00Z");
  EXPECT_EQ(node["limitWait"].as<std::string>(), "3s");
  EXPECT_EQ(node["ledger"]["fetched"].as<int>(), 3);
  EXPECT_EQ(node["filteredByReason"]["types"].as<int>(), 2);
  EXPECT_EQ(node["warnings"][0]["message"].as<std::string>(), "line one\nline two: \"quoted\"");
  EXPECT_EQ(node["byType"].size(), 0u);
  EXPECT_FALSE(node["endTime"]);
  // Texts that YAML would read as something else stand in quotes.
  EXPECT_THAT(yaml, HasSubstr("runId: \"90020261123000000\""));
  EXPECT_THAT(yaml, HasSubstr("reason: \"yes\""));
}

TEST(IndentJsonTest, LaysOutWithoutChangingAnything) {
  EXPECT_EQ(IndentJson(R"({"a":1.50,"b":[1,{"c":"x, {y} \" z"}],"d":{},"e":[]})"),
            "{\n"
            "  \"a\": 1.50,\n"
            "  \"b\": [\n"
            "    1,\n"
            "    {\n"
            "      \"c\": \"x, {y} \\\" z\"\n"
            "    }\n"
            "  ],\n"
            "  \"d\": {},\n"
            "  \"e\": []\n"
            "}");
}

TEST(IndentJsonTest, LeavesWhatIsNotJsonAlone) {
  for (const char* text : {"}{", "{\"a\":", "\"open", "]", "[1,2"}) {
    EXPECT_EQ(IndentJson(text), text);
  }
}

}  // namespace
}  // namespace logexport::cli
