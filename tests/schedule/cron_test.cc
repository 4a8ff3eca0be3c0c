#include "service/schedule/cron.h"

#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <std::size_t kSize>
std::vector<int> Members(const std::bitset<kSize>& set) {
  std::vector<int> members;
  for (std::size_t i = 0; i < kSize; ++i) {
    if (set[i]) members.push_back(static_cast<int>(i));
  }
  return members;
}

CalendarRule Calendar(const std::string& text) {
  absl::StatusOr<CronExpression> expression = ParseCron(text);
  EXPECT_TRUE(expression.ok()) << text << ": " << expression.status();
  if (!expression.ok()) return {};
  return std::get<CalendarRule>(expression->rule);
}

std::string ErrorOf(const std::string& text) {
  absl::StatusOr<CronExpression> expression = ParseCron(text);
  EXPECT_FALSE(expression.ok()) << text << " was accepted";
  if (expression.ok()) return "";
  EXPECT_EQ(expression.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(expression.status().message());
}

TEST(CronTest, FiveFieldsStartWithTheMinuteAndFireAtSecondZero) {
  const CalendarRule rule = Calendar("1 2 3 4 5");
  EXPECT_THAT(Members(rule.seconds), ElementsAre(0));
  EXPECT_THAT(Members(rule.minutes), ElementsAre(1));
  EXPECT_THAT(Members(rule.hours), ElementsAre(2));
  EXPECT_THAT(Members(rule.days_of_month), ElementsAre(3));
  EXPECT_THAT(Members(rule.months), ElementsAre(4));
  EXPECT_THAT(Members(rule.days_of_week), ElementsAre(5));
}

TEST(CronTest, SixFieldsStartWithTheSecond) {
  const CalendarRule rule = Calendar("30 1 2 3 4 5");
  EXPECT_THAT(Members(rule.seconds), ElementsAre(30));
  EXPECT_THAT(Members(rule.minutes), ElementsAre(1));
  EXPECT_THAT(Members(rule.days_of_week), ElementsAre(5));
}

TEST(CronTest, ReadsListsRangesAndSteps) {
  struct Row {
    std::string minute;
    std::vector<int> values;
  };
  const std::vector<Row> rows = {
      {"7", {7}},
      {"007", {7}},
      {"1,3,5", {1, 3, 5}},
      {"5,3,5", {3, 5}},
      {"10-13", {10, 11, 12, 13}},
      {"10-10", {10}},
      {"*/20", {0, 20, 40}},
      {"*/59", {0, 59}},
      {"10-40/10", {10, 20, 30, 40}},
      {"10-12/5", {10}},
      {"5/15", {5, 20, 35, 50}},
      {"59/2", {59}},
      {"1,10-12,30/15", {1, 10, 11, 12, 30, 45}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Members(Calendar(row.minute + " * * * *").minutes), row.values) << row.minute;
  }
  EXPECT_EQ(Calendar("* * * * *").minutes.count(), 60U);
  EXPECT_EQ(Calendar("*/1 * * * *").minutes.count(), 60U);
}

TEST(CronTest, ReadsNamesOfMonthsAndDaysInAnyCase) {
  EXPECT_THAT(Members(Calendar("0 0 * JAN-mar,Dec *").months), ElementsAre(1, 2, 3, 12));
  EXPECT_THAT(Members(Calendar("0 0 * * mon-FRI").days_of_week), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(Members(Calendar("0 0 * jan-dec/3 *").months), ElementsAre(1, 4, 7, 10));
}

TEST(CronTest, SundayIsZeroAndSevenAndMayEndARange) {
  EXPECT_THAT(Members(Calendar("0 0 * * 0").days_of_week), ElementsAre(0));
  EXPECT_THAT(Members(Calendar("0 0 * * 7").days_of_week), ElementsAre(0));
  EXPECT_THAT(Members(Calendar("0 0 * * 5-7").days_of_week), ElementsAre(0, 5, 6));
  EXPECT_THAT(Members(Calendar("0 0 * * FRI-SUN").days_of_week), ElementsAre(0, 5, 6));
  EXPECT_THAT(Members(Calendar("0 0 * * SUN-TUE").days_of_week), ElementsAre(0, 1, 2));
  EXPECT_THAT(Members(Calendar("0 0 * * SUN-SUN").days_of_week), ElementsAre(0));
  EXPECT_THAT(Members(Calendar("0 0 * * */2").days_of_week), ElementsAre(0, 2, 4, 6));
  EXPECT_THAT(Members(Calendar("0 0 * * 1/3").days_of_week), ElementsAre(1, 4));
}

TEST(CronTest, ADayMatchesEitherFieldOnlyIfBothAreRestricted) {
  EXPECT_TRUE(Calendar("0 0 13 * FRI").either_day);
  EXPECT_TRUE(Calendar("0 0 1-31 * 0-6").either_day);
  EXPECT_FALSE(Calendar("0 0 13 * *").either_day);
  EXPECT_FALSE(Calendar("0 0 * * FRI").either_day);
  EXPECT_FALSE(Calendar("0 0 ? * FRI").either_day);
  EXPECT_FALSE(Calendar("0 0 */2 * FRI").either_day);
}

TEST(CronTest, AnHourFieldThatStartsWithAStarIsIntervalLike) {
  EXPECT_TRUE(Calendar("* * * * *").interval_like);
  EXPECT_TRUE(Calendar("0 */2 * * *").interval_like);
  EXPECT_TRUE(Calendar("@hourly").interval_like);
  EXPECT_FALSE(Calendar("* 2 * * *").interval_like);
  EXPECT_FALSE(Calendar("0 0-23 * * *").interval_like);
  EXPECT_FALSE(Calendar("@daily").interval_like);
}

TEST(CronTest, MacrosStandForTheirFields) {
  struct Row {
    std::string macro;
    std::string fields;
  };
  const std::vector<Row> rows = {
      {"@hourly", "0 * * * *"},   {"@daily", "0 0 * * *"},     {"@midnight", "0 0 * * *"},
      {"@weekly", "0 0 * * SUN"}, {"@monthly", "0 0 1 * *"},   {"@yearly", "0 0 1 JAN *"},
      {"@annually", "0 0 1 1 *"}, {"  @Daily\t", "0 0 * * *"},
  };
  for (const Row& row : rows) {
    const CalendarRule macro = Calendar(row.macro);
    const CalendarRule fields = Calendar(row.fields);
    EXPECT_EQ(macro.seconds, fields.seconds) << row.macro;
    EXPECT_EQ(macro.minutes, fields.minutes) << row.macro;
    EXPECT_EQ(macro.hours, fields.hours) << row.macro;
    EXPECT_EQ(macro.days_of_month, fields.days_of_month) << row.macro;
    EXPECT_EQ(macro.months, fields.months) << row.macro;
    EXPECT_EQ(macro.days_of_week, fields.days_of_week) << row.macro;
    EXPECT_EQ(macro.either_day, fields.either_day) << row.macro;
  }
}

TEST(CronTest, EveryTakesADuration) {
  struct Row {
    std::string text;
    absl::Duration period;
  };
  const std::vector<Row> rows = {
      {"@every 5m", absl::Minutes(5)},     {"@every 90s", absl::Seconds(90)},
      {"@every 1h30m", absl::Minutes(90)}, {"@EVERY  1.5m", absl::Seconds(90)},
      {"@every 2d", absl::Hours(48)},      {"@every 1s", absl::Seconds(1)},
      {"@every 8784h", absl::Hours(8784)},
  };
  for (const Row& row : rows) {
    absl::StatusOr<CronExpression> expression = ParseCron(row.text);
    ASSERT_TRUE(expression.ok()) << expression.status();
    EXPECT_EQ(std::get<IntervalRule>(expression->rule).period, row.period) << row.text;
  }
}

TEST(CronTest, KeepsTheTextAsWritten) {
  absl::StatusOr<CronExpression> expression = ParseCron("\t*/5  *   * * mon \n");
  ASSERT_TRUE(expression.ok()) << expression.status();
  EXPECT_EQ(expression->text, "*/5  *   * * mon");
}

TEST(CronTest, ErrorsSayWhichFieldWhatIsWrongWhereAndWhatIsAllowed) {
  EXPECT_EQ(
      ErrorOf("*/5 24 * * *"),
      "cron expression \"*/5 24 * * *\": hour (field 2 of 5) \"24\" at column 5: \"24\" is out "
      "of range; allowed: 0-23");
  EXPECT_EQ(
      ErrorOf("0 0 1 1,FOO *"),
      "cron expression \"0 0 1 1,FOO *\": month (field 4 of 5) \"FOO\" at column 9: \"FOO\" is "
      "not a month; allowed: 1-12 or JAN-DEC");
}

TEST(CronTest, RefusesEveryKindOfMistakeInAField) {
  struct Row {
    std::string text;
    std::string error;
  };
  const std::vector<Row> rows = {
      {"60 * * * *", "minute (field 1 of 5) \"60\" at column 1: \"60\" is out of range"},
      {"60 * * * * *", "second (field 1 of 6)"},
      {"* 24 * * *", "hour (field 2 of 5)"},
      {"* * 0 * *", "day of month (field 3 of 5)"},
      {"* * 32 * *", "allowed: 1-31"},
      {"* * * 0 *", "month (field 4 of 5)"},
      {"* * * 13 *", "allowed: 1-12 or JAN-DEC"},
      {"* * * * 8", "allowed: 0-7 or SUN-SAT"},
      {"99999999999999999999 * * * *", "is out of range"},
      {"-1 * * * *", "a value is missing"},
      {"1- * * * *", "a value is missing"},
      {"1-2-3 * * * *", "\"2-3\" is not a minute"},
      {"*-5 * * * *", "\"*\" is not a minute"},
      {"+5 * * * *", "\"+5\" is not a minute"},
      {"1.5 * * * *", "\"1.5\" is not a minute"},
      {"0x10 * * * *", "\"0x10\" is not a minute"},
      {", * * * *", "a value is missing in the list"},
      {"1,,2 * * * *", "\"\" at column 3: a value is missing in the list"},
      {"1, * * * *", "a value is missing in the list"},
      {"*/0 * * * *", "the step must be at least 1"},
      {"*/ * * * *", "the step after '/' is missing"},
      {"/5 * * * *", "a value is missing"},
      {"*/x * * * *", "the step \"x\" is not a number"},
      {"*/5/5 * * * *", "the step \"5/5\" is not a number"},
      {"*/90 * * * *", "longest step is 59; a longer interval is written as '@every'"},
      {"* */24 * * *", "longest step is 23"},
      {"* * * * */7", "longest step is 6"},
      {"*/99999999999 * * * *", "does not fit the field"},
      {"50-10 * * * *", "the range runs backwards"},
      {"* * * DEC-FEB *", "the range runs backwards"},
      {"* * * * 7-2", "the range runs backwards"},
      {"* * * MON *", "\"MON\" is not a month"},
      {"* * * * JAN", "\"JAN\" is not a day of week"},
      {"* * * * MONDAY", "\"MONDAY\" is not a day of week"},
      {"? * * * *", "'?' stands only in the day fields"},
      {"* * ?/2 * *", "'?' stands alone"},
      {"* * 1,? * *", "'?' stands alone"},
      {"* * L * *", "'L' (the last day) is not supported"},
      {"* * l * *", "'L' (the last day) is not supported"},
      {"* * L-3 * *", "'L' (the last day) is not supported"},
      {"* * * * 5L", "'L' (the last day) is not supported"},
      {"* * * * FRIL", "'L' (the last day) is not supported"},
      {"* * LW * *", "'W' (the nearest weekday) is not supported"},
      {"* * 15W * *", "'W' (the nearest weekday) is not supported"},
      {"* * * * FRI#2", "'#' (the n-th weekday of a month) is not supported"},
  };
  for (const Row& row : rows) EXPECT_THAT(ErrorOf(row.text), HasSubstr(row.error)) << row.text;
}

TEST(CronTest, RefusesExpressionsOfTheWrongShape) {
  struct Row {
    std::string text;
    std::string error;
  };
  const std::vector<Row> rows = {
      {"", "is empty"},
      {" \t\n", "is empty"},
      {"*", "has 1 field; write 5"},
      {"* * * *", "has 4 fields; write 5"},
      {"* * * * * * *", "no field for the year"},
      {"* * * * * * * *", "has 8 fields"},
      {"@", "there is no macro"},
      {"@fortnightly", "allowed: @hourly, @daily"},
      {"@reboot", "there is no macro"},
      {"@daily 5", "there is no macro"},
      {"@hourly * * * *", "there is no macro"},
      {"@every", "takes one duration"},
      {"@every 5 m", "takes one duration"},
      {"@every5m", "there is no macro"},
      {"@every x", "\"x\" at column 8 is not a duration"},
      {"@every 5", "is not a duration"},
      {"@every 0", "at least 1s"},
      {"@every -5m", "at least 1s"},
      {"@every 999ms", "at least 1s"},
      {"@every 1500ms", "must be whole seconds"},
      {"@every inf", "is not a duration"},
      {"@every 8785h", "at most 366d"},
      {std::string(257, '1'), "is 257 characters long; at most 256"},
  };
  for (const Row& row : rows) EXPECT_THAT(ErrorOf(row.text), HasSubstr(row.error)) << row.text;
}

TEST(CronTest, RefusesDatesThatDoNotExist) {
  EXPECT_THAT(ErrorOf("0 0 30 2 *"), HasSubstr("never fires"));
  EXPECT_THAT(ErrorOf("0 0 31 APR,JUN,SEP,NOV *"), HasSubstr("never fires"));
  EXPECT_THAT(ErrorOf("0 0 30-31 2 ?"), HasSubstr("never fires"));
  EXPECT_TRUE(ParseCron("0 0 29 2 *").ok());
  EXPECT_TRUE(ParseCron("0 0 31 4,5 *").ok());
  // Either day field is enough: every Monday of February.
  EXPECT_TRUE(ParseCron("0 0 30 2 MON").ok());
}

TEST(CronTest, QuotesWhatItCannotReadSafely) {
  const std::string error = ErrorOf("\x01\xff<!channel> * * * *");
  EXPECT_THAT(error, HasSubstr("\\x01\\xff"));
  for (const char c : error) {
    EXPECT_TRUE(c >= ' ' && c < 0x7f) << static_cast<int>(c);
  }
  EXPECT_LT(ErrorOf(std::string(200, 'x') + " * * * *").size(), 400U);
}

}  // namespace
}  // namespace logexport
