#include "service/http/url.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "service/base/utf8.h"
#include "tests/support/random_seed.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(UrlTest, IsTakenApart) {
  ASSERT_OK_AND_ASSIGN(const Url url, ParseUrl("https://Tenant.EU.auth0.com:8443/api/v2/?a=b&c"));
  EXPECT_EQ(url.scheme, "https");
  EXPECT_EQ(url.host, "tenant.eu.auth0.com");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.path, "/api/v2/");
  EXPECT_EQ(url.query, "a=b&c");
  EXPECT_EQ(url.Authority(), "tenant.eu.auth0.com:8443");
}

TEST(UrlTest, FillsInWhatTheTextLeavesOut) {
  ASSERT_OK_AND_ASSIGN(const Url secure, ParseUrl("https://a.example"));
  EXPECT_EQ(secure.port, 443);
  EXPECT_EQ(secure.path, "/");
  EXPECT_EQ(secure.query, "");
  EXPECT_EQ(secure.Authority(), "a.example");
  ASSERT_OK_AND_ASSIGN(const Url plain, ParseUrl("HTTP://127.1/"));
  EXPECT_EQ(plain.scheme, "http");
  EXPECT_EQ(plain.port, 80);
  EXPECT_EQ(plain.host, "127.0.0.1");
}

TEST(UrlTest, TakesTheBracketsOffAnIpv6Address) {
  ASSERT_OK_AND_ASSIGN(const Url url, ParseUrl("http://[::1]:8080/"));
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.Authority(), "[::1]:8080");
}

TEST(UrlTest, IsRefusedWithoutRepeatingIt) {
  for (const char* text :
       {"", "secret", "/secret", "secret.example/path", "ftp://secret.example/", "https://",
        "https:///secret", "https://se cret/", "https://user:secret@host/", "https://secret@host/",
        "https://host:0/secret", "https://host:65536/secret", "https://host/#secret",
        "https://host\n/secret", "javascript:secret", "https://secret\xFE\xFF.example/",
        "https://secret%FE%FF.example/", "https://secret%7F.example/"}) {
    EXPECT_THAT(ParseUrl(text),
                StatusIs(absl::StatusCode::kInvalidArgument, Not(HasSubstr("secret"))))
        << text;
  }
  EXPECT_THAT(ParseUrl(absl::string_view("https://host\0.example/", 22)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(UrlTest, LoopbackIsToldByWhatIsWritten) {
  for (const char* host : {"localhost", "LocalHost", "127.0.0.1", "127.255.0.9", "::1", "[::1]"}) {
    EXPECT_TRUE(IsLoopbackHost(host)) << host;
  }
  for (const char* host :
       {"", "localhost.example.com", "127.0.0.1.example.com", "127.0.0", "127.0.0.256", "127.0.0.",
        "127.a.b.c", "127.0.0.-1", "128.0.0.1", "0.0.0.0", "::2", "10.0.0.1", "127.0.0.1 "}) {
    EXPECT_FALSE(IsLoopbackHost(host)) << host;
  }
}

TEST(UrlTest, OnlyUnreservedCharactersStayAsTheyAre) {
  EXPECT_EQ(PercentEncode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(PercentEncode("a b/c?d=e&f+g%"), "a%20b%2Fc%3Fd%3De%26f%2Bg%25");
  EXPECT_EQ(PercentEncode("auth0|\xC3\xA9"), "auth0%7C%C3%A9");
  EXPECT_EQ(PercentEncode(absl::string_view("\0", 1)), "%00");
}

RC_GTEST_PROP(UrlPropertyTest, AnythingEncodedSurvivesAsAQuery, (const std::string& text)) {
  const absl::StatusOr<Url> url = ParseUrl("https://host/?q=" + PercentEncode(text));
  RC_ASSERT(url.ok());
  RC_ASSERT(url->query == "q=" + PercentEncode(text));
}

RC_GTEST_PROP(UrlPropertyTest, ParsingNeverCrashes, (const std::string& text)) {
  (void)ParseUrl(text);
  const absl::StatusOr<Url> url = ParseUrl("https://" + text);
  if (!url.ok()) return;
  RC_ASSERT(!url->host.empty() && url->path.front() == '/');
  RC_ASSERT(IsValidUtf8(url->host));
}

}  // namespace
}  // namespace logexport
