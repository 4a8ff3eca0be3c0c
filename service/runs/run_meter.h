#ifndef LOGEXPORT_SERVICE_RUNS_RUN_METER_H_
#define LOGEXPORT_SERVICE_RUNS_RUN_METER_H_

#include <memory>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/export/run_observer.h"
#include "service/state/records.h"
#include "service/telemetry/service_metrics.h"

namespace logexport {

// Counts one run into the metrics of the service: what its stages do, while they do it, and what
// its ledger says, as it is committed. So counters and ledgers agree exactly. Thread-safe, but for
// Committed and Ended, which are called one after the other.
class RunMeter final : public RunObserver {
 public:
  // `metrics` must outlive it.
  RunMeter(ServiceMetrics& metrics, const RunRecord& run);
  // A run whose end could not be stored is active no more, and has not ended: that is what the next
  // process will say of it.
  ~RunMeter() override;

  void AttemptBegins(const RunStep& step) override;
  void AttemptEnded(const RunAttempt& attempt) override;
  void Repeats(const Failure& failure) override;
  void WaitedOnLimit(Origin target, absl::Duration waited) override;

  // The store has `run` now.
  void Committed(const RunRecord& run);
  // The run is stored as ended.
  void Ended(const RunRecord& run);

 private:
  void CountLogs(const RunRecord& run);

  ServiceMetrics& metrics_;
  const std::shared_ptr<ExporterCounters> exporter_;
  const RunKind kind_;
  LogCounts counted_;
};

// "auth0", "segment", "state", "other": as metrics name whom a run depends on.
absl::string_view TargetName(Origin origin);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_RUN_METER_H_
