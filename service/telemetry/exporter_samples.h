#ifndef LOGEXPORT_SERVICE_TELEMETRY_EXPORTER_SAMPLES_H_
#define LOGEXPORT_SERVICE_TELEMETRY_EXPORTER_SAMPLES_H_

#include <vector>

#include "service/telemetry/exposition.h"
#include "service/telemetry/service_metrics.h"

namespace logexport {

// Adds what a scrape found out about exporters: each by itself (kFull and kKey), or the worst or
// the sum of them (kOff). Not with kAuto.
void AddExporterSamples(const std::vector<ExporterSample>& exporters, PerExporter detail,
                        Exposition* out);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_TELEMETRY_EXPORTER_SAMPLES_H_
