// The guide service/segment/README.md shows what the golden files hold.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include "tests/support/paths.h"

namespace logexport {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const std::string& path) {
  std::ifstream file(SourcePath(path), std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string Chapter() {
  const std::string readme = ReadFile("service/segment/README.md");
  const std::size_t start = readme.find("\n## Events\n");
  EXPECT_NE(start, std::string::npos);
  return readme.substr(start + 1, readme.find("\n## ", start + 1) - start);
}

TEST(ReadmeTest, ShowsAnEventOfEachMappingAsTheGoldenFilesHaveIt) {
  const std::string chapter = Chapter();
  const std::string kMark = "<!-- golden: ";
  const std::string kFence = " -->\n```json\n";
  std::set<std::string> mappings;
  for (std::size_t at = chapter.find(kMark); at != std::string::npos;
       at = chapter.find(kMark, at + 1)) {
    const std::size_t name = at + kMark.size();
    const std::size_t fence = chapter.find(kFence, name);
    ASSERT_NE(fence, std::string::npos);
    const std::string golden = chapter.substr(name, fence - name);
    const std::size_t text = fence + kFence.size();
    EXPECT_EQ(chapter.substr(text, chapter.find("```", text) - text),
              ReadFile(absl::StrCat("tests/segment/golden/", golden, ".json")))
        << "service/segment/README.md shows something else than " << golden;
    mappings.insert(absl::StartsWith(golden, "extension") ? "EXTENSION" : "LOG_EVENT");
  }
  EXPECT_THAT(mappings, ::testing::ElementsAre("EXTENSION", "LOG_EVENT"));
}

TEST(ReadmeTest, NamesEveryPropertyAndEveryPartOfTheContext) {
  const std::string chapter = Chapter();
  int properties = 0;
  for (const auto& file : fs::directory_iterator(SourcePath("tests/segment/golden/log_event"))) {
    if (absl::StartsWith(file.path().filename().string(), "odd_")) continue;
    simdjson::dom::parser parser;
    const simdjson::dom::element event = parser.load(file.path().string());
    for (const auto member : simdjson::dom::object(event["properties"])) {
      ++properties;
      EXPECT_TRUE(absl::StrContains(chapter, "`" + std::string(member.key) + "`"))
          << "property " << member.key << " of " << file.path();
    }
    for (const auto member : simdjson::dom::object(event["context"])) {
      if (member.key == "library") continue;
      EXPECT_TRUE(absl::StrContains(chapter, "`context." + std::string(member.key) + "`"))
          << "context." << member.key << " of " << file.path();
    }
  }
  EXPECT_GT(properties, 300);
}

}  // namespace
}  // namespace logexport
