#include "tests/support/scripted_transport.h"

#include <utility>

#include <gtest/gtest-spi.h>

#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::_;
using ::testing::EndsWith;
using ::testing::HasSubstr;

HttpRequest Get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

TEST(ScriptedTransportTest, AnswersInTheOrderOfTheScript) {
  ScriptedTransport http;
  http.Answer(HttpMethod::kGet, _, MakeResponse(500));
  http.Answer(HttpMethod::kGet, EndsWith("/a"), MakeResponse(200, "first"), 2);
  EXPECT_EQ(http.Issue(Get("https://x/a"))->status, 500);
  EXPECT_EQ(http.unused(), 2);
  EXPECT_EQ(http.Issue(Get("https://x/a"))->body, "first");
  EXPECT_EQ(http.Issue(Get("https://x/a"))->body, "first");
  EXPECT_EQ(http.unused(), 0);
}

TEST(ScriptedTransportTest, MatchesByMethodAndUrl) {
  ScriptedTransport http;
  http.Answer(HttpMethod::kPost, "https://x/a", MakeResponse(201));
  http.Answer(HttpMethod::kGet, "https://x/b", MakeResponse(202));
  http.Answer(HttpMethod::kGet, "https://x/a", MakeResponse(203));
  EXPECT_EQ(http.Issue(Get("https://x/a"))->status, 203);
}

TEST(ScriptedTransportTest, FailsTheTestOnARequestOutsideTheScript) {
  ScriptedTransport http;
  EXPECT_NONFATAL_FAILURE(
      EXPECT_THAT(http.Issue(Get("https://x/a")), StatusIs(absl::StatusCode::kInternal)),
      "no answer is scripted for GET https://x/a");
}

TEST(ScriptedTransportTest, RemembersWhatItWasAsked) {
  ScriptedTransport http;
  http.Answer(HttpMethod::kPost, _, absl::UnavailableError("reset"));
  HttpRequest request = Get("https://x/a?q=1");
  request.method = HttpMethod::kPost;
  request.headers = {{"Authorization", "Bearer t"}};
  request.body = "hello";
  EXPECT_THAT(http.Issue(request), StatusIs(absl::StatusCode::kUnavailable, "reset"));
  ASSERT_EQ(http.requests().size(), 1u);
  EXPECT_EQ(http.requests()[0].url, "https://x/a?q=1");
  EXPECT_EQ(http.requests()[0].body, "hello");
  EXPECT_EQ(http.requests()[0].Header("authorization"), "Bearer t");
}

TEST(ScriptedTransportTest, RunsTheResponderWithTheRequest) {
  ScriptedTransport http;
  int calls = 0;
  http.AnswerWith(HttpMethod::kGet, _, [&](const HttpRequest& request) {
    return MakeResponse(200 + ++calls, request.url);
  });
  EXPECT_EQ(http.Issue(Get("https://x/a"))->status, 201);
  EXPECT_EQ(http.Issue(Get("https://x/b"))->body, "https://x/b");
}

TEST(ScriptedTransportTest, KeepsThePromisesOfATransport) {
  ScriptedTransport http;
  http.Answer(HttpMethod::kGet, _, MakeResponse(200, "0123456789"), ScriptedTransport::kForever);
  HttpRequest request = Get("https://x/a");
  request.max_response_bytes = 9;
  EXPECT_THAT(http.Issue(request),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("9 bytes")));
  request.max_response_bytes = 10;
  ASSERT_OK_AND_ASSIGN(const HttpResponse response, http.Issue(request));
  EXPECT_GE(response.body.capacity(), response.body.size() + 64);
  std::stop_source stop;
  stop.request_stop();
  request.stop = stop.get_token();
  EXPECT_THAT(http.Issue(request), StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace logexport
