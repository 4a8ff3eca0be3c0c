// Cron expressions: the text an operator writes, turned into a rule that can be evaluated.
//
// Accepted:
//   5 fields   minute hour day-of-month month day-of-week            (second 0)
//   6 fields   second minute hour day-of-month month day-of-week
//   macros     @hourly @daily @midnight @weekly @monthly @yearly @annually
//   intervals  @every 5m, @every 90s, @every 1h30m, @every 1d (duration_text.h)
//
// A field is a comma-separated list of: `*`, a value, a range `10-40`, each optionally followed by
// a step (`*/5`, `10-40/10`; `5/15` means 5-59/15). Months and weekdays also go by their
// three-letter English names; Sunday is 0 or 7. `?` is the same as `*` in the two day fields. Case
// never matters.
//
// Two rules are cron's own, see crontab(5) of Debian's cron:
//   - When day-of-month and day-of-week are both restricted, a day matches if either field does.
//     A field that starts with `*` (or is `?`) is not restricted; then both fields must match.
//   - An expression whose hour field starts with `*` is interval-like, any other has fixed hours;
//     the difference shows only where a clock change skips or repeats hours (see schedule.h).
//
// Steps that do not fit the field (`*/90` minutes) are refused: cron reads them as "once an hour",
// which is never what was meant. Quartz's L, W and #, the year field and @reboot are refused too.
#ifndef LOGEXPORT_SERVICE_SCHEDULE_CRON_H_
#define LOGEXPORT_SERVICE_SCHEDULE_CRON_H_

#include <bitset>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// Fires at every second of local time that all fields allow. Bit n stands for the value n, so bit 0
// of `days_of_month` and `months` is never set. Each set has at least one member.
struct CalendarRule {
  std::bitset<60> seconds;
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<32> days_of_month;
  std::bitset<13> months;
  std::bitset<7> days_of_week;  // 0 is Sunday
  // True: one of the two day fields must allow the day. False: both must.
  bool either_day = false;
  bool interval_like = false;
};

// Fires at every multiple of `period` since the UNIX epoch, whatever the time zone: a restart, or
// another machine, finds the same instants. `period` is a whole number of seconds, at least one.
struct IntervalRule {
  absl::Duration period;
};

struct CronExpression {
  std::string text;  // as written, without surrounding white space
  std::variant<CalendarRule, IntervalRule> rule;
};

// InvalidArgument says which field is wrong, what is wrong with it, where (columns count from 1)
// and what is allowed. Expressions that can never fire (30 February) are refused as well. Any bytes
// are safe to pass; what is quoted back in the message is escaped and cut short.
absl::StatusOr<CronExpression> ParseCron(absl::string_view text);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SCHEDULE_CRON_H_
