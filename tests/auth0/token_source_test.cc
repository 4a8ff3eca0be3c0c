#include "service/auth0/token_source.h"

#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/auth0/failures.h"
#include "tests/auth0/tenant.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_transport.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::Optional;
using testing::SizeIs;

class TokenSourceTest : public testing::Test {
 protected:
  void Answer(absl::StatusOr<HttpResponse> response, int times = 1) {
    http_.Answer(HttpMethod::kPost, EndsWith("/oauth/token"), std::move(response), times);
  }
  void AnswerWithToken(absl::string_view token, int seconds = 86400) {
    Answer(
        MakeResponse(200, absl::StrCat(R"({"access_token":")", token,
                                       R"(","token_type":"Bearer","expires_in":)", seconds, "}")));
  }
  absl::StatusOr<std::string> Get() { return tokens_.Get(context_); }

  FakeClock clock_;
  ScriptedTransport http_;
  PeerClock server_clock_{clock_};
  TokenSource tokens_{TenantSettings(), http_, clock_, server_clock_};
  CallContext context_;
};

TEST_F(TokenSourceTest, AsksByTheClientCredentialsGrant) {
  AnswerWithToken("t1");
  EXPECT_THAT(Get(), IsOkAndHolds("t1"));
  ASSERT_THAT(http_.requests(), SizeIs(1));
  const RecordedRequest request = http_.requests()[0];
  EXPECT_EQ(request.url, "https://tenant.example.com/oauth/token");
  EXPECT_EQ(request.Header("Content-Type"), "application/json");
  EXPECT_EQ(request.body,
            R"({"grant_type":"client_credentials","client_id":"the-client",)"
            R"("client_secret":"the-secret","audience":"https://tenant.example.com/api/v2/"})");
  EXPECT_EQ(tokens_.requests(), 1);
}

TEST_F(TokenSourceTest, KeepsATokenUntilAMinuteBeforeItExpires) {
  AnswerWithToken("t1", 3600);
  AnswerWithToken("t2", 3600);
  EXPECT_THAT(Get(), IsOkAndHolds("t1"));
  clock_.Advance(absl::Seconds(3539));
  EXPECT_THAT(Get(), IsOkAndHolds("t1"));
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Get(), IsOkAndHolds("t2"));
}

TEST_F(TokenSourceTest, RenewsAShortLivedTokenAtNineTenthsOfItsLife) {
  AnswerWithToken("t1", 100);
  AnswerWithToken("t2", 100);
  EXPECT_THAT(Get(), IsOkAndHolds("t1"));
  clock_.Advance(absl::Seconds(89));
  EXPECT_THAT(Get(), IsOkAndHolds("t1"));
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Get(), IsOkAndHolds("t2"));
}

TEST_F(TokenSourceTest, IgnoresThatTheHostsClockIsSet) {
  AnswerWithToken("t1", 3600);
  EXPECT_THAT(Get(), IsOkAndHolds("t1"));
  clock_.SetWall(clock_.Now() + absl::Hours(100));
  EXPECT_THAT(Get(), IsOkAndHolds("t1"));
}

TEST_F(TokenSourceTest, GoesOnWithATokenThatIsStillGoodWhenItsRenewalFails) {
  AnswerWithToken("t1", 3600);
  EXPECT_THAT(Get(), IsOkAndHolds("t1"));
  clock_.Advance(absl::Seconds(3550));
  Answer(MakeResponse(503));
  EXPECT_THAT(Get(), IsOkAndHolds("t1"));
  EXPECT_THAT(Get(), IsOkAndHolds("t1"));  // without asking again at once
  EXPECT_EQ(tokens_.requests(), 2);
  clock_.Advance(absl::Seconds(5));
  AnswerWithToken("t2");
  EXPECT_THAT(Get(), IsOkAndHolds("t2"));
}

TEST_F(TokenSourceTest, DoesNotGoOnWithATokenThatHasExpired) {
  AnswerWithToken("t1", 3600);
  EXPECT_THAT(Get(), IsOkAndHolds("t1"));
  clock_.Advance(absl::Seconds(3600));
  Answer(MakeResponse(503));
  EXPECT_THAT(Get(), IsFailure(FailureClass::kTransient, FailureReason::kAuth0Unavailable));
}

TEST_F(TokenSourceTest, DoesNotGoOnWhenTheCredentialsWereWithdrawn) {
  AnswerWithToken("t1", 3600);
  EXPECT_THAT(Get(), IsOkAndHolds("t1"));
  clock_.Advance(absl::Seconds(3550));
  Answer(MakeResponse(401, R"({"error":"access_denied","error_description":"Unauthorized"})"));
  EXPECT_THAT(Get(), IsFailure(FailureClass::kPermanent, FailureReason::kAuth0CredentialsRejected));
}

TEST_F(TokenSourceTest, DropsATokenThatWasRefusedButNotItsSuccessor) {
  AnswerWithToken("t1");
  AnswerWithToken("t2");
  EXPECT_THAT(Get(), IsOkAndHolds("t1"));
  tokens_.Drop("t1");
  EXPECT_THAT(Get(), IsOkAndHolds("t2"));
  tokens_.Drop("t1");
  EXPECT_THAT(Get(), IsOkAndHolds("t2"));
}

TEST_F(TokenSourceTest, AssumesAShortLifeWhereTheAnswerNamesNone) {
  Answer(MakeResponse(200, R"({"access_token":"t1"})"));
  Answer(MakeResponse(200, R"({"access_token":"t2","expires_in":"600"})"));
  EXPECT_THAT(Get(), IsOkAndHolds("t1"));
  clock_.Advance(absl::Minutes(5));
  EXPECT_THAT(Get(), IsOkAndHolds("t2"));
  clock_.Advance(absl::Seconds(500));
  EXPECT_THAT(Get(), IsOkAndHolds("t2"));
}

TEST_F(TokenSourceTest, AsksOnceForManyThreads) {
  FakeClock gate;
  http_.AnswerWith(HttpMethod::kPost, EndsWith("/oauth/token"), [&](const HttpRequest&) {
    gate.SleepFor(absl::Seconds(1), std::stop_token());
    return MakeResponse(200, R"({"access_token":"t1","expires_in":3600})");
  });
  std::vector<std::jthread> threads;
  std::vector<absl::StatusOr<std::string>> tokens(8, absl::UnknownError("not asked"));
  for (auto& token : tokens) threads.emplace_back([this, &token] { token = Get(); });
  gate.WaitForSleepers(1);
  gate.Advance(absl::Seconds(1));
  threads.clear();
  for (const auto& token : tokens) EXPECT_THAT(token, IsOkAndHolds("t1"));
  EXPECT_EQ(tokens_.requests(), 1);
}

TEST_F(TokenSourceTest, AStoppedThreadDoesNotStopTheOthers) {
  FakeClock gate;
  std::stop_source stopped;
  http_.AnswerWith(
      HttpMethod::kPost, EndsWith("/oauth/token"),
      [&](const HttpRequest& request) -> absl::StatusOr<HttpResponse> {
        gate.SleepFor(absl::Hours(1), request.stop);
        return absl::CancelledError("stopped");
      },
      1);
  AnswerWithToken("t1");
  absl::StatusOr<std::string> first = absl::UnknownError("not asked");
  absl::StatusOr<std::string> second = absl::UnknownError("not asked");
  {
    CallContext first_context;
    first_context.stop = stopped.get_token();
    std::jthread one([&, first_context] { first = tokens_.Get(first_context); });
    gate.WaitForSleepers(1);
    std::jthread two([&] { second = Get(); });
    stopped.request_stop();
  }
  EXPECT_THAT(first, IsFailure(FailureClass::kStopped, FailureReason::kStopped));
  EXPECT_THAT(second, IsOkAndHolds("t1"));
}

TEST_F(TokenSourceTest, AThreadThatWaitsForAnotherOnesRequestCanBeStopped) {
  FakeClock gate;
  http_.AnswerWith(HttpMethod::kPost, EndsWith("/oauth/token"), [&](const HttpRequest&) {
    gate.SleepFor(absl::Seconds(1), std::stop_token());
    return MakeResponse(200, R"({"access_token":"t1","expires_in":3600})");
  });
  std::jthread one([&] { EXPECT_THAT(Get(), IsOkAndHolds("t1")); });
  gate.WaitForSleepers(1);
  std::stop_source stopped;
  stopped.request_stop();
  CallContext context;
  context.stop = stopped.get_token();
  EXPECT_THAT(tokens_.Get(context), IsFailure(FailureClass::kStopped, FailureReason::kStopped));
  gate.Advance(absl::Seconds(1));
}

TEST_F(TokenSourceTest, KeepsToTheDeadline) {
  AnswerWithToken("t1");
  context_.deadline = clock_.Monotonic() + absl::Seconds(3);
  EXPECT_THAT(Get(), IsOk());
  EXPECT_EQ(http_.requests()[0].timeout, absl::Seconds(3));
  tokens_.Drop("t1");
  context_.deadline = clock_.Monotonic();
  EXPECT_THAT(Get(), IsFailure(FailureClass::kTransient, FailureReason::kAuth0Unavailable));
  EXPECT_EQ(tokens_.requests(), 1);
}

struct RefusalCase {
  const char* name;
  absl::StatusOr<HttpResponse> response;
  FailureClass kind;
  FailureReason reason;
  const char* action;  // what the advice must name
};
class TokenRefusalTest : public TokenSourceTest, public testing::WithParamInterface<RefusalCase> {};
TEST_P(TokenRefusalTest, IsClassedAndSaysWhatToDo) {
  const RefusalCase& c = GetParam();
  Answer(c.response);
  const absl::Status status = Get().status();
  EXPECT_THAT(status, IsFailure(c.kind, c.reason));
  EXPECT_THAT(FailureOf(status).action, HasSubstr(c.action));
  EXPECT_THAT(status.ToString(), AllOf(Not(HasSubstr("the-secret")), Not(HasSubstr("PRIVATE"))));
  // Nothing is tried again here.
  EXPECT_THAT(http_.requests(), SizeIs(1));
}
INSTANTIATE_TEST_SUITE_P(
    Answers, TokenRefusalTest,
    testing::Values(
        RefusalCase{
            "wrong_secret",
            MakeResponse(401, R"({"error":"access_denied","error_description":"Unauthorized"})"),
            FailureClass::kPermanent, FailureReason::kAuth0CredentialsRejected,
            "AUTH0_CLIENT_SECRET"},
        RefusalCase{
            "wrong_audience",
            MakeResponse(403, R"({"error":"access_denied","error_description":"Service not )"
                              R"(enabled within domain: https://x/api/v2/"})"),
            FailureClass::kPermanent, FailureReason::kAuth0Forbidden, "AUTH0_AUDIENCE"},
        RefusalCase{"no_grant",
                    MakeResponse(403, R"({"error":"access_denied","error_description":"Client is )"
                                      R"(not authorized to access \"x\"."})"),
                    FailureClass::kPermanent, FailureReason::kAuth0Forbidden, "read:logs"},
        RefusalCase{"bad_request", MakeResponse(400, R"({"error":"invalid_request"})"),
                    FailureClass::kPermanent, FailureReason::kAuth0Forbidden, "client_credentials"},
        RefusalCase{"no_tenant", MakeResponse(404, "<html>PRIVATE</html>"),
                    FailureClass::kPermanent, FailureReason::kAuth0Forbidden, "AUTH0_DOMAIN"},
        RefusalCase{"quota",
                    MakeResponse(429, R"({"error":"too_many_requests","error_description":"Client )"
                                      R"(quota exceeded"})"),
                    FailureClass::kLimited, FailureReason::kAuth0RateLimited, "Nothing"},
        RefusalCase{
            "limit_as_500",
            MakeResponse(500, R"({"error":"access_denied","error_description":"Global limit )"
                              R"(has been reached"})"),
            FailureClass::kLimited, FailureReason::kAuth0RateLimited, "Nothing"},
        RefusalCase{"limit_as_403", MakeResponse(403, R"({"error":"too_many_requests"})"),
                    FailureClass::kLimited, FailureReason::kAuth0RateLimited, "Nothing"},
        RefusalCase{"error_500", MakeResponse(500, "oops"), FailureClass::kTransient,
                    FailureReason::kAuth0Unavailable, "status.auth0.com"},
        RefusalCase{"error_503", MakeResponse(503), FailureClass::kTransient,
                    FailureReason::kAuth0Unavailable, "status.auth0.com"},
        RefusalCase{"redirect", MakeResponse(302), FailureClass::kTransient,
                    FailureReason::kAuth0UnexpectedResponse, "proxy"},
        RefusalCase{"html", MakeResponse(200, "<html>PRIVATE</html>"), FailureClass::kTransient,
                    FailureReason::kAuth0UnexpectedResponse, "AUTH0_DOMAIN"},
        RefusalCase{"no_token", MakeResponse(200, R"({"id_token":"PRIVATE"})"),
                    FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse,
                    "AUTH0_DOMAIN"},
        RefusalCase{"unreachable", absl::UnavailableError("tenant.example.com: refused"),
                    FailureClass::kTransient, FailureReason::kAuth0Unavailable, "connection"},
        RefusalCase{"timeout", absl::DeadlineExceededError("too slow"), FailureClass::kTransient,
                    FailureReason::kAuth0Unavailable, "connection"},
        RefusalCase{"untrusted", absl::FailedPreconditionError("certificate"),
                    FailureClass::kPermanent, FailureReason::kAuth0Unavailable, "--ca-file"},
        RefusalCase{"bad_url", absl::InvalidArgumentError("bad URL"), FailureClass::kPermanent,
                    FailureReason::kAuth0Unavailable, "AUTH0_DOMAIN"},
        RefusalCase{"stopped", absl::CancelledError("stopped"), FailureClass::kStopped,
                    FailureReason::kStopped, ""}),
    [](const auto& param_info) { return param_info.param.name; });

TEST_F(TokenSourceTest, TellsHowLongAuth0AsksToWait) {
  Answer(MakeResponse(429, "{}", {{"Retry-After", "120"}}));
  EXPECT_THAT(FailureOf(Get().status()).retry_after, Optional(absl::Minutes(2)));
}

}  // namespace
}  // namespace logexport
