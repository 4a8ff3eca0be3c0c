#include "service/json/json_text.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "service/base/quoted_text.h"
#include "service/base/utf8.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

TEST(JsonTextTest, KnowsSoundScalarsFromBrokenOnes) {
  for (const char* sound :
       {"0", "-0", "7", "-12", "1.5", "1e400", "1E+2", "-0.1e-7", "123456789012345678901234567890",
        "true", "false", "null", R"("")", R"("a")", R"("\"\\\/\b\f\n\r\t\u00e5")",
        R"("\ud83d\ude00")", R"("å")"}) {
    EXPECT_EQ(CheckScalar(sound), JsonSoundness::kSound) << sound;
  }
  for (const char* broken :
       {"",      "01",      "-",         "+1",          ".5",     "1.",   "1e",  "1e+",
        "0x1",   "NaN",     "Infinity",  "tru",         "truee",  "True", "nul", R"(")",
        R"("a)", R"("\q")", R"("\u12")", R"("\u12G4")", R"("\")", "a"}) {
    EXPECT_EQ(CheckScalar(broken), JsonSoundness::kBroken) << broken;
  }
  for (const char* lone :
       {R"("\ud83d")", R"("\ude00")", R"("\ud83d\u0041")", R"("\ud83d x \ude00")",
        R"("\ude00\ud83d")", R"("\ud83d\ud83d\ude00")"}) {
    EXPECT_EQ(CheckScalar(lone), JsonSoundness::kLoneSurrogate) << lone;
  }
}

TEST(JsonTextTest, ReplacesOnlyLoneSurrogates) {
  const auto mended = [](absl::string_view json) {
    std::string out;
    AppendMended(json, &out);
    return out;
  };
  EXPECT_EQ(mended(R"({"a":"\ud83d\ude00 \ud83d \n"})"), R"({"a":"\ud83d\ude00 \ufffd \n"})");
  EXPECT_EQ(mended(R"(["\ude00\ude00","\\ud800"])"), R"(["\ufffd\ufffd","\\ud800"])");
  EXPECT_EQ(mended("[1,2]"), "[1,2]");
}

TEST(JsonTextTest, UnescapesEverythingThatCanBeEscaped) {
  EXPECT_EQ(Unescape(R"(\"\\\/\b\f\n\r\t)"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(Unescape(R"(\u0041\u00e5\u20ac\ud83d\ude00)"), "Aå€😀");
  EXPECT_EQ(Unescape(R"(a\ud83db)"),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(Unescape(R"(\u0000)"), std::string(1, '\0'));
}

TEST(JsonTextTest, CutsBetweenCodePointsAndEscapes) {
  struct Case {
    const char* escaped;
    std::size_t max_bytes;
    const char* kept;
  };
  const std::vector<Case> cases = {
      {"abcdef", 10, "abcdef"},
      {"abcdef", 6, "abcdef"},
      {"abcdef", 3, "abc"},
      {"abcdef", 0, ""},
      {R"(ab\ncd)", 3, "ab"},
      {R"(ab\ncd)", 4, R"(ab\n)"},
      {R"(\u00e5x)", 5, ""},
      {R"(\u00e5x)", 6, R"(\u00e5)"},
      {R"(\ud83d\ude00x)", 11, ""},
      {R"(\ud83d\ude00x)", 12, R"(\ud83d\ude00)"},
      {"aå€😀", 2, "a"},
      {"aå€😀", 3, "aå"},
      {"aå€😀", 9, "aå€"},
      {R"(\\\\\\)", 3, R"(\\)"},
      {R"(å\n€)", 5, R"(å\n)"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(CutEscaped(c.escaped, c.max_bytes), c.kept) << c.escaped << " " << c.max_bytes;
  }
}

std::string AsJsonText(absl::string_view json) {
  std::string out = "before";
  AppendAsJsonText(json, &out);
  return out.substr(6);
}

TEST(JsonTextTest, JsonTextIsReadBackAsTheSameJson) {
  EXPECT_EQ(AsJsonText(R"({"a":["b\"c",1.50]})"), R"({\"a\":[\"b\\\"c\",1.50]})");
  EXPECT_EQ(AsJsonText("{ \"a\" : 1 }"), R"({ \"a\" : 1 })");
  EXPECT_EQ(AsJsonText("{\n\t\"a b\" : [ 1,\r\n 2 ]\n}"), R"({\"a b\":[1,2]})");
  // Cut inside a string, with line breaks before it.
  EXPECT_EQ(AsJsonText("{\n\"a b\": \"cut he"), R"({\"a b\": \"cut he)");
}

RC_GTEST_PROP(JsonTextProperty, EscapingInBlocksIsEscapingByteByByte, ()) {
  const auto letters =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("\"\\ab {}:,")));
  const int repeats = *rc::gen::inRange(1, 400);
  std::string json;
  for (int i = 0; i < repeats; ++i) absl::StrAppend(&json, letters, i % 3 == 0 ? "å€" : "");
  std::string expected;
  for (const char c : json) {
    if (c == '"' || c == '\\') expected.push_back('\\');
    expected.push_back(c);
  }
  RC_ASSERT(AsJsonText(json) == expected);
}

RC_GTEST_PROP(JsonTextProperty, WhatIsEscapedAsTextUnescapesToTheSameText, ()) {
  const auto text = ReplaceInvalidUtf8(*rc::gen::string<std::string>());
  std::string escaped;
  AppendJsonEscaped(text, &escaped);
  RC_ASSERT(CheckStringContent(escaped) == JsonSoundness::kSound);
  RC_ASSERT(Unescape(escaped) == text);
}

RC_GTEST_PROP(JsonTextProperty, ACutStringIsSoundAndAPrefix, ()) {
  const auto parts = *rc::gen::container<std::vector<std::string>>(
      rc::gen::elementOf(std::vector<std::string>{"a", "å", "€", "😀", R"(\n)", R"(\")", R"(\\)",
                                                  R"(\u00e5)", R"(\ud83d\ude00)", "{", " "}));
  std::string escaped;
  for (const std::string& part : parts) escaped += part;
  const auto max_bytes = *rc::gen::inRange<std::size_t>(0, escaped.size() + 2);
  const absl::string_view kept = CutEscaped(escaped, max_bytes);
  RC_ASSERT(kept.size() <= max_bytes);
  RC_ASSERT(kept.size() + 12 > std::min(max_bytes, escaped.size()));
  RC_ASSERT(absl::string_view(escaped).substr(0, kept.size()) == kept);
  RC_ASSERT(CheckStringContent(kept) == JsonSoundness::kSound);
  RC_ASSERT(IsValidUtf8(kept));
}

}  // namespace
}  // namespace logexport
