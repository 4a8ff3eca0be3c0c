#ifndef LOGEXPORT_SERVICE_EXPORT_SHARED_SETTLEMENT_H_
#define LOGEXPORT_SERVICE_EXPORT_SHARED_SETTLEMENT_H_

#include <cstddef>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/export/batch.h"
#include "service/export/settlement.h"

namespace logexport {

// The settlement of a run as its stages share it: the map stage tracks batches, the senders report
// them as settled or not, and the commit stage waits until the settled prefix grows. Thread-safe.
class SharedSettlement {
 public:
  // Admits the batch's logs. Batches are tracked in the order they were cut.
  void Track(std::shared_ptr<Batch> batch);

  // A sender is done with the batch. `settled` says whether each of its entries has an outcome.
  void Finish(const std::shared_ptr<Batch>& batch, bool settled);

  // The sink accepted something: refusals become dead letters from now on.
  void BelieveRefusals();
  // What was refused so far becomes dead letters, what is refused later does not yet.
  void PassRefusals();
  // The sink refuses too much: logs refused but not yet committed count as unsettled again instead
  // of becoming dead letters. So do those of batches that are still being sent.
  void TakeBackRefusals();

  // Batches that the prefix has not passed.
  std::size_t open_batches() const;
  // Whether at least `batches` are open and the prefix cannot move.
  bool IsHeldWith(std::size_t batches) const;

  // Blocks until the prefix can grow, advances it, calls `read` under the lock and answers true;
  // false when End was called and nothing is left to advance over.
  bool WaitForPrefix(absl::FunctionRef<void(Settlement&)> read);
  // The same as long as it is worth waiting for: false when it is `until` (by the real clock's
  // Monotonic), when no batch is being sent, and once Hurry or End was called.
  bool WaitForMorePrefix(absl::Duration until, absl::FunctionRef<void(Settlement&)> read);
  // Nobody is to wait for more to settle, now and later.
  void Hurry();
  // No batch is being sent, and none will be tracked.
  void End();

  // Calls `read` under the lock; for what is told while a run goes on and at its end.
  void Read(absl::FunctionRef<void(Settlement&)> read);

 private:
  mutable Mutex mutex_;
  CondVar may_grow_;
  Settlement settlement_ ABSL_GUARDED_BY(mutex_);
  bool takes_back_ ABSL_GUARDED_BY(mutex_) = false;
  int in_progress_ ABSL_GUARDED_BY(mutex_) = 0;  // batches that a sender has or gets
  bool hurried_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_SHARED_SETTLEMENT_H_
