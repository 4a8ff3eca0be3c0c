#ifndef LOGEXPORT_SERVICE_RUNS_COMPLETENESS_RUNS_H_
#define LOGEXPORT_SERVICE_RUNS_COMPLETENESS_RUNS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/runs/run_environment.h"
#include "service/state/records.h"

namespace logexport {

// Runs that read logs again to find those that became visible late (see export/completeness.h).
// They are ordered by nobody and give way to every other run of their exporter.

struct CompletenessLook {
  // The run that is to read what is due. It is stored as RUNNING.
  std::optional<RunRecord> run;
  // Another run is active, or the source has not told its time yet: look again when a run has
  // ended.
  bool waits = false;
  // Else how long until it is to be looked again.
  absl::Duration interval = absl::InfiniteDuration();
};

// Looks for a stretch of logs that is due to be read again, and forgets remembered logs that nobody
// will ask for any more. Orders no run while another run of the exporter is active, or while the
// exporter is paused.
absl::StatusOr<CompletenessLook> LookForDueStretch(const RunEnvironment& environment,
                                                   const std::string& exporter);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_COMPLETENESS_RUNS_H_
