#include "service/auth0/server_clock.h"

#include "service/http/header_time.h"

namespace logexport {
namespace {

// By how much an answer's Date may be behind what is known already because of its whole seconds and
// the time it took to arrive. More than that means that the clocks have drifted.
constexpr absl::Duration kUncertainty = absl::Seconds(2);

}  // namespace

void ServerClock::Observe(const HttpResponse& response) {
  const std::optional<absl::Time> date = ParseHttpDate(response.Header("Date"));
  if (!date) return;
  const absl::Time origin = *date - clock_.Monotonic();
  MutexLock lock(&mutex_);
  // Every answer puts a lower bound to the server's time; the highest of them is the best.
  if (origin_ && origin < *origin_ && *origin_ - origin < kUncertainty) return;
  origin_ = origin;
}

absl::Time ServerClock::Now() const {
  MutexLock lock(&mutex_);
  return origin_ ? *origin_ + clock_.Monotonic() : clock_.Now();
}

absl::Duration ServerClock::Skew() const {
  MutexLock lock(&mutex_);
  return origin_ ? clock_.Now() - (*origin_ + clock_.Monotonic()) : absl::ZeroDuration();
}

}  // namespace logexport
