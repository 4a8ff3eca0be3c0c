#ifndef LOGEXPORT_SERVICE_RUNS_WAIT_LOG_H_
#define LOGEXPORT_SERVICE_RUNS_WAIT_LOG_H_

#include <string>
#include <utility>

#include "service/export/run_waits.h"

namespace logexport {

// Writes a run's waits into the log while they happen. Thread-safe.
class WaitLog final : public WaitObserver {
 public:
  WaitLog(std::string exporter, std::string run_id)
      : exporter_(std::move(exporter)), run_id_(std::move(run_id)) {}

  void AttemptFailed(const RunWait& wait) override;
  void LimitLasts(const RunWait& wait) override;
  void Recovered(const RunWait& wait) override;

 private:
  const std::string exporter_;
  const std::string run_id_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_WAIT_LOG_H_
