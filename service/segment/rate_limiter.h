#ifndef LOGEXPORT_SERVICE_SEGMENT_RATE_LIMITER_H_
#define LOGEXPORT_SERVICE_SEGMENT_RATE_LIMITER_H_

#include <cstdint>

#include "absl/time/time.h"

namespace logexport {

// Keeps to a number of events per second, on average and over any longer stretch, by a token bucket
// that may go into debt: a batch leaves as soon as the debt of those before it is paid, however
// large it is itself. Saves up at most one second's worth. Takes the time as an argument; not
// thread-safe.
class RateLimiter {
 public:
  // 0: no limit.
  explicit RateLimiter(std::int64_t events_per_second) : rate_(events_per_second) {}

  // Books `events` and answers how long to wait, from `now` (Clock::Monotonic), before sending
  // them.
  absl::Duration Book(std::int64_t events, absl::Duration now);

  // Takes a booking back that was not used.
  void Return(std::int64_t events);

 private:
  const std::int64_t rate_;
  // When the last event booked will have been paid for.
  absl::Duration paid_until_ = -absl::InfiniteDuration();
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_RATE_LIMITER_H_
