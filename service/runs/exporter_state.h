#ifndef LOGEXPORT_SERVICE_RUNS_EXPORTER_STATE_H_
#define LOGEXPORT_SERVICE_RUNS_EXPORTER_STATE_H_

#include <vector>

#include "absl/time/time.h"

#include "logexport/v1/exporter.pb.h"
#include "service/config/loaded_config.h"
#include "service/state/records.h"

namespace logexport {

// What an exporter is doing, in one word. `running` says that a run of its main lane is active. A
// running exporter is RUNNING even if it is paused, and a paused one PAUSED even if it fails.
v1::ExporterState StateOf(const ExporterRecord& exporter, bool running);

// When its next `count` scheduled runs start, jitter included; none while it is paused.
std::vector<absl::Time> NextStarts(const LoadedConfig& config, int count, absl::Time now);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_EXPORTER_STATE_H_
