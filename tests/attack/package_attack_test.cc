// What the package tells people to do with their secrets.
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/paths.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;

TEST(PackageAttackTest, NoFileIsToBeReadableByEverybody) {
  const std::string folder = SourcePath("service/package/");
  for (const char* name : {"logexportd.env", "logexportd.service.in", "README.md", "postinst"}) {
    const std::string text = absl::AsciiStrToLower(ReadFile(folder + name));
    ASSERT_FALSE(text.empty()) << name;
    for (const char* advice : {"chmod 644", "chmod 0644", "chmod a+r", "chmod o+r", "chmod 666",
                               "readable by everyone", "readable by everybody", "world-readable"}) {
      EXPECT_FALSE(absl::StrContains(text, advice)) << name << ": " << advice;
    }
  }
  EXPECT_THAT(ReadFile(folder + "logexportd.service.in"), HasSubstr("LoadCredential="));
  EXPECT_THAT(ReadFile(folder + "logexportd.service.in"), HasSubstr("LimitNOFILE="));
  EXPECT_THAT(ReadFile(folder + "logexportd.service.in"), HasSubstr("UMask=0077"));
}

}  // namespace
}  // namespace logexport
