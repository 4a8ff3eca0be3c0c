#ifndef LOGEXPORT_SERVICE_RUNS_EXPORTER_WORKER_H_
#define LOGEXPORT_SERVICE_RUNS_EXPORTER_WORKER_H_

#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
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
// reads from the store what is to be done, so that nothing is lost with the process. At rest it has
// no thread: each lane is a timer of RunThreads, which leads to a look into the store and from
// there to a run. Thread-safe.
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
  // it waits for now (see ExportRun::FillLive). If it waits for a place, the answer says so.
  std::optional<std::vector<RunWait>> FillLive(RunRecord* run) const;

  // Starts no further run and asks those in progress to end as SHUTDOWN.
  void BeginStop();
  // Breaks off the exchanges of the runs in progress.
  void Abandon();
  // Waits until both lanes are done, at most `timeout` of real time. After BeginStop.
  void AwaitDone(absl::Duration timeout);
  // Waits until both lanes are done. After BeginStop.
  void Join();

 private:
  struct Lane {
    // Where it is on its way from rest to rest.
    enum class At {
      kRest,     // a timer is set
      kPosted,   // it is to look into the store as soon as a thread is free for that
      kLooking,  // it does so
      kWaiting,  // it has found a run, which waits for a place
      kRunning,
    };
    const RunLane which;
    At at = At::kRest;
    // Something came while it was not at rest: it is to look again before it rests.
    bool look_again = false;
    // What waits for a place, and since when.
    std::optional<RunRecord> found = std::nullopt;
    absl::Time found_at = absl::InfinitePast();
    // Requested to end a pause before the end of a run is stored; replaced before each.
    std::stop_source wake = std::stop_source();
    ExportRun* executing = nullptr;
    std::string run_id = "";
    // What is executing reads logs again, and gives way to every other run.
    bool gives_way = false;
    // Of the main lane: it is executing a run, or about to.
    bool busy = false;
  };

  // ---- from rest to rest (exporter_worker.cc)
  // Makes the lane look into the store as soon as possible.
  void Post(Lane& lane);
  void OnTimer(Lane& lane);
  void SubmitLook(Lane& lane);
  // Steps of a lane, each in a thread of a pool. EndStep follows the second.
  void LookStep(Lane& lane);
  void RunStep(Lane& lane);
  // Sets the timer, or looks again at once if something came meanwhile.
  void Rest(Lane& lane, absl::Time look_again);
  void AwaitPlace(Lane& lane, RunRecord run);
  // Lets the lane's run begin without a place if it was asked to end.
  void HastenStopped(Lane& lane);
  // A step is over: the last thing that it does.
  void EndStep();

  // ---- what is to be done (worker_look.cc, worker_completeness.cc)
  // The run that the lane is to execute now, if any, and when to look again (Clock::Now).
  struct Next {
    std::optional<RunRecord> run;
    absl::Time look_again = absl::InfiniteFuture();
  };
  // The same where the store cannot be read: then it looks again after a pause.
  Next LookOrPause(Lane& lane);
  absl::StatusOr<Next> Look(Lane& lane);
  absl::StatusOr<Next> LookAtSchedule();
  // For the side lane, which reads logs again while it has nothing else to do.
  absl::StatusOr<Next> LookAtCompleteness();
  // Ends a run that reads logs again, because another run is to begin.
  void StopReadingAgain();
  // The same because runs of other exporters find no place.
  void GiveWay();
  void SetMainBusy(bool busy);

  // ---- a run (worker_run.cc)
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
  // Whether the run was asked to end before it executed.
  bool StoppedEarly(absl::string_view run_id) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string exporter_;
  const RunEnvironment& environment_;
  // Held while a timer is set, but never while work is submitted to a pool.
  mutable Mutex mutex_;
  CondVar step_ended_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool abandoned_ ABSL_GUARDED_BY(mutex_) = false;
  // Steps that were submitted and are not over.
  int steps_ ABSL_GUARDED_BY(mutex_) = 0;
  // Runs to be stopped that did not execute yet: they are in the store, but their lane has not seen
  // them, or they wait for a place. The newest is last. Their number is bounded, because a run may
  // also have ended just before it was to be stopped.
  std::deque<std::pair<std::string, StopReason>> early_stops_ ABSL_GUARDED_BY(mutex_);
  // When the side lane looked last for logs to be read again, and when it does so next. Of its
  // steps.
  absl::Time looked_for_due_ = absl::InfinitePast();
  absl::Time look_for_due_again_ = absl::InfinitePast();
  // The side lane rests until a run of the main lane has ended.
  bool side_waits_ ABSL_GUARDED_BY(mutex_) = false;
  // Something changed in the store, perhaps the settings of that.
  bool look_now_ ABSL_GUARDED_BY(mutex_) = false;
  // What is in them is guarded by mutex_, but for `which`.
  Lane main_{RunLane::kMain};
  Lane side_{RunLane::kSide};
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_EXPORTER_WORKER_H_
