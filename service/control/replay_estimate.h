#ifndef LOGEXPORT_SERVICE_CONTROL_REPLAY_ESTIMATE_H_
#define LOGEXPORT_SERVICE_CONTROL_REPLAY_ESTIMATE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "logexport/v1/checkpoint.pb.h"
#include "service/state/records.h"
#include "service/state/transaction.h"

namespace logexport {

// How long Segment recognises a message id as a repeat, at least (Segment docs: Handling Duplicate
// Data).
inline constexpr absl::Duration kDedupeLookBack = absl::Hours(24);

// From where to where logs would be exported again.
struct ReplayStretch {
  // The log id that reading starts after; empty where only a time is known.
  std::string from_id;
  // The time at which the stretch begins; nothing for the oldest log there is.
  std::optional<absl::Time> from;
  // The checkpoint that is being moved back, and its time.
  std::string to_id;
  absl::Time to;
};

// What it would cost to export the stretch again, told by the reports of the export runs that went
// over it, newest first. The count is exact if their checkpoints join into one chain that begins
// where the stretch begins; else what no report covers is filled with the mean rate of those there
// are. Pure.
v1::ReplayEstimate EstimateReplay(const ReplayStretch& stretch, const std::vector<RunRecord>& runs,
                                  absl::Time now);

// The same by the reports in the store.
absl::StatusOr<v1::ReplayEstimate> EstimateReplay(Transaction& tx, absl::string_view exporter,
                                                  const ReplayStretch& stretch, absl::Time now);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_REPLAY_ESTIMATE_H_
