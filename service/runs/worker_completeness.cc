// The part of ExporterWorker that reads logs again while there is nothing else to do.

#include <optional>
#include <utility>

#include "service/base/status_macros.h"
#include "service/runs/completeness_runs.h"
#include "service/runs/exporter_worker.h"
#include "service/runs/unfinished_runs.h"

namespace logexport {

void ExporterWorker::SetMainBusy(bool busy) {
  MutexLock lock(&mutex_);
  main_.busy = busy;
  if (busy && side_.gives_way && side_.executing != nullptr) {
    side_.executing->RequestStop(StopReason::kCancelled);
  }
  // The side lane may have waited for the end, to read logs again.
  if (!busy) side_.wake.request_stop();
}

void ExporterWorker::StopReadingAgain() {
  MutexLock lock(&mutex_);
  if (side_.gives_way && side_.executing != nullptr) {
    side_.executing->RequestStop(StopReason::kCancelled);
  }
}

absl::StatusOr<ExporterWorker::Next> ExporterWorker::LookAtCompleteness() {
  Next next;
  UnfinishedRuns unfinished;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(unfinished, UnfinishedIn(tx, exporter_, RunLane::kCompleteness));
    return absl::OkStatus();
  }));
  if (unfinished.active.has_value()) {
    next.run = std::move(unfinished.active);
    return next;
  }
  if (!environment_.follow_schedules) return next;
  const absl::Time now = environment_.clock.Now();
  bool woken = false;
  {
    MutexLock lock(&mutex_);
    woken = std::exchange(look_now_, false);
  }
  // If it looked in the future, the clock was set back since.
  if (!woken && looked_for_due_ <= now && now < look_for_due_again_) {
    next.look_again = look_for_due_again_;
    return next;
  }
  ASSIGN_OR_RETURN(CompletenessLook look, LookForDueStretch(environment_, exporter_));
  next.run = std::move(look.run);
  // What was due is read page after page without a pause, until nothing is due.
  looked_for_due_ = now;
  look_for_due_again_ = next.run.has_value() || look.waits ? now : now + look.interval;
  // While another run is active, its end wakes this lane.
  next.look_again = look.waits ? absl::InfiniteFuture() : look_for_due_again_;
  return next;
}

}  // namespace logexport
