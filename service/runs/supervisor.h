#ifndef LOGEXPORT_SERVICE_RUNS_SUPERVISOR_H_
#define LOGEXPORT_SERVICE_RUNS_SUPERVISOR_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/control/control_environment.h"
#include "service/export/components.h"
#include "service/runs/exporter_worker.h"

namespace logexport {

// Runs the exporters of the store: one worker each, started and ended with their exporter.
// The store is the truth: a use case changes it first and calls here afterwards, and a call that
// never came (a crash between the two) is made up for at the next start. Thread-safe.
class Supervisor {
 public:
  // `environment` must outlive it.
  explicit Supervisor(const ControlEnvironment& environment);
  ~Supervisor();

  // Ends runs that an earlier process left unfinished as INTERRUPTED and starts a worker for every
  // exporter. Once.
  absl::Status Start();

  // An exporter was created, or something about it changed (a run added, configuration, pause): its
  // worker looks again at once. Starts a worker where there is none.
  void Wake(absl::string_view exporter);

  // An exporter was deleted: ends its worker, waiting for it.
  void Remove(absl::string_view exporter);

  // Asks the run, which is on record as running, to end early. It need not execute yet: then it
  // ends as soon as it does.
  void StopRun(absl::string_view exporter, absl::string_view run_id, StopReason reason);

  // Blocks until the exporter's run `run_id` has ended or `deadline` (Clock::Monotonic) passed.
  bool AwaitRunEnd(absl::string_view exporter, absl::string_view run_id, absl::Duration deadline);

  // The adapters for the exporter as configured now, shared with its runs. For previews and probes.
  absl::StatusOr<std::shared_ptr<ExporterComponents>> Components(const ExporterSettings& settings);

  // The tenant's rate budget as last seen, if the exporter has made calls.
  std::optional<RateBudget> Budget(absl::string_view exporter);

  // Ends all runs and workers: what is in flight gets `grace` to finish, then is broken off.
  // Everything settled is committed when it returns.
  void Shutdown(absl::Duration grace);

 private:
  std::shared_ptr<ExporterWorker> Find(absl::string_view exporter);

  const ControlEnvironment& environment_;
  Mutex mutex_;
  bool shut_down_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<std::string, std::shared_ptr<ExporterWorker>> workers_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_SUPERVISOR_H_
