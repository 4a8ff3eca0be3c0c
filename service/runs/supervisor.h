#ifndef LOGEXPORT_SERVICE_RUNS_SUPERVISOR_H_
#define LOGEXPORT_SERVICE_RUNS_SUPERVISOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/export/log_source.h"
#include "service/runs/exporter_share.h"
#include "service/runs/exporter_worker.h"
#include "service/runs/run_environment.h"
#include "service/state/members.h"

namespace logexport {

// Runs the exporters that this process owns: one worker each, started and ended with their
// exporter or its ownership. Where several processes share the store, each has a supervisor, which
// takes and gives back exporters, and acts on what operators asked of another process.
//
// A use case changes the store first and calls here afterwards, whoever owns the exporter. If the
// process ends between the two, the owner or the next start does what is in the store. Thread-safe.
class Supervisor {
 public:
  // `environment` must outlive it.
  explicit Supervisor(const RunEnvironment& environment);
  ~Supervisor();

  // Ends runs that an earlier owner left unfinished as INTERRUPTED and starts a worker for every
  // exporter that this process owns: all, or its share of those that nobody owns. Once.
  absl::Status Start();

  // An exporter was created, or something about it changed (a run added, configuration, pause): its
  // worker looks again at once, or within a second where it belongs to another process. Starts a
  // worker where there is none.
  void Wake(absl::string_view exporter);

  // An exporter was deleted: ends its worker, waiting for it.
  void Remove(absl::string_view exporter);

  // Asks a run that the store has as RUNNING to end early. If it does not execute yet, it ends as
  // soon as it does. Of a run of another process it can only be asked as CANCELLED.
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
  // are broken off. Everything settled is committed when it returns. Exporters that rest are given
  // back at once, the others as their runs end.
  void Shutdown(absl::Duration grace);

 private:
  using Workers = std::vector<std::shared_ptr<ExporterWorker>>;

  std::shared_ptr<ExporterWorker> Find(absl::string_view exporter);
  bool Owns(absl::string_view exporter) const { return environment_.store.EpochOf(exporter) != 0; }
  // Ends what earlier owners left of the exporter's runs.
  absl::Status Interrupt(const std::string& exporter, std::int64_t epoch);

  // Breaks off what is done here from the moment on in which others may do it; a thread of its own,
  // because the other one may wait for the database just then.
  void WatchTrust(const std::stop_token& stop);
  // Of the thread that deals with the other members.
  void ShareLoop(const std::stop_token& stop);
  absl::Status Balance();
  // Starts and ends workers so that they are those of what is owned.
  void FollowOwnership();
  absl::Status AnswerCalls();
  bool CanReadSecrets(const std::string& exporter);

  // Breaks off what the workers do, and ends them.
  void End(const Workers& workers);
  void Call(absl::string_view exporter, absl::string_view cancelled_run);
  // The thread looks at once at what there is to do.
  void LookNow();
  // Gives back what rests, again and again, until nothing is left.
  void GiveBackUntil(absl::Duration deadline);

  const RunEnvironment& environment_;
  Members* const members_;              // null: this process owns all exporters
  std::optional<ExporterShare> share_;  // of the thread, and of Start before it
  Mutex mutex_;
  bool shut_down_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_map<std::string, std::shared_ptr<ExporterWorker>> workers_
      ABSL_GUARDED_BY(mutex_);
  // In which epoch each exporter was begun with; of the thread, and of Start before it.
  absl::flat_hash_map<std::string, std::int64_t> begun_;
  std::stop_source look_ ABSL_GUARDED_BY(mutex_);
  std::jthread thread_ ABSL_GUARDED_BY(mutex_);
  std::jthread trust_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_SUPERVISOR_H_
