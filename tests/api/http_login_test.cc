// Who gets in over HTTP, how one logs in and out, and what pages of other sites get.
#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "service/base/hash.h"
#include "tests/api/audited_server.h"
#include "tests/api/http_call.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kCaller[] = "/logexport.v1.LogExportService/GetCaller";

// What the console sends with everything.
const HttpHeaders kPage = {{"connect-protocol-version", "1"}};

HttpHeaders With(HttpHeaders headers, const std::string& name, const std::string& value) {
  headers[name] = value;
  return headers;
}

class HttpLoginTest : public ::testing::Test {
 protected:
  HttpLoginTest() {
    WriteFile(file_, Tokens());
    Serve(/*tokens=*/false);
  }

  std::string Tokens(const std::string& vera = "viewer") {
    return absl::StrCat("vera ", vera, " ", Sha256Hex("v-token"), "\nada admin ",
                        Sha256Hex("a-token"), "\n");
  }
  void Serve(bool tokens) {
    ApiServerOptions options;
    if (tokens) options.security.auth_token_file = file_;
    server_ = std::make_unique<ApiServer>(options);
  }

  HttpReply Post(const std::string& path, const std::string& body, const HttpHeaders& headers,
                 const std::string& host = "") {
    return PostTo(server_->http_address(), path, body, {.headers = headers, .host = host});
  }
  HttpReply LogIn(const std::string& key, const std::string& secret,
                  const HttpHeaders& headers = kPage) {
    return Post("/session", absl::StrCat("{\"", key, "\": \"", secret, "\"}"), headers);
  }
  // The cookie that an answer sets, as a browser would send it back; empty when there is none.
  static HttpHeaders Cookie(const HttpReply& reply, HttpHeaders headers = kPage) {
    const auto cookie = reply.headers.find("set-cookie");
    if (cookie == reply.headers.end()) return headers;
    return With(std::move(headers), "cookie", cookie->second.substr(0, cookie->second.find(';')));
  }
  int CallerStatus(const HttpHeaders& headers, const std::string& host = "") {
    return Post(kCaller, "{}", headers, host).status;
  }

  TempDirectory directory_;
  const std::string file_ = directory_.File("tokens");
  std::unique_ptr<ApiServer> server_;
};

TEST_F(HttpLoginTest, NobodyGetsInWithoutALoginAlsoOnLoopback) {
  const HttpReply reply = Post(kCaller, "{}", kPage);
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.headers.at("www-authenticate"), "Bearer");
  EXPECT_THAT(reply.body,
              AllOf(HasSubstr("\"code\":\"unauthenticated\""), HasSubstr("create-login --bearer")));
  EXPECT_EQ(CallerStatus(Bearer("wrong")), 401);
  EXPECT_EQ(CallerStatus(Bearer("")), 401);
  EXPECT_EQ(CallerStatus({{"authorization", "Basic YTpi"}}), 401);
  EXPECT_EQ(CallerStatus(With(kPage, "cookie", "logexport=lxs_00")), 401);
  EXPECT_TRUE(server_->Call("GetCaller").ok()) << "over gRPC loopback is as it was";
}

TEST_F(HttpLoginTest, ALinkLogsInOnce) {
  const std::string code = LoginCode(*server_);
  const HttpReply reply = LogIn("code", code);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(
      reply.headers.at("set-cookie"),
      AllOf(StartsWith("logexport=lxs_"), HasSubstr("; HttpOnly"), HasSubstr("; SameSite=Strict"),
            HasSubstr("; Path=/"), HasSubstr("; Max-Age=43200"), Not(HasSubstr("Domain"))));
  EXPECT_THAT(reply.body, HasSubstr("\"role\":\"ROLE_ADMIN\""));
  EXPECT_EQ(CallerStatus(Cookie(reply)), 200);
  // Replayed.
  const HttpReply again = LogIn("code", code);
  EXPECT_EQ(again.status, 401);
  EXPECT_EQ(again.headers.count("set-cookie"), 0u);
  // A code is no token, and neither is a session.
  const std::string cookie = Cookie(reply).at("cookie");
  EXPECT_EQ(CallerStatus(Bearer(LoginCode(*server_))), 401);
  EXPECT_EQ(CallerStatus(Bearer(cookie.substr(cookie.find('=') + 1))), 401);
}

TEST_F(HttpLoginTest, LoggingOutEndsTheSession) {
  const HttpReply reply = LogIn("code", LoginCode(*server_));
  const HttpHeaders session = Cookie(reply);
  EXPECT_EQ(CallerStatus(session), 200);
  const HttpReply out = HttpDelete("http://" + server_->http_address(), "/session", session);
  EXPECT_EQ(out.status, 200);
  EXPECT_THAT(out.headers.at("set-cookie"), HasSubstr("Max-Age=0"));
  EXPECT_EQ(CallerStatus(session), 401);
  EXPECT_EQ(HttpDelete("http://" + server_->http_address(), "/session", session).status, 200);
}

TEST_F(HttpLoginTest, ARestartedServiceKnowsItsSessions) {
  const HttpHeaders session = Cookie(LogIn("code", LoginCode(*server_)));
  const std::string token = LoginToken(*server_);
  server_->Restart();
  EXPECT_EQ(CallerStatus(session), 200);
  EXPECT_EQ(CallerStatus(Bearer(token)), 200);
}

TEST_F(HttpLoginTest, ASessionCreatesNoLogins) {
  const std::string path = "/logexport.v1.LogExportService/CreateLogin";
  for (const HttpHeaders& headers :
       {Cookie(LogIn("code", LoginCode(*server_))), Bearer(LoginToken(*server_))}) {
    const HttpReply reply = Post(path, "{}", headers);
    EXPECT_EQ(reply.status, 403);
    EXPECT_THAT(reply.body, HasSubstr("LOGIN_NOT_ALLOWED"));
  }
}

// A session that somebody else has planted in the browser is not the one that one logs in to.
TEST_F(HttpLoginTest, LoggingInBeginsANewSessionAndEndsTheEarlierOne) {
  const HttpHeaders planted = Cookie(LogIn("code", LoginCode(*server_)));
  const HttpReply reply = LogIn("code", LoginCode(*server_), planted);
  ASSERT_EQ(reply.status, 200);
  EXPECT_NE(Cookie(reply).at("cookie"), planted.at("cookie"));
  EXPECT_EQ(CallerStatus(planted), 401);
  EXPECT_EQ(CallerStatus(Cookie(reply)), 200);
  // One that the service never made does not become one.
  const HttpReply fixed =
      LogIn("code", LoginCode(*server_),
            With(kPage, "cookie", "logexport=lxs_0123456789abcdef0123456789abcdef"));
  EXPECT_THAT(Cookie(fixed).at("cookie"), Not(HasSubstr("lxs_0123456789abcdef")));
  // Of two cookies of the name nobody knows which is ours.
  const std::string two = absl::StrCat(Cookie(reply).at("cookie"), "; logexport=lxs_11");
  EXPECT_EQ(CallerStatus(With(kPage, "cookie", two)), 401);
}

// ---- what is on record of it

TEST_F(HttpLoginTest, LoggingInAndOutIsOnRecordAndInTheHistory) {
  const auto newest = [&] {
    const v1::AuditEntry entry =
        server_->Get<v1::ListAuditResponse>("ListAudit", "page_size: 1").entries(0);
    EXPECT_THAT(entry.address(), StartsWith("ipv4:127.0.0.1:"));
    const std::string change = entry.changes().empty() ? "" : ", " + entry.changes(0).new_value();
    return absl::StrCat(entry.method(), " ", v1::AuditOutcome_Name(entry.outcome()).substr(14), " ",
                        entry.error_reason(), entry.way(), change);
  };
  const std::string code = LoginCode(*server_);
  EXPECT_EQ(newest(), "CreateLogin DONE grpc, a link");
  const HttpHeaders session = Cookie(LogIn("code", code));
  EXPECT_EQ(newest(), "Login DONE http, begun with a code");
  EXPECT_EQ(LogIn("code", code).status, 401);
  EXPECT_EQ(newest(), "Login REFUSED UNAUTHENTICATEDhttp");
  EXPECT_EQ(HttpDelete("http://" + server_->http_address(), "/session", session).status, 200);
  EXPECT_EQ(newest(), "Logout DONE console, ended");
  EXPECT_EQ(server_->Get<v1::ListAuditResponse>("ListAudit", "methods: 'Login' methods: 'Logout'")
                .entries_size(),
            3);
  std::string history;
  const auto listed =
      server_->Get<v1::ListHistoryResponse>("ListHistory", "kinds: HISTORY_KIND_AUDIT");
  for (const v1::HistoryEntry& entry : listed.entries()) {
    absl::StrAppend(&history, entry.summary(), "\n");
  }
  EXPECT_THAT(history, HasSubstr("Logout done\nLogin refused: UNAUTHENTICATED\nLogin done\n"
                                 "CreateLogin done\n"));
}

// A login that cannot be put on record is none.
TEST(LoginOutageTest, WithoutTheEntryNobodyGetsInAndNobodyIsTakenForGone) {
  std::atomic<bool> broken{false};
  ApiServer server(AuditBreaksWhile(broken));
  const auto log_in = [&](const std::string& code) {
    return PostTo(server.http_address(), "/session", absl::StrCat(R"({"code": ")", code, R"("})"),
                  {.headers = kPage});
  };
  const std::string code = LoginCode(server);
  broken = true;
  EXPECT_EQ(server.Call("CreateLogin").reason, "STORE_UNAVAILABLE");
  const HttpReply refused = log_in(code);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.count("set-cookie"), 0u);
  broken = false;
  const HttpReply reply = log_in(code);
  ASSERT_EQ(reply.status, 200) << "the code was not used up: " << reply.body;
  const std::string cookie = reply.headers.at("set-cookie");
  const HttpHeaders session = With(kPage, "cookie", cookie.substr(0, cookie.find(';')));
  broken = true;
  EXPECT_EQ(HttpDelete("http://" + server.http_address(), "/session", session).status, 503);
  broken = false;
  EXPECT_EQ(PostTo(server.http_address(), kCaller, "{}", {.headers = session}).status, 200);
}

// ---- tokens of the token file

TEST_F(HttpLoginTest, ATokenIsExchangedForASessionWithItsRole) {
  Serve(/*tokens=*/true);
  EXPECT_EQ(LogIn("token", "wrong").status, 401);
  const HttpReply reply = LogIn("token", "v-token");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_THAT(reply.body, AllOf(HasSubstr("\"vera\""), HasSubstr("\"ROLE_VIEWER\"")));
  const HttpHeaders session = Cookie(reply);
  EXPECT_EQ(CallerStatus(session), 200);
  const HttpReply refused = Post("/logexport.v1.LogExportService/RunNow", "{}", session);
  EXPECT_EQ(refused.status, 403);
  EXPECT_THAT(refused.body, HasSubstr("ROLE_REQUIRED"));
  EXPECT_EQ(CallerStatus(Bearer("v-token")), 200) << "scripts send the token itself";
}

TEST_F(HttpLoginTest, ALoginEndsWithItsToken) {
  Serve(/*tokens=*/true);
  const HttpHeaders session = Cookie(LogIn("token", "v-token"));
  const std::string token = LoginToken(*server_, {.token = "v-token"});
  const std::string code = LoginCode(*server_, {.token = "v-token"});
  EXPECT_EQ(CallerStatus(session), 200);
  EXPECT_EQ(CallerStatus(Bearer(token)), 200);
  // Another role takes effect at once.
  WriteFile(file_, Tokens("operator"));
  EXPECT_THAT(Post(kCaller, "{}", session).body, HasSubstr("ROLE_OPERATOR"));
  WriteFile(file_, absl::StrCat("ada admin ", Sha256Hex("a-token"), "\n"));
  EXPECT_EQ(CallerStatus(session), 401);
  EXPECT_EQ(CallerStatus(Bearer(token)), 401);
  EXPECT_EQ(LogIn("code", code).status, 401);
}

TEST_F(HttpLoginTest, GuessingIsSlowedDownAndTheRightOnesAreNot) {
  const std::string token = LoginToken(*server_);
  const HttpHeaders session = Cookie(LogIn("code", LoginCode(*server_)));
  EXPECT_EQ(CallerStatus(Bearer(token)), 200);
  EXPECT_EQ(CallerStatus(session), 200);
  HttpReply reply;
  for (int i = 0; i < 30 && reply.status != 429; ++i) {
    reply = LogIn("code", absl::StrCat("lxc_", i));
  }
  EXPECT_EQ(reply.status, 429);
  EXPECT_THAT(reply.body, HasSubstr("TOO_MANY_FAILED_LOGINS"));
  EXPECT_EQ(CallerStatus(With(kPage, "cookie", "logexport=lxs_99")), 429);
  EXPECT_EQ(CallerStatus(Bearer(token)), 200);
  EXPECT_EQ(CallerStatus(session), 200);
}

TEST_F(HttpLoginTest, RefusesWhatIsNoLogin) {
  for (const char* const body :
       {"", "{}", "[]", "{\"code\": 5}", "{\"code\": \"a\", \"token\": \"b\"}", "{\"code\": \"\"}",
        "{\"code\"", "\xff"}) {
    EXPECT_EQ(Post("/session", body, kPage).status, 400) << body;
  }
  EXPECT_EQ(Post("/session", std::string(9000, ' '), kPage).status, 400);
  EXPECT_EQ(HttpGet("http://" + server_->http_address(), "/session").status, 405);
  HttpRequestOptions form{.headers = kPage, .content_type = "application/x-www-form-urlencoded"};
  EXPECT_EQ(PostTo(server_->http_address(), "/session", "code=a", form).status, 400);
}

// ---- pages of other sites

TEST_F(HttpLoginTest, AForeignHostGetsNothing) {
  const HttpHeaders session = Cookie(LogIn("code", LoginCode(*server_)));
  const std::string port = server_->http_address().substr(server_->http_address().rfind(':'));
  for (const std::string& own :
       {"localhost" + port, "127.0.0.1" + port, std::string("[::1]"), std::string("LOCALHOST"),
        std::string("console.example.com"), "Console.Example.com:8443" + std::string()}) {
    EXPECT_EQ(CallerStatus(session, own), 200) << own;
  }
  for (const std::string& foreign :
       {"evil.example.com" + port, std::string("evil.example.com"),
        std::string("127.0.0.1.evil.example.com"), std::string("localhost.evil.example.com"),
        std::string("10.0.0.1"), std::string("console.example.com.evil.com"),
        std::string("localhost@evil.example.com"), std::string("")}) {
    const HttpReply reply = Post(kCaller, "{}", session, foreign.empty() ? " " : foreign);
    EXPECT_EQ(reply.status, 403) << foreign;
    EXPECT_THAT(reply.body, HasSubstr("FOREIGN_ORIGIN")) << foreign;
  }
  const HttpReply page =
      HttpGet("http://" + server_->http_address(), "/", {{"Host", "evil.example.com"}});
  EXPECT_EQ(page.status, 403);
}

TEST_F(HttpLoginTest, AForeignOriginGetsNothing) {
  const HttpHeaders session = Cookie(LogIn("code", LoginCode(*server_)));
  const std::string own = "http://" + server_->http_address();
  EXPECT_EQ(CallerStatus(With(session, "origin", own)), 200);
  EXPECT_EQ(CallerStatus(With(session, "origin", "https://console.example.com")), 200);
  for (const char* const foreign : {"http://evil.example.com", "null", "https://127.0.0.1",
                                    "http://127.0.0.1:1", "", "http://localhost.evil.com"}) {
    EXPECT_EQ(CallerStatus(With(session, "origin", foreign)), 403) << foreign;
    EXPECT_EQ(CallerStatus(With(Bearer(LoginToken(*server_)), "origin", foreign)), 403) << foreign;
    EXPECT_EQ(LogIn("code", LoginCode(*server_), With(kPage, "origin", foreign)).status, 403);
  }
}

TEST_F(HttpLoginTest, WhatAFormCanSendIsNotEnough) {
  HttpHeaders session = Cookie(LogIn("code", LoginCode(*server_)));
  for (const char* const site : {"cross-site", "same-site", "none"}) {
    EXPECT_EQ(CallerStatus(With(session, "sec-fetch-site", site)), 403) << site;
  }
  EXPECT_EQ(CallerStatus(With(session, "sec-fetch-site", "same-origin")), 200);
  session.erase("connect-protocol-version");
  EXPECT_EQ(CallerStatus(session), 403);
  for (const char* const type :
       {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""}) {
    const HttpReply reply =
        PostTo(server_->http_address(), kCaller, "{}",
               {.headers = With(session, "connect-protocol-version", "1"), .content_type = type});
    EXPECT_EQ(reply.status, 415) << type;
  }
  // A token is not sent by a browser on its own.
  EXPECT_EQ(CallerStatus(Bearer(LoginToken(*server_))), 200);
}

TEST_F(HttpLoginTest, NoAnswerLetsOtherSitesReadOrFrameIt) {
  const HttpHeaders session =
      With(Cookie(LogIn("code", LoginCode(*server_))), "origin", "http://evil.example.com");
  for (const HttpReply& reply :
       {Post(kCaller, "{}", session),
        HttpGet("http://" + server_->http_address(), "/", {{"origin", "http://evil.example.com"}}),
        LogIn("code", "x")}) {
    for (const auto& [name, value] : reply.headers) {
      EXPECT_FALSE(absl::StartsWith(name, "access-control-")) << name;
    }
    EXPECT_THAT(reply.headers.at("content-security-policy"),
                AllOf(HasSubstr("default-src 'none'"), HasSubstr("frame-ancestors 'none'"),
                      Not(HasSubstr("unsafe"))));
    EXPECT_EQ(reply.headers.at("x-content-type-options"), "nosniff");
    EXPECT_EQ(reply.headers.at("referrer-policy"), "no-referrer");
  }
}

}  // namespace
}  // namespace logexport
