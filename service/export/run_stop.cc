#include "service/export/run_stop.h"

namespace logexport {
namespace {

bool DropsUnsent(StopReason reason) {
  return reason == StopReason::kCancelled || reason == StopReason::kShutdown;
}

}  // namespace

void RunStop::Set(StopReason reason, const absl::Status& status) {
  reason_ = reason;
  failure_ = status;
  if (reason != StopReason::kNone) admits_ = false;
}

void RunStop::StopAdmitting(StopReason reason) {
  {
    MutexLock lock(&mutex_);
    // Being cancelled outranks having come to an end of one's own while draining.
    if (failed_ || DropsUnsent(reason_)) return;
    Set(reason, failure_);
    broken_off_ = true;
  }
  fetch_stop_.request_stop();
  attempt_stop_.request_stop();
}

void RunStop::Fail(StopReason reason, const absl::Status& status, bool at_once) {
  {
    MutexLock lock(&mutex_);
    if (!DropsUnsent(reason_) && (!failed_ || at_once)) {
      failed_ = true;
      // An earlier error of the source is the one to tell, unless the run lost its right to write.
      // A limit of the source is none: with what cannot be sent now, the run is no success any
      // more.
      if (reason_ != StopReason::kError || failure_.ok() || at_once) Set(reason, status);
    }
    broken_off_ = true;
  }
  fetch_stop_.request_stop();
  attempt_stop_.request_stop();
  if (at_once) exchange_stop_.request_stop();
}

void RunStop::Abandon() {
  fetch_stop_.request_stop();
  attempt_stop_.request_stop();
  exchange_stop_.request_stop();
}

void RunStop::EndFetch(StopReason reason, const absl::Status& status) {
  MutexLock lock(&mutex_);
  if (reason_ == StopReason::kNone) Set(reason, status);
}

void RunStop::EndAtMaxLogs(bool left_out) {
  {
    MutexLock lock(&mutex_);
    if (reason_ == StopReason::kNone || (reason_ == StopReason::kCaughtUp && left_out)) {
      Set(StopReason::kMaxLogs, failure_);
    }
  }
  fetch_stop_.request_stop();
}

StopReason RunStop::reason() const {
  MutexLock lock(&mutex_);
  return reason_;
}

absl::Status RunStop::failure() const {
  MutexLock lock(&mutex_);
  return failure_;
}

}  // namespace logexport
