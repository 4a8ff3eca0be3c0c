#include "service/schedule/notice.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/time/civil_time.h"

namespace logexport {
namespace {

constexpr absl::Duration kLongestChance = absl::Hours(1);
constexpr absl::Duration kShortestReminder = absl::Minutes(1);

bool IsRecent(std::optional<absl::Time> announced, absl::Duration interval, absl::Time now) {
  return announced && *announced <= now && now - *announced < interval;
}

absl::Time ReportTime(absl::CivilDay day, int hour, const absl::TimeZone& zone) {
  const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(day) + hour * 3600);
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

}  // namespace

FailureNotice DecideFailureNotice(std::int64_t consecutive_failures,
                                  std::optional<absl::Time> last_sent,
                                  absl::Duration reminder_interval, absl::Time now) {
  if (!last_sent || consecutive_failures <= 1) return FailureNotice::kSend;
  return IsRecent(last_sent, reminder_interval, now) ? FailureNotice::kSuppress
                                                     : FailureNotice::kRemind;
}

absl::Time SilenceDeadline(const Schedule& schedule, absl::Time since, int periods) {
  if (periods <= 0) return absl::InfiniteFuture();
  const std::vector<absl::Time> fires = schedule.Next(since, periods);
  if (fires.size() < static_cast<std::size_t>(periods)) return absl::InfiniteFuture();
  const absl::Time last = fires.back();
  return std::min(schedule.NextAfter(last), last + kLongestChance);
}

SilenceDecision DecideSilence(const SilenceState& state, absl::Duration reminder_interval,
                              absl::Time now) {
  reminder_interval = std::max(reminder_interval, kShortestReminder);
  SilenceDecision decision;
  decision.last_announced = state.last_announced;
  decision.wake = state.deadline;
  const bool answered =
      state.last_announced && state.last_success && *state.last_success > *state.last_announced;
  if (answered) decision.last_announced.reset();
  if (now < state.deadline) {
    if (answered) decision.notice = SilenceDecision::Notice::kOver;
    return decision;
  }
  if (!IsRecent(decision.last_announced, reminder_interval, now)) {
    decision.notice = SilenceDecision::Notice::kAlarm;
    decision.last_announced = now;
  }
  decision.wake = *decision.last_announced + reminder_interval;
  return decision;
}

DailyReportTimes DecideDailyReport(int hour, const absl::TimeZone& zone, absl::string_view last_day,
                                   absl::Time created, absl::Time now) {
  const absl::CivilDay today(zone.At(now).cs);
  const std::string today_text = absl::FormatCivilTime(today);
  const absl::Time at = ReportTime(today, hour, zone);
  DailyReportTimes times;
  times.next = ReportTime(today + 1, hour, zone);
  // Days as text are in the order of the days, so a clock that was set back finds no new one.
  if (absl::string_view(today_text) <= last_day || at < created) return times;
  if (now < at) {
    times.next = at;
  } else {
    times.due_day = today_text;
  }
  return times;
}

}  // namespace logexport
