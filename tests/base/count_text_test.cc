#include "service/base/count_text.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace logexport {
namespace {

TEST(CountTextTest, GroupsDigitsByThousands) {
  const std::vector<std::pair<std::int64_t, std::string>> rows = {
      {0, "0"},
      {7, "7"},
      {999, "999"},
      {1000, "1,000"},
      {12345, "12,345"},
      {1234567, "1,234,567"},
      {-1234, "-1,234"},
      {-123, "-123"},
      {std::numeric_limits<std::int64_t>::max(), "9,223,372,036,854,775,807"},
      {std::numeric_limits<std::int64_t>::min(), "-9,223,372,036,854,775,808"}};
  for (const auto& [count, text] : rows) EXPECT_EQ(CountText(count), text);
  EXPECT_EQ(GroupDigits("18446744073709551615"), "18,446,744,073,709,551,615");
}

TEST(CountTextTest, CountsThingsInTheirGrammaticalNumber) {
  EXPECT_EQ(Counted(1, "run"), "1 run");
  EXPECT_EQ(Counted(0, "run"), "0 runs");
  EXPECT_EQ(Counted(1000, "run"), "1,000 runs");
}

}  // namespace
}  // namespace logexport
