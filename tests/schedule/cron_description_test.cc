#include "service/schedule/cron_description.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace logexport {
namespace {

TEST(CronDescriptionTest, SaysInEnglishWhatTheRuleAllows) {
  struct Row {
    std::string cron;
    std::string text;
  };
  const std::vector<Row> rows = {
      {"0 */5 * * * *", "every 5 minutes, at second 0"},
      {"* * * * *", "every minute, at second 0"},
      {"30 * * * * *", "every minute, at second 30"},
      {"* * * * * *", "every second"},
      {"*/10 * * * * *", "every 10 seconds"},
      {"5/10 * * * * *", "every 10 seconds from second 5"},
      {"*/10 0-29 * * * *", "every 10 seconds, in minutes 0 to 29"},
      {"2/5 * * * *", "every 5 minutes from minute 2, at second 0"},
      {"*/5 9-17 * * MON-FRI",
       "every 5 minutes, at second 0, in hours 9 to 17, on Monday to Friday"},
      {"*/7 * * * *", "every hour, at minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56"},
      {"@hourly", "every hour, at minute 0"},
      {"15 */6 * * *", "every 6 hours, at minute 15"},
      {"20 15 * * * *", "every hour, at minute 15, at second 20"},
      {"@daily", "at 00:00"},
      {"30 2 * * *", "at 02:30"},
      {"15 30 2 * * *", "at 02:30:15"},
      {"0 9,17 * * *", "at 09:00 and 17:00"},
      {"0,30 9,17 * * *", "at 09:00, 09:30, 17:00 and 17:30"},
      {"0 8-18 * * *", "at minute 0, at second 0, in hours 8 to 18"},
      {"@weekly", "at 00:00, on Sunday"},
      {"@monthly", "at 00:00, on day 1 of the month"},
      {"@yearly", "at 00:00, on day 1 of the month, in January"},
      {"0 0 1,15 JAN-MAR,DEC *",
       "at 00:00, on days 1 and 15 of the month, in January to March and December"},
      {"0 0 13 * FRI", "at 00:00, on day 13 of the month or on Friday"},
      {"0 0 */10 * FRI", "at 00:00, on days 1, 11, 21 and 31 of the month if it is Friday"},
      {"@every 5m", "every 5 minutes"},
      {"@every 90s", "every 90 seconds"},
      {"@every 1h", "every hour"},
      {"@every 1h30m", "every 90 minutes"},
  };
  for (const Row& row : rows) {
    absl::StatusOr<CronExpression> expression = ParseCron(row.cron);
    ASSERT_TRUE(expression.ok()) << expression.status();
    EXPECT_EQ(DescribeCron(*expression), row.text) << row.cron;
  }
}

}  // namespace
}  // namespace logexport
