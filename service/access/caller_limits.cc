#include "service/access/caller_limits.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"

#include "service/access/caller_address.h"
#include "service/base/logging.h"
#include "service/control/api_error.h"

namespace logexport {
namespace {

constexpr std::size_t kMostKnown = 1024;

}  // namespace

absl::Status CallerLimits::Refuse(const std::string& key, Use& use, absl::string_view reason,
                                  const std::string& what, absl::Duration wait) {
  ++use.refused;
  const absl::Duration now = clock_.Monotonic();
  if (now - use.logged >= kLogInterval) {
    use.logged = now;
    LogWarning("a caller is at a limit and is refused", {{"caller", key},
                                                         {"limit", what},
                                                         {"open_calls", use.open_calls},
                                                         {"refused", use.refused}});
  }
  ApiError error;
  error.code = absl::StatusCode::kResourceExhausted;
  error.reason = std::string(reason);
  error.message = absl::StrCat("this caller ", what, "; try again in a moment");
  error.retry_after = wait;
  return MakeApiError(error);
}

absl::StatusOr<CallerLimits::Place> CallerLimits::Enter(const Caller& caller,
                                                        absl::string_view address, bool stream) {
  std::string key = caller.verified ? caller.name : HostOfAddress(address);
  const absl::Duration now = clock_.Monotonic();
  MutexLock lock(&mutex_);
  if (uses_.size() >= kMostKnown && !uses_.contains(key)) ForgetIdle(now);
  const auto [entry, added] = uses_.try_emplace(key);
  Use& use = entry->second;
  if (added) {
    use.calls_left = options_.burst;
  } else {
    use.calls_left =
        std::min(options_.burst, use.calls_left + options_.calls_per_second *
                                                      absl::ToDoubleSeconds(now - use.filled));
  }
  use.filled = now;
  if (use.calls_left < 1) {
    return Refuse(key, use, "TOO_MANY_CALLS",
                  absl::StrCat("makes more than ", options_.calls_per_second, " calls a second"),
                  absl::Seconds(1));
  }
  if (use.open_calls >= options_.open_calls) {
    return Refuse(key, use, "TOO_MANY_CALLS",
                  absl::StrCat("has ", use.open_calls, " calls in progress"), absl::Seconds(1));
  }
  if (stream && use.open_streams >= options_.open_streams) {
    return Refuse(key, use, "TOO_MANY_WATCHERS",
                  absl::StrCat("watches ", use.open_streams,
                               " runs already: end one of them, or use GetReport"),
                  absl::Seconds(10));
  }
  use.calls_left -= 1;
  ++use.open_calls;
  if (stream) ++use.open_streams;
  return Place(this, std::move(key), stream);
}

void CallerLimits::Leave(const std::string& key, bool stream) {
  MutexLock lock(&mutex_);
  Use& use = uses_[key];
  --use.open_calls;
  if (stream) --use.open_streams;
}

void CallerLimits::ForgetIdle(absl::Duration now) {
  absl::erase_if(uses_, [&](const auto& entry) {
    const Use& use = entry.second;
    const double full = options_.burst - use.calls_left;
    return use.open_calls == 0 &&
           options_.calls_per_second * absl::ToDoubleSeconds(now - use.filled) >= full;
  });
}

std::vector<CallerLoad> CallerLimits::Loads() const {
  std::vector<CallerLoad> loads;
  {
    MutexLock lock(&mutex_);
    for (const auto& [key, use] : uses_) {
      if (use.open_calls == 0 && use.refused == 0) continue;
      loads.push_back({key, use.open_calls, use.open_streams, use.refused});
    }
  }
  std::sort(loads.begin(), loads.end(),
            [](const CallerLoad& a, const CallerLoad& b) { return a.caller < b.caller; });
  return loads;
}

}  // namespace logexport
