#ifndef LOGEXPORT_SERVICE_RUNS_UNFINISHED_RUNS_H_
#define LOGEXPORT_SERVICE_RUNS_UNFINISHED_RUNS_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/export/run_lane.h"
#include "service/state/records.h"
#include "service/state/transaction.h"

namespace logexport {

// The runs of one lane that have not ended: at most one of each kind.
struct UnfinishedRuns {
  std::optional<RunRecord> active;
  std::optional<RunRecord> queued;
};
absl::StatusOr<UnfinishedRuns> UnfinishedIn(Transaction& tx, absl::string_view exporter,
                                            RunLane lane);

// The lane's active run, if there is one.
absl::StatusOr<std::optional<RunRecord>> ActiveRun(Transaction& tx, absl::string_view exporter,
                                                   RunLane lane);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_UNFINISHED_RUNS_H_
