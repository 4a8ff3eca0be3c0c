#include "service/webhook/notification_event.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/json/json_value.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kTold = absl::FromUnixSeconds(1'795'435'200);  // 2026-11-23T12:00:00Z
const Route kRoute{"acme.eu.auth0.com", "api.segment.io", "exporter-0"};

std::string ReadWhole(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

JsonValue Parsed(const std::string& text) {
  absl::StatusOr<JsonValue> value = JsonValue::Parse(text);
  EXPECT_THAT(value, IsOk()) << text;
  return value.ok() ? *std::move(value) : JsonValue();
}

// Every member of `value` is in the schema, with a value of its type; all that are required are
// there.
void ExpectConforms(const JsonValue& value, const JsonValue& schema, const std::string& path) {
  for (const JsonValue& name : schema["required"].items()) {
    EXPECT_NE(value.Find(name.String()), nullptr) << path << " has no " << name.String();
  }
  if (schema.Find("enum") != nullptr) {
    bool listed = false;
    for (const JsonValue& allowed : schema["enum"].items()) {
      listed = listed || allowed.String() == value.String();
    }
    EXPECT_TRUE(listed) << path << " is " << value.text;
  }
  const std::string type = schema["type"].String();
  if (type == "string") {
    EXPECT_TRUE(value.is_string()) << path;
  }
  if (type == "integer") {
    EXPECT_EQ(value.kind, JsonKind::kNumber) << path;
  }
  if (type == "boolean") {
    EXPECT_EQ(value.kind, JsonKind::kBool) << path;
  }
  if (schema["format"].String() == "date-time") {
    absl::Time time;
    std::string error;
    EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, value.String(), &time, &error)) << path;
  }
  for (const JsonValue& member : value.members()) {
    const JsonValue* known = schema["properties"].Find(member.key);
    if (known == nullptr) known = schema.Find("additionalProperties");
    ASSERT_NE(known, nullptr) << path << "." << member.key << " is not in the schema";
    ExpectConforms(member, *known, path + "." + member.key);
  }
}

// The file holds one member a line, so that a change is easy to see.
std::string OnLines(const JsonValue& value, const std::string& indent) {
  std::string text;
  if (!value.is_object()) {
    AppendJson(value, &text);
    return text;
  }
  text = "{\n";
  for (std::size_t i = 0; i < value.children.size(); ++i) {
    text += indent + "  \"" + value.children[i].key + "\": ";
    JsonValue member = value.children[i];
    member.key.clear();
    text += OnLines(member, indent + "  ");
    text += i + 1 < value.children.size() ? ",\n" : "\n";
  }
  return text + indent + "}";
}

void ExpectEvent(const std::string& event, const std::string& name) {
  const JsonValue value = Parsed(event);
  static const JsonValue* const schema =
      new JsonValue(Parsed(ReadWhole(SourcePath("service/webhook/event.schema.json"))));
  ASSERT_TRUE((*schema)["properties"].is_object());
  ExpectConforms(value, *schema, name);
  const std::filesystem::path path = SourcePath("tests/webhook/golden/" + name + ".json");
  const std::string actual = OnLines(value, "") + "\n";
  const std::string expected = ReadWhole(path);
  if (actual == expected) return;
  const char* update = std::getenv("LOGEXPORT_UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") {
    std::ofstream(path, std::ios::binary) << actual;
    FAIL() << "wrote " << path << "; look at it and run the test again";
  }
  EXPECT_EQ(actual, expected) << "to accept it, run with LOGEXPORT_UPDATE_GOLDEN=1";
}

RunNews FailedNews() {
  RunNews news;
  news.run.run_id = "019ab2d4-3c00-7a11-8c2e-5d1f0a9b7c6e";
  news.run.exporter = "acme-eu";
  news.run.state = RunState::kFailed;
  news.run.stop_reason = StopReason::kError;
  news.run.trigger = Trigger::kSchedule;
  news.run.started = kTold - absl::Seconds(138);
  news.run.ended = kTold;
  news.run.checkpoint_after = {Position::Kind::kAfter, "90020261123115731000042", {}};
  news.run.ledger.logs = {.fetched = 1300, .accepted = 1040, .filtered = 59, .dead_lettered = 1};
  news.run.ledger.unsettled = 200;
  news.run.warnings = {{"PROFILE_MISSING", "…", 12}};
  news.run.error = RunError{"SEGMENT", "SEGMENT_UNREACHABLE", "api.segment.io did not answer",
                            "Check the network.", true};
  news.exporter.id = "acme-eu";
  news.exporter.consecutive_failures = 3;
  news.exporter.last_success = kTold - absl::Minutes(15);
  news.dead_letters = 7;
  news.lag = absl::Minutes(17);
  news.route = kRoute;
  return news;
}

TEST(NotificationEventTest, AFailedRun) {
  ExpectEvent(RunFailedEvent(FailedNews(), /*reminder=*/false, kTold), "run_failed");
}

TEST(NotificationEventTest, ARecovery) {
  RunNews news = FailedNews();
  news.run.state = RunState::kSucceeded;
  news.run.stop_reason = StopReason::kCaughtUp;
  news.run.error.reset();
  news.exporter.last_success.reset();
  news.lag.reset();
  ExpectEvent(RunRecoveredEvent(news, kTold), "run_recovered");
}

TEST(NotificationEventTest, ASuccessWithDeadLetters) {
  RunNews news = FailedNews();
  news.run.state = RunState::kSucceeded;
  news.run.stop_reason = StopReason::kCaughtUp;
  news.run.error.reset();
  ExpectEvent(RunSucceededEvent(news, kTold), "run_succeeded_dead_letters");
}

TEST(NotificationEventTest, Silence) {
  SilenceNews news;
  news.exporter = "acme-eu";
  news.last_success = kTold - absl::Minutes(20);
  news.silent_for = absl::Minutes(20);
  news.periods = 3;
  news.consecutive_failures = 4;
  news.checkpoint = {Position::Kind::kAfter, "90020261123114002000001", {}};
  news.last_error = FailedNews().run.error;
  news.route = kRoute;
  ExpectEvent(SilenceEvent(news, kTold), "silence");
  ExpectEvent(SilenceOverEvent(news, kTold), "silence_over");
}

TEST(NotificationEventTest, ADailyReport) {
  DailyNews news;
  news.exporter = "acme-eu";
  news.day = "2026-11-23";
  news.from = kTold - absl::Hours(24);
  news.to = kTold;
  news.runs = 288;
  news.failed_runs = 2;
  news.logs = {.fetched = 120'000, .accepted = 118'500, .filtered = 1'500};
  news.errors = {{"SEGMENT_UNREACHABLE", 2}};
  news.warnings = {{"RATE_LIMITED", 5}};
  news.late_logs = 3;
  news.confirmed_until = kTold - absl::Hours(48);
  news.lag = absl::Seconds(14);
  news.checkpoint = {Position::Kind::kAfter, "90020261123115731000042", {}};
  news.route = kRoute;
  ExpectEvent(DailyReportEvent(news, kTold), "daily_report");
}

TEST(NotificationEventTest, ATest) {
  ExpectEvent(TestEvent("acme-eu", kRoute, Audit{"ana", true, "after a change"}, kTold), "test");
  EXPECT_NE(Parsed(TestEvent("acme-eu", kRoute, {}, kTold))["id"].String(),
            Parsed(TestEvent("acme-eu", kRoute, {}, kTold + absl::Nanoseconds(1)))["id"].String());
}

TEST(NotificationEventTest, WhatOpensAnIncidentAndWhatClosesItHaveOneKey) {
  const RunNews news = FailedNews();
  const JsonValue failed = Parsed(RunFailedEvent(news, false, kTold));
  const JsonValue again = Parsed(RunFailedEvent(news, true, kTold + absl::Hours(6)));
  const JsonValue recovered = Parsed(RunRecoveredEvent(news, kTold));
  EXPECT_EQ(failed["dedup_key"].String(), "logexport/acme-eu/failing");
  EXPECT_EQ(again["dedup_key"].String(), failed["dedup_key"].String());
  EXPECT_EQ(recovered["dedup_key"].String(), failed["dedup_key"].String());
  EXPECT_NE(recovered["id"].String(), failed["id"].String());

  RunNews window = news;
  window.run.parameters.kind = RunKind::kWindow;
  EXPECT_EQ(Parsed(RunFailedEvent(window, false, kTold))["dedup_key"].String(),
            "logexport/acme-eu/" + news.run.run_id);
}

TEST(NotificationEventTest, TextsFromOutsideAreCutAndStayJson) {
  RunNews news = FailedNews();
  news.run.error->message = "\xff\"\n" + std::string(100'000, 'x');
  const std::string event = RunFailedEvent(news, false, kTold);
  EXPECT_LT(event.size(), 10'000U);
  EXPECT_THAT(Parsed(event)["run"]["error"]["message"].String(), HasSubstr("\xEF\xBF\xBD\"\nxxx"));
}

}  // namespace
}  // namespace logexport
