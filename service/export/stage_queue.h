#ifndef LOGEXPORT_SERVICE_EXPORT_STAGE_QUEUE_H_
#define LOGEXPORT_SERVICE_EXPORT_STAGE_QUEUE_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <stop_token>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/export/batch.h"
#include "service/export/log.h"
#include "service/export/run_stop.h"
#include "service/export/shared_settlement.h"

namespace logexport {

// What the stages of a run hand to each other:
//
//   fetch --pages--> map --batches--> send --settled batches--> commit
//
// Back-pressure: the fetch stage blocks while `max_pages` wait, the map stage while `max_in_flight`
// batches are being sent; so memory in flight is bounded and a slow sink slows the source. No
// timers, but for WaitForMorePrefix: every wait ends by another stage's act or by an end of the
// run. Thread-safe.
class StageQueue {
 public:
  // `stop` and `settlement` must outlive it.
  // `on_page`, unless null, is told of each page before the map stage may take it.
  using OnPage = std::function<void(const std::shared_ptr<const Page>&)>;
  StageQueue(RunStop& stop, SharedSettlement& settlement, std::size_t max_pages, int max_in_flight,
             OnPage on_page = nullptr);

  // ---- fetch stage
  // Blocks while the queue is full; false when the run admits no more. One thread.
  bool PushPage(Page page);
  // No more pages come.
  void EndPages();

  // ---- map stage
  enum class Next {
    kPage,      // a page was handed out
    kSlotFree,  // no page waits and a sender is free: hand over the open batch
    kEnd,       // no more pages: hand over the open batch and finish
    kDrop,      // the run was broken off: track the open batch as it is and finish
  };
  // Blocks until there is something to do. `has_open_batch` asks for kSlotFree.
  Next NextForMapper(bool has_open_batch, std::shared_ptr<const Page>* page);
  // Blocks until a sender is free, then hands it the batch; a batch without events needs none and
  // is settled at once. Both wait while too many batches are not passed by the prefix. False (and
  // the batch is tracked as unsettled) when the run was broken off.
  //
  // `when_held` is called, without a lock, when the map stage could not go on otherwise: no batch
  // is being sent, there is no room for another, and the prefix does not pass what was refused
  // before anything was accepted. It lets the refusals pass or fails the run.
  bool Dispatch(std::shared_ptr<Batch> batch, absl::FunctionRef<void()> when_held);
  // The run has its number of logs. `cut` says that of the page handed out last some are not
  // admitted.
  void EndAtMaxLogs(bool cut);
  void EndMap();

  // ---- send stage
  // Blocks; null when there is nothing more to send.
  std::shared_ptr<Batch> NextBatch();
  // The sender is done with it, settled or not.
  void Finished(const std::shared_ptr<Batch>& batch, bool settled);

  // ---- commit stage
  // As SharedSettlement::WaitForPrefix.
  bool WaitForPrefix(absl::FunctionRef<void(Settlement&)> read);
  // As SharedSettlement::WaitForMorePrefix, and without waiting once the run is to end.
  bool WaitForMorePrefix(absl::Duration until, absl::FunctionRef<void(Settlement&)> read);

 private:
  std::size_t most_open_batches() const;
  bool RoomAhead() const;
  bool SlotFreeLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsHeldLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Until there is room for a batch or the run was broken off.
  void AwaitRoom(bool needs_sender, absl::FunctionRef<void()> when_held)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WaitAsMapper(bool for_slot) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool TakesPagesLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The prefix made room for further batches.
  void WakeMapperForRoom();
  void WakeEveryone();

  RunStop& stop_;
  SharedSettlement& settlement_;
  const std::size_t max_pages_;
  const int max_in_flight_;
  const OnPage on_page_;

  Mutex mutex_;
  // One for each stage: waking a thread that finds nothing to do costs more than mapping a log.
  CondVar fetcher_;
  CondVar mapper_;
  CondVar sender_;
  bool mapper_wants_slot_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::shared_ptr<const Page>> pages_ ABSL_GUARDED_BY(mutex_);
  bool takes_pages_ ABSL_GUARDED_BY(mutex_) = true;
  bool pages_ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool map_ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::deque<std::shared_ptr<Batch>> ready_ ABSL_GUARDED_BY(mutex_);
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;

  // Whoever waits looks again when the run ends. Last, so that they go first.
  const std::stop_callback<std::function<void()>> at_fetch_stop_;
  const std::stop_callback<std::function<void()>> at_attempt_stop_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_STAGE_QUEUE_H_
