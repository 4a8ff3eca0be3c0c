#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sandbox/faults/fault_injector.h"
#include "tests/sandbox/sandbox_client.h"
#include "tests/support/status_matchers.h"

namespace logexport::sandbox {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

FaultRule On(EndpointSet endpoints, FaultAction action) {
  FaultRule rule;
  rule.endpoints = endpoints;
  rule.action = action;
  return rule;
}

std::string BatchRequest(const std::string& body) {
  return absl::StrCat(
      "POST /v1/batch HTTP/1.1\r\nHost: sandbox\r\nContent-Type: application/json\r\n"
      "Content-Length: ",
      body.size(), "\r\n\r\n", body);
}

// The bytes of the answer to a batch of one event, under one fault.
struct Outcome {
  std::string received;
  bool closed = false;
  std::uint64_t accepted = 0;
};
Outcome PostUnder(const FaultRule& rule, absl::Duration limit = absl::Seconds(20)) {
  const auto sandbox = StartSandbox();
  sandbox->AddFault(rule);
  Outcome outcome;
  outcome.received =
      RawExchange(sandbox->port(), BatchRequest(Batch({GoodEvent("1")})), &outcome.closed, limit);
  outcome.accepted = sandbox->stats().events_accepted;
  EXPECT_EQ(sandbox->stats().endpoints[Endpoint::kSegment].faults, 1);
  return outcome;
}

TEST(FaultsTest, AStatusComesWithItsHeadersAndBody) {
  const auto sandbox = StartSandbox();
  FaultRule rule = On(Endpoint::kSegment, FaultAction::kStatus);
  rule.status = 429;
  rule.headers = {{"Retry-After", "7"}};
  rule.body = "slow down";
  sandbox->AddFault(rule);
  const HttpReply reply = PostBatch(*sandbox, Batch({GoodEvent("1")}));
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.headers.at("retry-after"), "7");
  EXPECT_EQ(reply.body, "slow down");
  EXPECT_EQ(sandbox->stats().events_accepted, 0);
  EXPECT_EQ(HttpPost(sandbox->url(), "/oauth/token", TokenRequest({})).status, 200)
      << "other endpoints are not struck";
}

TEST(FaultsTest, RequestsAreCountedSkippedAndStruckAsTold) {
  const auto sandbox = StartSandbox();
  FaultRule rule = On(Endpoint::kSegment, FaultAction::kStatus);
  rule.skip = 1;
  rule.every = 2;
  rule.times = 2;
  sandbox->AddFault(rule);
  std::vector<int> statuses;
  for (int i = 0; i < 8; ++i) {
    statuses.push_back(PostBatch(*sandbox, Batch({GoodEvent("1")})).status);
  }
  EXPECT_THAT(statuses, ElementsAre(200, 200, 500, 200, 500, 200, 200, 200));
}

TEST(FaultsTest, OnlyRequestsWithTheTextOrTheSizeAreStruck) {
  const auto sandbox = StartSandbox();
  FaultRule poison = On(Endpoint::kSegment, FaultAction::kStatus);
  poison.status = 400;
  poison.contains = "ns-13-t";
  sandbox->AddFault(poison);
  FaultRule large = On(Endpoint::kSegment, FaultAction::kStatus);
  large.status = 413;
  large.min_body_bytes = 2'000;
  sandbox->AddFault(large);
  EXPECT_EQ(PostBatch(*sandbox, Batch({GoodEvent("12")})).status, 200);
  EXPECT_EQ(PostBatch(*sandbox, Batch({GoodEvent("12"), GoodEvent("13")})).status, 400);
  EXPECT_EQ(PostBatch(*sandbox, Batch(std::vector<std::string>(20, GoodEvent("14")))).status, 413);
}

TEST(FaultsTest, AProbabilityStrikesAShareOfRequests) {
  FaultInjector injector(1);
  FaultRule rule;
  rule.probability = 0.25;
  injector.Add(rule);
  int struck = 0;
  for (int i = 0; i < 10'000; ++i) {
    struck += injector.Strike(Endpoint::kLog, {}) != nullptr ? 1 : 0;
  }
  EXPECT_NEAR(struck, 2'500, 200);
}

TEST(FaultsTest, CloseAnswersNothingAndDoesNothing) {
  const Outcome outcome = PostUnder(On(Endpoint::kSegment, FaultAction::kClose));
  EXPECT_EQ(outcome.received, "");
  EXPECT_TRUE(outcome.closed);
  EXPECT_EQ(outcome.accepted, 0);
}

TEST(FaultsTest, AcceptThenCloseAnswersNothingButTakesTheBatch) {
  const Outcome outcome = PostUnder(On(Endpoint::kSegment, FaultAction::kAcceptThenClose));
  EXPECT_EQ(outcome.received, "");
  EXPECT_TRUE(outcome.closed);
  EXPECT_EQ(outcome.accepted, 1);
}

TEST(FaultsTest, AnyFaultCanLetTheRequestThroughFirst) {
  FaultRule rule = On(Endpoint::kSegment, FaultAction::kStatus);
  rule.status = 503;
  rule.process = true;
  const Outcome outcome = PostUnder(rule, absl::Milliseconds(300));
  EXPECT_THAT(outcome.received, StartsWith("HTTP/1.1 503"));
  EXPECT_EQ(outcome.accepted, 1);
}

TEST(FaultsTest, CutHeaderEndsInsideTheHeader) {
  const Outcome outcome = PostUnder(On(Endpoint::kSegment, FaultAction::kCutHeader));
  EXPECT_THAT(outcome.received, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_FALSE(absl::StrContains(outcome.received, "\r\n\r\n"));
  EXPECT_TRUE(outcome.closed);
}

TEST(FaultsTest, CutBodyEndsInsideTheBody) {
  const Outcome outcome = PostUnder(On(Endpoint::kSegment, FaultAction::kCutBody));
  EXPECT_TRUE(absl::EndsWith(outcome.received, "\r\n\r\n{\"succes")) << outcome.received;
  EXPECT_THAT(outcome.received, HasSubstr("Content-Length: 16\r\n"));
  EXPECT_TRUE(outcome.closed);
}

TEST(FaultsTest, WrongLengthAnnouncesMoreOrFewerBytesThanItSends) {
  FaultRule rule = On(Endpoint::kSegment, FaultAction::kWrongLength);
  EXPECT_THAT(PostUnder(rule).received, HasSubstr("Content-Length: 26\r\n"));
  rule.length_delta = -6;
  const Outcome fewer = PostUnder(rule);
  EXPECT_THAT(fewer.received, HasSubstr("Content-Length: 10\r\n"));
  EXPECT_TRUE(absl::EndsWith(fewer.received, "{\"success\":true}"));
  EXPECT_TRUE(fewer.closed);
}

TEST(FaultsTest, TruncatedJsonIsCompleteAsHttp) {
  const auto sandbox = StartSandbox(WithLogs(10));
  const HttpHeaders token = Authorize(*sandbox);
  const std::string whole = GetApi(*sandbox, "logs?take=10", token).body;
  sandbox->AddFault(On(kAnyLogs, FaultAction::kTruncatedJson));
  const HttpReply reply = GetApi(*sandbox, "logs?take=10", token);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, whole.substr(0, whole.size() / 2));
}

TEST(FaultsTest, HtmlComesWith200) {
  const auto sandbox = StartSandbox();
  sandbox->AddFault(On(EndpointSet::All(), FaultAction::kHtml));
  const HttpReply reply = PostBatch(*sandbox, Batch({GoodEvent("1")}));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.at("content-type"), "text/html");
  EXPECT_THAT(reply.body, StartsWith("<!DOCTYPE html>"));
  EXPECT_EQ(sandbox->stats().events_accepted, 0);
}

TEST(FaultsTest, GarbageIsNotHttp) {
  const Outcome outcome = PostUnder(On(Endpoint::kSegment, FaultAction::kGarbage));
  EXPECT_THAT(outcome.received, HasSubstr("this is not HTTP"));
  EXPECT_FALSE(absl::StartsWith(outcome.received, "HTTP/"));
}

TEST(FaultsTest, HangKeepsTheConnectionAndSaysNothing) {
  const Outcome outcome =
      PostUnder(On(Endpoint::kSegment, FaultAction::kHang), absl::Milliseconds(200));
  EXPECT_EQ(outcome.received, "");
  EXPECT_FALSE(outcome.closed);
  FaultRule limited = On(Endpoint::kSegment, FaultAction::kHang);
  limited.hang_for = absl::Milliseconds(50);
  EXPECT_TRUE(PostUnder(limited).closed);
}

TEST(FaultsTest, DripSendsTheWholeAnswerSlowly) {
  FaultRule rule = On(Endpoint::kSegment, FaultAction::kDrip);
  rule.drip_bytes = 20;
  rule.drip_every = absl::Milliseconds(5);
  const absl::Time start = absl::Now();
  const auto sandbox = StartSandbox();
  sandbox->AddFault(rule);
  EXPECT_EQ(PostBatch(*sandbox, Batch({GoodEvent("1")})).body, "{\"success\":true}");
  // At least 140 bytes of header and body in steps of 20.
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(6 * 5));
}

TEST(FaultsTest, EndlessBodiesGoOnUntilTheClientLeaves) {
  const auto sandbox = StartSandbox();
  sandbox->AddFault(On(Endpoint::kSegment, FaultAction::kEndless));
  bool closed = false;
  const std::string received =
      RawExchange(sandbox->port(), BatchRequest("{}"), &closed, absl::Milliseconds(200));
  EXPECT_FALSE(closed);
  EXPECT_GT(received.size(), 1'000'000);
  // It notices that the client has gone, and serves on.
  sandbox->ClearFaults();
  EXPECT_EQ(PostBatch(*sandbox, Batch({GoodEvent("1")})).status, 200);
  while (sandbox->stats().in_flight > 0) {
    absl::SleepFor(absl::Milliseconds(1));
  }
}

TEST(FaultsTest, LatencyDelaysEachAnswerButNotTheOthers) {
  const auto sandbox = StartSandbox();
  sandbox->SetLatency(Endpoint::kSegment, absl::Milliseconds(100));
  const absl::Time start = absl::Now();
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&sandbox, i] {
      EXPECT_EQ(PostBatch(*sandbox, Batch({GoodEvent(absl::StrCat(i))})).status, 200);
    });
  }
  for (std::thread& client : clients) {
    client.join();
  }
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(100));
  EXPECT_LT(absl::Now() - start, absl::Milliseconds(8 * 100)) << "they wait at the same time";
  const SandboxStats stats = sandbox->stats();
  EXPECT_GT(stats.max_in_flight, 1);
  EXPECT_EQ(stats.max_in_flight, stats.endpoints[Endpoint::kSegment].max_in_flight);
  EXPECT_EQ(stats.in_flight, 0);
}

TEST(FaultPlanTest, ReadsRulesAndLatency) {
  ASSERT_OK_AND_ASSIGN(const FaultPlan plan, ParseFaultPlan(R"({
      "clear": true, "latency_ms": {"logs": 50, "segment": 2.5},
      "rules": [{"endpoint": "users", "action": "status", "status": 429,
                 "headers": {"Retry-After": "1"}, "body": "b", "times": 3, "skip": 1, "every": 2,
                 "probability": 0.5, "contains": "c", "min_body_bytes": 9, "delay_ms": 10},
                {"action": "drip", "drip_bytes": 7, "drip_ms": 3, "process": false,
                 "reset": true, "hang_ms": 5, "length_delta": -1}]})"));
  EXPECT_TRUE(plan.clear);
  ASSERT_EQ(plan.latency.size(), 2);
  EXPECT_EQ(plan.latency[1].second, absl::Microseconds(2500));
  ASSERT_EQ(plan.rules.size(), 2);
  const FaultRule& status = plan.rules[0];
  EXPECT_TRUE(status.endpoints.Contains(Endpoint::kUsersRead));
  EXPECT_TRUE(status.endpoints.Contains(Endpoint::kUsersSearch));
  EXPECT_FALSE(status.endpoints.Contains(Endpoint::kLog));
  EXPECT_EQ(status.status, 429);
  EXPECT_EQ(status.body, "b");
  EXPECT_EQ(status.times, 3);
  EXPECT_EQ(status.min_body_bytes, 9);
  EXPECT_EQ(status.delay, absl::Milliseconds(10));
  EXPECT_EQ(plan.rules[1].action, FaultAction::kDrip);
  EXPECT_EQ(plan.rules[1].length_delta, -1);
  EXPECT_EQ(plan.rules[1].process, false);
}

TEST(FaultPlanTest, RefusesWhatItDoesNotKnow) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "not a JSON object"},
      {"[]", "not a JSON object"},
      {R"({"rule":[]})", "rule is unknown"},
      {R"({"action":"explode"})", "must be one of status, hang"},
      {R"({"action":"status","status":99})", "status must be from 200 to 599"},
      {R"({"action":"status","state":1})", "state is unknown"},
      {R"({"action":"status","endpoint":"x"})", "'x' is no endpoint"},
      {R"({"action":"status","every":0})", "every must be at least 1"},
      {R"({"action":"status","times":-1})", "times must be a whole number"},
      {R"({"rules":[{"status":500}]})", "action is missing"},
      {R"({"rules":[7]})", "rules must hold objects"},
      {R"({"latency_ms":{"logs":"x"}})", "milliseconds"},
  };
  for (const auto& [json, reason] : cases) {
    EXPECT_THAT(ParseFaultPlan(json),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(reason)))
        << json;
  }
}

}  // namespace
}  // namespace logexport::sandbox
