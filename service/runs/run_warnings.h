#ifndef LOGEXPORT_SERVICE_RUNS_RUN_WARNINGS_H_
#define LOGEXPORT_SERVICE_RUNS_RUN_WARNINGS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"

#include "service/config/loaded_config.h"
#include "service/export/settings.h"
#include "service/runs/announcements.h"
#include "service/state/records.h"

namespace logexport {

// What happens when logs are sent again that were exported from `from` on (nothing: unknown).
// Segment drops repeats of a messageId for at least 24 hours and promises nothing after that
// (Segment docs: Handling Duplicate Data).
RunWarning ReplayWarning(std::optional<absl::Time> from, absl::Time now);

// Adds what is known at the start of a run to its warnings.
void AddStartWarnings(const ExporterRecord& exporter, const Checkpoint& checkpoint,
                      const ExporterSettings& settings, absl::Time now, RunRecord* run);

// What deserves an operator's attention now, beside the warnings in the last run's report.
std::vector<RunWarning> StandingWarnings(const LoadedConfig& config, const Checkpoint& checkpoint,
                                         std::int64_t dead_letters, const SilenceDecision& silence,
                                         bool region_assumed, absl::Time now);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_RUN_WARNINGS_H_
