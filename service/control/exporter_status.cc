#include <string>
#include <utility>
#include <vector>

#include "logexport/v1/config.pb.h"
#include "logexport/v1/exporter.pb.h"
#include "logexport/v1/status.pb.h"
#include "service/base/status_macros.h"
#include "service/base/version.h"
#include "service/config/loaded_config.h"
#include "service/config/schema.h"
#include "service/config/serialization.h"
#include "service/control/exporter_control.h"
#include "service/control/live_report.h"
#include "service/control/member_control.h"
#include "service/control/report_message.h"
#include "service/control/run_control.h"
#include "service/control/verdict.h"
#include "service/control/write_once.h"
#include "service/export/log.h"
#include "service/runs/completeness_state.h"
#include "service/runs/exporter_state.h"
#include "service/runs/lag.h"
#include "service/runs/run_warnings.h"
#include "service/runs/trusted_time.h"

namespace logexport {
namespace {

constexpr int kNextRunsShown = 5;

v1::Completeness ToCompleteness(const CompletenessState& state) {
  v1::Completeness out;
  if (state.confirmed_until.has_value()) {
    *out.mutable_confirmed_until() = ToProto(*state.confirmed_until);
  }
  out.set_not_confirmed_reason(state.not_confirmed_reason);
  if (!state.record.has_value()) return out;
  out.set_late_logs(state.record->late_logs);
  if (state.record->last_late.has_value()) {
    *out.mutable_last_late_time() = ToProto(*state.record->last_late);
  }
  *out.mutable_since() = ToProto(state.record->since);
  for (const CompletenessPass& pass : state.passes) {
    v1::CompletenessPass* item = out.add_passes();
    *item->mutable_age() = ToProto(pass.age);
    if (const std::optional<absl::Time> time = TimeOfLogId(pass.read_up_to)) {
      *item->mutable_read_until() = ToProto(*time);
    }
  }
  return out;
}

absl::Status FillRuns(Transaction& tx, const ExporterRecord& exporter, Supervisor& supervisor,
                      bool with_types, v1::GetStatusResponse* response) {
  ASSIGN_OR_RETURN(const std::vector<RunRecord> unfinished, tx.UnfinishedRuns(exporter.id));
  for (const RunRecord& run : unfinished) {
    v1::Report report = LiveReport(supervisor, run, with_types);
    if (run.state == RunState::kQueued) {
      *response->mutable_queued_run() = std::move(report);
    } else if (LaneOf(run.parameters.kind) == RunLane::kMain) {
      *response->mutable_active_run() = std::move(report);
    } else {
      *response->mutable_active_side_run() = std::move(report);
    }
  }
  const auto fill = [&](const std::string& run_id, v1::Report* report) -> absl::Status {
    const absl::StatusOr<RunRecord> run = tx.GetRun(exporter.id, run_id);
    if (run.ok()) *report = ToReport(*run, with_types);
    return absl::IsNotFound(run.status()) ? absl::OkStatus() : run.status();
  };
  if (!exporter.last_run_id.empty()) {
    RETURN_IF_ERROR(fill(exporter.last_run_id, response->mutable_last_run()));
  }
  if (!exporter.last_success_id.empty()) {
    RETURN_IF_ERROR(fill(exporter.last_success_id, response->mutable_last_success()));
  }
  return absl::OkStatus();
}

// What an active run says that an operator should know before it ends.
void AddLiveWarnings(v1::GetStatusResponse* response) {
  for (const v1::RunWarning& warning : response->active_run().warnings()) {
    if (warning.code() == "RATE_LIMITED") *response->add_warnings() = warning;
  }
}

}  // namespace

absl::Status ExporterControl::FillStatus(Transaction& tx, const std::string& id, absl::Time now,
                                         absl::Time trusted_now, bool with_types,
                                         v1::GetStatusResponse* response) {
  RETURN_IF_ERROR(FindExporter(tx, id).status());
  ASSIGN_OR_RETURN(const LoadedConfig config, LoadConfig(tx, id));
  const ExporterRecord& exporter = config.exporter;
  ASSIGN_OR_RETURN(const v1::ExporterConfig stored, ParseStoredConfig(config.version.config));
  RETURN_IF_ERROR(FillRuns(tx, exporter, supervisor_, with_types, response));
  response->set_exporter(id);
  response->set_state(StateOf(exporter, response->has_active_run()));
  if (exporter.pause.has_value()) *response->mutable_pause() = ToPause(*exporter.pause);
  for (const absl::Time start : NextStarts(config, kNextRunsShown, now)) {
    *response->add_next_run_times() = ToProto(start);
  }
  ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(id));
  *response->mutable_checkpoint() = ToCheckpoint(checkpoint);
  if (const auto lag = LagOf(exporter, checkpoint, config.settle_delay, trusted_now)) {
    *response->mutable_lag() = ToProto(*lag);
  }
  if (exporter.last_caught_up.has_value()) {
    *response->mutable_last_caught_up_time() = ToProto(*exporter.last_caught_up);
  }
  response->set_consecutive_failures(static_cast<std::int32_t>(exporter.consecutive_failures));
  DeadLetterFilter filter;
  filter.exporter = id;
  ASSIGN_OR_RETURN(const std::int64_t dead_letters, tx.CountDeadLetters(filter));
  response->set_dead_letters(dead_letters);
  SlackSettings slack;
  slack.silence_periods = WithDefaults(stored).slack().silence_periods();
  ASSIGN_OR_RETURN(const SilenceDecision silence,
                   SilenceOf(tx, exporter, config.schedule, slack, trusted_now));
  for (const RunWarning& warning :
       StandingWarnings(config, checkpoint, dead_letters, silence,
                        stored.segment().endpoint().empty(), trusted_now)) {
    *response->add_warnings() = ToWarning(warning);
  }
  AddLiveWarnings(response);
  RETURN_IF_ERROR(FillOwner(tx, id, environment_, response));
  ASSIGN_OR_RETURN(const CompletenessState completeness,
                   CompletenessOf(tx, config, checkpoint, now));
  *response->mutable_completeness() = ToCompleteness(completeness);
  response->set_config_version(exporter.config_version);
  response->mutable_schedule_counters()->set_started(exporter.fires_started);
  response->mutable_schedule_counters()->set_skipped(exporter.fires_skipped);
  response->mutable_schedule_counters()->set_missed(exporter.fires_missed);
  response->set_message_namespace(exporter.message_namespace);
  *response->mutable_verdict() = VerdictOf(*response, now);
  return absl::OkStatus();
}

absl::Status ExporterControl::FillVerdict(Transaction& tx, absl::Time now, absl::Time trusted_now,
                                          v1::ExporterSummary* row) {
  v1::GetStatusResponse status;
  RETURN_IF_ERROR(FillStatus(tx, row->exporter(), now, trusted_now, /*with_types=*/false, &status));
  constexpr absl::string_view kPrefix = "HEALTH_";
  row->set_health(v1::Health_Name(status.verdict().health()).substr(kPrefix.size()));
  row->set_verdict(status.verdict().summary());
  row->set_action(status.verdict().action());
  if (status.has_lag()) *row->mutable_lag() = status.lag();
  row->set_dead_letters(status.dead_letters());
  const v1::Report& run = status.has_active_run() ? status.active_run() : status.last_success();
  row->set_run_id(run.run_id());
  if (!run.has_start_time()) return absl::OkStatus();
  const absl::Time end = run.has_end_time() ? FromProto(run.end_time()) : now;
  const double seconds = absl::ToDoubleSeconds(end - FromProto(run.start_time()));
  const std::int64_t settled =
      run.ledger().accepted() + run.ledger().filtered() + run.ledger().dead_lettered();
  if (seconds > 0) row->set_logs_per_second(static_cast<double>(settled) / seconds);
  return absl::OkStatus();
}

absl::StatusOr<v1::GetStatusResponse> ExporterControl::GetStatus(
    const v1::GetStatusRequest& request, v1::Role role) {
  const std::string id = ExporterOr(request.exporter());
  const absl::Time now = environment_.clock.Now();
  const absl::Time trusted_now = TrustedNow(environment_.clock, environment_.components);
  v1::GetStatusResponse response;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) {
    return FillStatus(tx, id, now, trusted_now, /*with_types=*/true, &response);
  }));
  if (const std::optional<RateBudget> budget = supervisor_.Budget(id)) {
    v1::RateBudget* out = response.mutable_rate_budget();
    out->set_limit(budget->limit);
    out->set_remaining(budget->remaining);
    *out->mutable_reset_time() = ToProto(budget->reset);
    *out->mutable_update_time() = ToProto(budget->seen);
  }
  if (load_) {
    *response.mutable_caller_load() = load_();
    if (role < v1::ROLE_OPERATOR) {
      for (v1::CallerUse& use : *response.mutable_caller_load()->mutable_callers()) {
        use.clear_caller();
      }
    }
  }
  response.set_service_version(kServiceVersion);
  *response.mutable_service_start_time() = ToProto(environment_.service_started);
  return response;
}

v1::GetCallerResponse ExporterControl::GetCaller(const Caller& caller, v1::Role role) {
  v1::GetCallerResponse response;
  response.mutable_caller()->set_name(caller.name);
  response.mutable_caller()->set_verified(caller.verified);
  response.set_role(role);
  response.set_service_version(kServiceVersion);
  *response.mutable_service_time() = ToProto(environment_.clock.Now());
  return response;
}

}  // namespace logexport
