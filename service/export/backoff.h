#ifndef LOGEXPORT_SERVICE_EXPORT_BACKOFF_H_
#define LOGEXPORT_SERVICE_EXPORT_BACKOFF_H_

#include "absl/time/time.h"

#include "service/export/failure.h"

namespace logexport {

// How long to wait between attempts. How long to go on is another question, answered by RunBudget.
struct BackoffPolicy {
  absl::Duration initial = absl::Milliseconds(500);
  absl::Duration max = absl::Seconds(60);
  // A wait that the other side asks for is believed up to this; a broken one may say "two years".
  // What Auth0 asks for because of its limit is believed as it is: auth0/ has looked at it.
  absl::Duration max_retry_after = absl::Seconds(300);
};

// Exponential with full jitter: uniform between zero and min(max, initial * 2^attempt). `attempt`
// counts from 0, `unit` is random in [0, 1).
absl::Duration BackoffDelay(const BackoffPolicy& policy, int attempt, double unit);

// The wait after `failure`: what the other side asked for (capped, and never less than the
// backoff's first step, so that "0" does not make a busy loop), else the backoff.
absl::Duration DelayAfter(const BackoffPolicy& policy, const Failure& failure, int attempt,
                          double unit);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_BACKOFF_H_
