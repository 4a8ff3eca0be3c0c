#ifndef LOGEXPORT_SERVICE_RUNS_METRICS_SAMPLER_H_
#define LOGEXPORT_SERVICE_RUNS_METRICS_SAMPLER_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/config/loaded_config.h"
#include "service/runs/run_environment.h"
#include "service/telemetry/service_metrics.h"

namespace logexport {

// Finds out for a scrape what is not counted but stands in the store: lag, checkpoint, last success
// and so on. Scrapes that come close after each other share what one has read, so that no number of
// scrapers loads the store. It reads beside the writes of runs, and has no lock that a run waits
// for beyond those that guard a few numbers (the rate budget). Thread-safe.
class MetricsSampler {
 public:
  // `environment` must outlive it.
  explicit MetricsSampler(const RunEnvironment& environment) : environment_(environment) {}

  ServiceSample Sample();

  // The next sample is read anew. For tests.
  void Forget();

 private:
  // What of an exporter's configuration is needed, which takes longer to read than all the rest.
  struct Known {
    std::int64_t config_version = 0;
    std::optional<LoadedConfig> config;
  };

  // Reads the store, unless that was done a moment ago.
  void Refresh() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Read(ServiceSample* sample) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<ExporterSample> SampleOf(Transaction& tx, const ExporterRecord& exporter,
                                          absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const RunEnvironment& environment_;
  Mutex mutex_;
  std::map<std::string, Known> known_ ABSL_GUARDED_BY(mutex_);
  ServiceSample last_ ABSL_GUARDED_BY(mutex_);
  absl::Duration read_again_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_METRICS_SAMPLER_H_
