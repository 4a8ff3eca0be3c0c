// The part of ExporterWorker that finds out from the store what is to be done.

#include <optional>
#include <utility>
#include <variant>

#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/config/loaded_config.h"
#include "service/runs/exporter_worker.h"
#include "service/runs/lifecycle.h"
#include "service/runs/store_pause.h"
#include "service/runs/unfinished_runs.h"
#include "service/schedule/due.h"

namespace logexport {

ExporterWorker::Next ExporterWorker::LookOrPause(Lane& lane) {
  Next pause;
  pause.look_again = environment_.clock.Now() + kStorePause;
  // Others may run what we find; the store tells in the log since when and why.
  if (!Owned()) return pause;
  absl::StatusOr<Next> next = Look(lane);
  if (next.ok()) return *std::move(next);
  // When the exporter is gone, this worker is about to end, too.
  if (CommitRefusalOf(next.status()) != CommitRefusal::kLeaseLost &&
      !absl::IsNotFound(environment_.store.Read(
          [&](Transaction& tx) { return tx.GetExporter(exporter_).status(); }))) {
    LogError("cannot tell what to run next", {{"exporter", exporter_}, {"error", next.status()}});
  }
  return pause;
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

}  // namespace logexport
