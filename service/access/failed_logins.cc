#include "service/access/failed_logins.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "service/access/caller_address.h"
#include "service/base/hash.h"
#include "service/control/api_error.h"

namespace logexport {
namespace {

constexpr std::size_t kMostHosts = 4096;
constexpr std::size_t kMostRight = 256;

// What could be guessed: a token, or else a session.
std::string ShownSecret(const IncomingCall& call) {
  return call.authorization.value_or(call.session);
}

}  // namespace

FailedLogins::Host& FailedLogins::Find(const IncomingCall& call) {
  const absl::Duration now = clock_.Monotonic();
  const auto refill = [&](Host& host) {
    host.attempts_left = std::min<double>(
        kFreeAttempts, host.attempts_left + absl::FDivDuration(now - host.filled, kWait));
    host.filled = now;
  };
  const std::string name = HostOfAddress(call.address);
  if (hosts_.size() >= kMostHosts && !hosts_.contains(name)) {
    absl::erase_if(hosts_, [&](auto& entry) {
      refill(entry.second);
      return entry.second.attempts_left >= kFreeAttempts;
    });
    // More hosts than that guess at the same time: start anew rather than grow.
    if (hosts_.size() >= kMostHosts) hosts_.clear();
  }
  const auto [entry, added] = hosts_.try_emplace(name);
  if (added) entry->second.filled = now;
  refill(entry->second);
  return entry->second;
}

absl::Status FailedLogins::Check(const IncomingCall& call) {
  const std::string shown = ShownSecret(call);
  if (shown.empty()) return absl::OkStatus();
  MutexLock lock(&mutex_);
  const auto host = hosts_.find(HostOfAddress(call.address));
  if (host == hosts_.end()) return absl::OkStatus();
  if (Find(call).attempts_left >= 1) return absl::OkStatus();
  if (right_.contains(Sha256Hex(shown))) return absl::OkStatus();
  ApiError error;
  error.code = absl::StatusCode::kResourceExhausted;
  error.reason = "TOO_MANY_FAILED_LOGINS";
  error.message = "too many wrong tokens came from this address; try again in a moment";
  error.retry_after = kWait;
  return MakeApiError(error);
}

void FailedLogins::Succeeded(const IncomingCall& call) {
  const std::string shown = ShownSecret(call);
  if (shown.empty()) return;
  std::string digest = Sha256Hex(shown);
  MutexLock lock(&mutex_);
  if (!right_.insert(digest).second) return;
  right_order_.push_back(std::move(digest));
  if (right_order_.size() <= kMostRight) return;
  right_.erase(right_order_.front());
  right_order_.pop_front();
}

bool FailedLogins::Failed(const IncomingCall& call) {
  MutexLock lock(&mutex_);
  ++failures_;
  Host& host = Find(call);
  // Whoever shows no token at all guesses none.
  if (!ShownSecret(call).empty()) host.attempts_left -= 1;
  const absl::Duration now = clock_.Monotonic();
  if (now - host.logged < kLogInterval) return false;
  host.logged = now;
  return true;
}

std::int64_t FailedLogins::failures() const {
  MutexLock lock(&mutex_);
  return failures_;
}

}  // namespace logexport
