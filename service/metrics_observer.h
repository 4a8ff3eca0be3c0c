#ifndef LOGEXPORT_SERVICE_METRICS_OBSERVER_H_
#define LOGEXPORT_SERVICE_METRICS_OBSERVER_H_

#include "service/access/call_observer.h"
#include "service/http/observed_transport.h"
#include "service/telemetry/service_metrics.h"
#include "service/telemetry/trace.h"

namespace logexport {

// Counts what the rooms without metrics of their own tell, and makes the spans of calls.
// Thread-safe; `metrics` and `spans`, which may be null, must outlive it.
class MetricsObserver final : public RequestObserver, public CallObserver {
 public:
  MetricsObserver(ServiceMetrics& metrics, SpanSink* spans) : metrics_(metrics), spans_(spans) {}

  void RequestEnded(absl::string_view purpose, int status, absl::Duration took) override {
    metrics_.RequestEnded(purpose, status, took);
  }
  LogTrace CallBegins(const IncomingCall& call) override;
  void CallEnded(const IncomingCall& call, const LogTrace& trace,
                 const CallReport& report) override;

 private:
  ServiceMetrics& metrics_;
  SpanSink* const spans_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_METRICS_OBSERVER_H_
