#ifndef LOGEXPORT_SERVICE_TELEMETRY_PROCESS_METRICS_H_
#define LOGEXPORT_SERVICE_TELEMETRY_PROCESS_METRICS_H_

#include "service/telemetry/exposition.h"

namespace logexport {

// Adds what every Prometheus client tells of its process, under the names that are usual:
// process_cpu_seconds_total, process_resident_memory_bytes and so on. From /proc; what cannot be
// read there is left out.
void AddProcessMetrics(Exposition* out);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_TELEMETRY_PROCESS_METRICS_H_
