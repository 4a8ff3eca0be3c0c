#include "service/runs/lifecycle.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/control/api_error.h"
#include "service/export/log.h"

namespace logexport {
namespace {

absl::Status RunAlreadyQueued(const RunRecord& queued) {
  ApiError error;
  error.code = absl::StatusCode::kAborted;
  error.reason = "RUN_ALREADY_QUEUED";
  error.message = absl::StrCat("run ", queued.run_id,
                               " with other parameters is waiting already; one run can wait");
  error.metadata["run_id"] = queued.run_id;
  error.retry_after = absl::Seconds(5);
  return MakeApiError(error);
}

// Only finished runs of the kind that moves the checkpoint tell whether exporting works.
void CountEnd(const RunRecord& run, const std::optional<absl::Time>& caught_up_at,
              ExporterRecord* exporter) {
  if (run.parameters.kind != RunKind::kExport) return;
  exporter->last_run_id = run.run_id;
  if (run.state == RunState::kSucceeded) {
    exporter->last_success_id = run.run_id;
    exporter->last_success = run.ended;
    exporter->consecutive_failures = 0;
  } else if (run.state == RunState::kFailed) {
    ++exporter->consecutive_failures;
  }
  if (caught_up_at.has_value()) exporter->last_caught_up = caught_up_at;
}

absl::Status RecordEnd(Transaction& tx, const ExportRunResult& result, const Announcer& announcer,
                       const SlackSettings& slack, absl::Time now) {
  RETURN_IF_ERROR(tx.UpdateRun(result.run));
  ASSIGN_OR_RETURN(ExporterRecord exporter, tx.GetExporter(result.run.exporter));
  CountEnd(result.run, result.caught_up_at, &exporter);
  RETURN_IF_ERROR(announcer.RunEnded(tx, result.run, slack, now, &exporter));
  return tx.UpdateExporter(exporter);
}

}  // namespace

absl::StatusOr<std::optional<RunRecord>> ActiveRun(Transaction& tx, absl::string_view exporter,
                                                   RunLane lane) {
  ASSIGN_OR_RETURN(std::vector<RunRecord> unfinished, tx.UnfinishedRuns(exporter));
  for (RunRecord& run : unfinished) {
    if (run.state == RunState::kRunning && LaneOf(run.parameters.kind) == lane) {
      return std::move(run);
    }
  }
  return std::nullopt;
}

absl::StatusOr<OrderedRun> OrderRun(Transaction& tx, const RunOrder& order, std::int64_t epoch,
                                    absl::Time now, Random& random) {
  ASSIGN_OR_RETURN(ExporterRecord exporter, tx.GetExporter(order.exporter));
  ASSIGN_OR_RETURN(const std::vector<RunRecord> unfinished, tx.UnfinishedRuns(order.exporter));
  const RunLane lane = LaneOf(order.parameters.kind);
  const RunRecord* active = nullptr;
  const RunRecord* queued = nullptr;
  for (const RunRecord& run : unfinished) {
    if (LaneOf(run.parameters.kind) != lane) continue;
    (run.state == RunState::kRunning ? active : queued) = &run;
  }
  OrderedRun ordered;
  if (active != nullptr) {
    switch (order.on_active) {
      case OnActive::kReject:
        return RunAlreadyActive(*active);
      case OnActive::kJoin:
        if (!(active->parameters == order.parameters)) return RunAlreadyActive(*active);
        return OrderedRun{*active, Disposition::kJoined};
      case OnActive::kQueue:
        if (queued == nullptr) {
          ordered.disposition = Disposition::kQueued;
          break;
        }
        if (!(queued->parameters == order.parameters)) return RunAlreadyQueued(*queued);
        return OrderedRun{*queued, Disposition::kJoined};
    }
  }

  RunRecord& run = ordered.run;
  run.run_id = NewTimeOrderedId(now, random);
  run.exporter = order.exporter;
  run.parameters = order.parameters;
  run.trigger = order.trigger;
  run.audit = order.audit;
  run.config_version = exporter.config_version;
  run.epoch = epoch;
  run.created = now;
  run.state = RunState::kQueued;
  if (ordered.disposition == Disposition::kStarted) {
    run.state = RunState::kRunning;
    run.started = now;
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
                       const SlackSettings& slack, absl::Time now) {
  const RunRecord& run = result->run;
  ASSIGN_OR_RETURN(const RunRecord stored, tx.GetRun(run.exporter, run.run_id));
  result->TakeStored(stored.commit_version);
  if (IsFinished(stored.state)) return absl::OkStatus();
  return RecordEnd(tx, *result, announcer, slack, now);
}

absl::StatusOr<std::optional<RunRecord>> PromoteQueued(Transaction& tx, absl::string_view exporter,
                                                       RunLane lane, std::int64_t epoch,
                                                       absl::Time now) {
  ASSIGN_OR_RETURN(std::vector<RunRecord> unfinished, tx.UnfinishedRuns(exporter));
  RunRecord* queued = nullptr;
  for (RunRecord& run : unfinished) {
    if (LaneOf(run.parameters.kind) != lane) continue;
    if (run.state == RunState::kRunning) return std::nullopt;
    queued = &run;
  }
  if (queued == nullptr) return std::nullopt;
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(exporter));
  ASSIGN_OR_RETURN(const ExporterRecord record, tx.GetExporter(exporter));
  queued->state = RunState::kRunning;
  queued->started = now;
  queued->epoch = epoch;
  queued->config_version = record.config_version;
  queued->checkpoint_before = checkpoint.position;
  queued->checkpoint_after = checkpoint.position;
  RETURN_IF_ERROR(tx.UpdateRun(*queued));
  return std::move(*queued);
}

absl::Status InterruptUnfinished(Transaction& tx, absl::string_view exporter, std::int64_t epoch,
                                 const Announcer& announcer, const SlackSettings& slack,
                                 absl::Time now) {
  ASSIGN_OR_RETURN(std::vector<RunRecord> unfinished, tx.UnfinishedRuns(exporter));
  for (RunRecord& run : unfinished) {
    if (run.state != RunState::kRunning || run.epoch == epoch) continue;
    run.state = RunState::kFailed;
    run.stop_reason = StopReason::kInterrupted;
    run.ended = now;
    run.error = RunError{"INTERNAL", "INTERRUPTED", "the process ended in the middle of the run",
                         "Nothing to do: the next run goes on from the checkpoint.", true};
    RETURN_IF_ERROR(RecordEnd(tx, {run, std::nullopt}, announcer, slack, now));
    RETURN_IF_ERROR(PromoteQueued(tx, exporter, LaneOf(run.parameters.kind), epoch, now).status());
  }
  return absl::OkStatus();
}

std::optional<absl::Duration> LagOf(const ExporterRecord& exporter, const Checkpoint& checkpoint,
                                    absl::Duration settle_delay, absl::Time now) {
  // Everything up to here is exported, by either account.
  std::optional<absl::Time> covered = checkpoint.log_time;
  // A log that is dated ahead tells nothing about how far the export is.
  if (covered.has_value() && *covered > now) covered.reset();
  const auto reach = [&](absl::Time time) { covered = std::max(covered.value_or(time), time); };
  if (checkpoint.position.kind == Position::Kind::kAfter) {
    if (const auto time = TimeOfLogId(checkpoint.position.id)) reach(*time);
  } else {
    covered.reset();
  }
  // Forgotten when somebody moves the checkpoint. A tenant may have no logs at all.
  if (exporter.last_caught_up.has_value()) reach(*exporter.last_caught_up - settle_delay);
  if (!covered.has_value()) return std::nullopt;
  return std::max(now - *covered, absl::ZeroDuration());
}

}  // namespace logexport
