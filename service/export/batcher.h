#ifndef LOGEXPORT_SERVICE_EXPORT_BATCHER_H_
#define LOGEXPORT_SERVICE_EXPORT_BATCHER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/base/free_list.h"
#include "service/export/batch.h"
#include "service/export/event_sink.h"
#include "service/export/filter.h"
#include "service/export/log_source.h"
#include "service/export/profiles_ahead.h"
#include "service/export/run_account.h"
#include "service/export/run_budget.h"
#include "service/export/stage_queue.h"
#include "service/state/records.h"

namespace logexport {

struct BatcherOptions {
  BatchLimits limits;
  std::int64_t max_logs = 0;         // 0: no limit
  std::optional<TimeWindow> window;  // logs dated outside are filtered
  // Called once, before the first batch is handed to a sender.
  std::function<void()> start_senders;
  // See StageQueue::Dispatch.
  std::function<void()> judge_refusals;
};

// The stage between fetching and sending: filter → profile → map → batch. A batch is handed over
// when it is full, or when a sender is free and no page waits. One thread.
class Batcher {
 public:
  // All arguments must outlive it; `profiles` may be null. `buffers` has memory for the events of
  // batches to come: fresh memory costs a page fault every 4 KB.
  Batcher(StageQueue& queue, SharedSettlement& settlement, FreeList<std::string>& buffers,
          RunAccount& account, RunBudget& budget, const LogFilter& filter, EventMapper& mapper,
          ProfilesAhead* profiles, BatcherOptions options);

  // Works until the queue says that the run is through.
  void Run();

 private:
  // False when the run was broken off or has its number of logs.
  bool Take(const std::shared_ptr<const Page>& page);
  void Add(const Log& log, const Profiles& profiles);
  Profiles FindProfiles(const Page& page);
  std::shared_ptr<Batch> NewBatch();
  bool HandOver();
  // False when the run was broken off.
  bool Dispatch(std::shared_ptr<Batch> batch);
  bool Full() const;
  // Moves the last entry, which made the open batch too large, into a batch of its own.
  bool CutBeforeLast();

  StageQueue& queue_;
  SharedSettlement& settlement_;
  FreeList<std::string>& buffers_;
  RunAccount& account_;
  RunBudget& budget_;
  const LogFilter& filter_;
  EventMapper& mapper_;
  ProfilesAhead* const profiles_;
  const BatcherOptions options_;
  std::shared_ptr<Batch> open_;
  std::int64_t admitted_ = 0;
  bool senders_started_ = false;
  std::vector<std::uint32_t> event_sizes_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_BATCHER_H_
