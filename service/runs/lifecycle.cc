#include "service/runs/lifecycle.h"

#include <string>
#include <utility>
#include <vector>

#include "service/base/status_macros.h"
#include "service/runs/completeness_end.h"
#include "service/runs/idle_fold.h"
#include "service/runs/unfinished_runs.h"

namespace logexport {
namespace {

// Only finished runs of the kind that moves the checkpoint tell whether exporting works.
void CountEnd(const RunRecord& run, const std::string& report,
              const std::optional<absl::Time>& caught_up_at, absl::Time now,
              ExporterRecord* exporter) {
  if (run.parameters.kind != RunKind::kExport) return;
  exporter->last_run_id = report;
  if (run.state == RunState::kSucceeded) {
    exporter->last_success_id = report;
    exporter->last_success = now;
    exporter->consecutive_failures = 0;
  } else if (run.state == RunState::kFailed) {
    ++exporter->consecutive_failures;
  }
  if (caught_up_at.has_value()) exporter->last_caught_up = caught_up_at;
}

absl::Status RecordEnd(Transaction& tx, const ExportRunResult& result, const Announcer& announcer,
                       const NotificationSettings& told, absl::Time now, bool may_fold) {
  if (result.run.parameters.kind == RunKind::kCompleteness) {
    return FinishCompletenessRun(tx, result, now);
  }
  ASSIGN_OR_RETURN(const std::string report, StoreEndedRun(tx, result.run, may_fold));
  ASSIGN_OR_RETURN(ExporterRecord exporter, tx.GetExporter(result.run.exporter));
  CountEnd(result.run, report, result.caught_up_at, now, &exporter);
  RETURN_IF_ERROR(announcer.RunEnded(tx, result.run, told, now, &exporter));
  return tx.UpdateExporter(exporter);
}

}  // namespace

absl::StatusOr<std::variant<OrderedRun, OrderRefusal>> OrderRun(Transaction& tx,
                                                                const RunOrder& order,
                                                                std::optional<std::int64_t> epoch,
                                                                absl::Time now, Random& random) {
  ASSIGN_OR_RETURN(const OwnerRecord owner, tx.GetOwner(order.exporter));
  if (epoch.has_value()) RETURN_IF_ERROR(tx.RequireOwner(order.exporter, *epoch));
  ASSIGN_OR_RETURN(ExporterRecord exporter, tx.GetExporter(order.exporter));
  ASSIGN_OR_RETURN(const UnfinishedRuns unfinished,
                   UnfinishedIn(tx, order.exporter, LaneOf(order.parameters.kind)));
  OrderedRun ordered;
  // A run that waits for another member to begin it is in the way like one that is active.
  const bool waits = !owner.ours && unfinished.queued.has_value();
  if (unfinished.active.has_value() || waits) {
    const RunRecord& before =
        unfinished.active.has_value() ? *unfinished.active : *unfinished.queued;
    switch (order.on_active) {
      case OnActive::kReject:
        return OrderRefusal{OrderRefusal::Reason::kAlreadyActive, before};
      case OnActive::kJoin:
        if (!(before.parameters == order.parameters)) {
          return OrderRefusal{OrderRefusal::Reason::kAlreadyActive, before};
        }
        return OrderedRun{before, Disposition::kJoined};
      case OnActive::kQueue:
        if (const std::optional<RunRecord>& queued = unfinished.queued) {
          if (!(queued->parameters == order.parameters)) {
            return OrderRefusal{OrderRefusal::Reason::kAlreadyQueued, *queued};
          }
          return OrderedRun{*queued, Disposition::kJoined};
        }
        ordered.disposition = Disposition::kQueued;
        break;
    }
  }

  RunRecord& run = ordered.run;
  run.run_id = NewTimeOrderedId(now, random);
  run.exporter = order.exporter;
  run.parameters = order.parameters;
  run.trigger = order.trigger;
  run.audit = order.audit;
  run.config_version = exporter.config_version;
  run.epoch = owner.epoch;
  run.created = now;
  run.state = RunState::kQueued;
  if (ordered.disposition == Disposition::kStarted && owner.ours) {
    run.state = RunState::kRunning;
    run.started = now;
    run.member = owner.member.name;
  }
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(order.exporter));
  run.checkpoint_before = checkpoint.position;
  run.checkpoint_after = checkpoint.position;
  const bool redrive = order.parameters.kind == RunKind::kRedrive;
  if (order.parameters.new_message_ids) run.message_generation = ++exporter.message_generation;
  // Whoever redrives dead letters holds that the destination accepts events again.
  if (redrive) exporter.refused_by.clear();
  if (order.parameters.new_message_ids || redrive) RETURN_IF_ERROR(tx.UpdateExporter(exporter));
  ASSIGN_OR_RETURN(run, tx.AddRun(run));
  return ordered;
}

absl::Status FinishRun(Transaction& tx, ExportRunResult* result, const Announcer& announcer,
                       const NotificationSettings& told, absl::Time now, bool may_fold) {
  const RunRecord& run = result->run;
  RETURN_IF_ERROR(tx.RequireOwner(run.exporter, run.epoch));
  const absl::StatusOr<RunRecord> found = tx.GetRun(run.exporter, run.run_id);
  // It was recorded before, and had nothing to tell.
  if (absl::IsNotFound(found.status()) && run.parameters.kind == RunKind::kCompleteness) {
    return absl::OkStatus();
  }
  if (!found.ok()) return found.status();
  const RunRecord& stored = *found;
  // It was recorded before, and folded.
  if (stored.run_id != run.run_id) return absl::OkStatus();
  result->TakeStored(stored.commit_version);
  if (IsFinished(stored.state)) return absl::OkStatus();
  return RecordEnd(tx, *result, announcer, told, now, may_fold);
}

absl::StatusOr<std::optional<RunRecord>> PromoteQueued(Transaction& tx, absl::string_view exporter,
                                                       RunLane lane, std::int64_t epoch,
                                                       absl::Time now) {
  RETURN_IF_ERROR(tx.RequireOwner(exporter, epoch));
  ASSIGN_OR_RETURN(UnfinishedRuns unfinished, UnfinishedIn(tx, exporter, lane));
  if (unfinished.active.has_value() || !unfinished.queued.has_value()) return std::nullopt;
  RunRecord& run = *unfinished.queued;
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(exporter));
  ASSIGN_OR_RETURN(const ExporterRecord record, tx.GetExporter(exporter));
  ASSIGN_OR_RETURN(const OwnerRecord owner, tx.GetOwner(exporter));
  run.state = RunState::kRunning;
  run.started = now;
  run.epoch = epoch;
  run.member = owner.member.name;
  run.config_version = record.config_version;
  run.checkpoint_before = checkpoint.position;
  run.checkpoint_after = checkpoint.position;
  RETURN_IF_ERROR(tx.UpdateRun(run));
  return std::move(unfinished.queued);
}

absl::Status CancelQueued(Transaction& tx, absl::Time now, RunRecord* run) {
  run->state = RunState::kCancelled;
  run->stop_reason = StopReason::kCancelled;
  run->ended = now;
  return tx.UpdateRun(*run);
}

absl::Status CallForEnd(Transaction& tx, const RunRecord& run) {
  ASSIGN_OR_RETURN(const OwnerRecord owner, tx.GetOwner(run.exporter));
  return owner.ours ? absl::OkStatus() : tx.CallOwner(run.exporter, run.run_id);
}

absl::Status InterruptUnfinished(Transaction& tx, absl::string_view exporter, std::int64_t epoch,
                                 const Announcer& announcer, const NotificationSettings& told,
                                 absl::Time now, std::vector<RunRecord>* interrupted) {
  RETURN_IF_ERROR(tx.RequireOwner(exporter, epoch));
  ASSIGN_OR_RETURN(std::vector<RunRecord> unfinished, tx.UnfinishedRuns(exporter));
  for (RunRecord& run : unfinished) {
    if (run.state != RunState::kRunning || run.epoch == epoch) continue;
    run.state = RunState::kFailed;
    run.stop_reason = StopReason::kInterrupted;
    run.ended = now;
    run.error = RunError{"INTERNAL", "INTERRUPTED", "the process ended in the middle of the run",
                         "Nothing to do: the next run goes on from the checkpoint.", true};
    RETURN_IF_ERROR(RecordEnd(tx, {run, std::nullopt}, announcer, told, now, /*may_fold=*/false));
    if (interrupted != nullptr) interrupted->push_back(run);
    RETURN_IF_ERROR(PromoteQueued(tx, exporter, LaneOf(run.parameters.kind), epoch, now).status());
  }
  return absl::OkStatus();
}

}  // namespace logexport
