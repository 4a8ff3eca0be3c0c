#include "service/state/postgresql/stored_text.h"

#include <random>

#include <gtest/gtest.h>

#include "service/base/utf8.h"

namespace logexport {
namespace {

TEST(StoredTextTest, UsualTextsAreStoredAsTheyAre) {
  for (const char* text : {"", "plain", "it's \xc3\xa9 \xf0\x9f\x98\x80", "\xef\xbf\xbd", "\x01"}) {
    EXPECT_EQ(ToStoredText(text), text);
    EXPECT_EQ(FromStoredText(text), text);
  }
}

TEST(StoredTextTest, WhatPostgresqlDoesNotTakeIsMarked) {
  EXPECT_EQ(ToStoredText(absl::string_view("a\0b", 3)),
            "a\xee\x80\x80"
            "00b");
  EXPECT_EQ(ToStoredText("a\xff\xc3"),
            "a\xee\x80\x80"
            "ff\xee\x80\x80"
            "c3");
  EXPECT_EQ(ToStoredText("\xee\x80\x80"),
            "\xee\x80\x80"
            "ee\xee\x80\x80"
            "80\xee\x80\x80"
            "80");
}

TEST(StoredTextTest, EveryTextComesBackAndCanBeStored) {
  std::mt19937 random(20261123);  // the same texts in each run
  const char* const pieces[] = {"a",       "\xc3\xa9",     "\xee\x80\x80", "\xff",
                                "\xc3",    "\xed\xa0\x80", "f0",           "\xf0\x9f\x98\x80",
                                "\xee\x80"};
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (auto n = random() % 12; n > 0; --n) {
      const auto piece = random() % 10;
      text += piece == 9 ? std::string(1, '\0') : std::string(pieces[piece]);
    }
    const std::string stored = ToStoredText(text);
    EXPECT_TRUE(IsValidUtf8(stored));
    EXPECT_EQ(stored.find('\0'), std::string::npos);
    EXPECT_EQ(FromStoredText(stored), text);
  }
}

TEST(StoredTextTest, ATextThatWasCutIsReadAsFarAsItIsWhole) {
  EXPECT_EQ(FromStoredText("ab\xee\x80\x80"), "ab");
  EXPECT_EQ(FromStoredText("ab\xee\x80\x80"
                           "f"),
            "ab");
  EXPECT_EQ(FromStoredText("ab\xee\x80\x80"
                           "ff"),
            "ab\xff");
}

TEST(StoredTextTest, NulsOfListsAreMarked) {
  EXPECT_EQ(ToStoredJson(R"(["a\u0000b","\\u0000","\"\n"])"),
            "[\"a\xee\x80\x80"
            R"(00b","\\u0000","\"\n"])");
}

}  // namespace
}  // namespace logexport
