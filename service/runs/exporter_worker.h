#ifndef LOGEXPORT_SERVICE_RUNS_EXPORTER_WORKER_H_
#define LOGEXPORT_SERVICE_RUNS_EXPORTER_WORKER_H_

#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/export/export_run.h"
#include "service/export/run_lane.h"
#include "service/runs/lifecycle.h"
#include "service/runs/run_environment.h"
#include "service/runs/run_meter.h"
#include "service/runs/run_tracer.h"

namespace logexport {

// Executes the runs of one exporter, one at a time in each lane, and starts the scheduled ones. It
// reads from the store what is to be done, so that nothing is lost with the process. Thread-safe.
class ExporterWorker {
 public:
  // `environment` must outlive it.
  ExporterWorker(std::string exporter, const RunEnvironment& environment);
  // Ends the worker as Stop(zero) does.
  ~ExporterWorker();

  void Start();

  // Something changed in the store: look again now.
  void Wake();

  // Asks the run to end. If it does not execute yet, it ends as soon as it does.
  void StopRun(absl::string_view run_id, StopReason reason);

  // If the run is executing: what it has counted up to now goes into `run`, and the answer is what
  // it waits for now (see ExportRun::FillLive).
  std::optional<std::vector<RunWait>> FillLive(RunRecord* run) const;

  // Starts no further run and asks those in progress to end as SHUTDOWN.
  void BeginStop();
  // Breaks off the exchanges of the runs in progress.
  void Abandon();
  // Waits until both lanes are done, at most `timeout` of real time. After BeginStop.
  void AwaitDone(absl::Duration timeout);
  // Waits for the threads of both lanes. After BeginStop.
  void Join();

 private:
  struct Lane {
    const RunLane which;
    std::thread thread;
    // Replaced before every sleep; requested to wake the lane from it.
    std::stop_source wake;
    ExportRun* executing = nullptr;
    std::string run_id;
    // What is executing reads logs again, and gives way to every other run.
    bool gives_way = false;
    // Of the main lane: it is executing a run, or about to.
    bool busy = false;
    bool done = false;
  };

  void Loop(Lane& lane);
  // The run that the lane is to execute now, if any, and when to look again (Clock::Now).
  struct Next {
    std::optional<RunRecord> run;
    absl::Time look_again = absl::InfiniteFuture();
  };
  absl::StatusOr<Next> Look(Lane& lane);
  absl::StatusOr<Next> LookAtSchedule();
  // For the side lane, whose thread reads logs again while it has nothing else to do.
  absl::StatusOr<Next> LookAtCompleteness();
  // Ends a run that reads logs again, because another run is to begin.
  void StopReadingAgain();
  void SetMainBusy(bool busy);
  // Executes the run and records its end; answers the queued run that follows it.
  std::optional<RunRecord> Execute(Lane& lane, RunRecord run);
  absl::StatusOr<ExportRunResult> ExecuteUnrecorded(Lane& lane, const RunRecord& run,
                                                    NotificationSettings* told, RunMeter* meter,
                                                    RunTracer* tracer);
  std::optional<RunRecord> Record(Lane& lane, ExportRunResult* result,
                                  const NotificationSettings& told, RunMeter* meter);
  // This process may work for the exporter now.
  bool Owned() const;
  bool stopping() const;

  const std::string exporter_;
  const RunEnvironment& environment_;
  mutable Mutex mutex_;
  CondVar lane_done_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool abandoned_ ABSL_GUARDED_BY(mutex_) = false;
  // Runs to be stopped that did not execute yet: they are in the store, but their lane has not seen
  // them. The newest is last. Their number is bounded, because a run may also have ended just
  // before it was to be stopped.
  std::deque<std::pair<std::string, StopReason>> early_stops_ ABSL_GUARDED_BY(mutex_);
  // When the side lane looked last for logs to be read again, and when it does so next. Of its
  // thread.
  absl::Time looked_for_due_ = absl::InfinitePast();
  absl::Time look_for_due_again_ = absl::InfinitePast();
  // Something changed in the store, perhaps the settings of that.
  bool look_now_ ABSL_GUARDED_BY(mutex_) = false;
  Lane main_ ABSL_GUARDED_BY(mutex_){RunLane::kMain, {}, {}, nullptr, {}, false};
  Lane side_ ABSL_GUARDED_BY(mutex_){RunLane::kSide, {}, {}, nullptr, {}, false};
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_EXPORTER_WORKER_H_
