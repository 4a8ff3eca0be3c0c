// What a stranger, or a caller without manners, does to the HTTP side of the real service: it costs
// little, and others notice nothing.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/attack/attacked_service.h"
#include "tests/support/await.h"
#include "tests/support/http_client.h"
#include "tests/support/raw_client.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

constexpr char kPause[] = "/logexport.v1.LogExportService/PauseExporter";
constexpr char kWatch[] = "/logexport.v1.LogExportService/WatchRun";

class HttpAttackTest : public ::testing::Test {
 protected:
  const std::string& http() { return service_.installation().service().http_address(); }

  // What others do meanwhile: a read over gRPC, and one over HTTP by somebody who is connected.
  void ExpectOthersServed(RawClient& other) {
    EXPECT_THAT(service_.Read(), IsOk());
    other.Send(
        "POST /logexport.v1.LogExportService/GetStatus HTTP/1.1\r\nHost: localhost\r\n"
        "Authorization: Bearer viewer-token\r\nContent-Type: application/json\r\n"
        "Content-Length: 2\r\n\r\n{}");
    EXPECT_EQ(StatusOf(other.ReadAnswer()), 200);
  }
  // As many connections as there may be from here, each having sent `bytes`.
  std::vector<std::unique_ptr<RawClient>> Attack(int count, const std::string& bytes) {
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < count; ++i) {
      clients.push_back(std::make_unique<RawClient>(http()));
      clients.back()->Send(bytes);
    }
    return clients;
  }

  AttackedService service_;
};

constexpr int kMany = 200;
constexpr std::int64_t kMegabyte = 1 << 20;

TEST_F(HttpAttackTest, HeadsThatNeverEndTakeLittle) {
  RawClient other(http());
  ExpectOthersServed(other);
  const std::int64_t before = service_.Resident();
  const auto clients =
      Attack(kMany, absl::StrCat("POST ", kPause, " HTTP/1.1\r\nA: ", std::string(7000, 'a')));
  ExpectOthersServed(other);
  EXPECT_LT(service_.Resident() - before, 24 * kMegabyte);
}

TEST_F(HttpAttackTest, OfAStrangersBodyNothingIsTakenIn) {
  RawClient other(http());
  ExpectOthersServed(other);
  service_.ForgetMost();
  const std::int64_t before = service_.MostResident();
  const std::string megabyte(kMegabyte, 'x');
  for (int i = 0; i < 50; ++i) {
    RawClient client(http());
    client.Send(absl::StrCat("POST ", kPause,
                             " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer wrong\r\n"
                             "Content-Type: application/json\r\nContent-Length: 4000000\r\n\r\n"));
    client.Send(megabyte);
    const int status = StatusOf(client.ReadAll());
    // Guessing is slowed down after a while.
    EXPECT_TRUE(status == 401 || status == 429) << status;
  }
  ExpectOthersServed(other);
  EXPECT_LT(service_.MostResident() - before, 24 * kMegabyte);
}

TEST_F(HttpAttackTest, SmallBodiesThatNeverEndTakeNoThread) {
  RawClient other(http());
  const auto clients =
      Attack(kMany, absl::StrCat("POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                                 "application/json\r\nConnect-Protocol-Version: 1\r\n"
                                 "Content-Length: 100\r\n\r\n{"));
  ExpectOthersServed(other);
}

TEST_F(HttpAttackTest, ACallerWhoseBodiesNeverEndKeepsNobodyElseOut) {
  RawClient other(http());
  const auto clients = Attack(
      kMany, absl::StrCat("POST ", kPause,
                          " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer operator-token\r\n"
                          "Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{"));
  ExpectOthersServed(other);
}

TEST_F(HttpAttackTest, ACallersWatchesAreBounded) {
  service_.installation().SetFault(
      R"({"endpoint": "logs", "action": "status", "status": 503, "times": 100000})");
  RawClient other(http());
  const std::string watch =
      absl::StrCat("POST ", kWatch,
                   " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer viewer-token\r\n"
                   "Content-Type: application/connect+json\r\nContent-Length: 7\r\n\r\n",
                   std::string("\0\0\0\0\2{}", 7));
  const auto clients = Attack(100, watch);
  // Whoever has too many is told so, or that there is no run; all are answered or followed.
  for (const auto& client : clients) {
    EXPECT_EQ(StatusOf(client->ReadUntil("\r\n\r\n")), 200);
  }
  ExpectOthersServed(other);
}

TEST_F(HttpAttackTest, ManyConnectionsAreClosedAtOnceAndLeaveRoomForOthers) {
  std::vector<std::unique_ptr<RawClient>> clients = Attack(600, "");
  EXPECT_THAT(service_.Read(), IsOk()) << "gRPC has connections of its own";
  clients.clear();
  EXPECT_TRUE(Await([&] { return HttpGet("http://" + http(), "/healthz").status == 200; }));
}

TEST_F(HttpAttackTest, AnswersThatNobodyReadsTakeNoThread) {
  RawClient other(http());
  std::string many;
  for (int i = 0; i < 200; ++i) many += "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
  const auto clients = Attack(kMany, many);
  ExpectOthersServed(other);
}

// The second request of each pair is hidden in what one reader takes for the body of the first.
TEST_F(HttpAttackTest, NoRequestIsSmuggledInAnother) {
  const std::string hidden =
      absl::StrCat("POST ", kPause,
                   " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer operator-token\r\n"
                   "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  for (const char* const framing :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding:\x0b"
        "chunked\r\n",
        "Content-Length: 0\r\nContent-Length: 5\r\n", "Content-Length: 5, 0\r\n"}) {
    RawClient client(http());
    client.Send(absl::StrCat("POST /session HTTP/1.1\r\nHost: localhost\r\n", framing,
                             "\r\n0\r\n\r\n", hidden));
    const std::string answers = client.ReadAll();
    EXPECT_GE(StatusOf(answers), 400) << framing << answers;
    EXPECT_EQ(answers.find("HTTP/1.1 200"), std::string::npos) << framing << answers;
  }
  const absl::StatusOr<v1::GetStatusResponse> status =
      service_.ClientWith("viewer-token")
          ->Call(&client::Client::Stub::GetStatus, v1::GetStatusRequest());
  ASSERT_THAT(status, IsOk());
  EXPECT_NE(status->state(), v1::EXPORTER_STATE_PAUSED);
}

}  // namespace
}  // namespace logexport
