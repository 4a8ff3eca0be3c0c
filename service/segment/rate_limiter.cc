#include "service/segment/rate_limiter.h"

#include <algorithm>

namespace logexport {
namespace {

constexpr absl::Duration kSavings = absl::Seconds(1);

}  // namespace

absl::Duration RateLimiter::Book(std::int64_t events, absl::Duration now) {
  if (rate_ <= 0) return absl::ZeroDuration();
  paid_until_ = std::max(paid_until_, now - kSavings);
  const absl::Duration wait = std::max(paid_until_ - now, absl::ZeroDuration());
  paid_until_ += absl::Seconds(1) * events / rate_;
  return wait;
}

void RateLimiter::Return(std::int64_t events) {
  if (rate_ > 0) paid_until_ -= absl::Seconds(1) * events / rate_;
}

}  // namespace logexport
