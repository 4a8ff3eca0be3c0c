#ifndef LOGEXPORT_SERVICE_EXPORT_SENDER_H_
#define LOGEXPORT_SERVICE_EXPORT_SENDER_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"

#include "service/base/free_list.h"
#include "service/base/mutex.h"
#include "service/export/batch.h"
#include "service/export/event_sink.h"
#include "service/export/refusal_memory.h"
#include "service/export/retry_loop.h"
#include "service/export/run_account.h"
#include "service/export/run_stop.h"
#include "service/export/shared_settlement.h"
#include "service/export/stage_queue.h"
#include "service/state/store.h"

namespace logexport {

// The sending stage: sends batches, searches out what the sink refuses, and gives up when it
// refuses too much. Run is called by several threads, one batch in flight each.
//
// "Refused" always means that the sink does not take an event, or a batch because of its events.
class Sender {
 public:
  // All must outlive it. Nothing is sent once the process does not own the exporter in `epoch`, the
  // run's, any more. Without a
  // sink (a dry run) every event counts as accepted. The memory of the events of a batch goes to
  // `buffers` when they are accepted.
  Sender(RunStop& stop, StageQueue& queue, SharedSettlement& settlement,
         FreeList<std::string>& buffers, RefusalMemory& refusals, RunAccount& account,
         RetryLoop& retry, RunBudget& budget, const Store& store, std::string exporter,
         std::int64_t epoch, EventSink* sink, CallContext calls);

  // Takes batches until there are no more.
  void Run();

  // Judges what was refused while nothing was accepted. If it was one log, the log is at fault; if
  // there were several, in this run or since the last acceptance, the sink is. The first is for
  // after every Run has ended. The other is for while no batch is being sent, and holds for what
  // was refused until then.
  void JudgeRefusals();
  void JudgeRefusalsSoFar();

 private:
  // True when the one log that was refused is itself at fault. Fails the run when the sink is.
  bool OneLogIsAtFault();
  // Gives every pending entry in [begin, end) of the batch an outcome, or says why it cannot.
  // A refused range is halved until the offending event stands alone.
  absl::Status SendRange(Batch& batch, std::size_t begin, std::size_t end);
  absl::Status Send(absl::string_view events, std::int64_t count);
  // Sends the events of one log once more, at half their size, after they were refused as too
  // large; answers `refusal` if they cannot be cut so far.
  absl::Status SendShortened(absl::string_view events, std::int64_t count,
                             const absl::Status& refusal);
  // The sink refused the one log `entry`: makes it a dead letter, or says that the sink is at
  // fault.
  absl::Status TakeRefusal(Batch& batch, std::size_t entry, const absl::Status& refusal);
  void FailAsRefusing(const absl::Status& status);

  RunStop& stop_;
  StageQueue& queue_;
  SharedSettlement& settlement_;
  FreeList<std::string>& buffers_;
  RefusalMemory& refusals_;
  RunAccount& account_;
  RetryLoop& retry_;
  RunBudget& budget_;
  const Store& store_;
  const std::string exporter_;
  const std::int64_t epoch_;
  EventSink* const sink_;
  const CallContext calls_;
  std::atomic<std::int64_t> events_taken_{0};
  std::atomic<std::int64_t> events_refused_{0};
  std::atomic<std::int64_t> logs_refused_{0};
  std::atomic<bool> accepts_{false};
  Mutex mutex_;
  std::string last_refusal_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_SENDER_H_
