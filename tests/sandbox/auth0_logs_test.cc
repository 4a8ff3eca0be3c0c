#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sandbox/sandbox_client.h"
#include "tests/support/fake_clock.h"

namespace logexport::sandbox {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The address in a Link header of relation next.
std::string Next(const HttpReply& reply) {
  const std::string link = reply.headers.count("link") ? reply.headers.at("link") : "";
  EXPECT_TRUE(absl::EndsWith(link, ">; rel=\"next\"")) << link;
  const std::size_t path = link.find("/api/v2/logs");
  return path == std::string::npos ? "" : link.substr(path, link.find('>') - path);
}

TEST(Auth0LogsTest, TheChainOfNextLinksListsEveryLogOnceAscendingById) {
  const auto sandbox = StartSandbox(WithLogs(250));
  const HttpHeaders token = Authorize(*sandbox);
  std::vector<std::string> ids;
  std::string next = "/api/v2/logs?take=100";
  while (true) {
    const HttpReply page = HttpGet(sandbox->url(), next, token);
    ASSERT_EQ(page.status, 200) << page.body;
    const std::vector<std::string> page_ids = IdsIn(page.body);
    ids.insert(ids.end(), page_ids.begin(), page_ids.end());
    if (page_ids.empty()) {
      EXPECT_EQ(Next(page), next) << "caught up, the link stays the same";
      break;
    }
    next = Next(page);
  }
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(ids, sandbox->LogIds());
  const SandboxStats stats = sandbox->stats();
  EXPECT_EQ(stats.auth0.pages, 4);
  EXPECT_EQ(stats.auth0.empty_pages, 1);
  EXPECT_EQ(stats.auth0.logs_served, 250);
}

TEST(Auth0LogsTest, FromIsExclusiveAndNeedNotBeTheIdOfALog) {
  const auto sandbox = StartSandbox();
  sandbox->AddLogs("{\"log_id\":\"a\"}\n{\"log_id\":\"c\"}\n{\"_id\":\"e\"}\n");
  const HttpHeaders token = Authorize(*sandbox);
  EXPECT_THAT(IdsIn(GetApi(*sandbox, "logs?from=a&take=100", token).body), ElementsAre("c", "e"));
  EXPECT_THAT(IdsIn(GetApi(*sandbox, "logs?from=b&take=100", token).body), ElementsAre("c", "e"));
  EXPECT_THAT(IdsIn(GetApi(*sandbox, "logs?from=e&take=100", token).body), IsEmpty());
}

TEST(Auth0LogsTest, ACheckpointReadIgnoresEveryOtherParameter) {
  const auto sandbox = StartSandbox(WithLogs(10));
  const HttpHeaders token = Authorize(*sandbox);
  EXPECT_EQ(
      GetApi(*sandbox, "logs?take=5", token).body,
      GetApi(*sandbox, "logs?take=5&q=type:none&sort=date:-1&fields=date&page=3", token).body);
}

TEST(Auth0LogsTest, TakeDefaultsTo50AndGoesUpTo100) {
  const auto sandbox = StartSandbox(WithLogs(120));
  const HttpHeaders token = Authorize(*sandbox);
  EXPECT_THAT(IdsIn(GetApi(*sandbox, "logs?from=0", token).body), SizeIs(50));
  EXPECT_THAT(IdsIn(GetApi(*sandbox, "logs?take=100", token).body), SizeIs(100));
  for (const char* take : {"0", "101", "-1", "x"}) {
    const HttpReply reply = GetApi(*sandbox, absl::StrCat("logs?take=", take), token);
    EXPECT_EQ(reply.status, 400) << take;
    EXPECT_THAT(reply.body, HasSubstr("invalid_query_string"));
  }
}

TEST(Auth0LogsTest, LogsAreServedByteForByte) {
  const auto sandbox = StartSandbox();
  const std::string odd =
      R"({ "log_id" : "b", "n":1.50, "big":123456789012345678901, "s":"\u00e9é" })";
  sandbox->AddLogs(odd + "\n{\"log_id\":\"a\"}");
  sandbox->AddRawLog("c", "\xff not even JSON");
  EXPECT_EQ(GetApi(*sandbox, "logs?take=100", Authorize(*sandbox)).body,
            absl::StrCat("[{\"log_id\":\"a\"},", odd, ",\xff not even JSON]"));
}

TEST(Auth0LogsTest, ALogThatComesLateTakesItsPlaceById) {
  const auto sandbox = StartSandbox();
  sandbox->AddLogs("{\"log_id\":\"a\"}\n{\"log_id\":\"c\"}");
  sandbox->AddLogs("{\"log_id\":\"b\"}");
  EXPECT_EQ(GetApi(*sandbox, "logs?take=100", Authorize(*sandbox)).body,
            R"([{"log_id":"a"},{"log_id":"b"},{"log_id":"c"}])");
}

TEST(Auth0LogsTest, ExpiredLogsAreNoLongerListed) {
  const auto sandbox = StartSandbox();
  sandbox->AddLogs("{\"log_id\":\"a\"}\n{\"log_id\":\"b\"}\n{\"log_id\":\"c\"}");
  sandbox->ExpireLogs("b");
  const HttpHeaders token = Authorize(*sandbox);
  EXPECT_THAT(IdsIn(GetApi(*sandbox, "logs?take=100", token).body), ElementsAre("c"));
  EXPECT_THAT(IdsIn(GetApi(*sandbox, "logs", token).body), ElementsAre("c"));
  EXPECT_EQ(GetApi(*sandbox, "logs/a", token).status, 404);
  EXPECT_EQ(sandbox->MissingLogs().count, 3) << "they are lost, not forgotten";
}

TEST(Auth0LogsTest, OneLogIsReadById) {
  const auto sandbox = StartSandbox(WithLogs(3));
  const HttpHeaders token = Authorize(*sandbox);
  const std::string id = sandbox->LogIds()[1];
  EXPECT_EQ(GetApi(*sandbox, "logs/" + id, token).body, *sandbox->LogById(id));
  const HttpReply missing = GetApi(*sandbox, "logs/nothing", token);
  EXPECT_EQ(missing.status, 404);
  EXPECT_THAT(missing.body, HasSubstr("\"statusCode\":404"));
}

TEST(Auth0LogsTest, SearchSortsByDateAndCountsFromThePage) {
  const auto sandbox = StartSandbox();
  sandbox->AddLogs(
      "{\"log_id\":\"1\",\"date\":\"2026-01-01T00:00:03.000Z\"}\n"
      "{\"log_id\":\"2\",\"date\":\"2026-01-01T00:00:01.000Z\"}\n"
      "{\"log_id\":\"3\",\"date\":\"2026-01-01T00:00:02.000Z\"}\n");
  const HttpHeaders token = Authorize(*sandbox);
  EXPECT_THAT(IdsIn(GetApi(*sandbox, "logs?sort=date:1", token).body), ElementsAre("2", "3", "1"));
  EXPECT_THAT(IdsIn(GetApi(*sandbox, "logs?sort=date:-1&per_page=2", token).body),
              ElementsAre("1", "3"));
  EXPECT_THAT(IdsIn(GetApi(*sandbox, "logs?sort=date:-1&per_page=2&page=1", token).body),
              ElementsAre("2"));
  EXPECT_THAT(IdsIn(GetApi(*sandbox, "logs", token).body), ElementsAre("3", "2", "1"))
      << "newest id first where no order is asked for";
}

TEST(Auth0LogsTest, SearchSelectsFieldsAndWrapsTotals) {
  const auto sandbox = StartSandbox();
  sandbox->AddLogs(R"({"log_id":"1","type":"s","ip":"192.0.2.1"})");
  const HttpHeaders token = Authorize(*sandbox);
  EXPECT_EQ(GetApi(*sandbox, "logs?fields=type,ip", token).body,
            R"([{"type":"s","ip":"192.0.2.1"}])");
  EXPECT_EQ(GetApi(*sandbox, "logs?fields=type&include_fields=false", token).body,
            R"([{"log_id":"1","ip":"192.0.2.1"}])");
  EXPECT_EQ(GetApi(*sandbox, "logs?fields=type&include_totals=true", token).body,
            R"({"start":0,"limit":50,"length":1,"total":1,"logs":[{"type":"s"}]})");
}

TEST(Auth0LogsTest, FieldsKeepTheirBytes) {
  const auto sandbox = StartSandbox();
  sandbox->AddLogs(R"({"log_id":"1", "n": 123456789012345678901, "o":{ "x":1.50 }, "a":[ 1 ]})");
  EXPECT_EQ(GetApi(*sandbox, "logs?fields=n,o,a", Authorize(*sandbox)).body,
            R"([{"n":123456789012345678901,"o":{ "x":1.50 },"a":[ 1 ]}])");
}

TEST(Auth0LogsTest, SearchEndsAfter1000Results) {
  const auto sandbox = StartSandbox(WithLogs(1200));
  const HttpHeaders token = Authorize(*sandbox);
  EXPECT_THAT(IdsIn(GetApi(*sandbox, "logs?per_page=100&page=9", token).body), SizeIs(100));
  EXPECT_EQ(GetApi(*sandbox, "logs?per_page=100&page=10", token).status, 400);
  EXPECT_EQ(GetApi(*sandbox, "logs?per_page=101", token).status, 400);
  EXPECT_EQ(GetApi(*sandbox, "logs?q=type", token).status, 400);
}

TEST(Auth0LogsTest, LiveLogsComeUpAsTimeGoesBy) {
  FakeClock clock;
  SandboxOptions options;
  options.clock = &clock;
  options.live_rate = 10;
  const auto sandbox = StartSandbox(options);
  const HttpHeaders token = Authorize(*sandbox);
  EXPECT_THAT(IdsIn(GetApi(*sandbox, "logs?take=100", token).body), IsEmpty());
  clock.Advance(absl::Seconds(2));
  const std::vector<std::string> ids = IdsIn(GetApi(*sandbox, "logs?take=100", token).body);
  ASSERT_THAT(ids, SizeIs(20));
  EXPECT_EQ(TimeInLogId(ids.back()), absl::FromUnixMicros(absl::ToUnixMicros(clock.Now())));
}

TEST(Auth0LogsTest, TheBucketEmptiesRefillsAndIsToldInHeaders) {
  FakeClock clock;
  SandboxOptions options;
  options.clock = &clock;
  options.auth0.rate_limit = {.burst = 2, .per_second = 0.5};
  const auto sandbox = StartSandbox(options);
  const HttpHeaders token = Authorize(*sandbox);
  const std::int64_t now = absl::ToUnixSeconds(clock.Now());

  HttpReply reply = GetApi(*sandbox, "logs?take=1", token);
  EXPECT_EQ(reply.headers.at("x-ratelimit-limit"), "2");
  EXPECT_EQ(reply.headers.at("x-ratelimit-remaining"), "1");
  EXPECT_GE(std::stoll(reply.headers.at("x-ratelimit-reset")), now + 2) << "UNIX seconds";
  EXPECT_EQ(GetApi(*sandbox, "users/x", token).status, 404) << "one bucket for the tenant";

  reply = GetApi(*sandbox, "logs?take=1", token);
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.body,
            R"({"statusCode":429,"error":"Too Many Requests","message":"Global limit has been )"
            R"(reached","errorCode":"too_many_requests"})");
  EXPECT_EQ(reply.headers.at("x-ratelimit-remaining"), "0");
  EXPECT_EQ(sandbox->stats().auth0.rate_limited, 1);

  clock.Advance(absl::Seconds(2));
  EXPECT_EQ(GetApi(*sandbox, "logs?take=1", token).status, 200);
  EXPECT_EQ(GetApi(*sandbox, "logs?take=1", token).status, 429);
}

TEST(Auth0LogsTest, LogsMayHaveABucketOfTheirOwn) {
  FakeClock clock;
  SandboxOptions options;
  options.clock = &clock;
  options.auth0.logs_rate_limit = {.burst = 1, .per_second = 1};
  const auto sandbox = StartSandbox(options);
  const HttpHeaders token = Authorize(*sandbox);
  EXPECT_EQ(GetApi(*sandbox, "logs?take=1", token).status, 200);
  EXPECT_EQ(GetApi(*sandbox, "logs?take=1", token).status, 429);
  const HttpReply user = GetApi(*sandbox, "users/x", token);
  EXPECT_EQ(user.status, 404);
  EXPECT_EQ(user.headers.count("x-ratelimit-limit"), 0) << "no headers where there is no limit";
}

TEST(Auth0LogsTest, AnAddressThatIsTooLongIs414) {
  const auto sandbox = StartSandbox();
  const HttpHeaders token = Authorize(*sandbox);
  EXPECT_EQ(GetApi(*sandbox, "logs?q=" + std::string(9000, 'a'), token).status, 414);
}

}  // namespace
}  // namespace logexport::sandbox
