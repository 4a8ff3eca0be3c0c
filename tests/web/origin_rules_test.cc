#include "service/web/origin_rules.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/control/api_error.h"

namespace logexport {
namespace {

WebRequest With(const WebFields& fields, bool tls = false) {
  WebRequest request;
  request.fields = fields;
  request.tls = tls;
  return request;
}

class OriginRulesTest : public ::testing::Test {
 protected:
  bool Own(const std::string& host) { return rules_.CheckHost(With({{"host", host}})).ok(); }
  bool Passes(const WebRequest& request, bool by_browser = false) {
    const absl::Status status = rules_.CheckOrigin(request, by_browser);
    EXPECT_TRUE(status.ok() || ApiErrorOf(status).reason == "FOREIGN_ORIGIN") << status;
    return status.ok();
  }
  const OriginRules rules_{{"Logs.Example.com", "[2001:db8::1]"}, "https://logs.example.com"};
};

TEST_F(OriginRulesTest, KnowsItsHosts) {
  for (const char* const host :
       {"localhost", "localhost:50052", "127.0.0.1:1", "127.8.9.1", "[::1]", "[::1]:50052",
        "logs.example.com", "LOGS.example.com:443", "[2001:db8::1]:8443"}) {
    EXPECT_TRUE(Own(host)) << host;
  }
  for (const char* const host :
       {"", ":", ":50052", "example.com", "logs.example.com.", "a.logs.example.com", "localhost.",
        "127.0.0.1.nip.io", "0.0.0.0", "[::]", "[::1", "[2001:db8::2]", "evil.com:localhost",
        "localhost evil.com", "user@localhost"}) {
    EXPECT_FALSE(Own(host)) << host;
  }
  EXPECT_FALSE(rules_.CheckHost(With({})).ok());
}

TEST_F(OriginRulesTest, TakesItsOwnPagesOnly) {
  EXPECT_TRUE(Passes(With({{"host", "localhost:1"}})));
  EXPECT_TRUE(Passes(With({{"host", "localhost:1"}, {"origin", "http://localhost:1"}})));
  EXPECT_TRUE(Passes(With({{"host", "x:1"}, {"origin", "https://x:1"}}, /*tls=*/true)));
  EXPECT_TRUE(Passes(With({{"host", "localhost:1"}, {"origin", "https://logs.example.com"}})));
  for (const char* const origin : {"https://localhost:1", "http://localhost:2", "http://localhost",
                                   "null", "", "http://localhost:1/", "file://"}) {
    EXPECT_FALSE(Passes(With({{"host", "localhost:1"}, {"origin", origin}}))) << origin;
  }
}

TEST_F(OriginRulesTest, WantsAProofFromBrowsers) {
  const WebFields own = {{"host", "localhost:1"}, {"connect-protocol-version", "1"}};
  EXPECT_TRUE(Passes(With(own), /*by_browser=*/true));
  EXPECT_FALSE(Passes(With({{"host", "localhost:1"}}), /*by_browser=*/true));
  for (const char* const site : {"cross-site", "same-site", "none", "x"}) {
    WebFields fields = own;
    fields.emplace_back("sec-fetch-site", site);
    EXPECT_FALSE(Passes(With(fields), /*by_browser=*/true)) << site;
    EXPECT_TRUE(Passes(With(fields))) << "who shows a token is no browser";
  }
}

}  // namespace
}  // namespace logexport
