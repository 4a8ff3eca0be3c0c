#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "logexport/v1/series.pb.h"
#include "service/base/status_macros.h"
#include "service/control/api_error.h"
#include "service/control/report_message.h"
#include "service/control/run_control.h"
#include "service/control/write_once.h"

namespace logexport {
namespace {

constexpr int kDefaultSteps = 60;
constexpr int kMostSteps = 500;
constexpr absl::Duration kDefaultSpan = absl::Hours(24);
constexpr absl::Duration kShortestStep = absl::Seconds(1);

absl::StatusOr<RunSeriesQuery> QueryOf(const v1::GetSeriesRequest& request, absl::Time now) {
  std::vector<ApiError::Violation> violations;
  RunSeriesQuery query;
  query.exporter = ExporterOr(request.exporter());
  const absl::Time until = request.has_until() ? FromProto(request.until()) : now;
  query.from = request.has_since() ? FromProto(request.since()) : until - kDefaultSpan;
  if (query.from >= until) violations.push_back({"until", "must be after since"});
  if (request.steps() < 0 || request.steps() > kMostSteps) {
    violations.push_back(
        {"steps", absl::StrCat("must be 0 to ", kMostSteps, "; 0 means ", kDefaultSteps)});
  }
  for (const int kind : request.kinds()) {
    if (!v1::RunKind_IsValid(kind) || kind == v1::RUN_KIND_UNSPECIFIED) {
      violations.push_back({"kinds", absl::StrCat(kind, " is not a known kind")});
      continue;
    }
    const RunKind known = FromProto(static_cast<v1::RunKind>(kind));
    if (std::find(query.kinds.begin(), query.kinds.end(), known) == query.kinds.end()) {
      query.kinds.push_back(known);
    }
  }
  RETURN_IF_ERROR(InvalidFields(std::move(violations)));
  if (query.kinds.empty()) query.kinds.push_back(RunKind::kExport);
  const int steps = request.steps() == 0 ? kDefaultSteps : request.steps();
  // Whole seconds, so that a step can be said and read. The last one may begin less than a step
  // before `until`.
  query.step = std::max(kShortestStep, absl::Ceil((until - query.from) / steps, absl::Seconds(1)));
  query.steps = static_cast<int>(absl::Ceil(until - query.from, query.step) / query.step);
  return query;
}

v1::SeriesPoint ToPoint(const RunSeriesStep& step, const RunSeriesQuery& query) {
  v1::SeriesPoint point;
  *point.mutable_start_time() = ToProto(query.from + step.step * query.step);
  point.set_runs(step.runs);
  point.set_failed_runs(step.failed);
  v1::Ledger& ledger = *point.mutable_ledger();
  ledger.set_fetched(step.logs.fetched);
  ledger.set_accepted(step.logs.accepted);
  ledger.set_filtered(step.logs.filtered);
  ledger.set_dead_lettered(step.logs.dead_lettered);
  ledger.set_unsettled(step.unsettled);
  const double seconds = absl::ToDoubleSeconds(step.total_time);
  if (seconds > 0) {
    point.set_logs_per_second(static_cast<double>(step.logs.settled()) / seconds);
  }
  *point.mutable_longest_run() = ToProto(step.longest_time);
  *point.mutable_limit_wait() = ToProto(step.limit_wait);
  if (step.age_at_end.has_value()) {
    *point.mutable_lag() = ToProto(*step.age_at_end);
  } else if (step.failed < step.runs) {
    *point.mutable_lag() = ToProto(absl::ZeroDuration());
  }
  point.set_run_id(step.last_run_id);
  return point;
}

}  // namespace

absl::StatusOr<v1::GetSeriesResponse> RunControl::GetSeries(const v1::GetSeriesRequest& request) {
  ASSIGN_OR_RETURN(const RunSeriesQuery query, QueryOf(request, environment_.clock.Now()));
  v1::GetSeriesResponse response;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(FindExporter(tx, query.exporter).status());
    ASSIGN_OR_RETURN(const std::vector<RunSeriesStep> steps, tx.SumUpRuns(query));
    for (const RunSeriesStep& step : steps) *response.add_points() = ToPoint(step, query);
    return absl::OkStatus();
  }));
  *response.mutable_step() = ToProto(query.step);
  *response.mutable_since() = ToProto(query.from);
  *response.mutable_until() = ToProto(query.from + query.steps * query.step);
  return response;
}

}  // namespace logexport
