#ifndef LOGEXPORT_SERVICE_EXPORT_RUN_STOP_H_
#define LOGEXPORT_SERVICE_EXPORT_RUN_STOP_H_

#include <atomic>
#include <stop_token>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"

#include "service/base/mutex.h"
#include "service/state/records.h"

namespace logexport {

// Why and how a run ends. Every stage tells it what ends the run, and asks it whether to go on. The
// first failure and the first reason to admit no more are kept. Thread-safe; one per run.
//
// Its methods call the stop callbacks of the tokens, so they are called without a lock that such a
// callback takes.
class RunStop {
 public:
  // For a cancel or shutdown. Admits no more logs, drops what was not handed to a sender yet, and
  // makes no further attempts.
  void StopAdmitting(StopReason reason);
  // Ends the run as failed: no further attempts are begun. `at_once` also breaks off the exchanges
  // in progress.
  void Fail(StopReason reason, const absl::Status& status, bool at_once);
  // Breaks off everything that is in progress.
  void Abandon();
  // No more pages come. `reason` is why, with the error when it is kError or kRateLimited.
  void EndFetch(StopReason reason, const absl::Status& status);
  // The run has its number of logs. If some of those that were read are left out, the run is not
  // caught up, whatever the fetch stage found.
  void EndAtMaxLogs(bool left_out);

  // Requested when nothing more is to be read.
  std::stop_token fetch_stop() const { return fetch_stop_.get_token(); }
  // Requested when no further attempt to send is to be begun.
  std::stop_token attempt_stop() const { return attempt_stop_.get_token(); }
  // Requested when exchanges are to be broken off.
  std::stop_token exchange_stop() const { return exchange_stop_.get_token(); }

  // Whether there is no reason yet to admit no more logs.
  bool admits() const { return admits_.load(); }
  // Whether what was not handed to a sender is to be dropped: the run failed or was stopped. Set
  // before attempt_stop is requested.
  bool broken_off() const { return broken_off_.load(); }

  StopReason reason() const;
  absl::Status failure() const;

 private:
  void Set(StopReason reason, const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::stop_source fetch_stop_;
  std::stop_source attempt_stop_;
  std::stop_source exchange_stop_;
  std::atomic<bool> admits_{true};
  std::atomic<bool> broken_off_{false};
  mutable Mutex mutex_;
  StopReason reason_ ABSL_GUARDED_BY(mutex_) = StopReason::kNone;
  bool failed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_RUN_STOP_H_
