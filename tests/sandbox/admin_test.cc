#include "tests/sandbox/admin.h"

#include <csignal>
#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sandbox/sandbox_client.h"
#include "tests/support/fake_clock.h"
#include "tests/support/sandbox_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport::sandbox {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kLimit = absl::Seconds(60);

HttpReply Get(const Sandbox& sandbox, const std::string& what) {
  return HttpGet(sandbox.url(), "/_sandbox/" + what);
}
HttpReply Post(const Sandbox& sandbox, const std::string& what, const std::string& body = "") {
  return HttpPost(sandbox.url(), "/_sandbox/" + what, body);
}

TEST(AdminTest, StatsCountRequestsAndDoNotCountThemselves) {
  const auto sandbox = StartSandbox(WithLogs(7));
  GetApi(*sandbox, "logs?take=5", Authorize(*sandbox));
  HttpGet(sandbox->url(), "/api/v2/nothing");
  const JsonValue stats = ParseJson(Get(*sandbox, "stats").body);
  EXPECT_EQ(stats["requests"].Int(), 2);
  EXPECT_EQ(stats["endpoints"]["token"]["requests"].Int(), 1);
  EXPECT_EQ(stats["endpoints"]["logs_checkpoint"]["requests"].Int(), 1);
  EXPECT_EQ(stats["auth0"]["logs"].Int(), 7);
  EXPECT_EQ(stats["auth0"]["logs_served"].Int(), 5);
  EXPECT_EQ(stats["unknown_requests"].Int(), 1);
  EXPECT_EQ(stats["last_unknown_request"].String(), "GET /api/v2/nothing");
}

TEST(AdminTest, EventsAreListedWithTheirOwnBytes) {
  const auto sandbox = StartSandbox();
  PostBatch(*sandbox, Batch({GoodEvent("1"), GoodEvent("2"), GoodEvent("2")}));
  EXPECT_EQ(Get(*sandbox, "events?log_id=1").body,
            absl::StrCat(R"({"messageId":"ns-1-t","type":"track","event":"Success Login","userId":)"
                         R"("auth0|1","timestamp":"2026-11-23T00:00:00.000Z","log_id":"1",)"
                         R"("duplicate":false,"raw":)",
                         GoodEvent("1"), "}\n"));
  const auto lines = [](const std::string& text) {
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(lines(Get(*sandbox, "events").body), 2);
  EXPECT_EQ(lines(Get(*sandbox, "events?duplicates=true").body), 3);
}

TEST(AdminTest, LogsAreAddedAllOrNone) {
  const auto sandbox = StartSandbox();
  EXPECT_EQ(
      Post(*sandbox, "logs", "{\"log_id\":\"2\"}\n{\"log_id\":\"1\"}\n\n{\"log_id\":\"1\"}\n").body,
      R"({"added":2,"repeated_ids":1})");
  const HttpReply bad = Post(*sandbox, "logs", "{\"log_id\":\"3\"}\n{}\nx");
  EXPECT_EQ(bad.status, 400);
  EXPECT_THAT(bad.body, HasSubstr("first: line 2"));
  EXPECT_EQ(Get(*sandbox, "log_ids").body, "1\n2\n");
  EXPECT_EQ(Post(*sandbox, "logs?id=9", "anything").status, 200);
  EXPECT_EQ(Get(*sandbox, "log?n=2").body, "anything");
  EXPECT_EQ(Get(*sandbox, "log?id=9").body, "anything");
  EXPECT_EQ(Get(*sandbox, "log?id=8").status, 404);
  EXPECT_EQ(Get(*sandbox, "missing?limit=1").body, R"({"count":3,"log_ids":["1"]})");
}

TEST(AdminTest, LogsAreMadeUpAfterTheNewest) {
  const auto sandbox = StartSandbox(WithLogs(5));
  const std::string newest = sandbox->LogIds().back();
  EXPECT_EQ(Post(*sandbox, "generate?count=3&span=10s").status, 200);
  const std::vector<std::string> ids = sandbox->LogIds(5);
  ASSERT_EQ(ids.size(), 3);
  EXPECT_GT(ids.front(), newest);
  EXPECT_LE(TimeInLogId(ids.back()), TimeInLogId(newest) + absl::Seconds(11));
  EXPECT_EQ(Post(*sandbox, "generate").status, 400);
  EXPECT_EQ(Post(*sandbox, "generate?count=1&start=tomorrow").status, 400);
}

TEST(AdminTest, FaultsAreSetShownAndCleared) {
  const auto sandbox = StartSandbox();
  EXPECT_EQ(
      Post(*sandbox, "faults", R"({"action":"status","endpoint":"segment","times":1})").status,
      200);
  EXPECT_EQ(PostBatch(*sandbox, "{}").status, 500);
  EXPECT_EQ(Get(*sandbox, "faults").body,
            R"([{"action":"status","endpoints":["segment"],"counted":1,"struck":1}])");
  EXPECT_EQ(HttpDelete(sandbox->url(), "/_sandbox/faults").status, 200);
  EXPECT_EQ(Get(*sandbox, "faults").body, "[]");
  const HttpReply bad = Post(*sandbox, "faults", R"({"action":"explode"})");
  EXPECT_EQ(bad.status, 400);
  EXPECT_THAT(bad.body, HasSubstr("must be one of status"));
}

TEST(AdminTest, ClockTokensAndRetentionAreSet) {
  FakeClock clock;
  SandboxOptions options = WithLogs(3);
  options.clock = &clock;
  const auto sandbox = StartSandbox(options);
  EXPECT_EQ(Post(*sandbox, "clock?offset=-90s").status, 200);
  EXPECT_EQ(sandbox->Now(), clock.Now() - absl::Seconds(90));
  EXPECT_EQ(Post(*sandbox, "clock?offset=yesterday").status, 400);
  const HttpHeaders token = Authorize(*sandbox);
  EXPECT_EQ(Post(*sandbox, "expire?until=" + sandbox->LogIds()[0]).status, 200);
  EXPECT_EQ(IdsIn(GetApi(*sandbox, "logs?take=9", token).body), sandbox->LogIds(1));
  EXPECT_EQ(Post(*sandbox, "revoke-tokens").status, 200);
  EXPECT_EQ(GetApi(*sandbox, "logs?take=9", token).status, 401);
}

TEST(AdminTest, ResetForgetsWhatHappenedAndKeepsTheTenant) {
  const auto sandbox = StartSandbox(WithLogs(3));
  const HttpHeaders token = Authorize(*sandbox);
  GetApi(*sandbox, "logs?take=9", token);
  PostBatch(*sandbox, Batch({GoodEvent("1")}));
  HttpPost(sandbox->url(), "/slack/x", R"({"text":"x"})");
  sandbox->SetLatency(EndpointSet::All(), absl::Hours(1));
  EXPECT_EQ(Post(*sandbox, "reset").status, 200);
  const SandboxStats stats = sandbox->stats();
  EXPECT_EQ(stats.requests + stats.events_accepted + stats.duplicates + stats.auth0.logs_served +
                stats.slack_texts.size() + stats.segment.batches,
            0);
  EXPECT_EQ(stats.logs, 3);
  EXPECT_EQ(GetApi(*sandbox, "logs?take=9", token).status, 200);
  PostBatch(*sandbox, Batch({GoodEvent("1")}));
  EXPECT_EQ(sandbox->stats().duplicates, 0);
}

TEST(AdminTest, UnknownThingsAreNamed) {
  const auto sandbox = StartSandbox();
  EXPECT_EQ(Get(*sandbox, "nothing").status, 404);
  EXPECT_THAT(Post(*sandbox, "nothing").body, HasSubstr("revoke-tokens"));
}

TEST(SandboxProgramTest, ServesWhatItsFlagsAskFor) {
  const TempDirectory directory;
  const std::string logs = directory.File("logs.ndjson");
  WriteFile(logs, "{\"log_id\":\"1\"}\n{\"log_id\":\"1\",\"other\":true}\n");
  const std::string port_file = directory.File("port");
  ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<SandboxProcess> sandbox,
      SandboxProcess::Start({"--logs", logs, "--generate", "4", "--port-file", port_file,
                             "--latency", "segment=1", "--fault",
                             R"({"endpoint":"slack","action":"status","status":410})"}));
  EXPECT_EQ(sandbox->Stat({"auth0", "logs"}), 5);
  EXPECT_EQ(HttpPost(sandbox->url(), "/slack/x", "{}").status, 410);
  const std::string output = sandbox->process().Output();
  EXPECT_THAT(output, HasSubstr("This is a SIMULATOR of Auth0, Segment and Slack: no data leaves "
                                "this machine."));
  EXPECT_THAT(output, HasSubstr("1 lines repeat the id of an earlier one and were left out"));
  EXPECT_THAT(output, HasSubstr("listening on http://127.0.0.1:"));
  EXPECT_THAT(sandbox->url() + "\n", HasSubstr(":" + ReadFile(port_file)));
  bool has_key = false;
  for (const auto& [name, value] : sandbox->Environment()) {
    has_key = has_key || (name == "SEGMENT_KEY" && value == SegmentOptions().write_key);
  }
  EXPECT_TRUE(has_key);

  sandbox->process().Signal(SIGTERM);
  EXPECT_EQ(sandbox->process().Wait(kLimit), 0);
  EXPECT_THAT(sandbox->process().Output(), HasSubstr("stopped after 1 requests"));
}

TEST(SandboxProgramTest, EndsWithWhoeverStartedIt) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<SandboxProcess> sandbox,
                       SandboxProcess::Start({"--generate", "1"}));
  sandbox->process().CloseInput();
  EXPECT_EQ(sandbox->process().Wait(kLimit), 0);
}

TEST(SandboxProgramTest, RefusesFlagsItCannotRead) {
  const std::pair<const char*, const char*> cases[] = {
      {"--rate-limit=fast", "'fast' is no rate limit"},
      {"--latency=moon=5", "must be like logs=50"},
      {"--fault={}", "must hold an action"},
      {"--start-time=today", "must be like 2026"},
      {"--listen=8080", "must be like 127.0.0.1:8080"},
      {"--logs=/no/such/file", "cannot read /no/such/file"},
      {"--nonsense", "--nonsense"},
  };
  for (const auto& [flag, reason] : cases) {
    EXPECT_THAT(SandboxProcess::Start({flag}),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr(reason)))
        << flag;
  }
}

}  // namespace
}  // namespace logexport::sandbox
