#include "service/runs/run_meter.h"

namespace logexport {

absl::string_view TargetName(Origin origin) {
  switch (origin) {
    case Origin::kAuth0:
      return "auth0";
    case Origin::kSegment:
      return "segment";
    case Origin::kState:
      return "state";
    case Origin::kInternal:
    case Origin::kUnspecified:
      break;
  }
  return "other";
}

RunMeter::RunMeter(ServiceMetrics& metrics, const RunRecord& run)
    : metrics_(metrics),
      exporter_(metrics.OfExporter(run.exporter)),
      kind_(run.parameters.kind),
      // Of a run that an earlier process began, what that one has committed is not counted here.
      counted_(run.ledger.logs) {
  metrics_.RunStarted(RunKindName(kind_));
}

RunMeter::~RunMeter() { metrics_.RunStopped(RunKindName(kind_)); }

void RunMeter::AttemptBegins(const RunStep& step) {
  if (step.kind != RunStep::Kind::kSendBatch) return;
  metrics_.batches_in_flight().Add(1);
  metrics_.events_unsettled().Add(step.events);
}

void RunMeter::AttemptEnded(const RunAttempt& attempt) {
  switch (attempt.step.kind) {
    case RunStep::Kind::kReadPage:
      metrics_.page_duration().Observe(attempt.took);
      break;
    case RunStep::Kind::kSendBatch:
      metrics_.batches_in_flight().Add(-1);
      metrics_.events_unsettled().Add(-attempt.step.events);
      metrics_.batch_duration().Observe(attempt.took);
      break;
    case RunStep::Kind::kCommit:
      metrics_.commit_duration().Observe(attempt.took);
      if (!attempt.status.ok()) {
        const FailureReason reason = FailureOf(attempt.status).reason;
        if (reason == FailureReason::kLeaseLost) metrics_.CommitFenced("LEASE_LOST");
        if (reason == FailureReason::kCheckpointMoved) metrics_.CommitFenced("CHECKPOINT_MOVED");
      }
      break;
    case RunStep::Kind::kOther:
      break;
  }
}

void RunMeter::Repeats(const Failure& failure) {
  metrics_.Retried(TargetName(failure.origin), FailureReasonName(failure.reason));
}

void RunMeter::WaitedOnLimit(Origin target, absl::Duration waited) {
  metrics_.WaitedOnLimit(TargetName(target), waited);
}

void RunMeter::CountLogs(const RunRecord& run) {
  // A dry run settles nothing.
  if (run.parameters.kind == RunKind::kDryRun) return;
  const LogCounts& now = run.ledger.logs;
  const std::int64_t accepted = now.accepted - counted_.accepted;
  const std::int64_t filtered = now.filtered - counted_.filtered;
  const std::int64_t dead_lettered = now.dead_lettered - counted_.dead_lettered;
  for (ExporterCounters* counters : {exporter_.get(), &metrics_.totals()}) {
    counters->accepted.Add(accepted);
    counters->filtered.Add(filtered);
    counters->dead_lettered.Add(dead_lettered);
    if (run.parameters.kind == RunKind::kCompleteness) {
      counters->late_logs.Add(accepted + filtered + dead_lettered);
    }
  }
  counted_ = now;
}

void RunMeter::Committed(const RunRecord& run) { CountLogs(run); }

void RunMeter::Ended(const RunRecord& run) {
  CountLogs(run);
  metrics_.RunEnded(TriggerName(run.trigger), RunStateName(run.state),
                    StopReasonName(run.stop_reason),
                    run.ended.value_or(run.created) - run.started.value_or(run.created));
}

}  // namespace logexport
