#ifndef LOGEXPORT_SERVICE_METRICS_OBSERVER_H_
#define LOGEXPORT_SERVICE_METRICS_OBSERVER_H_

#include "service/access/call_observer.h"
#include "service/http/observed_transport.h"
#include "service/telemetry/service_metrics.h"

namespace logexport {

// Counts what the rooms without metrics of their own tell. Thread-safe; `metrics` must outlive it.
class MetricsObserver final : public RequestObserver, public CallObserver {
 public:
  explicit MetricsObserver(ServiceMetrics& metrics) : metrics_(metrics) {}

  void RequestEnded(absl::string_view purpose, int status, absl::Duration took) override {
    metrics_.RequestEnded(purpose, status, took);
  }
  void CallEnded(absl::string_view method, absl::StatusCode code, absl::string_view reason,
                 absl::Duration took) override {
    metrics_.CallEnded(method, absl::StatusCodeToString(code), took);
    metrics_.CallRefused(reason);
  }

 private:
  ServiceMetrics& metrics_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_METRICS_OBSERVER_H_
