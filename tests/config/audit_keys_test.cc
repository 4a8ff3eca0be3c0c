#include "service/config/audit_keys.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::Optional;

std::string Line(const std::string& id, char filling) {
  return absl::StrCat(id, " ", absl::Base64Escape(std::string(kSecretKeyBytes, filling)), "\n");
}

class AuditKeysTest : public ::testing::Test {
 protected:
  void Use(const std::string& text) {
    WriteFile(keys_.path(), text);
    chmod(keys_.path().c_str(), 0600);
    ASSERT_THAT(keys_.Load(), IsOk());
  }
  TempDirectory directory_;
  SecretKeys keys_{directory_.File("keys")};
  AuditKeys signer_{keys_};
};

TEST_F(AuditKeysTest, TheFirstAuditKeySignsAndAllVerify) {
  Use(Line("k1", 'k') + Line("audit a2", 'b') + Line("audit a1", 'a'));
  const AuditSigner::Signature now = signer_.Sign("text");
  EXPECT_EQ(now.key_id, "a2");
  EXPECT_THAT(signer_.HashUnder("a2", "text"), Optional(now.hash));
  EXPECT_NE(signer_.HashUnder("a1", "text"), now.hash);
  EXPECT_NE(signer_.HashUnder("a2", "texts"), now.hash);
  EXPECT_EQ(signer_.HashUnder("k1", "text"), std::nullopt) << "keys for secrets sign nothing";
  EXPECT_EQ(signer_.HashUnder("a3", "text"), std::nullopt);
}

TEST_F(AuditKeysTest, WithoutAnAuditKeyOneIsDerivedThatGoesWithItsKey) {
  Use(Line("k1", 'k'));
  const AuditSigner::Signature derived = signer_.Sign("text");
  EXPECT_EQ(derived.key_id, "derived:k1");
  Use(Line("k2", 'n') + Line("k1", 'k'));
  EXPECT_EQ(signer_.Sign("text").key_id, "derived:k2");
  EXPECT_THAT(signer_.HashUnder("derived:k1", "text"), Optional(derived.hash));
  Use(Line("k2", 'n'));
  EXPECT_EQ(signer_.HashUnder("derived:k1", "text"), std::nullopt);
}

TEST_F(AuditKeysTest, ANewFileHasAKeyForTheAuditAndAnOldOneCanGetOne) {
  SecretKeys fresh(directory_.File("fresh"));
  ASSERT_THAT(fresh.Create(), IsOk());
  EXPECT_TRUE(fresh.ring()->has_audit_key());
  EXPECT_THAT(fresh.Create(), StatusIs(absl::StatusCode::kAlreadyExists));
  // Without an end of its last line, as an editor may leave it.
  std::string text = Line("k1", 'k');
  text.pop_back();
  Use(text);
  ASSERT_FALSE(keys_.ring()->has_audit_key());
  ASSERT_THAT(keys_.AddAuditKey(), IsOk());
  EXPECT_TRUE(keys_.ring()->has_audit_key());
  EXPECT_EQ(keys_.ring()->primary().id, "k1");
  const std::string signed_before = signer_.Sign("text").hash;
  ASSERT_THAT(keys_.Load(), IsOk());
  EXPECT_EQ(signer_.Sign("text").hash, signed_before) << "the key is in the file";
}

}  // namespace
}  // namespace logexport
