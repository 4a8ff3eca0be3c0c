#include "service/export/backoff.h"

#include <algorithm>
#include <cmath>

namespace logexport {

absl::Duration BackoffDelay(const BackoffPolicy& policy, int attempt, double unit) {
  // Beyond 2^30 every sensible policy is at its maximum; the bound keeps the product finite.
  const double factor = std::ldexp(1.0, std::clamp(attempt, 0, 30));
  return std::min(policy.max, policy.initial * factor) * unit;
}

absl::Duration DelayAfter(const BackoffPolicy& policy, const Failure& failure, int attempt,
                          double unit) {
  if (!failure.retry_after.has_value()) return BackoffDelay(policy, attempt, unit);
  const bool believed = failure.origin == Origin::kAuth0 && failure.kind == FailureClass::kLimited;
  return std::max(policy.initial, believed
                                      ? *failure.retry_after
                                      : std::min(*failure.retry_after, policy.max_retry_after));
}

}  // namespace logexport
