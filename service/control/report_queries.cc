#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "logexport/v1/errors.pb.h"
#include "logexport/v1/report.pb.h"
#include "logexport/v1/run.pb.h"
#include "service/base/status_macros.h"
#include "service/control/api_error.h"
#include "service/control/known_names.h"
#include "service/control/live_report.h"
#include "service/control/page_token.h"
#include "service/control/report_message.h"
#include "service/control/run_control.h"
#include "service/control/run_lookup.h"
#include "service/control/write_once.h"
#include "service/runs/unfinished_runs.h"

namespace logexport {
namespace {

absl::StatusOr<RunFilter> FilterOf(const v1::GetReportsRequest& request) {
  std::vector<ApiError::Violation> violations;
  RunFilter filter;
  filter.exporter = ExporterOr(request.exporter());
  for (const int state : request.states()) {
    if (!v1::RunState_IsValid(state) || state == v1::RUN_STATE_UNSPECIFIED) {
      violations.push_back({"states", absl::StrCat(state, " is not a known state")});
      continue;
    }
    filter.states.push_back(FromProto(static_cast<v1::RunState>(state)));
  }
  for (const int trigger : request.triggers()) {
    if (!v1::Trigger_IsValid(trigger) || trigger == v1::TRIGGER_UNSPECIFIED) {
      violations.push_back({"triggers", absl::StrCat(trigger, " is not a known trigger")});
      continue;
    }
    filter.triggers.push_back(FromProto(static_cast<v1::Trigger>(trigger)));
  }
  for (const int kind : request.kinds()) {
    if (!v1::RunKind_IsValid(kind) || kind == v1::RUN_KIND_UNSPECIFIED) {
      violations.push_back({"kinds", absl::StrCat(kind, " is not a known kind")});
      continue;
    }
    filter.kinds.push_back(FromProto(static_cast<v1::RunKind>(kind)));
  }
  if (request.has_since()) filter.created_from = FromProto(request.since());
  if (request.has_until()) filter.created_to = FromProto(request.until());
  if (request.has_since() && request.has_until() && *filter.created_from >= *filter.created_to) {
    violations.push_back({"until", "must be after since"});
  }
  filter.error_reasons = {request.error_reasons().begin(), request.error_reasons().end()};
  CheckNames("error_reasons", request.error_reasons(), *v1::RunErrorReason_descriptor(),
             &violations);
  if (request.min_logs() < 0) violations.push_back({"min_logs", "must not be negative"});
  filter.min_logs = request.min_logs();
  if (request.page_size() < 0) {
    violations.push_back({"page_size", "must not be negative; 0 means 50"});
  }
  RETURN_IF_ERROR(InvalidFields(std::move(violations)));
  return filter;
}

absl::Status AddRun(Transaction& tx, absl::string_view exporter, const std::string& run_id,
                    v1::Report* report) {
  absl::StatusOr<RunRecord> run = tx.GetRun(exporter, run_id);
  if (run.ok()) *report = ToReport(*run, /*with_types=*/false);
  // The exporter's record still names a run whose report was removed by age.
  return absl::IsNotFound(run.status()) ? absl::OkStatus() : run.status();
}

absl::StatusOr<RunRecord> NewestRun(Transaction& tx, const std::string& exporter) {
  RunFilter filter;
  filter.exporter = exporter;
  ASSIGN_OR_RETURN(std::vector<RunRecord> runs, tx.ListRuns(filter, {1, 0}));
  if (runs.empty()) return NoRunAtAll("this exporter has no report of a run");
  return std::move(runs.front());
}

// Adds a page of reports, and the token of the next one if there is any.
absl::Status AddPage(Transaction& tx, const RunFilter& filter, PageRequest page, int size,
                     const v1::GetReportsRequest& request, v1::GetReportsResponse* response) {
  std::size_t bytes = 0;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<RunRecord> runs, tx.ListRuns(filter, page));
    for (const RunRecord& run : runs) {
      v1::Report report = ToReport(run, /*with_types=*/false);
      bytes += report.ByteSizeLong();
      const int count = response->reports_size();
      if (count == size || (count > 0 && bytes > kMostPageBytes)) {
        response->set_next_page_token(MakePageToken(request, absl::StrCat(page.before)));
        return absl::OkStatus();
      }
      *response->add_reports() = std::move(report);
      page.before = run.sequence;
    }
    if (runs.size() < static_cast<std::size_t>(page.size)) return absl::OkStatus();
  }
}

}  // namespace

absl::StatusOr<v1::GetReportsResponse> RunControl::GetReports(
    const v1::GetReportsRequest& request) {
  ASSIGN_OR_RETURN(const RunFilter filter, FilterOf(request));
  ASSIGN_OR_RETURN(const std::string key, ReadPageToken(request));
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  PageRequest page{kPageStep, 0};
  if (!key.empty() && !absl::SimpleAtoi(key, &page.before)) return BadPageToken();
  v1::GetReportsResponse response;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const ExporterRecord exporter, FindExporter(tx, filter.exporter));
    RETURN_IF_ERROR(AddPage(tx, filter, page, size, request, &response));
    ASSIGN_OR_RETURN(const Total total, tx.CountRuns(filter));
    response.set_total_size(total.value);
    response.set_total_size_is_lower_bound(!total.exact);
    if (!exporter.last_run_id.empty()) {
      RETURN_IF_ERROR(AddRun(tx, exporter.id, exporter.last_run_id, response.mutable_last_run()));
    }
    if (!exporter.last_success_id.empty()) {
      RETURN_IF_ERROR(
          AddRun(tx, exporter.id, exporter.last_success_id, response.mutable_last_success()));
    }
    return absl::OkStatus();
  }));
  return response;
}

absl::StatusOr<v1::GetReportResponse> RunControl::GetReport(const v1::GetReportRequest& request) {
  const std::string exporter = ExporterOr(request.exporter());
  v1::GetReportResponse response;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(FindExporter(tx, exporter).status());
    absl::StatusOr<RunRecord> run = request.run_id().empty()
                                        ? NewestRun(tx, exporter)
                                        : FindRun(tx, exporter, request.run_id(), "run_id");
    RETURN_IF_ERROR(run.status());
    if (!request.run_id().empty() && !IsFinished(run->state)) {
      environment_.feed.Name(run->run_id);
    }
    *response.mutable_report() = LiveReport(supervisor_, *run, /*with_types=*/true);
    return absl::OkStatus();
  }));
  return response;
}

v1::Report RunControl::ReportNow(const RunRecord& run) {
  return LiveReport(supervisor_, run, /*with_types=*/true);
}

absl::StatusOr<RunRecord> RunControl::RunToWatch(const v1::WatchRunRequest& request) {
  const std::string exporter = ExporterOr(request.exporter());
  if (request.after_sequence() < 0) {
    return InvalidFields({{"after_sequence", "must not be negative"}});
  }
  RunRecord run;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(FindExporter(tx, exporter).status());
    if (!request.run_id().empty()) {
      ASSIGN_OR_RETURN(run, FindRun(tx, exporter, request.run_id(), "run_id"));
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(std::optional<RunRecord> active, ActiveRun(tx, exporter, RunLane::kMain));
    if (active.has_value()) {
      run = *std::move(active);
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(run, NewestRun(tx, exporter));
    return absl::OkStatus();
  }));
  if (!IsFinished(run.state)) environment_.feed.Name(run.run_id);
  return run;
}

}  // namespace logexport
