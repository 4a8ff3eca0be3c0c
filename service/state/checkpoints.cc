#include <utility>

#include "absl/strings/str_cat.h"

#include "service/base/crash_point.h"
#include "service/base/status_macros.h"
#include "service/state/run_columns.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

Checkpoint ReadCheckpoint(SqlRow& row) {
  Checkpoint checkpoint;
  checkpoint.position = ReadPosition(row);
  checkpoint.log_time = row.ReadOptionalTime();
  checkpoint.version = row.ReadInt();
  checkpoint.updated = row.ReadTime();
  checkpoint.audit = ReadAudit(row);
  checkpoint.run_id = row.ReadText();
  return checkpoint;
}

CheckpointChange ReadChange(SqlRow& row) {
  CheckpointChange change;
  change.version = row.ReadInt();
  change.before = ReadPosition(row);
  change.after = ReadPosition(row);
  change.changed = row.ReadTime();
  change.audit = ReadAudit(row);
  return change;
}

// True for the run that a commit is for, as long as it is running and its exporter still belongs to
// the process that began it. Takes exporter, run_id, epoch; exporter, owner, epoch.
constexpr absl::string_view kRunOfCommit =
    "exporter = :run_exporter AND run_id = :run_id AND state = 'RUNNING' AND epoch = :run_epoch "
    "AND EXISTS (SELECT 1 FROM checkpoints WHERE exporter = :owned AND owner = :owned_by "
    "AND fence_epoch = :owned_since)";

// The fence stands in the row that is written, and in the conditions of the update itself: nothing
// can come between a check and a write that are one statement about one row.
const std::string& MoveCheckpointSql() {
  static const auto* const kSql = new std::string(absl::StrCat(
      "UPDATE checkpoints SET position_kind = :kind, position_id = :id, position_time = :time, "
      "log_time = coalesce(:log_time, log_time), version = version + 1, updated = :updated, "
      "requester = '', verified = 0, reason = '', run_id = :moved_by "
      "WHERE exporter = :exporter AND version = :expected AND owner = :owner "
      "AND fence_epoch = :fence_epoch AND EXISTS (SELECT 1 FROM runs WHERE ",
      kRunOfCommit, ")"));
  return *kSql;
}

const std::string& CommitRunSql() {
  static const auto* const kSql =
      new std::string(absl::StrCat(UpdateRunProgress(), " WHERE ", kRunOfCommit));
  return *kSql;
}

struct Fence {
  std::string owner;
  std::int64_t epoch = 0;
};

Fence ReadFence(SqlRow& row) {
  std::string owner = row.ReadText();
  return {std::move(owner), row.ReadInt()};
}

struct FencedRun {
  RunState state;
  std::int64_t epoch;
};

FencedRun ReadFencedRun(SqlRow& row) {
  const RunState state = row.ReadName(ParseRunState);
  return {state, row.ReadInt()};
}

}  // namespace

absl::StatusOr<Checkpoint> SqlTransaction::GetCheckpoint(absl::string_view exporter) {
  RETURN_IF_ERROR(Enter("GetCheckpoint", Mode::kRead, exporter));
  ASSIGN_OR_RETURN(
      std::optional<Checkpoint> checkpoint,
      SelectFirst("SELECT position_kind, position_id, position_time, log_time, version, updated, "
                  "requester, verified, reason, run_id FROM checkpoints WHERE exporter = :exporter",
                  {exporter}, ReadCheckpoint));
  if (!checkpoint.has_value()) return NoExporterError(exporter);
  return *std::move(checkpoint);
}

absl::StatusOr<Checkpoint> SqlTransaction::SetCheckpoint(absl::string_view exporter,
                                                         const Position& position, absl::Time now,
                                                         const Audit& audit) {
  RETURN_IF_ERROR(Enter("SetCheckpoint", Mode::kWrite, exporter));
  ASSIGN_OR_RETURN(const Checkpoint before, GetCheckpoint(exporter));
  const std::int64_t version = before.version + 1;
  RETURN_IF_ERROR(
      session_
          .Execute("INSERT INTO checkpoint_history (exporter, version, before_kind, before_id, "
                   "before_time, after_kind, after_id, after_time, changed, requester, verified, "
                   "reason) VALUES (:exporter, :version, :before_kind, :before_id, :before_time, "
                   ":after_kind, :after_id, :after_time, :changed, :requester, :verified, :reason)",
                   {exporter, version, PositionKindName(before.position.kind), before.position.id,
                    before.position.time, PositionKindName(position.kind), position.id,
                    position.time, now, audit.requester, audit.verified, audit.reason})
          .status());
  RETURN_IF_ERROR(
      session_
          .Execute("UPDATE checkpoints SET position_kind = :kind, position_id = :id, "
                   "position_time = :time, log_time = NULL, version = :version, "
                   "updated = :updated, requester = :requester, verified = :verified, "
                   "reason = :reason, run_id = '' WHERE exporter = :exporter",
                   {PositionKindName(position.kind), position.id, position.time, version, now,
                    audit.requester, audit.verified, audit.reason, exporter})
          .status());
  RETURN_IF_ERROR(RaiseFloor(exporter, before.position, position));
  // What a run had caught up with before says nothing about where the checkpoint is now.
  RETURN_IF_ERROR(
      session_
          .Execute("UPDATE exporters SET last_caught_up = NULL WHERE id = :exporter", {exporter})
          .status());
  return GetCheckpoint(exporter);
}

absl::StatusOr<std::vector<CheckpointChange>> SqlTransaction::ListCheckpoints(
    absl::string_view exporter, const PageRequest& page) {
  RETURN_IF_ERROR(Enter("ListCheckpoints", Mode::kRead, exporter));
  return SelectAll(
      "SELECT version, before_kind, before_id, before_time, after_kind, after_id, after_time, "
      "changed, requester, verified, substr(reason, 1, 2000) FROM checkpoint_history "
      "WHERE exporter = :exporter AND version < :before ORDER BY version DESC LIMIT :size",
      {exporter, PageStart(page), page.size}, ReadChange);
}

absl::StatusOr<std::int64_t> SqlTransaction::CommitProgress(const ProgressCommit& commit) {
  RETURN_IF_ERROR(Enter("CommitProgress", Mode::kWrite, commit.run->exporter));
  const RunRecord& run = *commit.run;
  std::int64_t version = 0;
  OpenPieces open;
  FindOpenPieces(commit, &open);
  // Update the checkpoint first: if it may not move, the run's row stays unchanged.
  if (commit.expected_version.has_value()) {
    ASSIGN_OR_RETURN(const std::int64_t moved,
                     session_.Execute(MoveCheckpointSql(),
                                      {PositionKindName(commit.position.kind), commit.position.id,
                                       commit.position.time, commit.log_time, context_.clock.Now(),
                                       run.run_id, run.exporter, *commit.expected_version,
                                       context_.owner, commit.epoch, run.exporter, run.run_id,
                                       commit.epoch, run.exporter, context_.owner, commit.epoch}));
    version = *commit.expected_version + 1;
    if (moved == 0) {
      ASSIGN_OR_RETURN(const bool repeated, IsCommitted(commit));
      if (repeated) return version;
      return ExplainRefusal(commit);
    }
  }
  CrashPoint("inside_commit");
  const RunValues columns(run);
  std::vector<SqlValue> values;
  values.reserve(40);
  columns.AppendProgress(&values);
  values.insert(values.end(), {run.exporter, run.run_id, commit.epoch, run.exporter, context_.owner,
                               commit.epoch});
  if (commit.expected_version.has_value()) {
    // The checkpoint moved for this very row, which nobody else writes until the transaction ends.
    session_.ExecuteLater(CommitRunSql(), values);
  } else {
    ASSIGN_OR_RETURN(const std::int64_t committed, session_.Execute(CommitRunSql(), values));
    if (committed == 0) return ExplainRefusal(commit);
  }
  RETURN_IF_ERROR(StoreDeadLetters(commit));
  if (commit.refused_by.has_value()) {
    session_.ExecuteLater("UPDATE exporters SET refused_by = :refused_by WHERE id = :id",
                          {*commit.refused_by, run.exporter});
  }
  RETURN_IF_ERROR(RememberSettled(commit, std::move(open)));
  return version;
}

absl::StatusOr<bool> SqlTransaction::IsCommitted(const ProgressCommit& commit) {
  static const auto* const kSql = new std::string(
      absl::StrCat("SELECT count(*) FROM runs WHERE ", kRunOfCommit,
                   " AND commit_version = :commit_version AND commit_version > 0 "
                   "AND after_kind = :kind AND after_id = :id AND after_time = :time"));
  const RunRecord& run = *commit.run;
  ASSIGN_OR_RETURN(
      const std::optional<std::int64_t> found,
      SelectFirst(*kSql,
                  {run.exporter, run.run_id, commit.epoch, run.exporter, context_.owner,
                   commit.epoch, run.commit_version, PositionKindName(commit.position.kind),
                   commit.position.id, commit.position.time},
                  ReadIntColumn));
  return found.value_or(0) > 0;
}

absl::Status SqlTransaction::ExplainRefusal(const ProgressCommit& commit) {
  const RunRecord& run = *commit.run;
  const auto lease_lost = [](absl::string_view why) {
    return CommitRefused(CommitRefusal::kLeaseLost, why);
  };
  ASSIGN_OR_RETURN(const std::optional<Fence> fence,
                   SelectFirst("SELECT owner, fence_epoch FROM checkpoints "
                               "WHERE exporter = :exporter",
                               {run.exporter}, ReadFence));
  if (!fence.has_value()) {
    return lease_lost(absl::StrCat("there is no exporter '", run.exporter, "'"));
  }
  if (fence->epoch != commit.epoch || fence->owner != context_.owner) {
    return lease_lost(absl::StrCat("the exporter '", run.exporter, "' is in epoch ", fence->epoch,
                                   ", the run commits in epoch ", commit.epoch,
                                   ": another process has taken over"));
  }
  ASSIGN_OR_RETURN(
      const std::optional<FencedRun> stored,
      SelectFirst("SELECT state, epoch FROM runs WHERE exporter = :exporter AND run_id = :run_id",
                  {run.exporter, run.run_id}, ReadFencedRun));
  if (!stored.has_value()) return lease_lost(absl::StrCat("there is no run ", run.run_id));
  if (stored->state != RunState::kRunning) {
    return lease_lost(
        absl::StrCat("the run ", run.run_id, " is ", RunStateName(stored->state), " by now"));
  }
  if (stored->epoch != commit.epoch) {
    return lease_lost(absl::StrCat("the run ", run.run_id, " belongs to epoch ", stored->epoch,
                                   ", not ", commit.epoch));
  }
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, GetCheckpoint(run.exporter));
  return CommitRefused(CommitRefusal::kCheckpointMoved,
                       absl::StrCat("the checkpoint is at version ", checkpoint.version, " (",
                                    DescribePosition(checkpoint.position), "), the run ",
                                    run.run_id, " expected ", commit.expected_version.value_or(0)));
}

}  // namespace logexport
