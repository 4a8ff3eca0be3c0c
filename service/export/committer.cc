#include "service/export/committer.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "service/base/crash_point.h"
#include "service/base/status_macros.h"
#include "service/export/failure.h"

namespace logexport {
namespace {

absl::Status StoreFailure(const absl::Status& status) {
  Failure failure;
  failure.origin = Origin::kState;
  failure.message = std::string(status.message());
  switch (CommitRefusalOf(status)) {
    case CommitRefusal::kLeaseLost:
      failure.reason = "LEASE_LOST";
      failure.action = "Nothing to do: the process that took over exports from the checkpoint.";
      return MakeFailure(failure);
    case CommitRefusal::kCheckpointMoved:
      failure.reason = "CHECKPOINT_MOVED";
      failure.action = "Nothing to do: the next run starts from where the checkpoint was set.";
      return MakeFailure(failure);
    case CommitRefusal::kNone:
      break;
  }
  failure.reason = "STORE_UNAVAILABLE";
  failure.action = "Check that the state file can be written and its disk has room.";
  const bool may_pass = absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
  failure.kind = may_pass ? FailureClass::kTransient : FailureClass::kRefused;
  return MakeFailure(failure);
}

}  // namespace

Committer::Committer(RunQueue& queue, RetryLoop& retry, Store& store, Clock& clock, RunRecord run,
                     std::int64_t version, FillRecord fill, OnCommit on_commit)
    : queue_(queue),
      retry_(retry),
      store_(store),
      clock_(clock),
      run_(std::move(run)),
      version_(version),
      fill_(std::move(fill)),
      on_commit_(std::move(on_commit)) {}

void Committer::TakeFrom(Settlement& settlement, bool at_rest) {
  run_.ledger = settlement.Account(at_rest);
  run_.first_log_time = settlement.first_time();
  run_.last_log_time = settlement.last_time();
  run_.first_unsettled = settlement.FirstUnsettled();
  if (!settlement.last_id().empty()) {
    const Position after{Position::Kind::kAfter, settlement.last_id(), {}};
    if (MovesCheckpoint()) run_.checkpoint_after = after;
    if (run_.parameters.kind == RunKind::kWindow) run_.window_cursor = after.id;
  }
  for (DeadLetter& letter : settlement.TakeDeadLetters()) {
    dead_letters_.push_back(std::move(letter));
  }
  for (std::string& id : settlement.TakeSettledIds()) redriven_.push_back(std::move(id));
}

void Committer::Run() {
  while (queue_.WaitForPrefix([&](Settlement& s) { TakeFrom(s, /*at_rest=*/false); })) {
    if (refused_) continue;
    const absl::Status status = Commit(std::exchange(dead_letters_, {}),
                                       std::exchange(redriven_, {}), queue_.exchange_stop());
    if (!status.ok()) {
      const Failure failure = FailureOf(status);
      refused_ = true;
      const StopReason reason = failure.reason == "LEASE_LOST" ? StopReason::kLeaseLost
                                : failure.reason == "CHECKPOINT_MOVED"
                                    ? StopReason::kCheckpointMoved
                                    : StopReason::kError;
      queue_.Fail(reason, status, /*at_once=*/true);
    }
  }
}

absl::Status Committer::CommitRest(const std::optional<Position>& resolved) {
  if (refused_) return absl::OkStatus();
  queue_.ReadSettlement([&](Settlement& settlement) {
    settlement.AdvanceIntoPartial();
    TakeFrom(settlement, /*at_rest=*/true);
  });
  if (MovesCheckpoint() && !run_.checkpoint_after.resolved() && resolved.has_value()) {
    run_.checkpoint_after = *resolved;
  }
  const absl::Status status =
      Commit(std::exchange(dead_letters_, {}), std::exchange(redriven_, {}), std::stop_token());
  refused_ = !status.ok();
  return status;
}

absl::Status Committer::Commit(std::vector<DeadLetter> dead_letters,
                               std::vector<std::string> redriven, const std::stop_token& stop) {
  RunRecord next = run_;
  fill_(&next);
  ++next.commit_version;
  ProgressCommit commit;
  commit.run = &next;
  commit.epoch = run_.epoch;
  if (MovesCheckpoint()) {
    commit.expected_version = version_;
    commit.position = next.checkpoint_after;
    commit.log_time = next.last_log_time;
  }
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
  RETURN_IF_ERROR(retry_.Run(stop, [&](int) -> absl::Status {
    const absl::Status status = store_.Write([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const std::int64_t version, tx.CommitProgress(commit));
      if (MovesCheckpoint()) version_ = version;
      return absl::OkStatus();
    });
    return status.ok() ? status : StoreFailure(status);
  }));
  CrashPoint("after_commit");
  run_ = std::move(next);
  on_commit_(run_);
  return absl::OkStatus();
}

}  // namespace logexport
