// A stop ends an exchange at once, whatever it waits for.

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <functional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include <gtest/gtest.h>

#include "tests/http/test_transport.h"
#include "tests/support/await.h"
#include "tests/support/raw_server.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;

// A transport that only looked up once a second, as curl's progress callback does, would miss this
// in nearly every attempt; a busy machine does not miss it in all of them.
constexpr absl::Duration kAtOnce = absl::Milliseconds(20);
constexpr int kAttempts = 5;

// A TCP connection from this machine, as the kernel lists it.
struct Connection {
  int remote_port = 0;
  int state = 0;             // 2: the other end has not answered yet
  std::uint64_t unsent = 0;  // bytes that the other end has not taken yet
};

std::vector<Connection> Connections() {
  std::vector<Connection> connections;
  std::ifstream table("/proc/net/tcp");
  std::string line;
  std::getline(table, line);  // the heading
  while (std::getline(table, line)) {
    const std::vector<std::string> columns = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (columns.size() < 5) continue;
    Connection connection;
    connection.remote_port = std::stoi(columns[2].substr(columns[2].find(':') + 1), nullptr, 16);
    connection.state = std::stoi(columns[3], nullptr, 16);
    connection.unsent = std::stoull(columns[4].substr(0, columns[4].find(':')), nullptr, 16);
    connections.push_back(connection);
  }
  return connections;
}

// Blocks until a connection to the port is asked for and not answered.
void AwaitConnecting(int port) {
  Await([port] {
    const std::vector<Connection> all = Connections();
    return std::any_of(all.begin(), all.end(), [port](const Connection& connection) {
      return connection.remote_port == port && connection.state == 2;
    });
  });
}

// Blocks until what is sent to the port is not taken any more.
void AwaitUnreadBytes(int port) {
  Await([port] {
    const std::vector<Connection> all = Connections();
    return std::any_of(all.begin(), all.end(), [port](const Connection& connection) {
      return connection.remote_port == port && connection.unsent > 0;
    });
  });
}

// Issues `request`, stops it when `ready` returns, and tells how long it then took to come back.
absl::Duration StopOnce(HttpTransport& transport, HttpRequest request,
                        const std::function<void()>& ready) {
  std::stop_source stop;
  request.stop = stop.get_token();
  absl::StatusOr<HttpResponse> result;
  absl::Time returned;
  std::thread issuer([&] {
    result = transport.Issue(request);
    returned = absl::Now();
  });
  ready();
  const absl::Time stopped = absl::Now();
  stop.request_stop();
  issuer.join();
  EXPECT_THAT(result, StatusIs(absl::StatusCode::kCancelled, HasSubstr("was stopped")));
  return returned - stopped;
}

TEST(StopTest, EndsAWaitForTheAnswer) {
  RawServer server(AnswerThenHang(""));
  const auto transport = NewTransport();
  absl::Duration best = absl::InfiniteDuration();
  for (int i = 1; i <= kAttempts; ++i) {
    best = std::min(best, StopOnce(*transport, Get(server.Url()),
                                   [&] { server.WaitForRequests(static_cast<std::size_t>(i)); }));
  }
  EXPECT_LT(best, kAtOnce);
}

TEST(StopTest, EndsAWaitForTheRestOfTheBody) {
  RawServer server(AnswerThenHang("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234"));
  const auto transport = NewTransport();
  absl::Duration best = absl::InfiniteDuration();
  for (int i = 1; i <= kAttempts; ++i) {
    best = std::min(best, StopOnce(*transport, Get(server.Url()),
                                   [&] { server.WaitForRequests(static_cast<std::size_t>(i)); }));
  }
  EXPECT_LT(best, kAtOnce);
}

TEST(StopTest, EndsAWaitForTheConnection) {
  FullListener listener;
  const auto transport = NewTransport();
  absl::Duration best = absl::InfiniteDuration();
  for (int i = 0; i < kAttempts; ++i) {
    best = std::min(
        best, StopOnce(*transport, Get(absl::StrCat("http://127.0.0.1:", listener.port(), "/")),
                       [&] { AwaitConnecting(listener.port()); }));
  }
  EXPECT_LT(best, kAtOnce);
}

TEST(StopTest, EndsAnUploadThatNobodyReads) {
  RawServer server([](RawConnection& connection, int) { connection.Pause(absl::Minutes(1)); });
  const std::string body(64 << 20, 'x');
  const auto transport = NewTransport();
  const absl::Duration took =
      StopOnce(*transport, Post(server.Url(), body), [&] { AwaitUnreadBytes(server.port()); });
  EXPECT_LT(took, absl::Seconds(10));
}

TEST(StopTest, KeepsARequestFromStarting) {
  RawServer server(AnswerEach(RawResponse(200, "")));
  std::stop_source stop;
  stop.request_stop();
  HttpRequest request = Get(server.Url());
  request.stop = stop.get_token();
  EXPECT_THAT(NewTransport()->Issue(request), StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(server.connections(), 0);
}

TEST(StopTest, LeavesTheTransportUsable) {
  RawServer server([](RawConnection& connection, int index) {
    if (index == 0) {
      AnswerThenHang("")(connection, index);
    } else {
      AnswerEach(RawResponse(200, "ok"))(connection, index);
    }
  });
  const auto transport = NewTransport();
  StopOnce(*transport, Get(server.Url()), [&] { server.WaitForRequests(1); });
  ASSERT_OK_AND_ASSIGN(const HttpResponse response, transport->Issue(Get(server.Url())));
  EXPECT_EQ(response.body, "ok");
}

}  // namespace
}  // namespace logexport
