#include "service/segment/key_meanings.h"

#include <string>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

namespace logexport {
namespace {

TEST(KeyMeaningsTest, AnswersTheSameEachTime) {
  KeyMeanings meanings;
  for (int log = 0; log < 3; ++log) {
    meanings.BeginLog();
    EXPECT_EQ(meanings.Of("user_id").role, FieldRole::kUserId);
    EXPECT_EQ(meanings.Of("id").name, "auth0_id");
    EXPECT_EQ(meanings.Of("strategy").name, "");
    EXPECT_EQ(meanings.Of("isMobile").name, "is_mobile");
    EXPECT_EQ(meanings.Of("$event_schema").name, "event_schema");
    EXPECT_EQ(meanings.Of("level").name, "auth0_level");
    EXPECT_EQ(meanings.Of("userId").name, "auth0_user_id");
    EXPECT_EQ(meanings.Of("").name, "unnamed");
    EXPECT_FALSE(meanings.may_repeat());
  }
}

TEST(KeyMeaningsTest, TellsOfKeysThatRepeat) {
  KeyMeanings meanings;
  meanings.BeginLog();
  meanings.Of("a");
  meanings.Of("b");
  EXPECT_FALSE(meanings.may_repeat());
  meanings.Of("a");
  EXPECT_TRUE(meanings.may_repeat());
  meanings.BeginLog();
  meanings.Of("a");
  EXPECT_FALSE(meanings.may_repeat());
}

TEST(KeyMeaningsTest, AnyNumberOfKeysAndAnyLengthAreAnsweredRight) {
  KeyMeanings meanings;
  const std::string long_key(5000, 'k');
  for (int log = 0; log < 4; ++log) {
    meanings.BeginLog();
    for (int i = 0; i < 2000; ++i) {
      ASSERT_EQ(meanings.Of(absl::StrCat("Key", log, "_", i)).name,
                absl::StrCat("key", log, "_", i));
    }
    EXPECT_EQ(meanings.Of(long_key).name, std::string(200, 'k'));
    // It lost sight of them, so that they have to be looked through.
    EXPECT_TRUE(meanings.may_repeat());
    meanings.BeginLog();
    EXPECT_EQ(meanings.Of("ip").role, FieldRole::kIp);
    EXPECT_FALSE(meanings.may_repeat());
  }
}

}  // namespace
}  // namespace logexport
