#include "service/runs/exporter_worker.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>
#include <vector>

#include "service/base/crash_point.h"
#include "service/base/log_scope.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/config/loaded_config.h"
#include "service/export/failure.h"
#include "service/runs/run_end.h"
#include "service/runs/run_log.h"
#include "service/runs/run_meter.h"
#include "service/runs/run_warnings.h"
#include "service/runs/trusted_time.h"
#include "service/runs/unfinished_runs.h"
#include "service/runs/wait_log.h"
#include "service/schedule/due.h"

namespace logexport {
namespace {

// How long to wait before the next try after the store could not be read or written.
constexpr absl::Duration kStorePause = absl::Seconds(5);
// After a run that was to read logs again and could not, before the next one.
constexpr absl::Duration kAfterFailedReading = absl::Minutes(5);
// More than the runs an exporter can have: one active and one queued in each of two lanes.
constexpr std::size_t kMostEarlyStops = 16;

RunRecord FailedBeforeStart(RunRecord run, const absl::Status& status, absl::Time now) {
  run.state = RunState::kFailed;
  run.stop_reason = StopReason::kError;
  run.ended = now;
  run.error = RunErrorOf(status);
  return run;
}

}  // namespace

ExporterWorker::ExporterWorker(std::string exporter, const RunEnvironment& environment)
    : exporter_(std::move(exporter)), environment_(environment) {}

ExporterWorker::~ExporterWorker() {
  BeginStop();
  Abandon();
  Join();
}

void ExporterWorker::Start() {
  MutexLock lock(&mutex_);
  for (Lane* lane : {&main_, &side_}) lane->thread = std::thread([this, lane] { Loop(*lane); });
}

void ExporterWorker::Wake() {
  StopReadingAgain();
  MutexLock lock(&mutex_);
  look_now_ = true;
  main_.wake.request_stop();
  side_.wake.request_stop();
}

void ExporterWorker::StopRun(absl::string_view run_id, StopReason reason) {
  MutexLock lock(&mutex_);
  for (Lane* lane : {&main_, &side_}) {
    if (lane->executing != nullptr && lane->run_id == run_id) {
      lane->executing->RequestStop(reason);
      return;
    }
  }
  early_stops_.emplace_back(std::string(run_id), reason);
  if (early_stops_.size() > kMostEarlyStops) early_stops_.pop_front();
}

std::optional<std::vector<RunWait>> ExporterWorker::FillLive(RunRecord* run) const {
  MutexLock lock(&mutex_);
  for (const Lane* lane : {&main_, &side_}) {
    if (lane->executing != nullptr && lane->run_id == run->run_id) {
      return lane->executing->FillLive(run);
    }
  }
  return std::nullopt;
}

void ExporterWorker::BeginStop() {
  MutexLock lock(&mutex_);
  stopping_ = true;
  for (Lane* lane : {&main_, &side_}) {
    lane->wake.request_stop();
    if (lane->executing != nullptr) lane->executing->RequestStop(StopReason::kShutdown);
  }
}

void ExporterWorker::Abandon() {
  MutexLock lock(&mutex_);
  abandoned_ = true;
  for (Lane* lane : {&main_, &side_}) {
    if (lane->executing != nullptr) lane->executing->Abandon();
  }
}

void ExporterWorker::Join() {
  std::vector<std::thread> threads;
  {
    MutexLock lock(&mutex_);
    threads.push_back(std::move(main_.thread));
    threads.push_back(std::move(side_.thread));
  }
  for (std::thread& thread : threads) {
    if (thread.joinable()) thread.join();
  }
}

void ExporterWorker::AwaitDone(absl::Duration timeout) {
  const auto now = [] {
    return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  };
  const absl::Duration deadline = now() + timeout;
  MutexLock lock(&mutex_);
  while (!main_.done || !side_.done) {
    const absl::Duration left = deadline - now();
    if (left <= absl::ZeroDuration()) return;
    lane_done_.WaitFor(&mutex_, left);
  }
}

bool ExporterWorker::Owned() const {
  return environment_.store.CheckOwnership(exporter_, environment_.store.EpochOf(exporter_)).ok();
}

bool ExporterWorker::stopping() const {
  MutexLock lock(&mutex_);
  return stopping_;
}

void ExporterWorker::Loop(Lane& lane) {
  Clock& clock = environment_.clock;
  for (;;) {
    std::stop_token wake;
    {
      MutexLock lock(&mutex_);
      if (stopping_) {
        lane.done = true;
        lane_done_.NotifyAll();
        return;
      }
      lane.wake = std::stop_source();
      wake = lane.wake.get_token();
    }
    if (!Owned()) {
      // Others may run what we find; the store tells in the log since when and why.
      clock.SleepFor(kStorePause, wake);
      continue;
    }
    absl::StatusOr<Next> next = Look(lane);
    if (!next.ok()) {
      // When the exporter is gone, this worker is about to end, too.
      if (CommitRefusalOf(next.status()) != CommitRefusal::kLeaseLost &&
          !absl::IsNotFound(environment_.store.Read(
              [&](Transaction& tx) { return tx.GetExporter(exporter_).status(); }))) {
        LogError("cannot tell what to run next",
                 {{"exporter", exporter_}, {"error", next.status()}});
      }
      clock.SleepFor(kStorePause, wake);
      continue;
    }
    if (next->run.has_value()) {
      std::optional<RunRecord> run = std::move(next->run);
      if (lane.which == RunLane::kMain) SetMainBusy(true);
      while (run.has_value()) run = Execute(lane, *std::move(run));
      if (lane.which == RunLane::kMain) SetMainBusy(false);
      continue;
    }
    // The bound lets it notice that the wall clock was set meanwhile.
    clock.SleepFor(std::min(next->look_again - clock.Now(), absl::Minutes(1)), wake);
  }
}

absl::StatusOr<ExporterWorker::Next> ExporterWorker::Look(Lane& lane) {
  Next next;
  UnfinishedRuns unfinished;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(unfinished, UnfinishedIn(tx, exporter_, lane.which));
    return absl::OkStatus();
  }));
  if (unfinished.active.has_value()) {
    if (unfinished.active->epoch == environment_.store.EpochOf(exporter_)) {
      next.run = std::move(unfinished.active);
    } else {
      // Of an earlier epoch: whoever owns the exporter now is about to end it.
      next.look_again = environment_.clock.Now() + kStorePause;
    }
    return next;
  }
  if (unfinished.queued.has_value()) {
    // An earlier process left it queued, and there is no active run that it could follow.
    RETURN_IF_ERROR(environment_.store.Write([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(
          next.run, PromoteQueued(tx, exporter_, lane.which, environment_.store.EpochOf(exporter_),
                                  environment_.clock.Now()));
      return absl::OkStatus();
    }));
    return next;
  }
  if (lane.which == RunLane::kSide) return LookAtCompleteness();
  return environment_.follow_schedules ? LookAtSchedule() : next;
}

absl::StatusOr<ExporterWorker::Next> ExporterWorker::LookAtSchedule() {
  const absl::Time now = environment_.clock.Now();
  std::optional<LoadedConfig> config;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(config, LoadConfig(tx, exporter_));
    return absl::OkStatus();
  }));
  const DueState state{config->exporter.last_fire, now, config->exporter.pause.has_value()};
  const DueDecision due = DecideDue(config->schedule, exporter_, state);
  Next next;
  next.look_again = due.wake;
  if (due.clock_went_back) {
    LogWarning("the host's clock went back; counting the schedule from now",
               {{"exporter", exporter_}, {"now", now}});
  }
  if (!due.run.has_value() && due.missed.count == 0 && due.paused.count == 0 &&
      config->exporter.last_fire == due.handled_until) {
    return next;
  }
  if (due.missed.count > 0) {
    LogWarning("scheduled runs were missed", {{"exporter", exporter_},
                                              {"count", due.missed.count},
                                              {"first", due.missed.first},
                                              {"last", due.missed.last}});
  }
  bool started = false;
  RETURN_IF_ERROR(environment_.store.Write([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.RequireOwner(exporter_, environment_.store.EpochOf(exporter_)));
    ASSIGN_OR_RETURN(ExporterRecord exporter, tx.GetExporter(exporter_));
    exporter.last_fire = due.handled_until;
    exporter.fires_missed += due.missed.count;
    exporter.fires_skipped += due.paused.count;
    if (due.run.has_value()) {
      ASSIGN_OR_RETURN(const std::optional<RunRecord> active,
                       ActiveRun(tx, exporter_, RunLane::kMain));
      if (active.has_value() || exporter.pause.has_value()) {
        ++exporter.fires_skipped;
      } else {
        ++exporter.fires_started;
        started = true;
        RunOrder order;
        order.exporter = exporter_;
        order.trigger = due.run->late ? Trigger::kStartup : Trigger::kSchedule;
        ASSIGN_OR_RETURN(auto answer, OrderRun(tx, order, environment_.store.EpochOf(exporter_),
                                               now, environment_.random));
        next.run = std::move(std::get<OrderedRun>(answer).run);
      }
    }
    return tx.UpdateExporter(exporter);
  }));
  const bool skipped = due.run.has_value() && !started;
  environment_.metrics.Fires(started ? 1 : 0, due.paused.count + (skipped ? 1 : 0),
                             due.missed.count);
  return next;
}

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
    if (lane.gives_way && (main_.busy || lane.wake.stop_requested())) {
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
      RETURN_IF_ERROR(FinishRun(tx, &ended, environment_.announcer, told, now));
      CrashPoint("inside_finish");
      // When the service stops, queued runs wait for the next process.
      if (!stopping()) {
        ASSIGN_OR_RETURN(next, PromoteQueued(tx, exporter_, LaneOf(result->run.parameters.kind),
                                             environment_.store.EpochOf(exporter_), now));
      }
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
