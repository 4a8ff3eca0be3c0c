#ifndef LOGEXPORT_SERVICE_RUNS_REPLAY_WARNINGS_H_
#define LOGEXPORT_SERVICE_RUNS_REPLAY_WARNINGS_H_

#include <optional>

#include "absl/time/time.h"

#include "service/export/settings.h"
#include "service/state/records.h"

namespace logexport {

// What to expect of sending logs again that were exported from `from` on: Segment drops repeats of
// a messageId for at least 24 hours and promises nothing after (Segment docs: Handling Duplicate
// Data).
RunWarning ReplayWarning(std::optional<absl::Time> from, absl::Time now);

// Adds what is known at the start of a run to its warnings: a replay, an assumed region, a lag that
// comes near Auth0's retention.
void AddStartWarnings(const ExporterRecord& exporter, const Checkpoint& checkpoint,
                      const ExporterSettings& settings, absl::Time now, RunRecord* run);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_REPLAY_WARNINGS_H_
