#include "service/base/shown_text.h"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "service/base/utf8.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

TEST(ShownTextTest, LeavesWhatPeopleWrite) {
  for (const char* text :
       {"", "plain, with \"quotes\" \\ and ~", "caf\u00e9", "\u05e9\u05dc\u05d5\u05dd",
        "\u65e5\u672c\u8a9e", "\U0001F600", "\u00a0\u00ad", "\ufffd"}) {
    EXPECT_FALSE(FindHidden(text).found()) << text;
    EXPECT_EQ(EscapeHidden(text), text);
    EXPECT_EQ(BlankHidden(text), text);
  }
}

TEST(ShownTextTest, EscapesWhatSteersATerminalOrTurnsTextRound) {
  EXPECT_EQ(EscapeHidden("a\x1b[31mb"), "a\\u001b[31mb");
  EXPECT_EQ(EscapeHidden("a\u009b31mb"), "a\\u009b31mb");
  EXPECT_EQ(EscapeHidden("a\x7f"
                         "b\r\n\t"),
            "a\\u007fb\\u000d\\u000a\\u0009");
  EXPECT_EQ(EscapeHidden("\u0080\u0085\u009f"), "\\u0080\\u0085\\u009f");
  EXPECT_EQ(EscapeHidden("a\u202eb\u2066c\u2069\u200f\u061c\u2028"),
            "a\\u202eb\\u2066c\\u2069\\u200f\\u061c\\u2028");
  EXPECT_EQ(EscapeHidden(absl::string_view("\0", 1)), "\\u0000");
  EXPECT_EQ(EscapeHidden("a\nb\x7f", LineBreaks::kKeep), "a\nb\\u007f");
  EXPECT_EQ(BlankHidden("a\u202eb\nc"), "a b c");
}

TEST(ShownTextTest, SaysWhereAndWhatIsHidden) {
  const HiddenCharacter first = FindHidden("caf\u00e9\u009b!\u202e");
  EXPECT_EQ(first.begin, 5u);
  EXPECT_EQ(first.length, 2u);
  EXPECT_EQ(first.code_point, U'\u009b');
  const HiddenCharacter second = FindHidden("caf\u00e9\u009b!\u202e", 7);
  EXPECT_EQ(second.begin, 8u);
  EXPECT_EQ(second.length, 3u);
}

RC_GTEST_PROP(ShownTextProperty, NothingHiddenIsLeftInAnyText, (const std::string& bytes)) {
  for (const std::string& text : {bytes, ReplaceInvalidUtf8(bytes)}) {
    RC_ASSERT(!FindHidden(EscapeHidden(text)).found());
    RC_ASSERT(!FindHidden(BlankHidden(text)).found());
    RC_ASSERT(BlankHidden(text).size() <= text.size());
  }
}

}  // namespace
}  // namespace logexport
