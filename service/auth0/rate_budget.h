#ifndef LOGEXPORT_SERVICE_AUTH0_RATE_BUDGET_H_
#define LOGEXPORT_SERVICE_AUTH0_RATE_BUDGET_H_

#include <optional>

#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/export/log_source.h"
#include "service/export/run_lane.h"
#include "service/http/transport.h"

namespace logexport {

// One of the tenant's rate limits as its x-ratelimit-* headers tell it (Auth0 docs, "Rate Limit
// Policy": a bucket of tokens that fills up evenly; the reset is in UNIX seconds). Reading logs and
// reading users share one limit on some plans and have one each on others, so each kind of call
// follows what its own answers say. A limit is shared with whatever else calls the tenant's
// Management API, so part of it is left alone. All times are on the server's clock. Thread-safe.
class RateLimit {
 public:
  // `reserve_percent` of the limit is never used. Calls for profiles leave all but
  // `profile_share_percent` of the rest to others.
  RateLimit(int reserve_percent, int profile_share_percent)
      : reserve_percent_(reserve_percent), profile_share_percent_(profile_share_percent) {}

  // Whom a call is for: a run of this lane, or (kProfiles) the look-up of profiles. A run of the
  // side lane leaves more to others and, while one of the main lane is reading, comes last. One for
  // completeness takes a tenth of the limit at most.
  using User = std::optional<RunLane>;
  static constexpr std::nullopt_t kProfiles = std::nullopt;

  // Learns from the answer to a call. Headers that are missing or make no sense change nothing.
  void Observe(const HttpResponse& response, User user, absl::Time now);

  // How long to wait before the next call; zero when free to go.
  absl::Duration Wait(User user, absl::Time now) const;

  // Whether one more call may be made beside `on_the_way` others that have no answer yet: what the
  // last answer said remains has to do for all of them. Before the first answer it is unknown, so
  // that one call goes alone.
  bool MayJoin(User user, int on_the_way) const;

  // How long `response` asks to wait: by its Retry-After, else until its limit is reset, else
  // nothing.
  static std::optional<absl::Duration> AskedWait(const HttpResponse& response, absl::Time now);

  RateBudget budget() const;

 private:
  std::int64_t Reserve(User user) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int reserve_percent_;
  const int profile_share_percent_;
  mutable Mutex mutex_;
  RateBudget budget_ ABSL_GUARDED_BY(mutex_);
  bool answered_ ABSL_GUARDED_BY(mutex_) = false;
  // No call before this: the server said so.
  absl::Time blocked_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time last_main_call_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time last_completeness_call_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_RATE_BUDGET_H_
