#include "service/auth0/young_logs.h"

#include <algorithm>
#include <optional>

namespace logexport {
namespace {

// How far our idea of the source's time may be behind: its answers tell whole seconds, and take
// their time to arrive.
constexpr absl::Duration kClockError = absl::Seconds(5);

}  // namespace

void MarkDatedAhead(absl::Time now, Page* page) {
  const absl::Time latest = now + kClockError;
  for (Log& log : page->logs) log.dated_ahead = log.date && *log.date > latest;
}

void LeaveOutYoungLogs(absl::Time horizon, absl::Time now, Page* page) {
  // Ids that carry time sort by it, so when the last one is old they all are. Reading the time of
  // each id of each page would cost more than decoding it.
  const std::optional<absl::Time> last = TimeOfLogId(page->last_id);
  const bool timed_ids_are_old = last && *last <= horizon;
  const auto is_young = [&](const Log& log) {
    if (timed_ids_are_old && !(log.date && *log.date > horizon)) return false;
    const std::optional<absl::Time> id_time = TimeOfLogId(log.id);
    const std::optional<absl::Time> time = id_time ? id_time : log.credible_date();
    return time && *time > horizon;
  };
  std::vector<Log>& logs = page->logs;
  auto end = std::find_if(logs.begin(), logs.end(), is_young);
  if (end == logs.end()) return;
  const absl::Time first_young = TimeOfLogId(end->id).value_or(now);
  if (first_young > now + kClockError) page->left_out_ahead = first_young - now;
  // Logs without an id that precede the first young one come again with it.
  while (end != logs.begin() && !(end - 1)->has_id()) --end;
  logs.erase(end, logs.end());
  page->last_id = logs.empty() ? "" : std::string(logs.back().id);
  page->left_out_young = true;
}

}  // namespace logexport
