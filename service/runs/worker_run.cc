// The part of ExporterWorker that executes a run and stores its end.

#include <algorithm>
#include <optional>
#include <stop_token>
#include <utility>

#include "service/base/crash_point.h"
#include "service/base/log_scope.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/config/loaded_config.h"
#include "service/export/failure.h"
#include "service/runs/exporter_worker.h"
#include "service/runs/lifecycle.h"
#include "service/runs/run_end.h"
#include "service/runs/run_log.h"
#include "service/runs/run_meter.h"
#include "service/runs/run_warnings.h"
#include "service/runs/store_pause.h"
#include "service/runs/trusted_time.h"
#include "service/runs/wait_log.h"

namespace logexport {
namespace {

// After a run that was to read logs again and could not, before the next one.
constexpr absl::Duration kAfterFailedReading = absl::Minutes(5);

RunRecord FailedBeforeStart(RunRecord run, const absl::Status& status, absl::Time now) {
  run.state = RunState::kFailed;
  run.stop_reason = StopReason::kError;
  run.ended = now;
  run.error = RunErrorOf(status);
  return run;
}

}  // namespace

std::optional<RunRecord> ExporterWorker::Execute(Lane& lane, RunRecord run) {
  RunMeter meter(environment_.metrics, run);
  RunTracer tracer(environment_.spans, meter);
  const LogScope scope(tracer.log_trace());
  LogRunStart(run);
  environment_.feed.Publish(run);
  NotificationSettings told;
  absl::StatusOr<ExportRunResult> result = ExecuteUnrecorded(lane, run, &told, &meter, &tracer);
  if (!result.ok()) {
    result = ExportRunResult{
        FailedBeforeStart(std::move(run), result.status(), environment_.clock.Now()), std::nullopt};
  }
  LogRunEnd(result->run);
  if (LaneOf(result->run.parameters.kind) == RunLane::kCompleteness) {
    const StopReason reason = result->run.stop_reason;
    if (reason != StopReason::kCaughtUp && reason != StopReason::kCancelled) {
      look_for_due_again_ = environment_.clock.Now() + kAfterFailedReading;
    }
  }
  std::optional<RunRecord> next = Record(lane, &*result, told, &meter);
  tracer.Ended(result->run);
  environment_.outbox.Wake();
  return next;
}

absl::StatusOr<ExportRunResult> ExporterWorker::ExecuteUnrecorded(Lane& lane, const RunRecord& run,
                                                                  NotificationSettings* told,
                                                                  RunMeter* meter,
                                                                  RunTracer* tracer) {
  ExportRunInputs inputs;
  inputs.run = run;
  ExporterRecord exporter;
  ConfigVersion version;
  const absl::Status read = environment_.store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(exporter, tx.GetExporter(exporter_));
    ASSIGN_OR_RETURN(version, tx.GetConfigVersion(exporter_, run.config_version));
    ASSIGN_OR_RETURN(inputs.checkpoint, tx.GetCheckpoint(exporter_));
    return absl::OkStatus();
  });
  if (!read.ok()) return StoreFailure(read);
  inputs.last_caught_up = exporter.last_caught_up;
  inputs.refused_by = exporter.refused_by;
  *told = LoadNotifications(version, environment_.secrets);
  ASSIGN_OR_RETURN(inputs.settings,
                   LoadSettings(exporter, version, run.message_generation, environment_.secrets));
  ASSIGN_OR_RETURN(inputs.components, environment_.components.Get(inputs.settings));
  inputs.mapper = environment_.components.MakeMapper(inputs.settings);
  AddStartWarnings(exporter, inputs.checkpoint, inputs.settings, environment_.clock.Now(),
                   &inputs.run);

  WaitLog waits(exporter_, run.run_id);
  ExportRun execution(
      std::move(inputs),
      {environment_.store, environment_.clock, environment_.random,
       [this, meter](const RunRecord& committed) {
         meter->Committed(committed);
         environment_.feed.Publish(committed);
       },
       &waits, tracer, [this, id = run.run_id] { return environment_.feed.IsWatched(id); }});
  {
    MutexLock lock(&mutex_);
    lane.executing = &execution;
    lane.run_id = run.run_id;
    lane.gives_way = LaneOf(run.parameters.kind) == RunLane::kCompleteness;
    // What came meanwhile has found nothing yet that it could end.
    if (lane.gives_way && (main_.busy || lane.look_again)) {
      execution.RequestStop(StopReason::kCancelled);
    }
    const auto early = std::find_if(early_stops_.begin(), early_stops_.end(),
                                    [&](const auto& stop) { return stop.first == run.run_id; });
    if (early != early_stops_.end()) {
      execution.RequestStop(early->second);
      std::erase_if(early_stops_, [&](const auto& stop) { return stop.first == run.run_id; });
    }
    if (stopping_) execution.RequestStop(StopReason::kShutdown);
    if (abandoned_) execution.Abandon();
  }
  ExportRunResult result = execution.Execute();
  {
    MutexLock lock(&mutex_);
    lane.executing = nullptr;
    lane.run_id.clear();
  }
  return result;
}

std::optional<RunRecord> ExporterWorker::Record(Lane& lane, ExportRunResult* result,
                                                const NotificationSettings& told, RunMeter* meter) {
  if (result->in_doubt.has_value()) environment_.metrics.StoreInDoubt();
  for (;;) {
    const absl::Time now = TrustedNow(environment_.clock, environment_.components);
    const RunEndOptions options{environment_.is_known_log_type, environment_.follow_schedules,
                                environment_.clock.Now(), now};
    ExportRunResult ended;
    std::optional<RunRecord> next;
    std::int64_t fires_skipped = 0;
    CrashPoint("before_finish");
    const absl::Status status = environment_.store.Write([&](Transaction& tx) -> absl::Status {
      ended = *result;
      RETURN_IF_ERROR(AddEndFindings(tx, options, &ended, &fires_skipped));
      // Who named it before will find it; who names it from now on, its fold.
      const bool may_fold = !environment_.feed.Named(result->run.run_id);
      RETURN_IF_ERROR(FinishRun(tx, &ended, environment_.announcer, told, now, may_fold));
      CrashPoint("inside_finish");
      // When the service stops, queued runs wait for the next process.
      if (!stopping()) {
        ASSIGN_OR_RETURN(next, PromoteQueued(tx, exporter_, LaneOf(result->run.parameters.kind),
                                             environment_.store.EpochOf(exporter_), now));
      }
      // A clock that nobody has checked deletes nothing.
      if (!environment_.components.HostClockIsChecked()) return absl::OkStatus();
      ASSIGN_OR_RETURN(const ConfigVersion version, tx.GetConfig(exporter_));
      const ReportRetention keep = LoadReportRetention(version);
      return tx.PruneRuns(exporter_, now - keep.max_age, keep.max_count).status();
    });
    CrashPoint("after_finish");
    if (status.ok()) {
      LogEndFindings(ended.run, result->run.warnings.size());
      *result = std::move(ended);
      meter->Ended(result->run);
      environment_.metrics.Fires(0, fires_skipped, 0);
      environment_.feed.Publish(result->run);
      return next;
    }
    if (CommitRefusalOf(status) == CommitRefusal::kLeaseLost) {
      LogWarning("the end of a run is left to the process that took over",
                 {{"exporter", exporter_}, {"run", result->run.run_id}, {"error", status}});
      environment_.feed.Publish(result->run);
      return std::nullopt;
    }
    LogError("cannot store the end of a run; trying again",
             {{"exporter", exporter_}, {"run", result->run.run_id}, {"error", status}});
    std::stop_token wake;
    {
      MutexLock lock(&mutex_);
      // On shutdown the next owner will find the run unfinished and end it as INTERRUPTED.
      if (stopping_) return std::nullopt;
      lane.wake = std::stop_source();
      wake = lane.wake.get_token();
    }
    environment_.clock.SleepFor(kStorePause, wake);
  }
}

}  // namespace logexport
