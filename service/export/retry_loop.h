#ifndef LOGEXPORT_SERVICE_EXPORT_RETRY_LOOP_H_
#define LOGEXPORT_SERVICE_EXPORT_RETRY_LOOP_H_

#include <atomic>
#include <cstdint>
#include <stop_token>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

#include "service/base/clock.h"
#include "service/base/random.h"
#include "service/export/backoff.h"
#include "service/export/run_budget.h"
#include "service/export/run_observer.h"
#include "service/export/run_waits.h"

namespace logexport {

// The one place where anything is tried again. Every call made through it is idempotent: reads, and
// sends whose events carry stable message ids. Thread-safe; one per run.
class RetryLoop {
 public:
  // Waits are told to `waits` and attempts to `observer` unless they are null. All must outlive it.
  RetryLoop(Clock& clock, Random& random, RunBudget& budget, BackoffPolicy policy = {},
            RunWaits* waits = nullptr, RunObserver* observer = nullptr)
      : clock_(clock),
        random_(random),
        budget_(budget),
        policy_(policy),
        waits_(waits),
        observer_(observer) {}

  // Makes attempts (numbered from 0) until one succeeds, fails for good, or the budget is used up;
  // answers the last attempt's status, after attempts that were repeated with a note of how often
  // and how long. CANCELLED when `stop` is requested before an attempt; a wait between two ends
  // with it. kAlways makes the first attempt even then.
  enum class First { kUnlessStopped, kAlways };
  absl::Status Run(const std::stop_token& stop, absl::FunctionRef<absl::Status(int attempt)> call,
                   First first = First::kUnlessStopped, const RunStep& step = {});

  // Waits to keep to a rate limit of `target`. False when stopped, or when the wait is not within
  // the budget (then without waiting).
  bool WaitOnLimit(Origin target, absl::Duration delay, const std::stop_token& stop);

  std::int64_t retries() const { return retries_.load(std::memory_order_relaxed); }

 private:
  Clock& clock_;
  Random& random_;
  RunBudget& budget_;
  const BackoffPolicy policy_;
  // One attempt, told to the observer.
  absl::Status Attempt(absl::FunctionRef<absl::Status(int attempt)> call, int number,
                       const RunStep& step);
  // Whether the wait before the next attempt is within the budget.
  bool MayWait(const Failure& failure, absl::Duration delay) const;
  bool MayWaitOnLimit(Origin target, absl::Duration delay) const;
  // False when stopped.
  bool SleepOnLimit(Origin target, absl::Duration delay, const std::stop_token& stop);

  RunWaits* const waits_;
  RunObserver* const observer_;
  std::atomic<std::int64_t> retries_{0};
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_RETRY_LOOP_H_
