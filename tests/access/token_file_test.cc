#include "service/access/token_file.h"

#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "service/base/hash.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string Line(const std::string& name, const std::string& role, const std::string& token) {
  return absl::StrCat(name, " ", role, " ", Sha256Hex(token), "\n");
}

TEST(TokenFileTest, EveryBadLineIsNamed) {
  EXPECT_THAT(ParseTokenFile(absl::StrCat("ana emperor 00\n", Line("bea", "admin", ""),
                                          Line("cem", "viewer", "one"), "# comment\n\n",
                                          Line("dan", "admin", "one"),
                                          Line(std::string(129, 'x'), "viewer", "two")))
                  .status(),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("line 1: the role"), HasSubstr("line 2: the digest is that"),
                             HasSubstr("line 6: the digest stands in line 3 already"),
                             HasSubstr("line 7: the name is longer"))));
}

TEST(TokenFileTest, TwoTokensOfOneNameAreARotation) {
  const auto tokens = ParseTokenFile(Line("ana", "viewer", "old") + Line("ana", "viewer", "new"));
  ASSERT_THAT(tokens.status(), IsOk());
  EXPECT_EQ(tokens->size(), 2u);
}

TEST(TokenFileTest, AFileThatEverybodyMayWriteIsRefused) {
  TempDirectory directory;
  const std::string path = directory.File("tokens");
  EXPECT_THAT(ReadTokenFile(path).status(), StatusIs(absl::StatusCode::kNotFound));
  WriteFile(path, Line("ana", "viewer", "one"));
  for (const mode_t mode : {0666, 0602}) {
    chmod(path.c_str(), mode);
    EXPECT_THAT(ReadTokenFile(path).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("chmod o-w")));
  }
  chmod(path.c_str(), 0644);
  EXPECT_THAT(ReadTokenFile(path).status(), IsOk());
}

}  // namespace
}  // namespace logexport
