#include "service/auth0/young_logs.h"

#include <algorithm>
#include <optional>

namespace logexport {

void LeaveOutYoungLogs(absl::Time horizon, Page* page) {
  // Ids that carry time sort by it, so when the last one is old they all are. Reading the time of
  // each id of each page would cost more than decoding it.
  const std::optional<absl::Time> last = TimeOfLogId(page->last_id);
  const bool timed_ids_are_old = last && *last <= horizon;
  const auto is_young = [&](const Log& log) {
    if (timed_ids_are_old && !(log.date && *log.date > horizon)) return false;
    const std::optional<absl::Time> id_time = TimeOfLogId(log.id);
    const std::optional<absl::Time> time = id_time ? id_time : log.date;
    return time && *time > horizon;
  };
  std::vector<Log>& logs = page->logs;
  auto end = std::find_if(logs.begin(), logs.end(), is_young);
  if (end == logs.end()) return;
  // Logs without an id that precede the first young one come again with it.
  while (end != logs.begin() && !(end - 1)->has_id()) --end;
  logs.erase(end, logs.end());
  page->last_id = logs.empty() ? "" : std::string(logs.back().id);
  page->left_out_young = true;
}

}  // namespace logexport
