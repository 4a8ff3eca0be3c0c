#ifndef LOGEXPORT_SERVICE_RUNS_LAG_H_
#define LOGEXPORT_SERVICE_RUNS_LAG_H_

#include <optional>

#include "absl/time/time.h"

#include "service/state/records.h"

namespace logexport {

// An upper bound on the age of the oldest log not yet exported; nothing when nothing is known yet.
std::optional<absl::Duration> LagOf(const ExporterRecord& exporter, const Checkpoint& checkpoint,
                                    absl::Duration settle_delay, absl::Time now);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_LAG_H_
