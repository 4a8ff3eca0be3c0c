#include "service/access/peer_authenticator.h"

#include <string>

#include <gtest/gtest.h>

namespace logexport {
namespace {

Caller Of(const std::string& claim) {
  IncomingCall call;
  call.address = "ipv4:127.0.0.1:40312";
  call.claimed_caller = claim;
  PeerAuthenticator authenticator;
  return authenticator.Identify(call)->caller;
}

TEST(PeerAuthenticatorTest, CallsPeopleWhatTheySayTheyAre) {
  for (const char* claim : {"alice@laptop", "svc_export-1@host.example", "domain.user$@pc"}) {
    EXPECT_EQ(Of(claim).name, claim);
    EXPECT_FALSE(Of(claim).verified);
  }
}

TEST(PeerAuthenticatorTest, TakesNoNameThatCouldMislead) {
  for (const std::string& claim :
       {std::string(), std::string("alice"), std::string("@host"), std::string("alice@"),
        std::string("a@b@c"), std::string("alice @host"), std::string("al\nice@host"),
        std::string("\xe2\x80\xae@host"), "a@" + std::string(200, 'x'), std::string("a(b)@c")}) {
    EXPECT_EQ(Of(claim).name, "ipv4:127.0.0.1:40312") << claim;
  }
}

}  // namespace
}  // namespace logexport
