#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/state/idle_runs.h"
#include "service/state/run_columns.h"
#include "service/state/run_series.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

// Records that stand for several runs belong to one hour, and so does the last of these runs but
// for what it took.
constexpr absl::Duration kLongestFold = absl::Hours(2);

struct SummedStep {
  RunSeriesStep step;
  std::int64_t last = 0;  // sequence
};

struct Fold {
  std::int64_t sequence = 0;
  std::string run_id;
  IdleRuns runs;
  absl::Duration limit_wait;
};

SummedStep ReadStep(SqlRow& row) {
  SummedStep summed;
  RunSeriesStep& step = summed.step;
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
  summed.last = row.ReadInt();
  return summed;
}

Fold ReadFold(SqlRow& row) {
  Fold fold;
  fold.sequence = row.ReadInt();
  fold.run_id = row.ReadText();
  const std::int64_t count = row.ReadInt();
  const absl::Time created = row.ReadTime();
  const absl::Time ended = row.ReadTime();
  fold.runs = SpreadIdleRuns(count, created, ended, row.ReadDuration());
  fold.limit_wait = row.ReadDuration();
  return fold;
}

// Each run counts in the step in which it began.
void AddFold(const Fold& fold, const RunSeriesQuery& query, std::map<int, SummedStep>* steps) {
  for (std::int64_t n = 0; n < fold.runs.count; ++n) {
    const std::int64_t number =
        absl::Floor(fold.runs.StartOf(n) - query.from, query.step) / query.step;
    if (number < 0 || number >= query.steps) continue;
    SummedStep& summed = (*steps)[static_cast<int>(number)];
    RunSeriesStep& step = summed.step;
    step.step = static_cast<int>(number);
    ++step.runs;
    step.total_time += fold.runs.took;
    step.longest_time = std::max(step.longest_time, fold.runs.took);
    step.limit_wait += fold.limit_wait / fold.runs.count;
    if (fold.sequence < summed.last) continue;
    summed.last = fold.sequence;
    step.last_run_id = fold.run_id;
  }
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
      "longest, summed.limit_wait, age, run_id, summed.last FROM (SELECT (created_order - :origin) "
      "/ :step AS "
      "step, ",
      "count(*) AS runs, sum(CASE WHEN state = 'FAILED' THEN 1 ELSE 0 END) AS failed, ",
      "sum(logs_fetched) AS fetched, sum(logs_accepted) AS accepted, ",
      "sum(logs_filtered) AS filtered, sum(logs_dead_lettered) AS dead_lettered, ",
      "sum(logs_unsettled) AS unsettled, sum(", kTook, ") AS took, max(", kTook, ") AS longest, ",
      "sum(limit_wait) AS limit_wait, max(", kAge, ") AS age, max(sequence) AS last ",
      "FROM runs WHERE exporter = :exporter AND created_order >= :from AND created_order < :to "
      "AND idle_runs <= 1",
      kinds, " GROUP BY 1) AS summed JOIN runs ON runs.sequence = summed.last ORDER BY 1");
  std::map<int, SummedStep> steps;
  RETURN_IF_ERROR(session_.Select(sql, values, [&](SqlRow& row) {
    SummedStep summed = ReadStep(row);
    const int number = summed.step.step;
    steps[number] = std::move(summed);
  }));
  values[3] = query.from - kLongestFold;
  values.erase(values.begin(), values.begin() + 2);
  RETURN_IF_ERROR(session_.Select(
      absl::StrCat("SELECT sequence, run_id, idle_runs, created_order, ended, idle_time, "
                   "limit_wait FROM runs WHERE exporter = :exporter "
                   "AND created_order >= :from AND created_order < :to AND idle_runs > 1",
                   kinds),
      values, [&](SqlRow& row) { AddFold(ReadFold(row), query, &steps); }));
  std::vector<RunSeriesStep> answer;
  answer.reserve(steps.size());
  for (auto& [number, summed] : steps) answer.push_back(std::move(summed.step));
  return answer;
}

}  // namespace logexport
