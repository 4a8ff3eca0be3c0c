#ifndef LOGEXPORT_SERVICE_EXPORT_EXPORT_RUN_H_
#define LOGEXPORT_SERVICE_EXPORT_EXPORT_RUN_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/random.h"
#include "service/export/committer.h"
#include "service/export/components.h"
#include "service/export/run_observer.h"
#include "service/export/run_waits.h"
#include "service/export/settings.h"
#include "service/state/records.h"
#include "service/state/settled_logs.h"
#include "service/state/store.h"

namespace logexport {

struct ExportRunInputs {
  // As stored: state RUNNING, checkpoint_before set, with any warnings known beforehand.
  RunRecord run;
  Checkpoint checkpoint;
  // When the exporter last was caught up from this checkpoint, by the source's clock.
  std::optional<absl::Time> last_caught_up;
  // ExporterRecord::refused_by.
  std::string refused_by;
  ExporterSettings settings;
  std::shared_ptr<ExporterComponents> components;
  std::unique_ptr<EventMapper> mapper;
};

// What the run is made with; must outlive it.
struct ExportRunEnvironment {
  Store& store;
  Clock& clock;
  Random& random;
  // Called after every commit with the record as committed, from a thread of the run; must not
  // block.
  std::function<void(const RunRecord&)> on_commit;
  // Is told of waits while they happen. May be null.
  WaitObserver* waits = nullptr;
  // Is told of attempts while they happen. May be null.
  RunObserver* observer = nullptr;
  // Whether somebody watches the run and wants to see each commit at once. May be null; may be
  // called at any time, from a thread of the run.
  std::function<bool()> watched = nullptr;
  // How long a commit may wait for more (Committer); tests choose.
  absl::Duration commit_hold = Committer::kLongestHold;
};

struct ExportRunResult {
  // Complete, but for storing it as ended: state, stop reason, error, ledger, end time.
  RunRecord run;
  // When the source (by its clock) was found to have nothing more.
  std::optional<absl::Time> caught_up_at;
  // Of a run for completeness: how far it has read again, as far as what it found is settled.
  std::vector<CompletenessPass> passes = {};
  // The record in place of `run` if the store has the last commit although it failed.
  std::optional<RunRecord> in_doubt = std::nullopt;

  // Settles the doubt: `stored` is the commit_version of the run in the store.
  void TakeStored(std::int64_t stored) {
    if (in_doubt.has_value() && in_doubt->commit_version == stored) run = *std::move(in_doubt);
    in_doubt.reset();
  }
};

// One execution of an exporter: fetch → filter → map → batch → send → commit, each stage in threads
// of its own. See ARCHITECTURE.md for the way of a log and the rules that always hold.
class ExportRun {
 public:
  ExportRun(ExportRunInputs inputs, ExportRunEnvironment environment);
  ~ExportRun();

  // Runs to the end and answers how it ended; every stage is through and everything settled is
  // committed by then. Once.
  ExportRunResult Execute();

  // Ends the run early; `reason` is kCancelled or kShutdown. Exchanges in progress are finished,
  // what they settle is committed. From any thread, before or during Execute.
  void RequestStop(StopReason reason);
  // Breaks off the exchanges in progress, too.
  void Abandon();

  // What the run has counted up to now, beyond its last commit, goes into `run`: requests, retries,
  // waits on limits, warnings. Answers what it waits for now. From any thread, before and during
  // Execute.
  std::vector<RunWait> FillLive(RunRecord* run) const;

 private:
  struct Stages;
  std::unique_ptr<Stages> stages_;
};

// The state in which a run ends for that reason, having settled so many logs. A run that a limit
// kept from settling anything is no success: otherwise a limit that never lifts would look like an
// export that works.
RunState EndStateOf(StopReason reason, std::int64_t settled);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_EXPORT_RUN_H_
