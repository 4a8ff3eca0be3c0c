#include "service/control/checkpoint_control.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "logexport/v1/checkpoint.pb.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/config/loaded_config.h"
#include "service/config/start_point.h"
#include "service/control/api_error.h"
#include "service/control/checkpoint_move.h"
#include "service/control/drain.h"
#include "service/control/page_token.h"
#include "service/control/replay_estimate.h"
#include "service/control/report_message.h"
#include "service/control/run_control.h"
#include "service/control/run_lookup.h"
#include "service/control/start_check.h"
#include "service/control/write_once.h"
#include "service/export/log.h"
#include "service/runs/lifecycle.h"
#include "service/runs/trusted_time.h"

namespace logexport {
namespace {

v1::CheckpointDirection DirectionToProto(Direction direction) {
  switch (direction) {
    case Direction::kNone:
      return v1::CHECKPOINT_DIRECTION_NONE;
    case Direction::kRewind:
      return v1::CHECKPOINT_DIRECTION_REWIND;
    case Direction::kSkip:
      return v1::CHECKPOINT_DIRECTION_SKIP;
    case Direction::kUnknown:
      return v1::CHECKPOINT_DIRECTION_UNKNOWN;
  }
  return v1::CHECKPOINT_DIRECTION_UNSPECIFIED;
}

// The place that a request names. Unset for `run_start`, which is read in the transaction.
absl::StatusOr<std::optional<Position>> TargetOf(const v1::SetCheckpointRequest& request,
                                                 absl::Time now) {
  std::vector<ApiError::Violation> violations;
  if (request.inclusive() && request.target_case() != v1::SetCheckpointRequest::kLogId) {
    violations.push_back({"inclusive", "needs log_id"});
  }
  std::optional<Position> target = Position();
  switch (request.target_case()) {
    case v1::SetCheckpointRequest::kLogId:
      target->kind = request.inclusive() ? Position::Kind::kAt : Position::Kind::kAfter;
      target->id = request.log_id();
      if (const absl::Status bad = CheckLogId(request.log_id()); !bad.ok()) {
        violations.push_back({"log_id", std::string(bad.message())});
      }
      break;
    case v1::SetCheckpointRequest::kTime:
      target->kind = Position::Kind::kTime;
      target->time = FromProto(request.time());
      if (target->time > now) violations.push_back({"time", "lies in the future"});
      break;
    case v1::SetCheckpointRequest::kEarliest:
      target->kind = Position::Kind::kEarliest;
      break;
    case v1::SetCheckpointRequest::kLatest:
      target->kind = Position::Kind::kLatest;
      target->time = now;
      break;
    case v1::SetCheckpointRequest::kRunStart:
      target.reset();
      break;
    case v1::SetCheckpointRequest::TARGET_NOT_SET:
      violations.push_back(
          {"target", "is required: one of log_id, time, earliest, latest, run_start"});
      break;
  }
  RETURN_IF_ERROR(InvalidFields(std::move(violations)));
  return target;
}

// What exporting again from the new checkpoint on would cost.
absl::StatusOr<v1::ReplayEstimate> EstimateMove(Transaction& tx, const std::string& exporter,
                                                const CheckpointMove& move, absl::Time now) {
  ReplayStretch stretch;
  const Position& to = move.after.position;
  if (to.kind == Position::Kind::kAfter) stretch.from_id = to.id;
  if (to.kind == Position::Kind::kTime) {
    stretch.from = to.time;
  } else if (to.resolved()) {
    stretch.from = TimeOfLogId(to.id);
  }
  stretch.to_id = move.before.position.id;
  const std::optional<absl::Time> id_time = TimeOfLogId(stretch.to_id);
  stretch.to = move.before.log_time.value_or(id_time.value_or(move.before.updated));
  return EstimateReplay(tx, exporter, stretch, now);
}

v1::CheckpointChange ToRow(const CheckpointChange& change) {
  v1::CheckpointChange row;
  *row.mutable_previous() = ToCheckpoint(change.before);
  *row.mutable_checkpoint() = ToCheckpoint(change.after);
  row.mutable_checkpoint()->set_version(change.version);
  *row.mutable_checkpoint()->mutable_update_time() = ToProto(change.changed);
  *row.mutable_checkpoint()->mutable_updated_by() = ToRequester(change.audit);
  row.mutable_checkpoint()->set_reason(ShownReason(change.audit.reason));
  Checkpoint before;
  before.position = change.before;
  row.set_direction(DirectionToProto(DirectionOf(before, change.after)));
  *row.mutable_change_time() = ToProto(change.changed);
  row.set_from(DescribePosition(change.before));
  row.set_to(DescribePosition(change.after));
  *row.mutable_changed_by() = ToRequester(change.audit);
  row.set_reason(ShownReason(change.audit.reason));
  return row;
}

// Adds a page of changes before version `before`, and the token of the next one if there is any.
absl::Status AddPage(Transaction& tx, const std::string& exporter, std::int64_t before, int size,
                     const v1::ListCheckpointsRequest& request,
                     v1::ListCheckpointsResponse* response) {
  std::size_t bytes = 0;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<CheckpointChange> changes,
                     tx.ListCheckpoints(exporter, {kPageStep, before}));
    for (const CheckpointChange& change : changes) {
      v1::CheckpointChange row = ToRow(change);
      bytes += row.ByteSizeLong();
      const int count = response->changes_size();
      if (count == size || (count > 0 && bytes > kMostPageBytes)) {
        response->set_next_page_token(MakePageToken(request, absl::StrCat(before)));
        return absl::OkStatus();
      }
      *response->add_changes() = std::move(row);
      before = change.version;
    }
    if (changes.size() < static_cast<std::size_t>(kPageStep)) return absl::OkStatus();
  }
}

}  // namespace

absl::StatusOr<v1::SetCheckpointResponse> CheckpointControl::SetCheckpoint(
    const v1::SetCheckpointRequest& request, const Caller& caller, const CallLimits& limits) {
  const absl::Time now = environment_.clock.Now();
  const std::string exporter = ExporterOr(request.exporter());
  ASSIGN_OR_RETURN(const std::optional<Position> target, TargetOf(request, now));
  std::optional<RunWarning> unknown;
  if (target.has_value()) unknown = CheckNamedStart(environment_, exporter, *target, limits);
  v1::SetCheckpointResponse response;
  std::string moved_from;
  std::string moved_to;
  bool blocked = false;
  std::vector<AuditedChange> changes;
  const auto body = [&](Transaction& tx) -> absl::Status {
    blocked = false;
    RETURN_IF_ERROR(FindExporter(tx, exporter).status());
    ASSIGN_OR_RETURN(const LoadedConfig config, LoadConfig(tx, exporter));
    MoveRequest move;
    if (target.has_value()) {
      move.to = *target;
    } else {
      ASSIGN_OR_RETURN(const RunRecord run,
                       FindRun(tx, exporter, request.run_start(), "run_start"));
      move.to = run.checkpoint_before;
    }
    if (request.has_expected()) move.expected = request.expected();
    if (request.has_expected_version()) move.expected_version = request.expected_version();
    move.allow_skip = request.allow_skip();
    move.as_if_drained = request.validate_only() && request.drain();
    ASSIGN_OR_RETURN(const CheckpointMove moved,
                     MoveCheckpoint(tx, exporter, move, caller.AuditWith(request.reason()),
                                    config.retention, now, !request.validate_only()));
    blocked = moved.blocked_by.has_value();
    if (blocked) return RunAlreadyActive(*moved.blocked_by);
    moved_from = DescribePosition(moved.before.position);
    moved_to = DescribePosition(moved.after.position);
    changes = {{"checkpoint", moved_from, moved_to}};
    *response.mutable_previous() = ToCheckpoint(moved.before);
    *response.mutable_checkpoint() = ToCheckpoint(moved.after);
    response.set_direction(DirectionToProto(moved.direction));
    // Reads many reports: not while others wait for the transaction to end.
    if (request.validate_only() && moved.direction == Direction::kRewind) {
      ASSIGN_OR_RETURN(*response.mutable_estimate(), EstimateMove(tx, exporter, moved, now));
    }
    for (const RunWarning& warning : moved.warnings) *response.add_warnings() = ToWarning(warning);
    if (unknown.has_value()) *response.add_warnings() = ToWarning(*unknown);
    if (request.run_now() && !request.validate_only()) {
      RunOrder order;
      order.exporter = exporter;
      order.trigger = Trigger::kReplay;
      order.audit = caller.AuditWith(request.reason());
      ASSIGN_OR_RETURN(const OrderedRun ordered, OrderOrRefuse(tx, order, environment_, now));
      *response.mutable_run() = ToReport(ordered.run, /*with_types=*/true);
      changes.push_back({"run", "", ordered.run.run_id});
    }
    return absl::OkStatus();
  };
  for (;;) {
    const absl::StatusOr<bool> ran =
        WriteOnce(environment_.store, TrustedNow(environment_.clock, environment_.components),
                  caller, request, &response, &changes, body);
    if (ran.ok()) {
      if (*ran) {
        LogInfo("checkpoint was set", {{"exporter", exporter},
                                       {"from", moved_from},
                                       {"to", moved_to},
                                       {"requester", caller.name},
                                       {"reason", request.reason()}});
      }
      supervisor_.Wake(exporter);
      return response;
    }
    if (!request.drain() || !blocked) return ran.status();
    RETURN_IF_ERROR(DrainRuns(environment_, supervisor_, exporter, {RunLane::kMain}, limits));
  }
}

absl::StatusOr<v1::ListCheckpointsResponse> CheckpointControl::ListCheckpoints(
    const v1::ListCheckpointsRequest& request) {
  const std::string exporter = ExporterOr(request.exporter());
  ASSIGN_OR_RETURN(const std::string key, ReadPageToken(request));
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  std::int64_t before = 0;
  if (!key.empty() && !absl::SimpleAtoi(key, &before)) return BadPageToken();
  v1::ListCheckpointsResponse response;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(FindExporter(tx, exporter).status());
    ASSIGN_OR_RETURN(const Checkpoint current, tx.GetCheckpoint(exporter));
    *response.mutable_current() = ToCheckpoint(current);
    return AddPage(tx, exporter, before, size, request, &response);
  }));
  return response;
}

}  // namespace logexport
