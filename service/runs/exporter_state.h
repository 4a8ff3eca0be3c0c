#ifndef LOGEXPORT_SERVICE_RUNS_EXPORTER_STATE_H_
#define LOGEXPORT_SERVICE_RUNS_EXPORTER_STATE_H_

#include <vector>

#include "absl/time/time.h"

#include "logexport/v1/exporter.pb.h"
#include "service/config/loaded_config.h"
#include "service/runs/announcements.h"
#include "service/schedule/schedule.h"
#include "service/state/records.h"

namespace logexport {

// What an exporter is doing, in one word. Running comes before paused, paused before failing.
v1::ExporterState StateOf(const ExporterRecord& exporter, bool running);

// When its next `count` scheduled runs start, jitter included; none while it is paused.
std::vector<absl::Time> NextStarts(const LoadedConfig& config, int count, absl::Time now);

// What deserves an operator's attention now, beside what the last run's report says.
std::vector<RunWarning> StandingWarnings(const LoadedConfig& config, const Checkpoint& checkpoint,
                                         std::int64_t dead_letters, const SilenceDecision& silence,
                                         bool region_assumed, absl::Time now);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_EXPORTER_STATE_H_
