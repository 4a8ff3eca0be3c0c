// Requests that no client of ours would make, and clients that behave badly.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/api_server.h"

namespace logexport {
namespace {

using grpc::StatusCode;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(BadInputTest, OfBothArmsOfAChoiceTheLastOneOnTheWireCounts) {
  ApiServer server;
  const v1::Report run = server.Run();
  // By hand, because no message can hold both: proto3 says that the last one wins.
  const std::string log_id = RequestOf("SetCheckpoint", "log_id: 'not an id!'");
  const std::string earliest = RequestOf("SetCheckpoint", "earliest { }");
  const ApiReply refused = CallApi(server.channel(), "SetCheckpoint", earliest + log_id);
  EXPECT_EQ(refused.code, StatusCode::INVALID_ARGUMENT);
  ExpectWellFormedError(refused);
  EXPECT_EQ(server.Get<v1::ListCheckpointsResponse>("ListCheckpoints").current().log_id(),
            run.checkpoint_after());
  const ApiReply taken = CallApi(server.channel(), "SetCheckpoint", log_id + earliest);
  ASSERT_TRUE(taken.ok()) << taken;
  EXPECT_TRUE(taken.As<v1::SetCheckpointResponse>().checkpoint().pending().has_earliest());
}

TEST(BadInputTest, APageTokenIsForItsOwnFilterAndListOnly) {
  ApiServer server;
  for (int n = 0; n < 3; ++n) server.Run();
  const auto page = server.Get<v1::GetReportsResponse>("GetReports", "page_size: 1 min_logs: 0");
  const std::string token = absl::StrCat(" page_token: '", page.next_page_token(), "'");
  EXPECT_TRUE(server.Call("GetReports", "page_size: 2" + token).ok());
  for (const auto& [method, text] :
       std::vector<std::pair<std::string, std::string>>{{"GetReports", "min_logs: 1"},
                                                        {"GetReports", "states: RUN_STATE_FAILED"},
                                                        {"ListConfigVersions", ""},
                                                        {"ListDeadLetters", ""}}) {
    const ApiReply reply = server.Call(method, text + token);
    EXPECT_EQ(reply.code, StatusCode::INVALID_ARGUMENT) << method << text;
    EXPECT_EQ(reply.reason, "INVALID_PAGE_TOKEN") << method << text;
    ExpectWellFormedError(reply);
  }
}

TEST(BadInputTest, ARequestIdIsForOneRequest) {
  ApiServer server;
  const std::string id = "request_id: 'one' ";
  const ApiReply first = server.Call("PauseExporter", id + "reason: 'why'");
  ASSERT_TRUE(first.ok()) << first;
  EXPECT_EQ(server.Call("PauseExporter", id + "reason: 'why'").messages, first.messages);
  for (const auto& [method, text] : std::vector<std::pair<std::string, std::string>>{
           {"PauseExporter", "reason: 'another'"}, {"ResumeExporter", "reason: 'why'"}}) {
    const ApiReply reply = server.Call(method, id + text);
    EXPECT_EQ(reply.code, StatusCode::INVALID_ARGUMENT) << method;
    EXPECT_EQ(reply.reason, "REQUEST_ID_REUSED") << method;
    ExpectWellFormedError(reply);
  }
  EXPECT_EQ(server.Get<v1::GetStatusResponse>("GetStatus").state(), v1::EXPORTER_STATE_PAUSED);
}

TEST(BadInputTest, ARequestOf5MegabytesIsRefusedWithAReason) {
  ApiServer server;
  const ApiReply reply =
      server.Call("PauseExporter", absl::StrCat("reason: '", std::string(5 << 20, 'x'), "'"));
  EXPECT_EQ(reply.code, StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(reply.reason, "REQUEST_TOO_LARGE") << reply;
  ExpectWellFormedError(reply);
  EXPECT_NE(server.Get<v1::GetStatusResponse>("GetStatus").state(), v1::EXPORTER_STATE_PAUSED);
}

TEST(BadInputTest, AHundredViolationsAtOnceArriveAndSayHowManyMoreThereAre) {
  ApiServer server;
  std::string paths;
  for (int n = 0; n < 100; ++n) {
    absl::StrAppend(&paths, "paths: '", std::string(200, 'x'), n, "' ");
  }
  const ApiReply reply =
      server.Call("UpdateConfig", absl::StrCat("config { } update_mask { ", paths, "}"));
  EXPECT_EQ(reply.code, StatusCode::INVALID_ARGUMENT) << reply;
  ExpectWellFormedError(reply);
  EXPECT_THAT(reply.violations, Contains(HasSubstr("more violations"))) << reply;
}

TEST(BadInputTest, Of200SimultaneousRunNowExactlyOneStarts) {
  ApiServer server;
  server.HoldAuth0();
  std::atomic<int> started{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> clients;
  for (int n = 0; n < 200; ++n) {
    clients.emplace_back([&] {
      const ApiReply reply = server.Call("RunNow");
      if (reply.ok()) {
        ++started;
      } else if (reply.code == StatusCode::ABORTED && reply.reason == "RUN_ALREADY_ACTIVE") {
        ++refused;
      } else {
        ADD_FAILURE() << reply;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(started, 1);
  EXPECT_EQ(refused, 199);
  EXPECT_EQ(server.Get<v1::GetReportsResponse>("GetReports").total_size(), 1);
}

TEST(BadInputTest, AClientThatVanishesInMidStreamDisturbsNeitherRunNorWatchers) {
  ApiServer server;
  server.HoldAuth0();
  const std::string run = server.Get<v1::RunNowResponse>("RunNow").run().run_id();
  // More often than watchers are admitted at a time: none may be left behind.
  for (int n = 0; n < 70; ++n) {
    ApiReply reply;
    // The service notices a moment later that a client is gone.
    const absl::Time deadline = absl::Now() + absl::Seconds(20);
    do {
      reply = server.Call("WatchRun", "", {.on_message = [](int) { return false; }});
    } while (reply.reason == "TOO_MANY_WATCHERS" && absl::Now() < deadline);
    ASSERT_EQ(reply.code, StatusCode::CANCELLED) << n << " " << reply;
    ASSERT_THAT(reply.messages, SizeIs(1));
  }
  server.ClearFaults();
  EXPECT_EQ(server.Await(run).state(), v1::RUN_STATE_SUCCEEDED);
}

}  // namespace
}  // namespace logexport
