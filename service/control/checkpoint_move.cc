#include "service/control/checkpoint_move.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/base/time_text.h"
#include "service/control/api_error.h"
#include "service/export/log.h"
#include "service/runs/run_warnings.h"
#include "service/runs/unfinished_runs.h"

namespace logexport {
namespace {

// The time of a place in the logs, as far as it is known without asking Auth0.
std::optional<absl::Time> TimeOf(const Position& position, std::optional<absl::Time> log_time) {
  switch (position.kind) {
    case Position::Kind::kAfter:
    case Position::Kind::kAt:
      if (position.id.empty()) return absl::InfinitePast();
      if (const auto time = TimeOfLogId(position.id)) return time;
      return log_time;
    case Position::Kind::kEarliest:
      return absl::InfinitePast();
    case Position::Kind::kLatest:
    case Position::Kind::kTime:
      return position.time;
  }
  return std::nullopt;
}

absl::Status Mismatch(const Checkpoint& now, absl::string_view expected) {
  ApiError error;
  error.code = absl::StatusCode::kAborted;
  error.reason = "CHECKPOINT_MISMATCH";
  error.message =
      absl::StrCat("the checkpoint is ", DescribePosition(now.position), " (version ", now.version,
                   "), not ", expected, "; look at it again with GetStatus before moving it");
  error.metadata["log_id"] = now.position.id;
  error.metadata["version"] = absl::StrCat(now.version);
  return MakeApiError(error);
}

absl::Status SkipNotAllowed(const Checkpoint& from, const Position& to, Direction direction) {
  ApiError error;
  error.code = absl::StatusCode::kFailedPrecondition;
  error.reason = "SKIP_NOT_ALLOWED";
  error.message = absl::StrCat(
      direction == Direction::kSkip ? "this moves the checkpoint forward, from "
                                    : "this may move the checkpoint forward, from ",
      DescribePosition(from.position), " to ", DescribePosition(to),
      ": the logs between would never be exported; set allow_skip if that is what you want");
  error.precondition = {"SKIP_NOT_ALLOWED", "checkpoint", error.message};
  return MakeApiError(error);
}

}  // namespace

Direction DirectionOf(const Checkpoint& from, const Position& to) {
  const Position& at = from.position;
  if (at == to) return Direction::kNone;
  if (at.resolved() && to.resolved()) {
    if (at.id != to.id) return to.id < at.id ? Direction::kRewind : Direction::kSkip;
    return to.kind == Position::Kind::kAt ? Direction::kRewind : Direction::kSkip;
  }
  if (at.kind == to.kind && at.kind == Position::Kind::kEarliest) return Direction::kNone;
  if (to.kind == Position::Kind::kEarliest) return Direction::kRewind;
  // No checkpoint is beyond the newest log there is now.
  if (to.kind == Position::Kind::kLatest) return Direction::kSkip;
  const std::optional<absl::Time> before = TimeOf(at, from.log_time);
  const std::optional<absl::Time> after = TimeOf(to, std::nullopt);
  if (!before.has_value() || !after.has_value()) return Direction::kUnknown;
  return *after <= *before ? Direction::kRewind : Direction::kSkip;
}

absl::StatusOr<CheckpointMove> MoveCheckpoint(Transaction& tx, absl::string_view exporter,
                                              const MoveRequest& request, const Audit& audit,
                                              absl::Duration retention, absl::Time now,
                                              bool write) {
  CheckpointMove move;
  ASSIGN_OR_RETURN(move.before, tx.GetCheckpoint(exporter));
  if (request.expected.has_value() &&
      (!move.before.position.resolved() || move.before.position.id != *request.expected)) {
    return Mismatch(move.before, *request.expected);
  }
  if (request.expected_version.has_value() && move.before.version != *request.expected_version) {
    return Mismatch(move.before, absl::StrCat("version ", *request.expected_version));
  }
  move.direction = DirectionOf(move.before, request.to);
  const bool skips =
      (move.direction == Direction::kSkip || move.direction == Direction::kUnknown) &&
      !request.allow_skip;
  // No run is drained for a move that is refused anyway. Whether a move to another target skips
  // logs is known only when the run has ended.
  if (skips && request.to.kind == Position::Kind::kLatest) {
    return SkipNotAllowed(move.before, request.to, move.direction);
  }
  ASSIGN_OR_RETURN(const std::optional<RunRecord> active, ActiveRun(tx, exporter, RunLane::kMain));
  if (active.has_value() && !request.as_if_drained) {
    move.blocked_by = active;
    return move;
  }
  if (skips) return SkipNotAllowed(move.before, request.to, move.direction);
  const std::optional<absl::Time> time = TimeOf(request.to, std::nullopt);
  if (move.direction == Direction::kRewind) move.warnings.push_back(ReplayWarning(time, now));
  if (retention > absl::ZeroDuration() && time.has_value() && *time < now - retention &&
      request.to.kind != Position::Kind::kEarliest) {
    move.warnings.push_back(
        {"RETENTION_GAP",
         absl::StrCat("Auth0 keeps logs for ", absl::FormatDuration(retention), "; those before ",
                      FormatTimestamp(now - retention), " are gone"),
         1});
  }
  move.after = move.before;
  if (move.direction == Direction::kNone) return move;
  if (write) {
    ASSIGN_OR_RETURN(move.after, tx.SetCheckpoint(exporter, request.to, now, audit));
  } else {
    move.after.position = request.to;
    move.after.log_time.reset();
  }
  return move;
}

}  // namespace logexport
