// A room whose sources are compiled together has each name of an unnamed namespace once. Which
// sources meet depends on how many there are, so that a file more could break two others.
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/layout/build_files.h"
#include "tests/layout/source_tree.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Constants and types that a file has for itself alone. Functions may be overloaded.
std::set<std::string> OwnNames(absl::string_view text) {
  static const std::regex* const kConstant =
      new std::regex(R"(^(?:constexpr|const|static)\b[^=({]*?\b(k[A-Z]\w*)\b)");
  static const std::regex* const kType =
      new std::regex(R"(^(?:struct|enum class|enum|class) (\w+))");
  std::set<std::string> names;
  bool inside = false;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (line == "namespace {") inside = true;
    if (line == "}  // namespace") inside = false;
    if (!inside) continue;
    for (const std::regex* pattern : {kConstant, kType}) {
      std::match_results<absl::string_view::const_iterator> match;
      if (std::regex_search(line.begin(), line.end(), match, *pattern)) names.insert(match[1]);
    }
  }
  return names;
}

TEST(TogetherTest, NamesAreReadWhereTheyAreOfOneFileOnly) {
  EXPECT_THAT(
      OwnNames("struct Seen {};\nnamespace {\n\nconstexpr char kText[] = \"\";\n"
               "const std::regex* const kPattern = nullptr;\nstruct Own {\n  int kNo = 1;\n};\n"
               "enum class Kind { kOne };\n}  // namespace\nconstexpr int kSeen = 1;\n"),
      ElementsAre("Kind", "Own", "kPattern", "kText"));
}

TEST(TogetherTest, NoNameOfOneFileStandsTwice) {
  std::vector<std::string> twice;
  int rooms = 0;
  for (const std::string& path : SourceFiles("/CMakeLists.txt")) {
    const std::string text = ReadSource(path);
    if (!absl::StrContains(text, " TOGETHER ")) continue;
    for (const auto& [target, built] : ReadCMake(text, FolderOf(path))) {
      if (!absl::StrContains(text, absl::StrCat("(", target, " TOGETHER ")) &&
          !absl::StrContains(text, absl::StrCat("(", target, " LIGHT TOGETHER "))) {
        continue;
      }
      ++rooms;
      std::map<std::string, std::vector<std::string>> files;
      for (const std::string& source : built.sources) {
        for (const std::string& name : OwnNames(ReadSource(source))) files[name].push_back(source);
      }
      for (const auto& [name, where] : files) {
        if (where.size() > 1) twice.push_back(absl::StrCat(name, ": ", absl::StrJoin(where, ", ")));
      }
    }
  }
  EXPECT_GT(rooms, 10);
  EXPECT_THAT(twice, IsEmpty());
}

}  // namespace
}  // namespace logexport
