// Which connections are used: kept, replaced, side by side, through a proxy.

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "tests/http/test_transport.h"
#include "tests/support/gate.h"
#include "tests/support/raw_server.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(ConnectionTest, OneAfterTheOtherUseTheSame) {
  RawServer server(AnswerEach(RawResponse(200, "ok")));
  const auto transport = NewTransport();
  for (int i = 0; i < 20; ++i) ASSERT_THAT(transport->Issue(Get(server.Url())), IsOk());
  EXPECT_EQ(server.connections(), 1);
}

TEST(ConnectionTest, ThreadsTakingTurnsUseTheSame) {
  RawServer server(AnswerEach(RawResponse(200, "ok")));
  const auto transport = NewTransport();
  for (int i = 0; i < 5; ++i) {
    std::thread([&] { EXPECT_THAT(transport->Issue(Get(server.Url())), IsOk()); }).join();
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(ConnectionTest, HostsDoNotTakeEachOthersPlace) {
  RawServer first(AnswerEach(RawResponse(200, "1")));
  RawServer second(AnswerEach(RawResponse(200, "2")));
  const auto transport = NewTransport();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(transport->Issue(Get(first.Url()))->body, "1");
    EXPECT_EQ(transport->Issue(Get(second.Url()))->body, "2");
  }
  EXPECT_EQ(first.connections(), 1);
  EXPECT_EQ(second.connections(), 1);
}

TEST(ConnectionTest, AResponseThatClosesTheConnectionIsFollowedByANewOne) {
  RawServer server(AnswerThenClose(RawResponse(200, "ok", "Connection: close\r\n")));
  const auto transport = NewTransport();
  for (int i = 0; i < 3; ++i) EXPECT_THAT(transport->Issue(Get(server.Url())), IsOk());
  EXPECT_EQ(server.connections(), 3);
}

TEST(ConnectionTest, AnIdleOneThatTheServerClosedIsReplacedUnnoticed) {
  RawServer server(AnswerThenClose(RawResponse(200, "ok")));
  const auto transport = NewTransport();
  for (int i = 0; i < 3; ++i) EXPECT_THAT(transport->Issue(Post(server.Url(), "x")), IsOk());
  EXPECT_EQ(server.connections(), 3);
}

TEST(ConnectionTest, ARequestOnAKeptOneThatThenClosesIsSentAgain) {
  RawServer server([](RawConnection& connection, int index) {
    while (connection.ReadRequest().has_value()) {
      connection.Send(RawResponse(200, "ok"));
      if (index > 0) continue;
      connection.ReadRequest();
      return;
    }
  });
  const auto transport = NewTransport();
  ASSERT_THAT(transport->Issue(Post(server.Url(), "first")), IsOk());
  ASSERT_THAT(transport->Issue(Post(server.Url(), "second")), IsOk());
  EXPECT_EQ(server.connections(), 2);
  ASSERT_EQ(server.requests().size(), 3u);
  EXPECT_EQ(server.requests()[2].body, "second");
}

TEST(ConnectionTest, AfterAFailureANewOneIsMade) {
  RawServer server([](RawConnection& connection, int index) {
    connection.ReadRequest();
    if (index == 0) return connection.Reset();
    connection.Send(RawResponse(200, "ok"));
  });
  const auto transport = NewTransport();
  EXPECT_THAT(transport->Issue(Get(server.Url())), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(transport->Issue(Get(server.Url())), IsOk());
}

TEST(ConnectionTest, NoMoreThanTheAllowedNumberIsKept) {
  RawServer first(AnswerEach(RawResponse(200, "")));
  RawServer second(AnswerEach(RawResponse(200, "")));
  CurlOptions options;
  options.max_idle_connections = 1;
  const auto transport = NewTransport(options);
  for (int i = 0; i < 3; ++i) {
    ASSERT_THAT(transport->Issue(Get(first.Url())), IsOk());
    ASSERT_THAT(transport->Issue(Get(second.Url())), IsOk());
  }
  EXPECT_EQ(first.connections(), 3);
  EXPECT_EQ(second.connections(), 3);
}

TEST(ConnectionTest, ExchangesRunSideBySide) {
  constexpr int kThreads = 8;
  Gate all_here;
  RawServer* running = nullptr;
  RawServer server([&](RawConnection& connection, int) {
    while (const auto request = connection.ReadRequest()) {
      // Nobody is answered before everybody has asked.
      if (running->requests().size() >= kThreads) all_here.Open();
      if (!all_here.Wait()) return;
      connection.Send(RawResponse(200, request->body));
    }
  });
  running = &server;
  const auto transport = NewTransport();
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string body = absl::StrCat("thread ", t, " request ", i);
        EXPECT_EQ(transport->Issue(Post(server.Url(), body))->body, body);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(server.connections(), kThreads);
}

// Sets a variable of the environment for as long as it lives.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), /*overwrite=*/1);
  }
  ~ScopedVariable() { unsetenv(name_); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  const char* const name_;
};

TEST(ConnectionTest, GoThroughTheProxyOfTheEnvironment) {
  RawServer proxy(AnswerThenClose("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
  const ScopedVariable variable("HTTPS_PROXY", proxy.Url(""));
  EXPECT_THAT(
      NewTransport()->Issue(Get("https://tenant.invalid/api")),
      StatusIs(absl::StatusCode::kUnavailable,
               AllOf(HasSubstr("proxy refused"), HasSubstr("tenant.invalid"), HasSubstr("403"))));
  ASSERT_EQ(proxy.requests().size(), 1u);
  EXPECT_EQ(proxy.requests()[0].Line(), "CONNECT tenant.invalid:443 HTTP/1.1");
}

TEST(ConnectionTest, AProxyThatCannotBeReachedIsNamedAsTheCulprit) {
  const ScopedVariable variable("HTTPS_PROXY", absl::StrCat("http://127.0.0.1:", UnusedPort()));
  EXPECT_THAT(
      NewTransport()->Issue(Get("https://tenant.invalid/api")),
      StatusIs(absl::StatusCode::kUnavailable,
               "could not connect to the proxy towards tenant.invalid: Connection refused"));
}

TEST(ConnectionTest, GoPastTheProxyWhereTheEnvironmentSaysSo) {
  RawServer proxy(AnswerThenClose("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
  const ScopedVariable variable("HTTPS_PROXY", proxy.Url(""));
  const ScopedVariable exception("NO_PROXY", "example.com,tenant.invalid");
  HttpRequest request = Get("https://tenant.invalid/api");
  request.timeout = absl::Seconds(5);
  EXPECT_FALSE(NewTransport()->Issue(request).ok());
  EXPECT_EQ(proxy.connections(), 0);
}

TEST(ConnectionTest, ToThisMachineGoPastAnyProxy) {
  RawServer proxy(AnswerThenClose("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"));
  const ScopedVariable lower("http_proxy", proxy.Url(""));
  const ScopedVariable all("ALL_PROXY", proxy.Url(""));
  RawServer server(AnswerEach(RawResponse(200, "direct")));
  EXPECT_EQ(NewTransport()->Issue(Get(server.Url()))->body, "direct");
  EXPECT_EQ(proxy.connections(), 0);
}

}  // namespace
}  // namespace logexport
