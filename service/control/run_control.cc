#include "service/control/run_control.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"

#include "logexport/v1/dead_letter.pb.h"
#include "logexport/v1/errors.pb.h"
#include "logexport/v1/run.pb.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/base/time_text.h"
#include "service/control/api_error.h"
#include "service/control/known_names.h"
#include "service/control/replay_estimate.h"
#include "service/control/report_message.h"
#include "service/control/run_lookup.h"
#include "service/control/write_once.h"
#include "service/runs/lifecycle.h"
#include "service/runs/trusted_time.h"
#include "service/runs/unfinished_runs.h"

namespace logexport {
namespace {

using Violations = std::vector<ApiError::Violation>;

OnActive ToOnActive(v1::OnActive value) {
  switch (value) {
    case v1::ON_ACTIVE_JOIN:
      return OnActive::kJoin;
    case v1::ON_ACTIVE_QUEUE:
      return OnActive::kQueue;
    default:
      return OnActive::kReject;
  }
}

v1::RunDisposition DispositionToProto(Disposition disposition) {
  switch (disposition) {
    case Disposition::kStarted:
      return v1::RUN_DISPOSITION_STARTED;
    case Disposition::kJoined:
      return v1::RUN_DISPOSITION_JOINED;
    case Disposition::kQueued:
      return v1::RUN_DISPOSITION_QUEUED;
  }
  return v1::RUN_DISPOSITION_UNSPECIFIED;
}

std::string DispositionName(Disposition disposition) {
  return v1::RunDisposition_Name(DispositionToProto(disposition))
      .substr(sizeof("RUN_DISPOSITION_") - 1);
}

absl::StatusOr<RunParameters> ParametersOf(const v1::RunNowRequest& request, absl::Time now) {
  RunParameters parameters;
  Violations violations;
  if (!v1::OnActive_IsValid(request.on_active())) {
    violations.push_back({"on_active", "is not a known value; use REJECT, JOIN or QUEUE"});
  }
  if (request.max_logs() < 0) violations.push_back({"max_logs", "must not be negative"});
  parameters.max_logs = request.max_logs();
  if (request.has_max_duration()) {
    parameters.max_duration = FromProto(request.max_duration());
    if (parameters.max_duration < absl::Seconds(1)) {
      violations.push_back({"max_duration", "must be at least 1s"});
    }
  }
  if (request.dry_run()) parameters.kind = RunKind::kDryRun;
  if (request.has_window()) {
    if (!request.dry_run()) parameters.kind = RunKind::kWindow;
    parameters.new_message_ids = request.new_message_ids();
    TimeWindow window;
    window.end = request.window().has_end() ? FromProto(request.window().end()) : now;
    if (!request.window().has_start()) {
      violations.push_back({"window.start", "is required"});
    } else {
      window.start = FromProto(request.window().start());
      if (window.start >= window.end) {
        violations.push_back({"window.end", absl::StrCat("must be after window.start, ",
                                                         FormatTimestamp(window.start))});
      }
      if (window.start > now) violations.push_back({"window.start", "lies in the future"});
    }
    parameters.window = window;
  } else if (request.new_message_ids()) {
    violations.push_back({"new_message_ids", "needs window"});
  }
  RETURN_IF_ERROR(InvalidFields(std::move(violations)));
  return parameters;
}

absl::Status RunNotActive(const RunRecord& run) {
  ApiError error;
  error.code = absl::StatusCode::kFailedPrecondition;
  error.reason = "RUN_NOT_ACTIVE";
  error.message = absl::StrCat("run ", run.run_id, " has ended already: ", RunStateName(run.state));
  error.metadata["run_id"] = run.run_id;
  error.metadata["state"] = std::string(RunStateName(run.state));
  error.precondition = {"RUN_NOT_ACTIVE", absl::StrCat("runs/", run.run_id), error.message};
  return MakeApiError(error);
}

}  // namespace

absl::StatusOr<OrderedRun> OrderOrRefuse(Transaction& tx, const RunOrder& order,
                                         const RunEnvironment& environment, absl::Time now) {
  ASSIGN_OR_RETURN(auto answer,
                   OrderRun(tx, order, /*epoch=*/std::nullopt, now, environment.random));
  if (const auto* refusal = std::get_if<OrderRefusal>(&answer)) {
    return refusal->reason == OrderRefusal::Reason::kAlreadyQueued ? RunAlreadyQueued(refusal->run)
                                                                   : RunAlreadyActive(refusal->run);
  }
  auto& ordered = std::get<OrderedRun>(answer);
  if (ordered.disposition == Disposition::kJoined) environment.feed.Name(ordered.run.run_id);
  return std::move(ordered);
}

absl::StatusOr<ExporterRecord> FindExporter(Transaction& tx, absl::string_view id) {
  absl::StatusOr<ExporterRecord> exporter = tx.GetExporter(id);
  if (absl::IsNotFound(exporter.status())) return ExporterNotFound(id);
  return exporter;
}

absl::StatusOr<v1::RunNowResponse> RunControl::RunNow(const v1::RunNowRequest& request,
                                                      const Caller& caller) {
  const absl::Time now = environment_.clock.Now();
  RunOrder order;
  order.exporter = ExporterOr(request.exporter());
  ASSIGN_OR_RETURN(order.parameters, ParametersOf(request, now));
  order.audit = caller.AuditWith(request.reason());
  order.on_active = ToOnActive(request.on_active());
  v1::RunNowResponse response;
  if (request.validate_only()) {
    RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(FindExporter(tx, order.exporter).status());
      if (!order.parameters.window.has_value()) return absl::OkStatus();
      ReplayStretch stretch;
      stretch.from = order.parameters.window->start;
      stretch.to = std::min(order.parameters.window->end, now);
      ASSIGN_OR_RETURN(*response.mutable_estimate(),
                       EstimateReplay(tx, order.exporter, stretch, now));
      return absl::OkStatus();
    }));
    return response;
  }
  std::vector<AuditedChange> changes;
  RETURN_IF_ERROR(
      WriteOnce(environment_.store, TrustedNow(environment_.clock, environment_.components), caller,
                request, &response, &changes,
                [&](Transaction& tx) -> absl::Status {
                  RETURN_IF_ERROR(FindExporter(tx, order.exporter).status());
                  ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(order.exporter));
                  // A run that starts from a checkpoint set by an operator is a replay.
                  const bool replays = order.parameters.kind == RunKind::kWindow ||
                                       (order.parameters.kind == RunKind::kExport &&
                                        checkpoint.version > 1 && checkpoint.run_id.empty());
                  order.trigger = replays ? Trigger::kReplay : Trigger::kManual;
                  ASSIGN_OR_RETURN(const OrderedRun ordered,
                                   OrderOrRefuse(tx, order, environment_, now));
                  *response.mutable_run() = ToReport(ordered.run, /*with_types=*/true);
                  response.set_disposition(DispositionToProto(ordered.disposition));
                  changes = {{"run", "", ordered.run.run_id},
                             {"kind", "", std::string(RunKindName(ordered.run.parameters.kind))},
                             {"disposition", "", DispositionName(ordered.disposition)}};
                  return absl::OkStatus();
                })
          .status());
  supervisor_.Wake(order.exporter);
  return response;
}

absl::StatusOr<v1::CancelRunResponse> RunControl::CancelRun(const v1::CancelRunRequest& request,
                                                            const Caller& caller) {
  const std::string exporter = ExporterOr(request.exporter());
  RunRecord run;
  RunState state_before = RunState::kRunning;
  v1::CancelRunResponse response;
  std::vector<AuditedChange> changes;
  const auto body = [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(FindExporter(tx, exporter).status());
    if (request.run_id().empty()) {
      ASSIGN_OR_RETURN(std::optional<RunRecord> active, ActiveRun(tx, exporter, RunLane::kMain));
      if (!active.has_value()) return NoRunAtAll("no run that moves the checkpoint is active");
      run = *std::move(active);
    } else {
      ASSIGN_OR_RETURN(run, FindRun(tx, exporter, request.run_id(), "run_id"));
    }
    if (!IsFinished(run.state)) environment_.feed.Name(run.run_id);
    state_before = run.state;
    if (IsFinished(run.state)) return RunNotActive(run);
    RETURN_IF_ERROR(run.state == RunState::kQueued
                        ? CancelQueued(tx, environment_.clock.Now(), &run)
                        : CallForEnd(tx, run));
    *response.mutable_run() = ToReport(run, /*with_types=*/true);
    changes = {{"run", run.run_id, run.run_id},
               {"state", std::string(RunStateName(state_before)),
                IsFinished(run.state) ? std::string(RunStateName(run.state)) : "is being ended"}};
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(
      const bool ran,
      WriteOnce(environment_.store, TrustedNow(environment_.clock, environment_.components), caller,
                request, &response, &changes, body));
  if (!ran) return response;
  LogInfo(IsFinished(run.state) ? "queued run was cancelled" : "run is being cancelled",
          {{"exporter", exporter},
           {"run", run.run_id},
           {"state_before", RunStateName(state_before)},
           {"state", RunStateName(run.state)},
           {"requester", caller.name},
           {"reason", request.reason()}});
  if (IsFinished(run.state)) {
    environment_.feed.Publish(run);
  } else {
    supervisor_.StopRun(exporter, run.run_id, StopReason::kCancelled);
  }
  return response;
}

absl::StatusOr<v1::RedriveDeadLettersResponse> RunControl::RedriveDeadLetters(
    const v1::RedriveDeadLettersRequest& request, const Caller& caller) {
  const std::string exporter = ExporterOr(request.exporter());
  if (!request.all() && request.log_ids().empty() && request.reasons().empty() &&
      request.types().empty()) {
    return InvalidFields({{"all",
                           "must be set to redrive all dead letters; or name log_ids, "
                           "reasons or types"}});
  }
  std::vector<ApiError::Violation> violations;
  CheckNames("reasons", request.reasons(), *v1::DeadLetterReason_descriptor(), &violations);
  CheckLogTypes("types", request.types(), environment_.log_types, &violations);
  CheckLogIds("log_ids", request.log_ids(), &violations);
  if (request.max_logs() < 0) violations.push_back({"max_logs", "must not be negative"});
  RETURN_IF_ERROR(InvalidFields(std::move(violations)));
  v1::RedriveDeadLettersResponse response;
  std::vector<AuditedChange> changes;
  RETURN_IF_ERROR(
      WriteOnce(environment_.store, TrustedNow(environment_.clock, environment_.components), caller,
                request, &response, &changes,
                [&](Transaction& tx) -> absl::Status {
                  RETURN_IF_ERROR(FindExporter(tx, exporter).status());
                  DeadLetterFilter filter;
                  filter.exporter = exporter;
                  filter.log_ids = {request.log_ids().begin(), request.log_ids().end()};
                  filter.reasons = {request.reasons().begin(), request.reasons().end()};
                  filter.types = {request.types().begin(), request.types().end()};
                  ASSIGN_OR_RETURN(const std::int64_t matched, tx.CountDeadLetters(filter));
                  if (matched == 0) {
                    ApiError error;
                    error.code = absl::StatusCode::kNotFound;
                    error.reason = "DEAD_LETTER_NOT_FOUND";
                    error.message = "no dead letter matches; ListDeadLetters shows those there are";
                    return MakeApiError(error);
                  }
                  RunOrder order;
                  order.exporter = exporter;
                  order.parameters.kind = RunKind::kRedrive;
                  order.parameters.max_logs = request.max_logs();
                  order.parameters.dead_letter_ids = filter.log_ids;
                  order.parameters.dead_letter_reasons = filter.reasons;
                  order.parameters.dead_letter_types = filter.types;
                  order.audit = caller.AuditWith(request.reason());
                  ASSIGN_OR_RETURN(
                      const OrderedRun ordered,
                      OrderOrRefuse(tx, order, environment_, environment_.clock.Now()));
                  *response.mutable_run() = ToReport(ordered.run, /*with_types=*/true);
                  response.set_matched(
                      request.max_logs() == 0 ? matched : std::min(matched, request.max_logs()));
                  changes = {{"run", "", ordered.run.run_id},
                             {"dead_letters", "", absl::StrCat(response.matched())}};
                  return absl::OkStatus();
                })
          .status());
  supervisor_.Wake(exporter);
  return response;
}

}  // namespace logexport
