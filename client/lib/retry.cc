#include "logexport/retry.h"

#include <algorithm>
#include <chrono>
#include <random>
#include <thread>

#include "absl/time/clock.h"

#include "logexport/error_details.h"

namespace logexport::client {

grpc::Status CallWithRetry(const RetryPolicy& policy, absl::Duration deadline,
                           absl::FunctionRef<grpc::Status(absl::Duration left)> attempt,
                           absl::FunctionRef<void(absl::Duration)> sleep,
                           absl::FunctionRef<double()> random) {
  const absl::Time end = absl::Now() + deadline;
  absl::Duration backoff = policy.initial_backoff;
  for (int i = 1;; ++i) {
    grpc::Status status = attempt(end - absl::Now());
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE || i >= policy.max_attempts) {
      return status;
    }
    const absl::Duration asked = DetailsOf(status).retry_delay.value_or(absl::ZeroDuration());
    const absl::Duration pause = std::max(backoff * random(), asked);
    if (asked > policy.max_retry_delay || absl::Now() + pause >= end) return status;
    sleep(pause);
    backoff = std::min(backoff * 2, policy.max_backoff);
  }
}

grpc::Status CallWithRetry(const RetryPolicy& policy, absl::Duration deadline,
                           absl::FunctionRef<grpc::Status(absl::Duration left)> attempt) {
  std::random_device device;
  std::minstd_rand engine(device());
  std::uniform_real_distribution<double> unit;
  return CallWithRetry(
      policy, deadline, attempt,
      [](absl::Duration pause) { std::this_thread::sleep_for(absl::ToChronoMilliseconds(pause)); },
      [&] { return unit(engine); });
}

}  // namespace logexport::client
