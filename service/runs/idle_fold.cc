#include "service/runs/idle_fold.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

#include "service/base/status_macros.h"

namespace logexport {
namespace {

// Every process of such a run owns the state anew.
constexpr absl::string_view kRunOnce = "--run-once";

absl::Duration TimeTaken(const RunRecord& run) {
  if (!run.started.has_value() || !run.ended.has_value()) return absl::ZeroDuration();
  // A host's clock that was set back can make a run end before it began.
  return std::max(*run.ended - *run.started, absl::ZeroDuration());
}

bool SameHour(absl::Time a, absl::Time b) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  return absl::ToCivilHour(a, utc) == absl::ToCivilHour(b, utc);
}

const std::string& LastIdOf(const RunRecord& fold) {
  return fold.idle_runs > 1 ? fold.last_idle_run : fold.run_id;
}

void Fold(const RunRecord& next, RunRecord* fold) {
  ++fold->idle_runs;
  fold->idle_time += TimeTaken(next);
  fold->last_idle_run = next.run_id;
  fold->ended = next.ended;
  fold->epoch = next.epoch;
  fold->pages += next.pages;
  fold->batches += next.batches;
  fold->bytes_sent += next.bytes_sent;
  fold->auth0_calls += next.auth0_calls;
  fold->segment_calls += next.segment_calls;
  fold->retries += next.retries;
  fold->limit_wait += next.limit_wait;
}

// The report before the run, if the run's own is the newest.
absl::StatusOr<std::optional<RunRecord>> ReportBefore(Transaction& tx, const RunRecord& run) {
  RunFilter filter;
  filter.exporter = run.exporter;
  ASSIGN_OR_RETURN(std::vector<RunRecord> newest, tx.ListRuns(filter, {2, 0}));
  if (newest.size() < 2 || newest.front().run_id != run.run_id) return std::nullopt;
  return std::move(newest.back());
}

}  // namespace

bool IsIdle(const RunRecord& run) {
  return run.parameters == RunParameters() &&
         (run.trigger == Trigger::kSchedule || run.trigger == Trigger::kStartup) &&
         run.state == RunState::kSucceeded && run.stop_reason == StopReason::kCaughtUp &&
         run.ledger == Ledger() && run.warnings.empty() && !run.error.has_value() &&
         run.checkpoint_before == run.checkpoint_after && run.ended.has_value();
}

bool FoldsInto(const RunRecord& fold, const RunRecord& next) {
  const bool same_owner = fold.epoch == next.epoch ||
                          (fold.audit.requester == kRunOnce && next.trigger == Trigger::kStartup);
  return fold.idle_runs > 0 && same_owner && fold.trigger == next.trigger &&
         fold.audit.requester == next.audit.requester &&
         fold.config_version == next.config_version &&
         fold.checkpoint_after == next.checkpoint_before && SameHour(fold.created, next.created) &&
         // So that ids between its first and its last are those of its runs.
         LastIdOf(fold) < next.run_id;
}

absl::StatusOr<std::string> StoreEndedRun(Transaction& tx, const RunRecord& run, bool may_fold) {
  RunRecord stored = run;
  if (!may_fold || !IsIdle(run)) {
    RETURN_IF_ERROR(tx.UpdateRun(stored));
    return stored.run_id;
  }
  ASSIGN_OR_RETURN(std::optional<RunRecord> before, ReportBefore(tx, run));
  if (before.has_value() && FoldsInto(*before, run)) {
    Fold(run, &*before);
    RETURN_IF_ERROR(tx.UpdateRun(*before));
    RETURN_IF_ERROR(tx.DeleteRun(run.exporter, run.run_id));
    return before->run_id;
  }
  stored.idle_runs = 1;
  stored.idle_time = TimeTaken(run);
  RETURN_IF_ERROR(tx.UpdateRun(stored));
  return stored.run_id;
}

}  // namespace logexport
