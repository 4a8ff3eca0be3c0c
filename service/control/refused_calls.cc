#include "service/control/refused_calls.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "service/base/logging.h"

namespace logexport {
namespace {

constexpr std::size_t kMostRefused = 1024;

// Whether the caller was kept out, rather than let in without success.
bool KeptOut(const ApiError& error) {
  return error.code == absl::StatusCode::kUnauthenticated ||
         error.code == absl::StatusCode::kPermissionDenied ||
         error.code == absl::StatusCode::kResourceExhausted;
}

}  // namespace

bool RefusedCalls::Take(const std::string& key, std::int64_t* skipped) {
  const absl::Duration now = clock_.Monotonic();
  const auto refill = [now](Use& use) {
    use.entries_left =
        std::min(kBurst, use.entries_left + absl::FDivDuration(now - use.filled, kInterval));
    use.filled = now;
  };
  MutexLock lock(&mutex_);
  if (uses_.size() >= kMostRefused && !uses_.contains(key)) {
    absl::erase_if(uses_, [&](auto& entry) {
      refill(entry.second);
      return entry.second.entries_left >= kBurst && entry.second.skipped == 0;
    });
  }
  // When so many are refused at the same time, those who are new share one allowance.
  const bool full = uses_.size() >= kMostRefused && !uses_.contains(key);
  const auto [entry, added] = uses_.try_emplace(full ? "others" : key);
  Use& use = entry->second;
  if (added) use.filled = now;
  refill(use);
  if (use.entries_left < 1) {
    ++use.skipped;
    return false;
  }
  use.entries_left -= 1;
  *skipped = std::exchange(use.skipped, 0);
  return true;
}

void RefusedCalls::Record(const std::string& key, const Caller& caller, const AuditedCall& call,
                          const ApiError& error) {
  std::int64_t skipped = 0;
  if (!Take(key, &skipped)) return;
  AuditEntry entry = EntryOf(caller, call, clock_.Now());
  entry.outcome = KeptOut(error) ? AuditOutcome::kRefused : AuditOutcome::kFailed;
  entry.error_reason = error.reason;
  entry.further_refusals = skipped;
  const absl::Status recorded =
      store_.Write([&](Transaction& tx) { return tx.AddAudit(entry).status(); });
  if (!recorded.ok()) {
    LogWarning("a refused call cannot be recorded in the audit",
               {{"method", call.method}, {"caller", caller.name}, {"error", recorded}});
  }
}

}  // namespace logexport
