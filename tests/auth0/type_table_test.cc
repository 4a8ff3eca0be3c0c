#include "service/auth0/type_table.h"

#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/auth0/shared_data.h"

namespace logexport {
namespace {

using testing::IsNull;
using testing::NotNull;

TEST(TypeTableTest, FindsACodeWithNameLevelCategoryAndTheNameOfTheExtension) {
  const LogType* const type = FindLogType("fp");
  ASSERT_THAT(type, NotNull());
  EXPECT_EQ(type->code, "fp");
  EXPECT_EQ(type->name, "Failed Login (Incorrect Password)");
  EXPECT_EQ(type->extension_name, "Failed Login (wrong password)");
  EXPECT_EQ(type->category, "auth.login.fail");
  EXPECT_EQ(type->level, 3);
}

TEST(TypeTableTest, FindsEveryCodeThatItLists) {
  for (const LogType& type : AllLogTypes()) {
    const LogType* const found = FindLogType(type.code);
    ASSERT_THAT(found, NotNull()) << type.code;
    EXPECT_EQ(found->name, type.name);
  }
}

TEST(TypeTableTest, DoesNotKnowOtherCodes) {
  for (const char* const code : {"", "S", "s ", "zz", "~"}) {
    EXPECT_THAT(FindLogType(code), IsNull()) << code;
  }
}

TEST(TypeTableTest, HasUniqueNames) {
  std::set<absl::string_view> names;
  for (const LogType& type : AllLogTypes()) {
    EXPECT_TRUE(names.insert(type.name).second) << type.code << ": " << type.name;
  }
  EXPECT_GE(names.size(), 215u);
}

TEST(TypeTableTest, MakesANameAndALevelForACodeItDoesNotKnow) {
  struct Case {
    const char* code;
    int level;
    const char* name;
  };
  for (const Case& c :
       {Case{"something_failed", 3, "Something Failed"},
        Case{"something_failure", 3, "Something Failure"}, Case{"limit_new", 4, "Limit New"},
        Case{"passkey_renewal_started", 1, "Passkey Renewal Started"},
        Case{"mfa2-reset", 1, "Mfa2 Reset"},
        // One word, or none: a name would say no more than the code.
        Case{"fnew", 3, "Unknown Log Type: fnew"}, Case{"snew", 1, "Unknown Log Type: snew"},
        Case{"a__b", 1, "Unknown Log Type: a__b"}, Case{"_x", 1, "Unknown Log Type: _x"},
        Case{"<b>_x", 1, "Unknown Log Type: <b>_x"}, Case{"17", 1, "Unknown Log Type: 17"},
        // The name of another type.
        Case{"success_login", 1, "Unknown Log Type: success_login"}}) {
    std::deque<std::string> strings;
    const LogType type = TypeForUnknownCode(c.code, &strings);
    EXPECT_EQ(type.code, c.code);
    EXPECT_EQ(type.name, c.name);
    EXPECT_EQ(type.level, c.level) << c.code;
    EXPECT_EQ(type.category, "other");
    EXPECT_EQ(type.extension_name, "");
  }
}

TEST(TypeTableTest, NamesALogThatHasNoCodeAtAll) {
  std::deque<std::string> strings;
  EXPECT_EQ(TypeForUnknownCode("", &strings).name, "Unknown Log Type: (none)");
}

TEST(TypeTableTest, AgreesWithTheListCompiledFromAuth0sPages) {
  const std::string path = SharedDataFile("log_event_types.tsv");
  if (path.empty()) GTEST_SKIP() << SharedDataIsMissing("log_event_types.tsv");
  std::ifstream file(path);
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  const std::vector<std::string> header = absl::StrSplit(line, '\t');
  std::size_t rows = 0;
  while (std::getline(file, line)) {
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    ASSERT_EQ(fields.size(), header.size()) << line;
    std::map<std::string, std::string> row;
    for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = fields[i];
    const LogType* const type = FindLogType(row["code"]);
    ASSERT_THAT(type, NotNull()) << row["code"];
    EXPECT_EQ(type->name, row["unique_label"]);
    EXPECT_EQ(type->category, row["category"]) << row["code"];
    EXPECT_EQ(type->extension_name, row["extension_name"]) << row["code"];
    int level = 0;
    ASSERT_TRUE(absl::SimpleAtoi(row["level"], &level));
    EXPECT_EQ(type->level, level) << row["code"];
    ++rows;
  }
  EXPECT_EQ(rows, AllLogTypes().size());
}

}  // namespace
}  // namespace logexport
