#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/state/run_columns.h"
#include "service/state/run_series.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

RunSeriesStep ReadStep(SqlRow& row) {
  RunSeriesStep step;
  step.step = static_cast<int>(row.ReadInt());
  step.runs = row.ReadInt();
  step.failed = row.ReadInt();
  step.logs.fetched = row.ReadInt();
  step.logs.accepted = row.ReadInt();
  step.logs.filtered = row.ReadInt();
  step.logs.dead_lettered = row.ReadInt();
  step.unsettled = row.ReadInt();
  step.total_time = row.ReadDuration();
  step.longest_time = row.ReadDuration();
  step.limit_wait = row.ReadDuration();
  const std::int64_t age = row.ReadInt();
  if (age >= 0) step.age_at_end = absl::Microseconds(age);
  step.last_run_id = row.ReadText();
  return step;
}

}  // namespace

absl::StatusOr<std::vector<RunSeriesStep>> SqlTransaction::SumUpRuns(const RunSeriesQuery& query) {
  RETURN_IF_ERROR(Enter("SumUpRuns", Mode::kRead));
  std::vector<SqlValue> values{query.from, query.step, query.exporter, query.from,
                               query.from + query.steps * query.step};
  std::string kinds;
  for (std::size_t i = 0; i < query.kinds.size(); ++i) {
    absl::StrAppend(&kinds, i == 0 ? " AND kind IN (" : ", ", ":kind_", i);
    values.push_back(RunKindName(query.kinds[i]));
  }
  if (!kinds.empty()) kinds += ")";
  // A host's clock that was set back can make a run end before it began.
  static constexpr absl::string_view kTook =
      "CASE WHEN ended > started THEN ended - started ELSE 0 END";
  // Only a run that was not caught up leaves logs behind that the age of its last one tells of.
  static constexpr absl::string_view kAge =
      "CASE WHEN stop_reason <> 'CAUGHT_UP' AND ended > last_log_time "
      "THEN ended - last_log_time ELSE -1 END";
  const std::string sql = absl::StrCat(
      "SELECT step, summed.runs, failed, fetched, accepted, filtered, dead_lettered, unsettled, "
      "took, "
      "longest, summed.limit_wait, age, run_id FROM (SELECT (created_order - :origin) / :step AS "
      "step, ",
      "count(*) AS runs, sum(CASE WHEN state = 'FAILED' THEN 1 ELSE 0 END) AS failed, ",
      "sum(logs_fetched) AS fetched, sum(logs_accepted) AS accepted, ",
      "sum(logs_filtered) AS filtered, sum(logs_dead_lettered) AS dead_lettered, ",
      "sum(logs_unsettled) AS unsettled, sum(", kTook, ") AS took, max(", kTook, ") AS longest, ",
      "sum(limit_wait) AS limit_wait, max(", kAge, ") AS age, max(sequence) AS last ",
      "FROM runs WHERE exporter = :exporter AND created_order >= :from AND created_order < :to",
      kinds, " GROUP BY 1) AS summed JOIN runs ON runs.sequence = summed.last ORDER BY 1");
  return SelectAll(sql, values, ReadStep);
}

}  // namespace logexport
