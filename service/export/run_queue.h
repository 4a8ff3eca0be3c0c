#ifndef LOGEXPORT_SERVICE_EXPORT_RUN_QUEUE_H_
#define LOGEXPORT_SERVICE_EXPORT_RUN_QUEUE_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"

#include "service/base/mutex.h"
#include "service/export/batch.h"
#include "service/export/log.h"
#include "service/export/settlement.h"
#include "service/state/records.h"

namespace logexport {

// What the stages of a run hand to each other, and the only state they share:
//
//   fetch --pages--> map --batches--> send --settled batches--> commit
//
// Back-pressure: the fetch stage blocks while `max_pages` wait, the map stage while `max_in_flight`
// batches are being sent; so memory in flight is bounded and a slow sink slows the source. No
// timers: every wait ends by another stage's act or by an end of the run. Thread-safe.
class RunQueue {
 public:
  RunQueue(std::size_t max_pages, int max_in_flight)
      : max_pages_(max_pages), max_in_flight_(max_in_flight) {}

  // ---- ends. The first failure and the first reason to stop admitting are kept.

  // For a cancel or shutdown. Admits no more logs, drops what was not handed to a sender yet, and
  // makes no further attempts.
  void StopAdmitting(StopReason reason);
  // Ends the run as failed: no further attempts are begun. `at_once` also breaks off the exchanges
  // in progress.
  void Fail(StopReason reason, const absl::Status& status, bool at_once);
  // Fails because the sink refuses too much: logs refused but not yet committed count as unsettled
  // again instead of becoming dead letters.
  void FailAsRefused(const absl::Status& status);
  // Breaks off everything that is in progress.
  void Abandon();

  // Requested when nothing more is to be read.
  std::stop_token fetch_stop() const { return fetch_stop_.get_token(); }
  // Requested when no further attempt to send is to be begun.
  std::stop_token attempt_stop() const { return attempt_stop_.get_token(); }
  // Requested when exchanges are to be broken off.
  std::stop_token exchange_stop() const { return exchange_stop_.get_token(); }

  StopReason stop_reason() const;
  absl::Status failure() const;

  // ---- fetch stage
  // Blocks while the queue is full; false when the run admits no more.
  bool PushPage(Page page);
  // No more pages come. `reason` is why, with the error when it is kError or kRateLimited.
  void EndFetch(StopReason reason, const absl::Status& status);

  // ---- map stage
  enum class Next {
    kPage,      // a page was handed out
    kSlotFree,  // no page waits and a sender is free: hand over the open batch
    kEnd,       // no more pages: hand over the open batch and finish
    kDrop,      // the run was broken off: give the open batch to TrackUnsent and finish
  };
  // Blocks until there is something to do. `has_open_batch` asks for kSlotFree.
  Next NextForMapper(bool has_open_batch, std::shared_ptr<const Page>* page);
  // Blocks until a sender is free, then hands it the batch; a batch without events needs none and
  // is settled at once. Both wait while too many batches are not passed by the prefix. False (and
  // the batch is tracked as unsettled) when the run was broken off.
  bool Dispatch(std::shared_ptr<Batch> batch);
  void TrackUnsent(std::shared_ptr<Batch> batch);
  // The run has its number of logs. `cut` says that of the page handed out last some are not
  // admitted; with them, or with pages that wait, the run is not caught up, whatever the fetch
  // stage found.
  void EndAtMaxLogs(bool cut);
  // A buffer for the events of a batch to come: that of one that is done with it, empty but with
  // its memory, if there is one. Fresh memory costs a page fault every 4 KB.
  std::string TakeBuffer();
  void EndMap();

  // ---- send stage
  // Blocks; null when there is nothing more to send.
  std::shared_ptr<Batch> NextBatch();
  // The sender is done with it, settled or not.
  void Finished(const std::shared_ptr<Batch>& batch, bool settled);

  // ---- commit stage
  // Blocks until the settled prefix can grow, advances it, calls `read` under the lock and answers
  // true; false when every stage before is through and nothing is left to advance over.
  bool WaitForPrefix(absl::FunctionRef<void(Settlement&)> read);
  // The sink accepted something: refusals become dead letters from now on.
  void BelieveRefusals();
  // What was refused so far becomes dead letters, what is refused later does not yet.
  void PassRefusals();
  // `judge` is called by the map stage when the run could not go on otherwise: no batch is being
  // sent, there is no room for another, and the prefix does not pass what was refused before
  // anything was accepted. It decides by PassRefusals or FailAsRefused. Set before the run begins.
  void JudgeRefusalsBy(std::function<void()> judge) { judge_ = std::move(judge); }
  // Under the lock; for progress and at the end.
  void ReadSettlement(absl::FunctionRef<void(Settlement&)> read);

 private:
  bool BrokenOffLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool RoomAheadLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool SlotFreeLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HeldByRefusalsLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Until there is room for a batch or the run was broken off.
  void AwaitRoom(bool needs_sender) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WaitAsMapper(bool for_slot) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NotifyEveryone();

  const std::size_t max_pages_;
  const int max_in_flight_;
  std::function<void()> judge_;
  std::stop_source fetch_stop_;
  std::stop_source attempt_stop_;
  std::stop_source exchange_stop_;

  mutable Mutex mutex_;
  // One for each stage: waking a thread that finds nothing to do costs more than mapping a log.
  CondVar fetcher_;
  CondVar mapper_;
  CondVar sender_;
  CondVar committer_;
  bool mapper_wants_slot_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::shared_ptr<const Page>> pages_ ABSL_GUARDED_BY(mutex_);
  bool fetch_ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool map_ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::shared_ptr<Batch>> ready_ ABSL_GUARDED_BY(mutex_);
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> buffers_ ABSL_GUARDED_BY(mutex_);
  Settlement settlement_ ABSL_GUARDED_BY(mutex_);
  bool refused_ ABSL_GUARDED_BY(mutex_) = false;
  StopReason stop_reason_ ABSL_GUARDED_BY(mutex_) = StopReason::kNone;
  bool failed_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_RUN_QUEUE_H_
