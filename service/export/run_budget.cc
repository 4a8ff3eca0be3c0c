#include "service/export/run_budget.h"

namespace logexport {

RunBudget::RunBudget(Clock& clock, absl::Duration max_duration, absl::Duration max_stall)
    : clock_(clock),
      max_stall_(max_stall),
      deadline_(clock.Monotonic() + max_duration),
      last_progress_(clock.Monotonic()) {}

absl::Duration RunBudget::ExemptLocked(absl::Duration now) const {
  return exempt_ + (waiting_ > 0 ? now - waiting_since_ : absl::ZeroDuration());
}

void RunBudget::Progressed() {
  const absl::Duration now = clock_.Monotonic();
  MutexLock lock(&mutex_);
  last_progress_ = now;
  exempt_at_progress_ = ExemptLocked(now);
}

absl::Duration RunBudget::StallsAt() const {
  const absl::Duration now = clock_.Monotonic();
  MutexLock lock(&mutex_);
  return last_progress_ + (ExemptLocked(now) - exempt_at_progress_) + max_stall_;
}

bool RunBudget::MayWait(absl::Duration delay, bool on_limit) const {
  const absl::Duration until = clock_.Monotonic() + delay;
  // A run that drains after its time was up still gets max_stall to do so.
  if (on_limit) return until <= deadline_ + max_stall_;
  return until <= StallsAt();
}

bool RunBudget::MayWaitToRead(absl::Duration delay) const {
  return clock_.Monotonic() + delay < deadline_;
}

void RunBudget::BeginLimitWait() {
  const absl::Duration now = clock_.Monotonic();
  MutexLock lock(&mutex_);
  if (waiting_++ == 0) waiting_since_ = now;
}

void RunBudget::EndLimitWait() {
  const absl::Duration now = clock_.Monotonic();
  MutexLock lock(&mutex_);
  if (--waiting_ == 0) exempt_ += now - waiting_since_;
}

absl::Duration RunBudget::limit_wait() const {
  const absl::Duration now = clock_.Monotonic();
  MutexLock lock(&mutex_);
  return ExemptLocked(now);
}

}  // namespace logexport
