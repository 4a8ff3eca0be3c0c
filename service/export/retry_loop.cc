#include "service/export/retry_loop.h"

#include "absl/strings/str_cat.h"

#include "service/base/duration_text.h"
#include "service/export/failure.h"

namespace logexport {
namespace {

absl::Status Stopped() {
  Failure failure;
  failure.kind = FailureClass::kStopped;
  failure.reason = FailureReason::kStopped;
  failure.message = "the run was asked to stop";
  return MakeFailure(failure);
}

// The wait that the source asks for is not within the budget.
Failure TooLong(Failure failure) {
  if (failure.origin == Origin::kAuth0 && failure.kind == FailureClass::kLimited &&
      failure.retry_after.has_value()) {
    absl::StrAppend(&failure.message, ", and asks for a wait of ",
                    FormatDurationText(absl::Ceil(*failure.retry_after, absl::Seconds(1))),
                    ", which is more than the time of this run leaves");
  }
  return failure;
}

absl::Status GaveUp(Failure failure, int attempts, absl::Duration spent) {
  if (attempts > 1) {
    const absl::Duration unit =
        spent < absl::Seconds(10) ? absl::Milliseconds(10) : absl::Seconds(1);
    absl::StrAppend(&failure.message, " (tried ", attempts, " times in ",
                    absl::FormatDuration(absl::Trunc(spent, unit)), ")");
  }
  return MakeFailure(failure);
}

}  // namespace

absl::Status RetryLoop::Run(const std::stop_token& stop,
                            absl::FunctionRef<absl::Status(int attempt)> call, First first,
                            const RunStep& step) {
  const absl::Duration begun = clock_.Monotonic();
  RunWaits::Attempts attempts(waits_);
  for (int attempt = 0;; ++attempt) {
    const bool due = attempt == 0 && first == First::kAlways;
    if (!due && stop.stop_requested()) return Stopped();
    absl::Status status = Attempt(call, attempt, step);
    if (status.ok()) {
      attempts.Succeeded();
      return status;
    }
    const Failure failure = FailureOf(status);
    if (!failure.retryable()) return status;
    const bool on_limit = failure.kind == FailureClass::kLimited;
    const absl::Duration delay = DelayAfter(policy_, failure, attempt, random_.NextUnit());
    if (!MayWait(failure, delay)) {
      return GaveUp(TooLong(failure), attempt + 1, clock_.Monotonic() - begun);
    }
    attempts.Failed(failure, delay);
    const bool slept =
        on_limit ? SleepOnLimit(failure.origin, delay, stop) : clock_.SleepFor(delay, stop);
    if (!slept) return GaveUp(failure, attempt + 1, clock_.Monotonic() - begun);
    retries_.fetch_add(1, std::memory_order_relaxed);
    if (observer_ != nullptr) observer_->Repeats(failure);
  }
}

absl::Status RetryLoop::Attempt(absl::FunctionRef<absl::Status(int attempt)> call, int number,
                                const RunStep& step) {
  if (observer_ == nullptr) return call(number);
  observer_->AttemptBegins(step);
  const absl::Time begun = clock_.Now();
  const absl::Duration since = clock_.Monotonic();
  absl::Status status = call(number);
  observer_->AttemptEnded({step, number, begun, clock_.Monotonic() - since, status});
  return status;
}

bool RetryLoop::SleepOnLimit(Origin target, absl::Duration delay, const std::stop_token& stop) {
  const absl::Duration since = clock_.Monotonic();
  budget_.BeginLimitWait();
  const bool slept = clock_.SleepFor(delay, stop);
  budget_.EndLimitWait();
  if (observer_ != nullptr) observer_->WaitedOnLimit(target, clock_.Monotonic() - since);
  return slept;
}

bool RetryLoop::MayWait(const Failure& failure, absl::Duration delay) const {
  return failure.kind == FailureClass::kLimited ? MayWaitOnLimit(failure.origin, delay)
                                                : budget_.MayWait(delay, /*on_limit=*/false);
}

bool RetryLoop::MayWaitOnLimit(Origin target, absl::Duration delay) const {
  return target == Origin::kAuth0 ? budget_.MayWaitToRead(delay)
                                  : budget_.MayWait(delay, /*on_limit=*/true);
}

bool RetryLoop::WaitOnLimit(Origin target, absl::Duration delay, const std::stop_token& stop) {
  if (!MayWaitOnLimit(target, delay)) return false;
  RunWaits::Attempts attempts(waits_);
  attempts.KeepsToLimit(target, delay);
  return SleepOnLimit(target, delay, stop);
}

}  // namespace logexport
