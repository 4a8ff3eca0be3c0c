#ifndef LOGEXPORT_SERVICE_AUTH0_RATE_BUDGET_H_
#define LOGEXPORT_SERVICE_AUTH0_RATE_BUDGET_H_

#include <optional>

#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/export/log_source.h"
#include "service/http/transport.h"

namespace logexport {

// The tenant's rate limit as its x-ratelimit-* headers tell it (Auth0 docs, "Rate Limit Policy":
// the reset is in UNIX seconds). The limit is shared with whatever else calls the tenant's
// Management API, so part of it is left alone. All times are on the server's clock. Thread-safe.
class RateLimit {
 public:
  // `reserve_percent` of the limit is never used. `profile_share_percent` of the rest may be used
  // for reading profiles.
  RateLimit(int reserve_percent, int profile_share_percent)
      : reserve_percent_(reserve_percent), profile_share_percent_(profile_share_percent) {}

  // Whose turn it is, from the first to be served to the last.
  enum class Lane { kMain, kSide, kProfiles };

  // Learns from an answer. Headers that are missing or make no sense change nothing.
  void Observe(const HttpResponse& response, absl::Time now);

  // How long to wait before the next call; zero when free to go.
  absl::Duration Wait(Lane lane, absl::Time now) const;

  // How long `response` asks to wait: by its Retry-After, else until its limit is reset, else
  // nothing.
  static std::optional<absl::Duration> AskedWait(const HttpResponse& response, absl::Time now);

  RateBudget budget() const;

 private:
  std::int64_t Reserve(Lane lane) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int reserve_percent_;
  const int profile_share_percent_;
  mutable Mutex mutex_;
  RateBudget budget_ ABSL_GUARDED_BY(mutex_);
  // No call before this: the server said so.
  absl::Time blocked_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_RATE_BUDGET_H_
