#ifndef LOGEXPORT_SERVICE_CONTROL_CHECKPOINT_MOVE_H_
#define LOGEXPORT_SERVICE_CONTROL_CHECKPOINT_MOVE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/state/records.h"
#include "service/state/transaction.h"

namespace logexport {

// How an operator moves a checkpoint, by SetCheckpoint or by START_FROM in UpdateConfig.

enum class Direction { kNone, kRewind, kSkip, kUnknown };

// Which way a move from `from` to `to` goes. Ids are compared bytewise; start points that Auth0 has
// to find are compared by time where both times are known.
Direction DirectionOf(const Checkpoint& from, const Position& to);

struct MoveRequest {
  Position to;
  // Only if the checkpoint is at this log id, or has this version, now.
  std::optional<std::string> expected;
  std::optional<std::int64_t> expected_version;
  bool allow_skip = false;
  // Only for a check: count an active run as drained at its present checkpoint.
  bool as_if_drained = false;
};

struct CheckpointMove {
  // Set when an active run is in the way: nothing was moved, and only `before` holds.
  std::optional<RunRecord> blocked_by;
  Checkpoint before;
  Checkpoint after;
  Direction direction = Direction::kNone;
  std::vector<RunWarning> warnings;
};

// Checks and moves in the caller's transaction, without a call to Auth0; `write` false only checks.
//   ABORTED              CHECKPOINT_MISMATCH
//   FAILED_PRECONDITION  SKIP_NOT_ALLOWED
absl::StatusOr<CheckpointMove> MoveCheckpoint(Transaction& tx, absl::string_view exporter,
                                              const MoveRequest& request, const Audit& audit,
                                              absl::Duration retention, absl::Time now, bool write);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_CHECKPOINT_MOVE_H_
