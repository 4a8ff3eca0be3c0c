#include "service/auth0/management_api.h"

#include <stop_token>
#include <string>

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
using testing::IsEmpty;
using testing::Not;
using testing::Optional;
using testing::SizeIs;

class Auth0ClientTest : public testing::Test {
 protected:
  void SetUp() override { GrantTokens(&http_); }
  void Answer(absl::StatusOr<HttpResponse> response, int times = 1) {
    http_.Answer(HttpMethod::kGet, EndsWith("/api/v2/things?x=1"), std::move(response), times);
  }
  absl::StatusOr<Auth0Client::Answer> Get() {
    Auth0Client::Call call;
    call.name = "GET /api/v2/things";
    call.target = "/api/v2/things?x=1";
    call.scope = "read:things";
    call.max_response_bytes = 1000;
    return client_.Get(call, context_);
  }

  FakeClock clock_;
  ScriptedTransport http_;
  Auth0Client client_{TenantSettings(), 50, http_, clock_};
  CallContext context_;
};

TEST_F(Auth0ClientTest, SendsTheTokenWithEachCallAndKeepsIt) {
  Answer(MakeResponse(200, "hello"), 2);
  ASSERT_OK_AND_ASSIGN(const Auth0Client::Answer answer, Get());
  EXPECT_EQ(answer.response.body, "hello");
  EXPECT_THAT(Get(), IsOk());
  const auto calls = RequestsTo(http_, "/things");
  ASSERT_THAT(calls, SizeIs(2));
  for (const RecordedRequest& call : calls) {
    EXPECT_EQ(call.url, "https://tenant.example.com/api/v2/things?x=1");
    EXPECT_EQ(call.Header("Authorization"), "Bearer token-1");
    EXPECT_TRUE(call.accept_compressed);
  }
  EXPECT_EQ(client_.requests(), 3);
}

TEST_F(Auth0ClientTest, RenewsATokenThatIsRefusedOnce) {
  Answer(MakeResponse(401, R"({"statusCode":401,"error":"Unauthorized"})"));
  Answer(MakeResponse(200, "hello"));
  EXPECT_THAT(Get(), IsOk());
  EXPECT_EQ(RequestsTo(http_, "/things")[1].Header("Authorization"), "Bearer token-2");
}

TEST_F(Auth0ClientTest, GivesUpWhenTheNewTokenIsRefusedTooButAsksForAnotherNextTime) {
  Answer(MakeResponse(401, "{}"), 2);
  EXPECT_THAT(Get(), IsFailure(FailureClass::kPermanent, FailureReason::kAuth0CredentialsRejected));
  Answer(MakeResponse(200, "hello"));
  EXPECT_THAT(Get(), IsOk());
  EXPECT_EQ(RequestsTo(http_, "/things")[2].Header("Authorization"), "Bearer token-3");
}

TEST_F(Auth0ClientTest, ForgetsATokenWithoutTheScopeSoThatGrantingItHelps) {
  Answer(MakeResponse(403,
                      R"({"statusCode":403,"error":"Forbidden","message":"Insufficient scope, )"
                      R"(expected any of: read:things","errorCode":"insufficient_scope"})"));
  EXPECT_THAT(Get(), IsFailure(FailureClass::kPermanent, FailureReason::kAuth0Forbidden));
  EXPECT_THAT(RequestsTo(http_, "/things"), SizeIs(1));
  Answer(MakeResponse(200, "hello"));
  EXPECT_THAT(Get(), IsOk());
  EXPECT_EQ(RequestsTo(http_, "/things")[1].Header("Authorization"), "Bearer token-2");
}

TEST_F(Auth0ClientTest, ReturnsWhatIsAboutTheRequestToTheCaller) {
  for (const int status : {400, 404, 413, 414, 422}) {
    Answer(MakeResponse(status, "{}"));
    ASSERT_OK_AND_ASSIGN(const Auth0Client::Answer answer, Get());
    EXPECT_EQ(answer.response.status, status);
  }
}

TEST_F(Auth0ClientTest, SaysThatAnAnswerWasTooLarge) {
  Answer(MakeResponse(200, std::string(1001, 'x')));
  ASSERT_OK_AND_ASSIGN(const Auth0Client::Answer answer, Get());
  EXPECT_TRUE(answer.too_large);
}

struct RefusalCase {
  const char* name;
  absl::StatusOr<HttpResponse> response;
  FailureClass kind;
  FailureReason reason;
  const char* action;
};
class CallRefusalTest : public Auth0ClientTest, public testing::WithParamInterface<RefusalCase> {};
TEST_P(CallRefusalTest, IsClassedAndSaysWhatToDo) {
  const RefusalCase& c = GetParam();
  Answer(c.response);
  const absl::Status status = Get().status();
  EXPECT_THAT(status, IsFailure(c.kind, c.reason));
  EXPECT_THAT(FailureOf(status).action, HasSubstr(c.action));
  EXPECT_THAT(status.ToString(), AllOf(HasSubstr("GET /api/v2/things"), Not(HasSubstr("x=1")),
                                       Not(HasSubstr("PRIVATE")), Not(HasSubstr("token-"))));
  EXPECT_THAT(RequestsTo(http_, "/things"), SizeIs(1));
}
INSTANTIATE_TEST_SUITE_P(
    Answers, CallRefusalTest,
    testing::Values(
        RefusalCase{"no_scope",
                    MakeResponse(403, R"({"statusCode":403,"error":"Forbidden","message":)"
                                      R"("Insufficient scope","errorCode":"insufficient_scope"})"),
                    FailureClass::kPermanent, FailureReason::kAuth0Forbidden, "read:things"},
        RefusalCase{"limited",
                    MakeResponse(429, R"({"statusCode":429,"error":"Too Many Requests","message":)"
                                      R"("Global limit has been reached"})"),
                    FailureClass::kLimited, FailureReason::kAuth0RateLimited, "Nothing"},
        RefusalCase{"limited_without_words", MakeResponse(429), FailureClass::kLimited,
                    FailureReason::kAuth0RateLimited, "Nothing"},
        RefusalCase{"limit_as_500",
                    MakeResponse(500, R"({"message":"Global limit has been reached"})"),
                    FailureClass::kLimited, FailureReason::kAuth0RateLimited, "Nothing"},
        RefusalCase{"request_timeout", MakeResponse(408), FailureClass::kTransient,
                    FailureReason::kAuth0Unavailable, "status.auth0.com"},
        RefusalCase{"error_500", MakeResponse(500), FailureClass::kTransient,
                    FailureReason::kAuth0Unavailable, "status.auth0.com"},
        RefusalCase{"error_502_html", MakeResponse(502, "<html>PRIVATE</html>"),
                    FailureClass::kTransient, FailureReason::kAuth0Unavailable, "status.auth0.com"},
        RefusalCase{"error_503", MakeResponse(503), FailureClass::kTransient,
                    FailureReason::kAuth0Unavailable, "status.auth0.com"},
        RefusalCase{"redirect", MakeResponse(301), FailureClass::kTransient,
                    FailureReason::kAuth0UnexpectedResponse, "proxy"},
        RefusalCase{"no_content", MakeResponse(204), FailureClass::kTransient,
                    FailureReason::kAuth0UnexpectedResponse, "proxy"},
        RefusalCase{"method_not_allowed", MakeResponse(405), FailureClass::kTransient,
                    FailureReason::kAuth0UnexpectedResponse, "proxy"},
        RefusalCase{"unreachable", absl::UnavailableError("reset"), FailureClass::kTransient,
                    FailureReason::kAuth0Unavailable, "connection"},
        RefusalCase{"timeout", absl::DeadlineExceededError("too slow"), FailureClass::kTransient,
                    FailureReason::kAuth0Unavailable, "connection"},
        RefusalCase{"untrusted", absl::FailedPreconditionError("certificate"),
                    FailureClass::kPermanent, FailureReason::kAuth0Unavailable, "--ca-file"},
        RefusalCase{"stopped", absl::CancelledError("stopped"), FailureClass::kStopped,
                    FailureReason::kStopped, ""}),
    [](const auto& param_info) { return param_info.param.name; });

TEST_F(Auth0ClientTest, QuotesAuth0sWordsCutAndWithoutControlCharacters) {
  Answer(MakeResponse(
      503, R"({"error":"Down","message":"line\u001b[31m\none )" + std::string(500, 'y') + R"("})"));
  const std::string message = FailureOf(Get().status()).message;
  EXPECT_THAT(message, HasSubstr("status 503 (Down: line [31m one yyy"));
  EXPECT_LT(message.size(), 300u);
}

TEST_F(Auth0ClientTest, FollowsTheRateLimitOnTheServersClock) {
  const absl::Time server_now = clock_.Now() - absl::Hours(2);
  Answer(MakeResponse(200, "hello",
                      {DateHeader(server_now),
                       {"x-ratelimit-limit", "50"},
                       {"x-ratelimit-remaining", "0"},
                       {"x-ratelimit-reset", absl::StrCat(absl::ToUnixSeconds(server_now) + 9)}}));
  EXPECT_THAT(Get(), IsOk());
  EXPECT_EQ(client_.WaitForLogs(RunLane::kMain), absl::Seconds(9));
  EXPECT_EQ(client_.server_clock().Skew(), absl::Hours(2));
  EXPECT_EQ(client_.rate_budget().limit, 50);
  clock_.Advance(absl::Seconds(9));
  EXPECT_EQ(client_.WaitForLogs(RunLane::kMain), absl::ZeroDuration());
}

TEST_F(Auth0ClientTest, FollowsTheLimitOfCallsForProfilesByItself) {
  Answer(MakeResponse(429, "", {{"Retry-After", "9"}}));
  Auth0Client::Call call;
  call.target = "/api/v2/things?x=1";
  call.for_profiles = true;
  EXPECT_THAT(client_.Get(call, context_),
              IsFailure(FailureClass::kLimited, FailureReason::kAuth0RateLimited));
  EXPECT_EQ(client_.WaitForProfiles(), absl::Seconds(9));
  EXPECT_EQ(client_.WaitForLogs(RunLane::kMain), absl::ZeroDuration());
}

TEST_F(Auth0ClientTest, TellsHowLongAuth0AsksToWait) {
  Answer(MakeResponse(429, "", {{"Retry-After", "17"}}));
  EXPECT_THAT(FailureOf(Get().status()).retry_after, Optional(absl::Seconds(17)));
}

TEST_F(Auth0ClientTest, KeepsToTheDeadline) {
  Answer(MakeResponse(200, "hello"));
  context_.deadline = clock_.Monotonic() + absl::Seconds(3);
  EXPECT_THAT(Get(), IsOk());
  EXPECT_EQ(RequestsTo(http_, "/things")[0].timeout, absl::Seconds(3));
  clock_.Advance(absl::Seconds(3));
  EXPECT_THAT(Get(), IsFailure(FailureClass::kTransient, FailureReason::kAuth0Unavailable));
  EXPECT_THAT(RequestsTo(http_, "/things"), SizeIs(1));
}

TEST_F(Auth0ClientTest, DoesNotAskALoopbackServerToCompress) {
  for (const char* const base_url :
       {"http://127.0.0.1:8080", "https://localhost:8080", "http://[::1]:8080"}) {
    Auth0Settings settings = TenantSettings();
    settings.base_url = base_url;
    Auth0Client client(settings, 50, http_, clock_);
    Answer(MakeResponse(200));
    Auth0Client::Call call;
    call.target = "/api/v2/things?x=1";
    EXPECT_THAT(client.Get(call, context_), IsOk());
    EXPECT_FALSE(http_.requests().back().accept_compressed) << base_url;
  }
}

TEST_F(Auth0ClientTest, APipelineThatStopsSendsNothing) {
  std::stop_source stopped;
  stopped.request_stop();
  context_.stop = stopped.get_token();
  EXPECT_THAT(Get(), IsFailure(FailureClass::kStopped, FailureReason::kStopped));
  EXPECT_THAT(RequestsTo(http_, "/things"), IsEmpty());
}

}  // namespace
}  // namespace logexport
