#include "service/http/secret_redactor.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/support/random_seed.h"

namespace logexport {
namespace {

constexpr char kSecret[] = "q7Rk/Zt2+mVx9_Lp-4Wc8Nd1";

std::string Redacted(std::string text, std::vector<std::string> secrets = {kSecret}) {
  SecretRedactor(std::move(secrets)).Redact(&text);
  return text;
}

std::string PercentEncoded(absl::string_view text, bool all, bool upper) {
  std::string encoded;
  for (const char c : text) {
    if (all || !absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      const auto byte = static_cast<unsigned char>(c);
      encoded += upper ? absl::StrFormat("%%%02X", byte) : absl::StrFormat("%%%02x", byte);
    } else {
      encoded.push_back(c);
    }
  }
  return encoded;
}

std::string JsonEscaped(absl::string_view text) {
  std::string escaped;
  for (const char c : text) {
    absl::StrAppend(&escaped, absl::StrFormat("\\u%04x", static_cast<unsigned char>(c)));
  }
  return escaped;
}

TEST(SecretRedactorTest, FindsASecretAsItIs) {
  EXPECT_EQ(Redacted(absl::StrCat("bad secret ", kSecret, ".")), "bad secret ********.");
  EXPECT_EQ(Redacted(kSecret), "********");
  EXPECT_EQ(Redacted(absl::StrCat(kSecret, kSecret)), "****************");
  EXPECT_EQ(Redacted("nothing to see, nothing at all"), "nothing to see, nothing at all");
  EXPECT_EQ(Redacted(""), "");
}

TEST(SecretRedactorTest, FindsASecretThatWasCutOff) {
  const std::string secret = kSecret;
  EXPECT_EQ(Redacted(absl::StrCat("said ", secret.substr(0, 20), "…")), "said ********…");
  EXPECT_EQ(Redacted(absl::StrCat("said ", secret.substr(0, 16))), "said ********");
}

TEST(SecretRedactorTest, FindsASecretWithEscapes) {
  for (const bool all : {false, true}) {
    for (const bool upper : {false, true}) {
      const std::string once = PercentEncoded(kSecret, all, upper);
      EXPECT_EQ(Redacted(absl::StrCat("x=", once, "&y")), "x=********&y") << once;
      const std::string twice = PercentEncoded(once, false, upper);
      EXPECT_EQ(Redacted(absl::StrCat("x=", twice, "&y")), "x=********&y") << twice;
    }
  }
  EXPECT_EQ(Redacted(absl::StrCat("{\"e\":\"", JsonEscaped(kSecret), "\"}")),
            R"({"e":"********"})");
  EXPECT_EQ(Redacted(R"({"e":"q7Rk\/Zt2+mVx9_Lp-4Wc8Nd1"})"), R"({"e":"********"})");
  EXPECT_EQ(Redacted(R"({"e":"{\"f\":\"q7Rk\\\/Zt2+mVx9_Lp-4Wc8Nd1\"}"})"),
            R"({"e":"{\"f\":\"********\"}"})");
  EXPECT_EQ(Redacted(R"(say wk\"quoted)", {"wk\"quoted"}), "say ********");
}

TEST(SecretRedactorTest, FindsASecretInsideBase64) {
  for (const char* before : {"", "u", "us", "use", "user:"}) {
    for (const char* behind : {"", ":", ":x", ":xy", ":xyz"}) {
      const std::string plain = absl::StrCat(before, kSecret, behind);
      for (const std::string& encoded :
           {absl::Base64Escape(plain), absl::WebSafeBase64Escape(plain)}) {
        const std::string redacted = Redacted(absl::StrCat("Basic ", encoded, " was sent"));
        // At most what the neighbours of the secret share with it is left.
        EXPECT_TRUE(absl::StrContains(redacted, "********")) << encoded;
        EXPECT_LE(redacted.size(), std::string("Basic ******** was sent").size() + 16) << redacted;
      }
    }
  }
}

TEST(SecretRedactorTest, LeavesWhatOnlyBeginsLikeASecret) {
  EXPECT_EQ(Redacted("q7Rk/Zt2+mVx9_L"), "q7Rk/Zt2+mVx9_L");
  EXPECT_EQ(Redacted("q7Rk/Zt2+mVx9_X-and-more"), "q7Rk/Zt2+mVx9_X-and-more");
}

TEST(SecretRedactorTest, SecretsThatAreShorterThanWordsAreNotLookedFor) {
  EXPECT_EQ(Redacted("the token is wrong", {"token", ""}), "the token is wrong");
  EXPECT_EQ(Redacted("the password is wrong", {"password"}), "the ******** is wrong");
}

TEST(SecretRedactorTest, FindsEachOfSeveralSecretsInALargeText) {
  const std::vector<std::string> secrets = {"first-secret-of-all", "second", "eightby8", kSecret};
  std::string text;
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    const std::string& secret = secrets[static_cast<std::size_t>(i) % secrets.size()];
    absl::StrAppend(&text, i, " words and then ", secret, ", ");
    absl::StrAppend(&expected, i, " words and then ", secret == "second" ? "second" : "********",
                    ", ");
  }
  EXPECT_EQ(Redacted(text, secrets), expected);
}

// Text is looked at in blocks, several at a time, so that places and lengths are not all the same.
TEST(SecretRedactorTest, FindsASecretAtEachPlaceOfATextOfAnyLength) {
  const std::string letters = "0123456789abcdefghijklmnopqrstuvwxyzABCD";
  for (std::size_t size = kShortestRedacted; size <= letters.size(); ++size) {
    const std::string secret = letters.substr(0, size);
    const SecretRedactor redactor({secret});
    for (std::size_t before = 0; before < 80; ++before) {
      for (const std::size_t behind : {0, 1, 5, 90}) {
        std::string text = absl::StrCat(std::string(before, '-'), secret, std::string(behind, '-'));
        EXPECT_TRUE(redactor.Redact(&text)) << size << " " << before << " " << behind;
        EXPECT_EQ(text,
                  absl::StrCat(std::string(before, '-'), kRedacted, std::string(behind, '-')));
      }
    }
  }
}

RC_GTEST_PROP(SecretRedactorProperty, NoSecretIsLeftWhereverItStands, ()) {
  const auto letters = rc::gen::elementOf(std::string("abcXYZ019-_.+/"));
  const auto size = *rc::gen::inRange<std::size_t>(8, 60);
  const auto secret = *rc::gen::container<std::string>(size, letters);
  const auto around = rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab :{\"}")));
  const std::string before = *around;
  const std::string behind = *around;
  const std::string text = absl::StrCat(
      before, *rc::gen::element(secret, PercentEncoded(secret, true, true), JsonEscaped(secret)),
      behind);
  const std::string redacted = Redacted(text, {secret, "another-secret-0000"});
  RC_ASSERT(redacted == absl::StrCat(before, kRedacted, behind));
}

}  // namespace
}  // namespace logexport
