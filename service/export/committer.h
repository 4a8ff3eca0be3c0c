#ifndef LOGEXPORT_SERVICE_EXPORT_COMMITTER_H_
#define LOGEXPORT_SERVICE_EXPORT_COMMITTER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/export/refusal_memory.h"
#include "service/export/retry_loop.h"
#include "service/export/run_memory.h"
#include "service/export/run_stop.h"
#include "service/export/shared_settlement.h"
#include "service/export/stage_queue.h"
#include "service/state/records.h"
#include "service/state/store.h"

namespace logexport {

// The last stage: makes the settled prefix durable, checkpoint and account in one transaction, when
// it has grown and no other commit is under way. While more batches are being sent it may wait for
// them, for so long after the prefix has grown that a crash repeats no more than what is in flight
// and what was settled in that time (kLongestHold). It does not wait for what takes a log out of
// the stream (dead letters), under the eyes of a watcher, and when the run is to end.
//
// One writer: each commit names the epoch of this process and the checkpoint version it follows. If
// another writer has moved on, the commit changes nothing and the run ends.
class Committer {
 public:
  // Writes what the run has counted so far into the record it is given.
  using FillRecord = std::function<void(RunRecord*)>;
  using OnCommit = std::function<void(const RunRecord&)>;
  // Whether somebody watches the run.
  using Watched = std::function<bool()>;
  static constexpr absl::Duration kLongestHold = absl::Milliseconds(100);

  // `run` is the record as it was created; its `checkpoint_after` is where the checkpoint is now,
  // at `version`. All must outlive it.
  Committer(RunStop& stop, StageQueue& queue, SharedSettlement& settlement, RefusalMemory& refusals,
            RetryLoop& retry, Store& store, Clock& clock, RunRecord run, std::int64_t version,
            RunMemory& memory, FillRecord fill, OnCommit on_commit,
            absl::Duration hold = kLongestHold, Watched watched = nullptr);

  // Commits until every stage before is through.
  void Run();

  // After Run and all other stages: commits what was settled beyond the last whole batch and the
  // final counts, with `resolved` as the position if nothing was settled. After a commit that
  // failed it only completes the record: what was not committed is not settled.
  absl::Status CommitRest(const std::optional<Position>& resolved);

  // The record as last committed, with everything beyond that as unsettled. After CommitRest.
  const RunRecord& run() const { return run_; }
  // After a commit that failed with its outcome unknown: the record if the store has it after all.
  // It does if the commit_version of the stored run is this one's. After CommitRest.
  const std::optional<RunRecord>& in_doubt() const { return in_doubt_; }

 private:
  // Takes what settles while it is worth waiting for.
  void AwaitMore();
  absl::Status Commit(std::vector<DeadLetter> dead_letters, std::vector<std::string> redriven);
  bool MovesCheckpoint() const { return run_.parameters.kind == RunKind::kExport; }
  void TakeFrom(Settlement& settlement, bool at_rest);
  // Makes `record` tell of all that was fetched; `first` is the id of the first log passed since.
  void CountUncommitted(const std::string& first, RunRecord* record) const;

  RunStop& stop_;
  StageQueue& queue_;
  SharedSettlement& settlement_;
  RefusalMemory& refusals_;
  RetryLoop& retry_;
  Store& store_;
  Clock& clock_;
  RunRecord run_;   // as last committed
  RunRecord next_;  // as the next commit will make it
  std::int64_t version_;
  RunMemory& memory_;
  const FillRecord fill_;
  const OnCommit on_commit_;
  const absl::Duration hold_;
  const Watched watched_;
  std::vector<DeadLetter> dead_letters_;
  std::vector<std::string> redriven_;
  std::vector<SettledLogs> settled_;
  std::optional<RunRecord> in_doubt_;
  std::string first_uncommitted_;  // id of the first log that next_ has passed and run_ has not
  std::string first_past_doubt_;   // the same for in_doubt_
  bool failed_ = false;            // no further commit is tried
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_COMMITTER_H_
