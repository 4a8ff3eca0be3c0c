#ifndef LOGEXPORT_SERVICE_TELEMETRY_OTLP_OTLP_OPTIONS_H_
#define LOGEXPORT_SERVICE_TELEMETRY_OTLP_OTLP_OPTIONS_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

// Where spans go and which, as OpenTelemetry's variables say.
struct OtlpOptions {
  std::string target;  // host:port
  bool tls = false;
  std::string ca_file;  // empty: the system's authorities
  std::vector<std::pair<std::string, std::string>> headers;
  absl::Duration timeout = absl::Seconds(10);
  std::size_t queue_size = 2048;
  std::size_t batch_size = 512;
  absl::Duration delay = absl::Seconds(5);
  // Attributes of the resource, `service.name` among them.
  std::vector<std::pair<std::string, std::string>> resource;
  // Share of new traces that are recorded.
  double ratio = 1;
  // Whether a trace that a caller has begun is recorded as the caller says.
  bool parent_decides = true;
};

// Reads OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT and what goes with them.
// Nothing if neither is set or OTEL_SDK_DISABLED is true. INVALID_ARGUMENT names the variable that
// cannot be used: a protocol other than grpc, an address without a host, a number that is none.
absl::StatusOr<std::optional<OtlpOptions>> ReadOtlpOptions(
    const std::function<std::optional<std::string>(absl::string_view name)>& environment);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_TELEMETRY_OTLP_OTLP_OPTIONS_H_
