#ifndef LOGEXPORT_SERVICE_RUNS_EXPORTER_WORKER_H_
#define LOGEXPORT_SERVICE_RUNS_EXPORTER_WORKER_H_

#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/control/control_environment.h"
#include "service/export/export_run.h"
#include "service/runs/lifecycle.h"

namespace logexport {

// Executes the runs of one exporter, one at a time in each lane, and starts the scheduled ones. It
// takes what is to be done from the store each time it looks, so nothing is lost with the process.
// Thread-safe.
class ExporterWorker {
 public:
  // `environment` must outlive it.
  ExporterWorker(std::string exporter, const ControlEnvironment& environment);
  // Ends the worker as Stop(zero) does.
  ~ExporterWorker();

  void Start();

  // Something changed in the store: look again now.
  void Wake();

  // Asks the run to end; one that is not executing yet does so as soon as it is.
  void StopRun(absl::string_view run_id, StopReason reason);

  // Begins to end: no further run is started, those in progress end as SHUTDOWN.
  void BeginStop();
  // Breaks off the exchanges of the runs in progress.
  void Abandon();
  // Waits until both lanes are done. After BeginStop.
  void Join();
  bool done() const;

 private:
  struct Lane {
    const RunLane which;
    std::thread thread;
    // Replaced before every sleep; requested to wake the lane from it.
    std::stop_source wake;
    ExportRun* executing = nullptr;
    std::string run_id;
    bool done = false;
  };

  void Loop(Lane& lane);
  // What the lane is to execute now, if anything, and when to look again (Clock::Now).
  struct Next {
    std::optional<RunRecord> run;
    absl::Time look_again = absl::InfiniteFuture();
  };
  absl::StatusOr<Next> Look(Lane& lane);
  absl::StatusOr<Next> LookAtSchedule();
  // Executes the run, puts it on record and then announces its end; answers the queued run that
  // follows it.
  std::optional<RunRecord> Execute(Lane& lane, RunRecord run);
  absl::StatusOr<ExportRunResult> ExecuteUnrecorded(Lane& lane, const RunRecord& run,
                                                    SlackSettings* slack);
  std::optional<RunRecord> Record(Lane& lane, ExportRunResult* result, const SlackSettings& slack);
  void CountSkippedFires();
  bool stopping() const;

  const std::string exporter_;
  const ControlEnvironment& environment_;
  mutable Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool abandoned_ ABSL_GUARDED_BY(mutex_) = false;
  // Runs to be stopped that were not executing yet: on record, but not seen by their lane. The
  // newest last; bounded, because a run may also have ended a moment before.
  std::deque<std::pair<std::string, StopReason>> early_stops_ ABSL_GUARDED_BY(mutex_);
  Lane main_ ABSL_GUARDED_BY(mutex_){RunLane::kMain, {}, {}, nullptr, {}, false};
  Lane side_ ABSL_GUARDED_BY(mutex_){RunLane::kSide, {}, {}, nullptr, {}, false};
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_EXPORTER_WORKER_H_
