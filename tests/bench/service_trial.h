#ifndef LOGEXPORT_TESTS_BENCH_SERVICE_TRIAL_H_
#define LOGEXPORT_TESTS_BENCH_SERVICE_TRIAL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "client/logexport/client.h"
#include "logexport/v1/report.pb.h"
#include "tests/bench/control_load.h"
#include "tests/support/sandbox_process.h"
#include "tests/support/service_process.h"

namespace logexport::bench {

struct TrialOptions {
  int max_in_flight = 4;
  bool profiles = false;
  bool gzip = false;
  std::string ca_file;
  // The store in memory instead of on the disk: what is left out is waiting for the disk and asking
  // it, which depends more on the machine than on the service.
  bool state_in_memory = false;
};

struct TrialResult {
  std::int64_t logs = 0;
  // From the start to the end of the run, by its report.
  double seconds = 0;
  // Of the service's process during the run.
  double cpu_seconds = 0;
  std::int64_t peak_kb = 0;  // resident, highest during the run
  std::int64_t auth0_requests = 0;
  std::int64_t segment_requests = 0;
  std::int64_t commits = 0;
  // What the calls made during the run found, if any were asked for.
  ControlLoadResult load;

  double logs_per_second() const { return static_cast<double>(logs) / seconds; }
  double cpu_micros_per_log() const { return 1e6 * cpu_seconds / static_cast<double>(logs); }
};

// The real service, from a store of its own, with a sandbox as its tenant.
class ServiceTrial {
 public:
  static absl::StatusOr<std::unique_ptr<ServiceTrial>> Start(const SandboxProcess& sandbox,
                                                             const TrialOptions& options);
  ~ServiceTrial();

  // Exports everything from the beginning of the logs, once. An error unless every log was
  // accepted. `warm_up` logs are exported by a run before, which is not measured: the service is
  // one that has been up for a while. So many calls are made meanwhile (see ControlLoad).
  absl::StatusOr<TrialResult> Run(int warm_up = 0, double calls_per_minute = 0);

  // The same calls for so long while nothing is exported, after a run.
  absl::StatusOr<ControlLoadResult> CallIdle(absl::Duration time, double calls_per_minute);

  // Ends the service and starts it again on its store: milliseconds until it serves.
  absl::StatusOr<double> Restart();

 private:
  ServiceTrial() = default;
  absl::Status Launch();
  absl::StatusOr<v1::Report> RunAndWait(std::int64_t max_logs, double calls_per_minute,
                                        ControlLoadResult* load);

  std::string directory_;
  ServiceProcess::Environment environment_;
  std::vector<std::string> flags_;
  std::unique_ptr<ServiceProcess> service_;
  std::unique_ptr<client::Client> client_;
  std::string run_id_;  // the newest
};

}  // namespace logexport::bench

#endif  // LOGEXPORT_TESTS_BENCH_SERVICE_TRIAL_H_
