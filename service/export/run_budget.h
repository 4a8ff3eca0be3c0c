#ifndef LOGEXPORT_SERVICE_EXPORT_RUN_BUDGET_H_
#define LOGEXPORT_SERVICE_EXPORT_RUN_BUDGET_H_

#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/mutex.h"

namespace logexport {

// How long a run may go on: it admits logs until its time is up, and gives up when no log was newly
// settled for `max_stall`, waits on the other side's limits not counted. Thread-safe.
class RunBudget {
 public:
  RunBudget(Clock& clock, absl::Duration max_duration, absl::Duration max_stall);

  // On Clock::Monotonic.
  absl::Duration deadline() const { return deadline_; }
  bool TimeIsUp() const { return clock_.Monotonic() >= deadline_; }

  // A log was settled.
  void Progressed();

  // Whether a wait of `delay` before the next attempt is within the budget. A wait on a limit may
  // use the whole time of the run; any other one ends when the run would stall.
  bool MayWait(absl::Duration delay, bool on_limit) const;
  // The same for a limit of the source. What could be read only when the time is up would not be
  // admitted any more, so that the wait would be in vain.
  bool MayWaitToRead(absl::Duration delay) const;

  // When the run stalls if nothing is settled until then (Clock::Monotonic).
  absl::Duration StallsAt() const;

  // Bracket a wait on a limit. Several may overlap.
  void BeginLimitWait();
  void EndLimitWait();
  // Time during which at least one stage waited on a limit.
  absl::Duration limit_wait() const;

 private:
  absl::Duration ExemptLocked(absl::Duration now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  const absl::Duration max_stall_;
  const absl::Duration deadline_;
  mutable Mutex mutex_;
  absl::Duration last_progress_ ABSL_GUARDED_BY(mutex_);
  absl::Duration exempt_at_progress_ ABSL_GUARDED_BY(mutex_);
  absl::Duration exempt_ ABSL_GUARDED_BY(mutex_);
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Duration waiting_since_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_RUN_BUDGET_H_
