#include "service/control/exporter_control.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "logexport/v1/config.pb.h"
#include "logexport/v1/exporter.pb.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/config/exporter_id.h"
#include "service/config/field_changes.h"
#include "service/config/loaded_config.h"
#include "service/config/message_namespace.h"
#include "service/config/presented_config.h"
#include "service/config/resolved_settings.h"
#include "service/config/schema.h"
#include "service/config/serialization.h"
#include "service/config/start_point.h"
#include "service/config/update.h"
#include "service/control/api_error.h"
#include "service/control/config_check.h"
#include "service/control/config_probe.h"
#include "service/control/drain.h"
#include "service/control/page_token.h"
#include "service/control/report_message.h"
#include "service/control/run_control.h"
#include "service/control/write_once.h"
#include "service/runs/exporter_state.h"
#include "service/runs/lifecycle.h"
#include "service/runs/trusted_time.h"
#include "service/runs/unfinished_runs.h"

namespace logexport {
namespace {

constexpr RunLane kAllLanes[] = {RunLane::kMain, RunLane::kSide};

absl::Status ExporterExists(const std::string& exporter) {
  ApiError error;
  error.code = absl::StatusCode::kAlreadyExists;
  error.reason = "EXPORTER_EXISTS";
  error.message =
      absl::StrCat("there is an exporter \"", exporter, "\" already; change it with UpdateConfig");
  error.metadata["exporter"] = exporter;
  return MakeApiError(error);
}

absl::Status DeadLettersLeft(const std::string& exporter, std::int64_t count) {
  ApiError error;
  error.code = absl::StatusCode::kFailedPrecondition;
  error.reason = "DEAD_LETTERS_LEFT";
  error.message = absl::StrCat(count, " dead letters of \"", exporter,
                               "\" would be lost; redrive or purge them, or set force");
  error.metadata["dead_letters"] = absl::StrCat(count);
  error.precondition = {"DEAD_LETTERS_LEFT", absl::StrCat("exporters/", exporter), error.message};
  return MakeApiError(error);
}

// A page with verdicts holds no more, since each takes some reads.
constexpr int kMostVerdicts = 100;

// Where an exporter stands in a list; that of the lesser place comes first.
using Place = std::tuple<std::int64_t, std::int64_t, std::string>;

Place PlaceOf(const ExporterRecord& exporter, bool worst_first) {
  if (!worst_first) return {0, 0, exporter.id};
  const absl::Time caught_up = exporter.last_caught_up.value_or(exporter.created);
  return {-exporter.consecutive_failures, absl::ToUnixMicros(caught_up), exporter.id};
}

std::string PlaceText(const Place& place) {
  return absl::StrCat(std::get<0>(place), " ", std::get<1>(place), " ", std::get<2>(place));
}

bool ParsePlace(absl::string_view text, Place* place) {
  const std::vector<std::string> parts = absl::StrSplit(text, absl::MaxSplits(' ', 2));
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &std::get<0>(*place)) ||
      !absl::SimpleAtoi(parts[1], &std::get<1>(*place))) {
    return false;
  }
  std::get<2>(*place) = parts[2];
  return true;
}

absl::StatusOr<bool> IsRunning(Transaction& tx, absl::string_view exporter) {
  ASSIGN_OR_RETURN(const std::optional<RunRecord> run, ActiveRun(tx, exporter, RunLane::kMain));
  return run.has_value();
}

}  // namespace

absl::StatusOr<v1::ListExportersResponse> ExporterControl::ListExporters(
    const v1::ListExportersRequest& request) {
  if (!v1::ExporterOrder_IsValid(request.order_by())) {
    return InvalidFields({{"order_by", absl::StrCat(request.order_by(), " is not a known order")}});
  }
  const bool worst_first = request.order_by() == v1::EXPORTER_ORDER_WORST_FIRST;
  ASSIGN_OR_RETURN(const std::string key, ReadPageToken(request));
  ASSIGN_OR_RETURN(int size, PageSize(request.page_size()));
  if (request.include_verdicts()) size = std::min(size, kMostVerdicts);
  Place behind;
  if (!key.empty() && !ParsePlace(key, &behind)) return BadPageToken();
  const absl::Time now = environment_.clock.Now();
  const absl::Time trusted_now = TrustedNow(environment_.clock, environment_.components);
  v1::ListExportersResponse response;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(std::vector<ExporterRecord> exporters, tx.ListExporters());
    response.set_total_size(static_cast<std::int64_t>(exporters.size()));
    if (request.include_verdicts()) {
      response.set_total_failing(
          std::count_if(exporters.begin(), exporters.end(),
                        [](const ExporterRecord& e) { return e.consecutive_failures > 0; }));
    }
    if (worst_first) {
      std::sort(exporters.begin(), exporters.end(),
                [](const ExporterRecord& one, const ExporterRecord& other) {
                  return PlaceOf(one, true) < PlaceOf(other, true);
                });
    }
    const ExporterRecord* last = nullptr;
    for (const ExporterRecord& exporter : exporters) {
      if (!key.empty() && PlaceOf(exporter, worst_first) <= behind) continue;
      if (response.exporters_size() == size) {
        response.set_next_page_token(
            MakePageToken(request, PlaceText(PlaceOf(*last, worst_first))));
        break;
      }
      last = &exporter;
      ASSIGN_OR_RETURN(const LoadedConfig config, LoadConfig(tx, exporter.id));
      ASSIGN_OR_RETURN(const v1::ExporterConfig stored, ParseStoredConfig(config.version.config));
      const v1::ExporterConfig complete = WithDefaults(stored);
      ASSIGN_OR_RETURN(const bool running, IsRunning(tx, exporter.id));
      v1::ExporterSummary* row = response.add_exporters();
      row->set_exporter(exporter.id);
      row->set_state(StateOf(exporter, running));
      row->set_auth0_domain(complete.auth0().domain());
      row->set_segment_endpoint(complete.segment().endpoint());
      row->set_cron(complete.schedule().cron());
      const std::vector<absl::Time> next = NextStarts(config, 1, now);
      if (!next.empty()) *row->mutable_next_run_time() = ToProto(next.front());
      if (exporter.last_success.has_value()) {
        *row->mutable_last_success_time() = ToProto(*exporter.last_success);
      }
      row->set_config_version(exporter.config_version);
      *row->mutable_create_time() = ToProto(exporter.created);
      row->set_consecutive_failures(static_cast<std::int32_t>(exporter.consecutive_failures));
      if (request.include_verdicts()) {
        RETURN_IF_ERROR(FillVerdict(tx, now, trusted_now, row));
      }
    }
    return absl::OkStatus();
  }));
  return response;
}

absl::StatusOr<v1::CreateExporterResponse> ExporterControl::CreateExporter(
    const v1::CreateExporterRequest& request, const Caller& caller, const CallLimits& limits) {
  const absl::Time now = environment_.clock.Now();
  if (!IsExporterId(request.exporter())) {
    return InvalidFields({{"exporter",
                           "must be lower-case letters, digits and '-', start with a letter, and "
                           "have at most 63 characters"}});
  }
  const ConfigUpdate update = ApplyUpdate({}, request.config(), {});
  ASSIGN_OR_RETURN(const CheckedUpdate checked,
                   CheckUpdate(request.exporter(), {}, update, environment_));
  NewExporter fresh;
  fresh.record.id = request.exporter();
  fresh.record.created = now;
  fresh.config = SerializeConfig(update.config);
  fresh.audit = caller.AuditWith(request.reason());
  if (update.start_from.has_value()) {
    ASSIGN_OR_RETURN(fresh.start, ParseStartPoint(*update.start_from, now));
  }
  ASSIGN_OR_RETURN(const ExporterSettings resolved,
                   ResolveSettings(request.exporter(), update.config, {}, environment_.secrets));
  ASSIGN_OR_RETURN(fresh.record.message_namespace, NewMessageNamespace(resolved));

  v1::CreateExporterResponse response;
  bool answered = false;
  if (request.probe() && !request.validate_only()) {
    RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(answered,
                       IsAnswered(tx, TrustedNow(environment_.clock, environment_.components),
                                  request.request_id()));
      return absl::OkStatus();
    }));
  }
  if (request.probe() && !answered) {
    const std::vector<v1::Probe> probes =
        ProbeSettings(resolved, TestMessages::kSend, environment_.components.factory(),
                      environment_.notifiers, environment_.clock, limits);
    RETURN_IF_ERROR(ProbesPassed(probes, limits));
    for (const v1::Probe& probe : probes) *response.add_probes() = probe;
  }
  response.set_exporter(request.exporter());
  *response.mutable_config() = PresentedConfig(update.config);
  response.set_version(1);
  for (const std::string& warning : checked.warnings) response.add_warnings(warning);
  std::vector<AuditedChange> changes =
      AuditedChanges(ChangesBetween({}, update.config, update.changed_fields));
  const auto body = [&](Transaction& tx) -> absl::Status {
    if (tx.GetExporter(request.exporter()).ok()) return ExporterExists(request.exporter());
    if (request.validate_only()) return absl::OkStatus();
    // A caller of the API may create an exporter again that was deleted.
    RETURN_IF_ERROR(tx.CreateExporter(fresh, /*revive=*/true));
    ASSIGN_OR_RETURN(const ConfigVersion version, tx.GetConfig(request.exporter()));
    response.set_etag(ConfigEtag(version));
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(
      const bool ran,
      WriteOnce(environment_.store, TrustedNow(environment_.clock, environment_.components), caller,
                request, &response, &changes, body));
  if (!ran) return response;
  LogInfo(
      "exporter was created",
      {{"exporter", request.exporter()}, {"requester", caller.name}, {"reason", request.reason()}});
  supervisor_.Wake(request.exporter());
  return response;
}

absl::StatusOr<v1::DeleteExporterResponse> ExporterControl::DeleteExporter(
    const v1::DeleteExporterRequest& request, const Caller& caller, const CallLimits& limits) {
  const std::string& exporter = request.exporter();
  if (exporter.empty()) {
    return InvalidFields({{"exporter", "is required; write \"default\" out to delete it"}});
  }
  v1::DeleteExporterResponse response;
  response.set_exporter(exporter);
  bool blocked = false;
  std::vector<AuditedChange> changes;
  const auto body = [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(FindExporter(tx, exporter).status());
    for (const RunLane lane : kAllLanes) {
      ASSIGN_OR_RETURN(const std::optional<RunRecord> active, ActiveRun(tx, exporter, lane));
      blocked = active.has_value();
      if (blocked) return RunAlreadyActive(*active);
    }
    DeadLetterFilter filter;
    filter.exporter = exporter;
    ASSIGN_OR_RETURN(const std::int64_t letters, tx.CountDeadLetters(filter));
    if (letters > 0 && !request.force()) return DeadLettersLeft(exporter, letters);
    ASSIGN_OR_RETURN(const ConfigVersion config, tx.GetConfig(exporter));
    ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint(exporter));
    changes = {{"config_version", absl::StrCat(config.version), ""},
               {"checkpoint", DescribePosition(checkpoint.position), ""},
               {"dead_letters", absl::StrCat(letters), ""}};
    return tx.DeleteExporter(exporter, caller.AuditWith(request.reason()));
  };
  for (;;) {
    const absl::StatusOr<bool> deleted =
        WriteOnce(environment_.store, TrustedNow(environment_.clock, environment_.components),
                  caller, request, &response, &changes, body);
    // A repeated request must not touch an exporter that was created under the same name since.
    if (deleted.ok() && !*deleted) return response;
    if (deleted.ok()) break;
    if (!request.force() || !blocked) return deleted.status();
    RETURN_IF_ERROR(DrainRuns(environment_, supervisor_, exporter,
                              {std::begin(kAllLanes), std::end(kAllLanes)}, limits));
  }
  supervisor_.Remove(exporter);
  LogInfo("exporter was deleted",
          {{"exporter", exporter}, {"requester", caller.name}, {"reason", request.reason()}});
  return response;
}

absl::StatusOr<v1::PauseExporterResponse> ExporterControl::PauseExporter(
    const v1::PauseExporterRequest& request, const Caller& caller) {
  const std::string exporter = ExporterOr(request.exporter());
  v1::PauseExporterResponse response;
  std::string active_run;
  bool paused = false;
  std::vector<AuditedChange> changes;
  const auto body = [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(ExporterRecord record, FindExporter(tx, exporter));
    paused = !record.pause.has_value();
    changes = {{"paused", paused ? "false" : "true", "true"}};
    if (paused) {
      record.pause = Pause{caller.AuditWith(request.reason()), environment_.clock.Now()};
      RETURN_IF_ERROR(tx.UpdateExporter(record));
    }
    ASSIGN_OR_RETURN(const std::optional<RunRecord> active,
                     ActiveRun(tx, exporter, RunLane::kMain));
    if (active.has_value()) active_run = active->run_id;
    if (request.cancel_active() && active.has_value()) {
      changes.push_back({"run", active->run_id, "is being ended"});
      RETURN_IF_ERROR(CallForEnd(tx, *active));
    }
    response.set_state(StateOf(record, active.has_value()));
    *response.mutable_pause() = ToPause(*record.pause);
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(WriteOnce(environment_.store,
                            TrustedNow(environment_.clock, environment_.components), caller,
                            request, &response, &changes, body)
                      .status());
  if (paused) {
    LogInfo("exporter was paused",
            {{"exporter", exporter}, {"requester", caller.name}, {"reason", request.reason()}});
  }
  if (request.cancel_active() && !active_run.empty()) {
    LogInfo("run is being cancelled", {{"exporter", exporter},
                                       {"run", active_run},
                                       {"requester", caller.name},
                                       {"reason", request.reason()}});
    supervisor_.StopRun(exporter, active_run, StopReason::kCancelled);
  }
  supervisor_.Wake(exporter);
  return response;
}

absl::StatusOr<v1::ResumeExporterResponse> ExporterControl::ResumeExporter(
    const v1::ResumeExporterRequest& request, const Caller& caller) {
  const std::string exporter = ExporterOr(request.exporter());
  const absl::Time now = environment_.clock.Now();
  v1::ResumeExporterResponse response;
  std::optional<Pause> ended;
  std::vector<AuditedChange> changes;
  const auto body = [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(ExporterRecord record, FindExporter(tx, exporter));
    ended = record.pause;
    changes = {{"paused", ended.has_value() ? "true" : "false", "false"}};
    if (ended.has_value()) {
      // Silence counts from here: while paused it was wanted.
      record.pause.reset();
      record.resumed = now;
      RETURN_IF_ERROR(tx.UpdateExporter(record));
    }
    ASSIGN_OR_RETURN(const LoadedConfig config, LoadConfig(tx, exporter));
    ASSIGN_OR_RETURN(const bool running, IsRunning(tx, exporter));
    response.set_state(StateOf(record, running));
    const std::vector<absl::Time> next = NextStarts(config, 1, now);
    if (!next.empty()) *response.mutable_next_run_time() = ToProto(next.front());
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(WriteOnce(environment_.store,
                            TrustedNow(environment_.clock, environment_.components), caller,
                            request, &response, &changes, body)
                      .status());
  if (ended.has_value()) {
    LogInfo("exporter was resumed", {{"exporter", exporter},
                                     {"paused_since", ended->since},
                                     {"paused_by", ended->audit.requester},
                                     {"requester", caller.name},
                                     {"reason", request.reason()}});
  }
  supervisor_.Wake(exporter);
  return response;
}

}  // namespace logexport
