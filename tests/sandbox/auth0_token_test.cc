#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sandbox/sandbox_client.h"
#include "tests/support/fake_clock.h"

namespace logexport::sandbox {
namespace {

using ::testing::HasSubstr;

TEST(Auth0TokenTest, GivesATokenForTheClientsCredentialsAsJsonOrForm) {
  SandboxOptions options;
  options.auth0.token_lifetime = absl::Seconds(90);
  const auto sandbox = StartSandbox(options);
  const HttpReply json = HttpPost(sandbox->url(), "/oauth/token", TokenRequest(options.auth0));
  const HttpReply form =
      HttpPost(sandbox->url(), "/oauth/token",
               "grant_type=client_credentials&client_id=sandbox-client&client_secret=sandbox-secret"
               "&audience=https%3A%2F%2Fsandbox.auth0.test%2Fapi%2Fv2%2F",
               "application/x-www-form-urlencoded");
  for (const HttpReply& reply : {json, form}) {
    ASSERT_EQ(reply.status, 200) << reply.body;
    const JsonValue token = ParseJson(reply.body);
    EXPECT_EQ(token["token_type"].String(), "Bearer");
    EXPECT_EQ(token["expires_in"].Int(), 90);
    EXPECT_EQ(token["scope"].String(), "read:logs read:users");
    EXPECT_EQ(GetApi(*sandbox, "logs?take=1",
                     {{"Authorization", "Bearer " + std::string(token["access_token"].String())}})
                  .status,
              200);
  }
  EXPECT_EQ(sandbox->stats().auth0.tokens_issued, 2);
}

TEST(Auth0TokenTest, RefusesTheWrongSecretWith401AndTheWrongAudienceWith403) {
  const auto sandbox = StartSandbox();
  Auth0Options wrong_secret;
  wrong_secret.client_secret = "guess";
  const HttpReply secret = HttpPost(sandbox->url(), "/oauth/token", TokenRequest(wrong_secret));
  EXPECT_EQ(secret.status, 401);
  EXPECT_EQ(secret.body, R"({"error":"access_denied","error_description":"Unauthorized"})");

  Auth0Options wrong_audience;
  wrong_audience.domain = "other.auth0.test";
  const HttpReply audience = HttpPost(sandbox->url(), "/oauth/token", TokenRequest(wrong_audience));
  EXPECT_EQ(audience.status, 403);
  EXPECT_THAT(audience.body, HasSubstr("access_denied"));
  EXPECT_EQ(sandbox->stats().auth0.tokens_refused, 2);
}

TEST(Auth0TokenTest, TheApiWantsATokenThatIsKnownAndNotExpired) {
  FakeClock clock;
  SandboxOptions options;
  options.auth0.token_lifetime = absl::Hours(1);
  options.clock = &clock;
  const auto sandbox = StartSandbox(options);
  const HttpHeaders token = Authorize(*sandbox);
  EXPECT_EQ(GetApi(*sandbox, "logs?take=1", {}).status, 401);
  EXPECT_EQ(GetApi(*sandbox, "logs?take=1", {{"Authorization", "Bearer made-up"}}).status, 401);
  EXPECT_EQ(GetApi(*sandbox, "logs?take=1", token).status, 200);

  sandbox->SetClockOffset(absl::Hours(1));
  const HttpReply expired = GetApi(*sandbox, "logs?take=1", token);
  EXPECT_EQ(expired.status, 401);
  EXPECT_THAT(expired.body, HasSubstr("Expired token"));
  sandbox->SetClockOffset(absl::ZeroDuration());
  EXPECT_EQ(GetApi(*sandbox, "logs?take=1", token).status, 200);

  sandbox->RevokeTokens();
  EXPECT_EQ(GetApi(*sandbox, "logs?take=1", token).status, 401);
  EXPECT_EQ(sandbox->stats().auth0.unauthorized, 4);
}

TEST(Auth0TokenTest, AMissingScopeIs403NamingTheScopesExpected) {
  SandboxOptions options;
  options.auth0.scopes = {"read:users"};
  const auto sandbox = StartSandbox(options);
  const HttpHeaders token = Authorize(*sandbox);
  const HttpReply logs = GetApi(*sandbox, "logs?take=1", token);
  EXPECT_EQ(logs.status, 403);
  EXPECT_EQ(logs.body,
            R"({"statusCode":403,"error":"Forbidden","message":"Insufficient scope, expected any )"
            R"(of: read:logs,read:logs_users","errorCode":"insufficient_scope"})");
  EXPECT_EQ(GetApi(*sandbox, "users/nobody", token).status, 404);
}

TEST(Auth0TokenTest, TheDateHeaderFollowsTheOffsetOfTheClock) {
  FakeClock clock;
  SandboxOptions options;
  options.clock = &clock;
  options.clock_offset = absl::Hours(-2);
  const auto sandbox = StartSandbox(options);
  const HttpReply reply = GetApi(*sandbox, "logs?take=1", {});
  EXPECT_EQ(reply.headers.at("date"),
            absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", clock.Now() - absl::Hours(2),
                             absl::UTCTimeZone()));
}

}  // namespace
}  // namespace logexport::sandbox
