#include "client/cli/text_table.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include <gtest/gtest.h>

namespace logexport::cli {
namespace {

TEST(LayOutTableTest, AlignsColumnsAndNumbers) {
  EXPECT_EQ(LayOutTable({{"NAME", false, {"a", "long name"}}, {"N", true, {"1", "1,234"}}}, 80),
            "NAME           N\n"
            "a              1\n"
            "long name  1,234\n");
}

TEST(LayOutTableTest, CutsProseToFit) {
  EXPECT_EQ(LayOutTable({{"ID", false, {"0123456789"}},
                         {"MESSAGE", false, {"something went wrong over there"}}},
                        30),
            "ID          MESSAGE\n"
            "0123456789  something went wr…\n");
}

TEST(LayOutTableTest, OfTwoTextsTheLongerOneKeepsMore) {
  const std::string what(90, 'w');
  const std::string why(30, 'y');
  const std::string text =
      LayOutTable({{"WHAT", false, {"a " + what}}, {"WHY", false, {"a " + why}}}, 60);
  const std::size_t cut = text.find("…");
  const std::size_t begin = text.find("a w");
  ASSERT_NE(cut, std::string::npos) << text;
  EXPECT_GE(cut - begin, 40U) << text;
  EXPECT_NE(text.find("a yyyyyyy"), std::string::npos) << text;
}

TEST(LayOutTableTest, LeavesOutTheLastColumnsRatherThanCutAnId) {
  EXPECT_EQ(LayOutTable({{"ID", false, {"0123456789012345"}},
                         {"STATE", false, {"running"}},
                         {"NODE", false, {"abcdefghij"}}},
                        28),
            "ID                STATE\n"
            "0123456789012345  running\n");
}

TEST(LayOutTableTest, KeepsTheFirstColumnWhateverItsWidth) {
  EXPECT_EQ(LayOutTable({{"ID", false, {"0123456789"}}, {"B", false, {"b"}}}, 5),
            "ID\n0123456789\n");
}

TEST(LayOutTableTest, WithoutAWidthCutsNothing) {
  const std::string prose(300, 'x');
  EXPECT_EQ(LayOutTable({{"A", false, {prose + " y"}}, {"B", false, {"b"}}}, 0).find("…"),
            std::string::npos);
}

TEST(LayOutTableTest, CountsCodePointsAndNotBytes) {
  EXPECT_EQ(LayOutTable({{"A", false, {"é", "xx"}}, {"B", false, {"1", "2"}}}, 80),
            "A   B\n"
            "é   1\n"
            "xx  2\n");
}

TEST(LayOutTableTest, CutsBetweenCodePoints) {
  const std::string table =
      LayOutTable({{"A", false, {"id"}}, {"B", false, {"ä ö ü ä ö ü ä ö ü ä ö ü"}}}, 18);
  EXPECT_EQ(table, "A   B\nid  ä ö ü ä ö ü ä…\n");
}

TEST(LayOutTableTest, IndentsAndEndsNoLineWithSpaces) {
  const std::string table = LayOutTable({{"A", false, {"x", ""}}, {"B", false, {"", "yy"}}}, 80, 4);
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(table, '\n'))) {
    EXPECT_TRUE(line.empty() || line.back() != ' ') << "[" << line << "]";
    EXPECT_TRUE(line.empty() || line.substr(0, 4) == "    ") << line;
  }
}

TEST(WrapTextTest, BreaksAtSpacesAndKeepsLineEnds) {
  EXPECT_EQ(WrapText("one two three", 7, 2), "one two\n  three");
  EXPECT_EQ(WrapText("one\ntwo", 7, 0), "one\ntwo");
  EXPECT_EQ(WrapText("abcdefghij k", 4, 0), "abcdefghij\nk");
  EXPECT_EQ(WrapText("", 4, 0), "");
}

TEST(WrapLinesTest, KeepsTheIndentationOfEachLine) {
  EXPECT_EQ(WrapLines("one two three\n  four five six\n", 10),
            "one two\nthree\n  four\n  five six\n");
  EXPECT_EQ(WrapLines("as  it is", 10), "as  it is");
}

TEST(PrintableTest, KeepsDataFromSteeringTheTerminal) {
  EXPECT_EQ(Printable("\x1b[2Jhidden\x07"), "\\x1b[2Jhidden\\x07");
  EXPECT_EQ(Printable("a\nb\tc"), "a\\nb c");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m"),
            "\\u009b31m");  // the one-byte form of ESC [
  EXPECT_EQ(Printable("größer ✓"), "größer ✓");
  EXPECT_EQ(Printable("a\u202eb\u2066c\x7f"), "a\\u202eb\\u2066c\\x7f");
}

}  // namespace
}  // namespace logexport::cli
