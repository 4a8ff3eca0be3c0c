// Codes, sessions and tokens with a real store and a clock that is walked by hand.
#include "service/access/logins.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/login.pb.h"
#include "service/access/login_authenticator.h"
#include "service/access/peer_authenticator.h"
#include "service/access/roles.h"
#include "service/control/api_error.h"
#include "service/state/engines/open_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class LoginsTest : public ::testing::Test {
 protected:
  LoginsTest() {
    store_ = *OpenStore({"sqlite:" + directory_.File("state.db"), {}}, clock_);
    logins_ = std::make_unique<Logins>(*store_, clock_);
    logins_->ServeAt("http://here");
    call_.caller = {"ana@host", /*verified=*/false};
    call_.role = v1::ROLE_ADMIN;
  }

  std::string NewToken() {
    v1::CreateLoginRequest request;
    request.set_bearer(true);
    const auto made = logins_->CreateLogin(request, call_);
    EXPECT_THAT(made, IsOk());
    return made.ok() ? made->token() : "";
  }
  std::string NewCode() {
    const auto made = logins_->CreateLogin({}, call_);
    EXPECT_THAT(made, IsOk());
    return made.ok() ? made->url().substr(std::string("http://here/#code=").size()) : "";
  }
  std::string NewSession() { return logins_->BeginSession(call_, "", "")->secret; }
  bool Is(const std::string& secret, Logins::Kind kind) { return logins_->Find(secret, kind).ok(); }

  const TempDirectory directory_;
  FakeClock clock_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Logins> logins_;
  Call call_;
};

TEST_F(LoginsTest, SecretsAreLongDifferentAndNotInTheStore) {
  const std::string first = NewToken();
  EXPECT_THAT(first, StartsWith("lxt_"));
  EXPECT_EQ(first.size(), 4u + 64);
  EXPECT_NE(first, NewToken());
  const std::string code = NewCode();
  EXPECT_THAT(code, StartsWith("lxc_"));
  logins_.reset();
  store_.reset();
  const std::string file = ReadFile(directory_.File("state.db"));
  EXPECT_THAT(file, HasSubstr("ana@host"));
  EXPECT_THAT(file, Not(HasSubstr(first)));
  EXPECT_THAT(file, Not(HasSubstr(code)));
}

TEST_F(LoginsTest, EachIsGoodForItsTimeAndAsItsKindOnly) {
  const std::string code = NewCode();
  const std::string token = NewToken();
  EXPECT_TRUE(Is(code, Logins::Kind::kCode));
  EXPECT_FALSE(Is(code, Logins::Kind::kToken));
  EXPECT_FALSE(Is(token, Logins::Kind::kSession));
  EXPECT_FALSE(Is("", Logins::Kind::kCode));
  clock_.Advance(absl::Seconds(59));
  EXPECT_TRUE(Is(code, Logins::Kind::kCode));
  clock_.Advance(absl::Seconds(1));
  EXPECT_FALSE(Is(code, Logins::Kind::kCode));
  EXPECT_TRUE(Is(token, Logins::Kind::kToken));
  clock_.Advance(absl::Minutes(59));
  EXPECT_FALSE(Is(token, Logins::Kind::kToken));
}

TEST_F(LoginsTest, ASessionEndsWhenItIsNotUsedAndAtTheLatestAfterHalfADay) {
  const std::string idle = NewSession();
  clock_.Advance(absl::Minutes(30));
  EXPECT_FALSE(Is(idle, Logins::Kind::kSession));
  const std::string used = NewSession();
  absl::Duration age;
  while (age < absl::Hours(12) - absl::Minutes(20)) {
    ASSERT_TRUE(Is(used, Logins::Kind::kSession)) << age;
    clock_.Advance(absl::Minutes(20));
    age += absl::Minutes(20);
  }
  EXPECT_TRUE(Is(used, Logins::Kind::kSession));
  clock_.Advance(absl::Minutes(20));
  EXPECT_FALSE(Is(used, Logins::Kind::kSession));
}

TEST_F(LoginsTest, ACodeBeginsOneSession) {
  const std::string code = NewCode();
  EXPECT_THAT(logins_->BeginSession(call_, code, ""), IsOk());
  EXPECT_TRUE(absl::IsUnauthenticated(logins_->BeginSession(call_, code, "").status()));
}

TEST_F(LoginsTest, ACallerHasABoundedNumber) {
  for (int i = 0; i < Logins::kMostOfOne; ++i) NewToken();
  const auto refused = logins_->CreateLogin({}, call_);
  EXPECT_EQ(ApiErrorOf(refused.status()).reason, "TOO_MANY_LOGINS");
  EXPECT_TRUE(ApiErrorOf(refused.status()).retry_after.has_value());
  call_.caller.name = "bo@host";
  EXPECT_THAT(logins_->CreateLogin({}, call_), IsOk());
  // What has ended makes room.
  call_.caller.name = "ana@host";
  clock_.Advance(Logins::kTokenLife);
  EXPECT_THAT(logins_->CreateLogin({}, call_), IsOk());
}

TEST_F(LoginsTest, ThereAreNoneWithoutHttpAndNoneByALogin) {
  Logins off(*store_, clock_);
  EXPECT_EQ(ApiErrorOf(off.CreateLogin({}, call_).status()).reason, "HTTP_OFF");
  call_.by_login = true;
  EXPECT_EQ(ApiErrorOf(logins_->CreateLogin({}, call_).status()).reason, "LOGIN_NOT_ALLOWED");
}

// ---- who is let in by them

class LoginAuthenticatorTest : public LoginsTest {
 protected:
  absl::StatusOr<Identity> Identify(const std::string& token, const std::string& session = "",
                                    absl::string_view method = "GetStatus") {
    IncomingCall call;
    call.way = kOverHttp;
    call.method = method;
    call.address = "ipv4:127.0.0.1:1";
    if (!token.empty()) call.authorization = "Bearer " + token;
    call.session = session;
    return authenticator_.Identify(call);
  }

  PeerAuthenticator everybody_;
  LoginAuthenticator authenticator_{everybody_, /*tells_callers_apart=*/false, *logins_};
};

TEST_F(LoginAuthenticatorTest, OverHttpEverybodyNeedsALogin) {
  EXPECT_TRUE(absl::IsUnauthenticated(Identify("").status()));
  EXPECT_TRUE(absl::IsUnauthenticated(Identify("anything").status()));
  const auto by_token = Identify(NewToken());
  ASSERT_THAT(by_token, IsOk());
  EXPECT_EQ(by_token->caller.name, "ana@host");
  EXPECT_FALSE(by_token->caller.verified);
  EXPECT_TRUE(by_token->by_login);
  EXPECT_THAT(Identify("", NewSession()), IsOk());
  EXPECT_THAT(Identify(NewCode(), "", kLoginMethod), IsOk());
  EXPECT_TRUE(absl::IsUnauthenticated(Identify(NewCode()).status()));
  EXPECT_TRUE(absl::IsUnauthenticated(Identify(NewSession()).status()));
  EXPECT_TRUE(absl::IsUnauthenticated(Identify("", NewToken()).status()));
  // A token that is wrong is not made good by a cookie.
  EXPECT_TRUE(absl::IsUnauthenticated(Identify("wrong", NewSession()).status()));
}

TEST_F(LoginAuthenticatorTest, OverGrpcLoginsSayNothing) {
  IncomingCall call;
  call.address = "ipv4:127.0.0.1:1";
  call.claimed_caller = "bo@host";
  call.authorization = "Bearer " + NewToken();
  const auto identity = authenticator_.Identify(call);
  ASSERT_THAT(identity, IsOk());
  EXPECT_EQ(identity->caller.name, "bo@host");
  EXPECT_FALSE(identity->by_login);
}

// The service was started again, and asks for nothing any more.
TEST_F(LoginAuthenticatorTest, ALoginThatStandsOnATokenIsNothingWithoutTokens) {
  call_.caller = {"vera", /*verified=*/true};
  call_.credential.token_hash = "hash";
  EXPECT_TRUE(absl::IsUnauthenticated(Identify(NewToken()).status()));
}

}  // namespace
}  // namespace logexport
