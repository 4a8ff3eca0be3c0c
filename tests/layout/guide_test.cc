// The guides lead somewhere: a file that moves takes the links to it along.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/layout/source_tree.h"

namespace logexport {
namespace {

namespace fs = std::filesystem;

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Guides() {
  std::vector<std::string> guides = SourceFiles("README.md");
  for (const char* const name : {"README.md", "ARCHITECTURE.md", "CHANGELOG.md"}) {
    guides.emplace_back(name);
  }
  return guides;
}

// The targets of the Markdown links in `text` that are paths, without what follows a number sign.
std::vector<std::string> LinkedPaths(const std::string& text) {
  std::vector<std::string> paths;
  for (std::size_t at = text.find("]("); at != std::string::npos; at = text.find("](", at + 1)) {
    const std::string target = text.substr(at + 2, text.find_first_of("#)", at + 2) - at - 2);
    if (!target.empty() && !absl::StrContains(target, "://")) paths.push_back(target);
  }
  return paths;
}

TEST(GuideTest, ReadsLinks) {
  EXPECT_THAT(
      LinkedPaths("[a](x/y.md#part), [b](https://example.com/), [c](#here) and [d\ne](../z)"),
      ElementsAre("x/y.md", "../z"));
}

TEST(GuideTest, EveryLinkLeadsToAFile) {
  std::vector<std::string> broken;
  std::size_t links = 0;
  for (const std::string& guide : Guides()) {
    for (const std::string& path : LinkedPaths(ReadSource(guide))) {
      ++links;
      const fs::path target = fs::path(SourceTree()) / FolderOf(guide) / path;
      if (!fs::exists(target)) broken.push_back(absl::StrCat(guide, " links to ", path));
    }
  }
  EXPECT_THAT(broken, IsEmpty());
  EXPECT_GT(links, 15u) << "the guides were not read";
}

TEST(GuideTest, TheFirstPageIsShortAndNamesTheTwoCommands) {
  const std::string text = ReadSource("README.md");
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 150)
      << "move it into the guide of its folder";
  EXPECT_TRUE(absl::StrContains(text, "\n./dev run\n"));
  EXPECT_TRUE(absl::StrContains(text, "\n./dev test\n"));
}

}  // namespace
}  // namespace logexport
