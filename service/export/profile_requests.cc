#include "service/export/profile_requests.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

std::vector<ProfileSource::Request> ProfileRequests(const std::vector<Log>& logs,
                                                    const LogFilter& filter,
                                                    const EventMapper& mapper) {
  std::vector<ProfileSource::Request> requests;
  absl::flat_hash_map<absl::string_view, std::size_t> seen;
  for (const Log& log : logs) {
    if (log.user_id.empty() || log.defect != Log::Defect::kNone) continue;
    if (!filter.ReasonToSkip(log).empty() || !mapper.WantsProfile(log)) continue;
    const auto [at, is_new] = seen.try_emplace(log.user_id, requests.size());
    if (is_new) requests.push_back({.user_id = log.user_id});
    if (!mapper.TellsOfChange(log)) continue;
    const std::optional<absl::Time> date = log.credible_date();
    const std::optional<absl::Time> time = date.has_value() ? date : TimeOfLogId(log.id);
    absl::Time& changed = requests[at->second].changed;
    changed = std::max(changed, time.value_or(absl::InfinitePast()));
  }
  return requests;
}

}  // namespace logexport
