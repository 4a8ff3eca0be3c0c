#include "service/config/config_files.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string ExporterText(const std::string& id) {
  return absl::StrCat("  - id: ", id, "\n    auth0: {domain: ", id, ".eu.auth0.com}\n");
}

class ConfigFilesTest : public ::testing::Test {
 protected:
  // A file of the folder.
  std::string Write(const std::string& name, const std::string& content) {
    WriteFile(directory_.File(name), content);
    return directory_.File(name);
  }
  static std::vector<std::string> Ids(const ConfigFile& file) {
    std::vector<std::string> ids;
    for (const PartialConfig& exporter : file.exporters) ids.push_back(exporter.exporter);
    return ids;
  }

  TempDirectory directory_;
};

TEST_F(ConfigFilesTest, FilesAndFoldersAreReadInOrder) {
  const TempDirectory other;
  WriteFile(other.File("z.yaml"), absl::StrCat("exporters:\n", ExporterText("zulu")));
  Write("b.yml", absl::StrCat("exporters:\n", ExporterText("bravo")));
  Write("a.yaml", absl::StrCat("exporters:\n", ExporterText("alpha"), ExporterText("able")));
  // What is none of ours.
  Write("notes.txt", "no YAML: [");
  Write(".hidden.yaml", "no YAML: [");
  std::filesystem::create_directory(directory_.File("old.yaml"));
  // As Kubernetes mounts them.
  std::filesystem::create_symlink(Write("..data", absl::StrCat("exporters:\n", ExporterText("c"))),
                                  directory_.File("c.yaml"));
  ASSERT_OK_AND_ASSIGN(const ConfigFile file,
                       ReadConfigFiles({other.File("z.yaml"), directory_.path()}));
  EXPECT_THAT(file.violations, IsEmpty());
  EXPECT_THAT(Ids(file), ElementsAre("zulu", "alpha", "able", "bravo", "c"));
  EXPECT_EQ(file.exporters[1].origins.at("auth0.domain"),
            absl::StrCat(directory_.File("a.yaml"), ":3:21"));
}

TEST_F(ConfigFilesTest, AnExporterStandsInOneFileOnly) {
  Write("a.yaml", absl::StrCat("exporters:\n", ExporterText("alpha")));
  Write("b.yaml", absl::StrCat("exporters:\n", ExporterText("bravo"), ExporterText("alpha")));
  ASSERT_OK_AND_ASSIGN(const ConfigFile file, ReadConfigFiles({directory_.path()}));
  ASSERT_EQ(file.violations.size(), 1u);
  EXPECT_THAT(
      ToText(file.violations.front()),
      AllOf(HasSubstr(absl::StrCat(directory_.File("b.yaml"), ":4:")), HasSubstr("\"alpha\""),
            HasSubstr(absl::StrCat(directory_.File("a.yaml"), ":2:"))));
}

TEST_F(ConfigFilesTest, WhatIsWrongInAnyFileIsNamedWithItsPlace) {
  Write("a.yaml", "exporters:\n  - {id: alpha, colour: red}\n");
  Write("b.yaml", "exporters:\n  - id: [\n");
  ASSERT_OK_AND_ASSIGN(const ConfigFile file, ReadConfigFiles({directory_.path()}));
  ASSERT_EQ(file.violations.size(), 2u);
  EXPECT_THAT(ToText(file.violations[0]),
              AllOf(HasSubstr(directory_.File("a.yaml:2:")), HasSubstr("colour")));
  EXPECT_THAT(ToText(file.violations[1]),
              AllOf(HasSubstr(directory_.File("b.yaml:")), HasSubstr("not YAML")));
}

TEST_F(ConfigFilesTest, WhatCannotBeReadIsAnError) {
  EXPECT_THAT(ReadConfigFiles({directory_.path()}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr(directory_.path()), HasSubstr("no file that ends in"))));
  EXPECT_THAT(ReadConfigFiles({directory_.File("missing.yaml")}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("missing.yaml")));
  std::filesystem::create_symlink(directory_.File("nowhere"), directory_.File("a.yaml"));
  EXPECT_THAT(ReadConfigFiles({directory_.path()}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("a.yaml")));
}

TEST_F(ConfigFilesTest, TenThousandExportersFitInSomeFiles) {
  constexpr int kFiles = 10;
  constexpr int kEach = 1000;
  for (int i = 0; i < kFiles; ++i) {
    std::string text = "exporters:\n";
    for (int n = 0; n < kEach; ++n)
      absl::StrAppend(&text, ExporterText(absl::StrCat("x", i, "-", n)));
    Write(absl::StrCat(i, ".yaml"), text);
  }
  ASSERT_OK_AND_ASSIGN(const ConfigFile file, ReadConfigFiles({directory_.path()}));
  EXPECT_THAT(file.violations, IsEmpty());
  EXPECT_EQ(file.exporters.size(), std::size_t{kFiles} * kEach);
}

}  // namespace
}  // namespace logexport
