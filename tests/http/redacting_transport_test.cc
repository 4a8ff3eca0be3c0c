#include "service/http/redacting_transport.h"

#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_transport.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::_;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kToken[] = "access-token-0123456789";
constexpr char kWriteKey[] = "write-key-abcdefghij";

HttpRequest RequestWith(std::string secret) {
  HttpRequest request;
  request.url = "https://api.example/";
  request.secrets = {std::move(secret)};
  return request;
}

TEST(RedactingTransportTest, NoPartOfAnAnswerHoldsASecret) {
  ScriptedTransport http;
  http.Answer(HttpMethod::kGet, _,
              MakeResponse(400, absl::StrCat("bad token ", kToken),
                           {{"Content-Type", absl::StrCat("text/", kToken)},
                            {"X-Echo", absl::Base64Escape(absl::StrCat(kWriteKey, ":"))}}));
  RedactingTransport transport(http, {kWriteKey});
  const absl::StatusOr<HttpResponse> response = transport.Issue(RequestWith(kToken));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->body, "bad token ********");
  EXPECT_GE(response->body.capacity() - response->body.size(), 64u);
  EXPECT_EQ(response->Header("Content-Type"), "text/********");
  EXPECT_THAT(std::string(response->Header("X-Echo")), HasSubstr("********"));
}

TEST(RedactingTransportTest, ErrorsHoldNoSecret) {
  ScriptedTransport http;
  http.Answer(HttpMethod::kGet, _, absl::UnavailableError(absl::StrCat("no way to ", kToken)));
  RedactingTransport transport(http);
  EXPECT_THAT(transport.Issue(RequestWith(kToken)),
              StatusIs(absl::StatusCode::kUnavailable, "no way to ********"));
}

TEST(RedactingTransportTest, ASecretIsStillKnownWhenLaterRequestsDoNotNameIt) {
  ScriptedTransport http;
  http.Answer(HttpMethod::kGet, _, MakeResponse(200, absl::StrCat("echo ", kToken)), 20);
  RedactingTransport transport(http);
  ASSERT_THAT(transport.Issue(RequestWith(kToken)), IsOk());
  for (int i = 0; i < 5; ++i) {
    const auto response = transport.Issue(RequestWith(absl::StrCat("another-token-", i)));
    ASSERT_THAT(response, IsOk());
    EXPECT_EQ(response->body, "echo ********");
  }
}

TEST(RedactingTransportTest, WhatItWasMadeWithIsNeverForgotten) {
  ScriptedTransport http;
  http.Answer(HttpMethod::kGet, _, MakeResponse(200, absl::StrCat("echo ", kWriteKey)), 100);
  RedactingTransport transport(http, {kWriteKey});
  for (int i = 0; i < 100; ++i) {
    const auto response = transport.Issue(RequestWith(absl::StrCat("another-token-", i)));
    ASSERT_THAT(response, IsOk());
    EXPECT_EQ(response->body, "echo ********");
  }
}

TEST(RedactingTransportTest, AnExchangeThatWasBegunIsRedactedToo) {
  ScriptedTransport http;
  http.Answer(HttpMethod::kGet, _, MakeResponse(200, absl::StrCat("echo ", kToken)));
  RedactingTransport transport(http);
  const auto response = transport.Begin(RequestWith(kToken))->Finish();
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->body, "echo ********");
}

TEST(RedactingTransportTest, AnAnswerThatBringsASecretKeepsItsBodyUnlessItIsAnError) {
  ScriptedTransport http;
  const std::string body = absl::StrCat(R"({"access_token":")", kToken, R"("})");
  http.Answer(HttpMethod::kGet, _, MakeResponse(200, body, {{"X-Echo", kToken}}));
  http.Answer(HttpMethod::kGet, _, MakeResponse(401, body));
  RedactingTransport transport(http);
  HttpRequest request = RequestWith(kToken);
  request.answer_is_secret = true;
  const auto good = transport.Issue(request);
  ASSERT_THAT(good, IsOk());
  EXPECT_EQ(good->body, body);
  EXPECT_EQ(good->Header("X-Echo"), "********");
  const auto refused = transport.Issue(request);
  ASSERT_THAT(refused, IsOk());
  EXPECT_THAT(refused->body, Not(HasSubstr(kToken)));
}

}  // namespace
}  // namespace logexport
