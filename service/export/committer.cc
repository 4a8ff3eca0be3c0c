#include "service/export/committer.h"

#include <utility>

#include "service/base/crash_point.h"
#include "service/base/status_macros.h"
#include "service/export/failure.h"

namespace logexport {

Committer::Committer(RunStop& stop, StageQueue& queue, SharedSettlement& settlement,
                     RefusalMemory& refusals, RetryLoop& retry, Store& store, Clock& clock,
                     RunRecord run, std::int64_t version, RunMemory& memory, FillRecord fill,
                     OnCommit on_commit, absl::Duration hold, Watched watched)
    : stop_(stop),
      queue_(queue),
      settlement_(settlement),
      refusals_(refusals),
      retry_(retry),
      store_(store),
      clock_(clock),
      run_(std::move(run)),
      next_(run_),
      version_(version),
      memory_(memory),
      fill_(std::move(fill)),
      on_commit_(std::move(on_commit)),
      hold_(hold),
      watched_(std::move(watched)) {}

void Committer::TakeFrom(Settlement& settlement, bool at_rest) {
  next_.ledger = settlement.Account(at_rest);
  next_.first_log_time = settlement.first_time();
  next_.last_log_time = settlement.last_time();
  next_.first_unsettled = settlement.FirstUnsettled();
  if (!settlement.last_id().empty()) {
    const Position after{Position::Kind::kAfter, settlement.last_id(), {}};
    if (MovesCheckpoint()) next_.checkpoint_after = after;
    if (next_.parameters.kind == RunKind::kWindow) next_.window_cursor = after.id;
  }
  std::string first = settlement.TakeFirstPassed();
  if (in_doubt_.has_value() && first_past_doubt_.empty()) first_past_doubt_ = first;
  if (first_uncommitted_.empty()) first_uncommitted_ = std::move(first);
  for (DeadLetter& letter : settlement.TakeDeadLetters()) {
    dead_letters_.push_back(std::move(letter));
  }
  for (std::string& id : settlement.TakeSettledIds()) redriven_.push_back(std::move(id));
  for (SettledLogs& logs : settlement.TakeSettledLogs()) settled_.push_back(std::move(logs));
}

void Committer::Run() {
  while (queue_.WaitForPrefix([&](Settlement& s) { TakeFrom(s, /*at_rest=*/false); })) {
    if (failed_) continue;
    AwaitMore();
    const absl::Status status =
        Commit(std::exchange(dead_letters_, {}), std::exchange(redriven_, {}));
    if (!status.ok()) {
      failed_ = true;
      stop_.Fail(StopReasonOfCommit(status), status, /*at_once=*/true);
    }
  }
}

void Committer::AwaitMore() {
  const absl::Duration until = RealClock().Monotonic() + hold_;
  const auto waits = [this] {
    return dead_letters_.empty() && (watched_ == nullptr || !watched_());
  };
  while (waits() &&
         queue_.WaitForMorePrefix(until, [&](Settlement& s) { TakeFrom(s, /*at_rest=*/false); })) {
  }
}

absl::Status Committer::CommitRest(const std::optional<Position>& resolved) {
  settlement_.Read([&](Settlement& settlement) {
    settlement.AdvanceIntoPartial();
    TakeFrom(settlement, /*at_rest=*/true);
  });
  absl::Status status;
  if (!failed_) {
    if (MovesCheckpoint() && !next_.checkpoint_after.resolved() && resolved.has_value()) {
      next_.checkpoint_after = *resolved;
    }
    status = Commit(std::exchange(dead_letters_, {}), std::exchange(redriven_, {}));
    failed_ = !status.ok();
  }
  if (failed_) CountUncommitted(first_uncommitted_, &run_);
  if (in_doubt_.has_value()) CountUncommitted(first_past_doubt_, &*in_doubt_);
  return status;
}

void Committer::CountUncommitted(const std::string& first, RunRecord* record) const {
  Ledger& ledger = record->ledger;
  const Ledger& all = next_.ledger;
  ledger.accepted_ahead = all.accepted_ahead + all.logs.accepted - ledger.logs.accepted;
  ledger.logs.fetched = all.logs.fetched;
  ledger.unsettled = ledger.logs.fetched - ledger.logs.settled();
  for (const auto& [type, counts] : all.by_type) ledger.by_type[type].fetched = counts.fetched;
  record->first_unsettled = first.empty() ? next_.first_unsettled : first;
}

absl::Status Committer::Commit(std::vector<DeadLetter> dead_letters,
                               std::vector<std::string> redriven) {
  fill_(&next_);
  next_.commit_version = run_.commit_version + 1;
  ProgressCommit commit;
  commit.run = &next_;
  commit.epoch = run_.epoch;
  if (MovesCheckpoint()) {
    commit.expected_version = version_;
    commit.position = next_.checkpoint_after;
    commit.log_time = next_.last_log_time;
  }
  // With the dead letters, so that a crash forgets neither.
  commit.refused_by = refusals_.ToStore();
  // A dry run settles nothing.
  if (run_.parameters.kind != RunKind::kDryRun) {
    commit.dead_letters = std::move(dead_letters);
    commit.redriven = std::move(redriven);
  }
  for (DeadLetter& letter : commit.dead_letters) {
    letter.exporter = run_.exporter;
    letter.run_id = run_.run_id;
    letter.recorded = clock_.Now();
  }
  CrashPoint("before_commit");
  std::int64_t version = 0;
  bool overtaken = false;
  const std::vector<SettledLogs> settled = std::exchange(settled_, {});
  bool complete = false;
  const auto write = [&](int) -> absl::Status {
    if (!complete) {
      const absl::Status read = memory_.Complete(run_.checkpoint_after, settled, &next_, &commit);
      if (!read.ok()) return StoreFailure(read);
      complete = true;
    }
    const absl::Status written = store_.Write([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(version, tx.CommitProgress(commit));
      return absl::OkStatus();
    });
    overtaken = CommitRefusalOf(written) != CommitRefusal::kNone;
    return written.ok() ? written : StoreFailure(written);
  };
  // What is settled is committed even by a run that was abandoned, which only waits for nothing.
  absl::Status status = retry_.Run(stop_.exchange_stop(), write, RetryLoop::First::kAlways,
                                   {RunStep::Kind::kCommit, 0});
  if (!status.ok()) {
    if (!overtaken) in_doubt_ = next_;
    return status;
  }
  CrashPoint("after_commit");
  if (commit.refused_by.has_value()) refusals_.Stored(*commit.refused_by);
  if (MovesCheckpoint()) version_ = version;
  run_ = next_;
  first_uncommitted_.clear();
  on_commit_(run_);
  return absl::OkStatus();
}

}  // namespace logexport
