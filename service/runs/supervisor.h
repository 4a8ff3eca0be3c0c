#ifndef LOGEXPORT_SERVICE_RUNS_SUPERVISOR_H_
#define LOGEXPORT_SERVICE_RUNS_SUPERVISOR_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/export/log_source.h"
#include "service/runs/exporter_worker.h"
#include "service/runs/run_environment.h"

namespace logexport {

// Runs the exporters of the store: one worker each, started and ended with their exporter.
// A use case changes the store first and calls here afterwards. If the process ends between the
// two, the next start does what is in the store. Thread-safe.
class Supervisor {
 public:
  // `environment` must outlive it.
  explicit Supervisor(const RunEnvironment& environment);
  ~Supervisor();

  // Ends runs that an earlier process left unfinished as INTERRUPTED and starts a worker for every
  // exporter. Once.
  absl::Status Start();

  // An exporter was created, or something about it changed (a run added, configuration, pause): its
  // worker looks again at once. Starts a worker where there is none.
  void Wake(absl::string_view exporter);

  // An exporter was deleted: ends its worker, waiting for it.
  void Remove(absl::string_view exporter);

  // Asks a run that the store has as RUNNING to end early. If it does not execute yet, it ends as
  // soon as it does.
  void StopRun(absl::string_view exporter, absl::string_view run_id, StopReason reason);

  // If the run is executing: what it has counted up to now goes into `run`, and the answer is what
  // it waits for now. Else nothing.
  std::vector<RunWait> FillLive(RunRecord* run);

  // Blocks until the exporter's run `run_id` has ended (then true), `deadline` (Clock::Monotonic)
  // has passed, or the feed is closed because the service ends.
  bool AwaitRunEnd(absl::string_view exporter, absl::string_view run_id, absl::Duration deadline);

  // The tenant's rate budget as last seen, if the exporter has made calls.
  std::optional<RateBudget> Budget(absl::string_view exporter);

  // Ends all runs and workers. Exchanges in progress may finish for as long as `grace`, then they
  // are broken off. Everything settled is committed when it returns.
  void Shutdown(absl::Duration grace);

 private:
  std::shared_ptr<ExporterWorker> Find(absl::string_view exporter);

  const RunEnvironment& environment_;
  Mutex mutex_;
  bool shut_down_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<std::string, std::shared_ptr<ExporterWorker>> workers_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_SUPERVISOR_H_
