#ifndef LOGEXPORT_CLIENT_RETRY_H_
#define LOGEXPORT_CLIENT_RETRY_H_

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include <grpcpp/support/status.h>

namespace logexport::client {

// When and how often a call is made again because the service was UNAVAILABLE.
struct RetryPolicy {
  int max_attempts = 5;
  absl::Duration initial_backoff = absl::Milliseconds(100);  // doubles with every attempt
  absl::Duration max_backoff = absl::Seconds(1);
  // A service that asks for a longer pause than this is left to the caller.
  absl::Duration max_retry_delay = absl::Seconds(5);
};

// Calls `attempt` with the time that is left, until it answers anything but UNAVAILABLE, the
// attempts are used up, or the time would be; answers what the last attempt did. Pauses are random
// between zero and the backoff, but not shorter than the service asks for. `random` is uniform in
// [0, 1).
//
// Not left to gRPC, whose own retries stop where a C++ service answers UNAVAILABLE from a handler:
// it sends headers first, and with those the call counts as committed.
grpc::Status CallWithRetry(const RetryPolicy& policy, absl::Duration deadline,
                           absl::FunctionRef<grpc::Status(absl::Duration left)> attempt,
                           absl::FunctionRef<void(absl::Duration)> sleep,
                           absl::FunctionRef<double()> random);

// The same with the system's clock and randomness.
grpc::Status CallWithRetry(const RetryPolicy& policy, absl::Duration deadline,
                           absl::FunctionRef<grpc::Status(absl::Duration left)> attempt);

}  // namespace logexport::client

#endif  // LOGEXPORT_CLIENT_RETRY_H_
