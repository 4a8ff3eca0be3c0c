#ifndef LOGEXPORT_SERVICE_TELEMETRY_OTLP_OTLP_EXPORTER_H_
#define LOGEXPORT_SERVICE_TELEMETRY_OTLP_OTLP_EXPORTER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/base/random.h"
#include "service/telemetry/instruments.h"
#include "service/telemetry/otlp/otlp_options.h"
#include "service/telemetry/trace.h"

namespace logexport {

// Sends spans to a collector by OTLP over gRPC, from a thread of its own. At most
// `options.queue_size` spans wait; those beyond are dropped and counted. A batch that the collector
// cannot take now is sent again for as long as `options.timeout` allows, then dropped. Nobody who
// records a span ever waits for the collector: it may hang, refuse, or not be there.
class OtlpExporter final : public SpanSink {
 public:
  // INVALID_ARGUMENT if the certificate cannot be read. `random` and `counters` must outlive it.
  static absl::StatusOr<std::unique_ptr<OtlpExporter>> Create(OtlpOptions options, Random& random,
                                                              SpanCounters& counters);
  // Sends what waits, for two seconds at most.
  ~OtlpExporter() override;

  TraceContext NewContext(const std::optional<TraceContext>& parent) override;
  void Take(SpanRecord span) override;

  // Blocks until all spans taken before are sent or dropped. For tests.
  void Flush();

 private:
  struct State;
  explicit OtlpExporter(std::unique_ptr<State> state);
  const std::unique_ptr<State> state_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_TELEMETRY_OTLP_OTLP_EXPORTER_H_
