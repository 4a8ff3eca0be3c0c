// The part of ExporterWorker that reads logs again while there is nothing else to do.

#include <optional>
#include <utility>

#include "service/base/status_macros.h"
#include "service/runs/completeness_runs.h"
#include "service/runs/exporter_worker.h"
#include "service/runs/unfinished_runs.h"
#include "service/schedule/due.h"

namespace logexport {

void ExporterWorker::SetMainBusy(bool busy) {
  bool wake_side = false;
  {
    MutexLock lock(&mutex_);
    main_.busy = busy;
    if (busy && side_.gives_way && side_.executing != nullptr) {
      side_.executing->RequestStop(StopReason::kCancelled);
    }
    // The side lane may have waited for the end, to read logs again. If it is not at rest, it may
    // just be finding out that it has to.
    wake_side = !busy && (side_waits_ || side_.at != Lane::At::kRest);
  }
  if (wake_side) Post(side_);
}

void ExporterWorker::StopReadingAgain() {
  MutexLock lock(&mutex_);
  if (side_.gives_way && side_.executing != nullptr) {
    side_.executing->RequestStop(StopReason::kCancelled);
  }
}

void ExporterWorker::GiveWay() {
  MutexLock lock(&mutex_);
  if (side_.executing != nullptr) {
    if (side_.gives_way) side_.executing->RequestStop(StopReason::kCancelled);
  } else {
    // It is about to begin, and then ends at once.
    side_.look_again = true;
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
  // All exporters look when the service starts, but not all at the same moment again.
  const bool first = looked_for_due_ == absl::InfinitePast();
  const absl::Duration pause =
      first ? JitterOffset(exporter_, absl::UnixEpoch(), look.interval) : look.interval;
  // What was due is read page after page without a pause, until nothing is due.
  looked_for_due_ = now;
  look_for_due_again_ = next.run.has_value() || look.waits ? now : now + pause;
  // While another run is active, its end wakes this lane.
  next.look_again = look.waits ? absl::InfiniteFuture() : look_for_due_again_;
  {
    MutexLock lock(&mutex_);
    side_waits_ = look.waits;
  }
  return next;
}

}  // namespace logexport
