// When to tell people something: how often a failure is repeated, when silence becomes an alarm,
// when the daily report is due. Pure decisions, like the schedule itself; what is said, and how, is
// the notifier's.
#ifndef LOGEXPORT_SERVICE_SCHEDULE_NOTICE_H_
#define LOGEXPORT_SERVICE_SCHEDULE_NOTICE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/schedule/schedule.h"

namespace logexport {

enum class FailureNotice {
  kSend,      // new: say it
  kSuppress,  // said already, and not long ago
  kRemind,    // said already, but it goes on
};

// `consecutive_failures` counts the failure at hand. `last_sent` is when this series of failures
// was mentioned last, or unset. A `last_sent` in the future (the clock was set back) counts as long
// ago.
FailureNotice DecideFailureNotice(std::int64_t consecutive_failures,
                                  std::optional<absl::Time> last_sent,
                                  absl::Duration reminder_interval, absl::Time now);

// When `periods` of the schedule have passed since `since` without a success: the fire that many
// after `since`, plus the time its run has to succeed, which is the time to the next fire but at
// most an hour. Counting fires, not hours, keeps a schedule that rests over night from raising an
// alarm every morning. InfiniteFuture if `periods` is not positive or the fires end before.
absl::Time SilenceDeadline(const Schedule& schedule, absl::Time since, int periods);

struct SilenceState {
  absl::Time deadline;                       // SilenceDeadline since the last success
  std::optional<absl::Time> last_success;    // the kind of success that ends the silence
  std::optional<absl::Time> last_announced;  // when the alarm was sent last, and not taken back
};

struct SilenceDecision {
  enum class Notice { kNone, kAlarm, kOver };
  Notice notice = Notice::kNone;
  // To store as `last_announced`.
  std::optional<absl::Time> last_announced;
  absl::Time wake;  // when to ask again, unless a run succeeds before
};

// To be asked at `wake` and after every run, but not while the exporter is paused: then it is
// silent on purpose. The alarm is raised at the deadline, repeated every `reminder_interval`, and
// taken back by the first success after it.
SilenceDecision DecideSilence(const SilenceState& state, absl::Duration reminder_interval,
                              absl::Time now);

struct DailyReportTimes {
  // Set when a report is due now: the civil day ("2026-11-23") to store as `last_day`.
  std::optional<std::string> due_day;
  // When to ask again.
  absl::Time next;
};

// One report per civil day of `zone`, at `hour` (0 to 23) or at the first chance after it on the
// same day. A day without that hour has its report right after the gap; a day that repeats it, the
// first time. `last_day` is the day of the last report, or empty; an hour before `created`, when
// the exporter came into being, brings none. Never twice for a day, whatever the clock does.
DailyReportTimes DecideDailyReport(int hour, const absl::TimeZone& zone, absl::string_view last_day,
                                   absl::Time created, absl::Time now);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SCHEDULE_NOTICE_H_
