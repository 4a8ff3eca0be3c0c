#include "service/base/hash.h"

#include <string>

#include <gtest/gtest.h>

namespace logexport {
namespace {

// NIST's examples for FIPS 180-4.
TEST(Sha256Test, GivesTheKnownAnswers) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Sha256Hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// Test cases 1, 2 and 6 of RFC 4231.
TEST(HmacSha256Test, GivesTheKnownAnswers) {
  EXPECT_EQ(HmacSha256(std::string(20, '\x0b')).Hex("Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(HmacSha256("Jefe").Hex("what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(HmacSha256(std::string(131, '\xaa'))
                .Hex("Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256Test, OneServesManyTexts) {
  HmacSha256 hmac("Jefe");
  const std::string first = hmac.Hex("what do ya want for nothing?");
  EXPECT_EQ(hmac.Hex(std::string(1000, 'x')), HmacSha256("Jefe").Hex(std::string(1000, 'x')));
  EXPECT_EQ(hmac.Hex(""), HmacSha256("Jefe").Hex(""));
  EXPECT_EQ(hmac.Hex("what do ya want for nothing?"), first);
  EXPECT_EQ(HmacSha256("").Hex(""),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(EqualInConstantTimeTest, ComparesContents) {
  EXPECT_TRUE(EqualInConstantTime("", ""));
  EXPECT_TRUE(EqualInConstantTime("secret", std::string("secret")));
  EXPECT_FALSE(EqualInConstantTime("secret", "secreT"));
  EXPECT_FALSE(EqualInConstantTime("secret", "secret "));
  EXPECT_FALSE(EqualInConstantTime("secret", ""));
  EXPECT_FALSE(EqualInConstantTime(absl::string_view("a\0b", 3), absl::string_view("a\0c", 3)));
}

}  // namespace
}  // namespace logexport
