// Exchanges in two steps: the request goes out at once, the response is waited for later.

#include <memory>
#include <stop_token>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/http/test_transport.h"
#include "tests/support/raw_server.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

TEST(BeginTest, TheRequestIsWithTheServerBeforeItsResponseIsAskedFor) {
  RawServer server(AnswerEach(RawResponse(200, "ok")));
  const auto transport = NewTransport();
  ASSERT_THAT(transport->Issue(Get(server.Url())), IsOk());  // opens the connection
  const std::unique_ptr<HttpExchange> begun = transport->Begin(Get(server.Url("/begun")));
  server.WaitForRequests(2);
  EXPECT_EQ(begun->Finish()->body, "ok");
  EXPECT_EQ(server.requests()[1].Line(), "GET /begun HTTP/1.1");
  EXPECT_EQ(server.connections(), 1);
}

TEST(BeginTest, OpensAConnectionWhereThereIsNone) {
  RawServer server(AnswerEach(RawResponse(200, "ok")));
  const auto transport = NewTransport();
  EXPECT_EQ(transport->Begin(Get(server.Url()))->Finish()->body, "ok");
}

TEST(BeginTest, OthersGoOnMeanwhile) {
  RawServer server(AnswerEach(RawResponse(200, "ok")));
  const auto transport = NewTransport();
  ASSERT_THAT(transport->Issue(Get(server.Url())), IsOk());
  const std::unique_ptr<HttpExchange> begun = transport->Begin(Get(server.Url()));
  ASSERT_THAT(transport->Issue(Get(server.Url())), IsOk());
  ASSERT_THAT(begun->Finish(), IsOk());
  EXPECT_EQ(server.connections(), 2);
}

TEST(BeginTest, OneThatIsDroppedLeavesNothingBehind) {
  RawServer server(AnswerEach(RawResponse(200, "ok")));
  const auto transport = NewTransport();
  ASSERT_THAT(transport->Issue(Get(server.Url())), IsOk());
  transport->Begin(Get(server.Url("/dropped"))).reset();
  absl::StatusOr<HttpResponse> next = transport->Issue(Get(server.Url("/next")));
  ASSERT_THAT(next, IsOk());
  EXPECT_EQ(next->body, "ok");
  EXPECT_EQ(server.connections(), 2);
}

TEST(BeginTest, AKeptConnectionThatWasClosedIsReplacedUnnoticed) {
  RawServer server(AnswerThenClose(RawResponse(200, "ok")));
  const auto transport = NewTransport();
  ASSERT_THAT(transport->Issue(Get(server.Url())), IsOk());
  EXPECT_EQ(transport->Begin(Get(server.Url()))->Finish()->body, "ok");
}

TEST(BeginTest, AStopBetweenTheStepsEndsIt) {
  RawServer server(AnswerThenHang(""));
  const auto transport = NewTransport();
  std::stop_source stop;
  HttpRequest request = Get(server.Url());
  request.stop = stop.get_token();
  const std::unique_ptr<HttpExchange> begun = transport->Begin(std::move(request));
  stop.request_stop();
  EXPECT_EQ(begun->Finish().status().code(), absl::StatusCode::kCancelled);
}

TEST(BeginTest, WhatIsWrongWithTheRequestIsToldInTheEnd) {
  const auto transport = NewTransport();
  EXPECT_EQ(transport->Begin(Get("http://example.com/"))->Finish().status().code(),
            absl::StatusCode::kInvalidArgument);
  HttpRequest request = Get("http://127.0.0.1:1/");
  request.headers = {{"X", "a\nb"}};
  EXPECT_EQ(transport->Begin(std::move(request))->Finish().status().code(),
            absl::StatusCode::kInvalidArgument);
}

std::string Filled(std::size_t size, char c) { return std::string(size, c); }

TEST(BodyPiecesTest, AreSentOneAfterTheOther) {
  RawServer server(AnswerEach(RawResponse(200, "ok")));
  const auto transport = NewTransport();
  // Larger than curl's buffer, smaller, and nothing.
  const std::string first = Filled(10, 'a');
  const std::string second = Filled(700'000, 'b');
  const std::string third = Filled(3, 'c');
  HttpRequest request = Post(server.Url(), first);
  request.more_body = {second, "", third};
  ASSERT_THAT(transport->Issue(request), IsOk());
  // And one piece again, over the same handle.
  ASSERT_THAT(transport->Issue(Post(server.Url(), "whole")), IsOk());
  ASSERT_THAT(transport->Issue(request), IsOk());
  ASSERT_EQ(server.requests().size(), 3u);
  EXPECT_EQ(server.requests()[0].body, first + second + third);
  EXPECT_EQ(server.requests()[1].body, "whole");
  EXPECT_EQ(server.requests()[2].body, first + second + third);
  EXPECT_EQ(server.connections(), 1);
}

TEST(BodyPiecesTest, AreSentAgainFromTheStartWhenAKeptConnectionCloses) {
  RawServer server([](RawConnection& connection, int index) {
    while (connection.ReadRequest().has_value()) {
      connection.Send(RawResponse(200, "ok"));
      if (index > 0) continue;
      connection.ReadRequest();
      return;
    }
  });
  const auto transport = NewTransport();
  HttpRequest request = Post(server.Url(), "first,");
  request.more_body = {"second,", "third"};
  ASSERT_THAT(transport->Issue(request), IsOk());
  ASSERT_THAT(transport->Issue(request), IsOk());
  EXPECT_EQ(server.connections(), 2);
  ASSERT_EQ(server.requests().size(), 3u);
  EXPECT_EQ(server.requests()[2].body, "first,second,third");
}

}  // namespace
}  // namespace logexport
