#include "service/state/run_query.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/state/run_columns.h"

namespace logexport {
namespace {

// Filters are compared by how many runs they leave, up to this many: among filters that all leave
// more, a page is full soon whichever is walked.
constexpr std::int64_t kMaxCompared = 1000;

constexpr absl::string_view kState = "state";
constexpr absl::string_view kTrigger = "trigger_kind";
constexpr absl::string_view kKind = "kind";
constexpr absl::string_view kErrorReason = "error_reason";
constexpr absl::string_view kMagnitude = "logs_magnitude";

template <typename Values, typename ToValue>
void AppendIn(absl::string_view column, const Values& wanted, ToValue to_value, std::string* sql,
              std::vector<SqlValue>* values) {
  if (wanted.empty()) return;
  absl::StrAppend(sql, " AND ", column, " IN (");
  int number = 0;
  for (const auto& value : wanted) {
    absl::StrAppend(sql, number == 0 ? ":" : ", :", column, "_", number);
    values->push_back(to_value(value));
    ++number;
  }
  absl::StrAppend(sql, ")");
}

// A value that a filter names twice must not be walked, and counted, twice.
template <typename T>
std::vector<T> Distinct(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

}  // namespace

RunQuery::RunQuery(SqlSession& session, absl::string_view exporter, const RunFilter& filter)
    : session_(session),
      exporter_(exporter),
      filter_(filter),
      error_reasons_(Distinct(filter.error_reasons)) {}

absl::StatusOr<std::int64_t> RunQuery::SelectInt(absl::string_view sql,
                                                 absl::Span<const SqlValue> values,
                                                 std::int64_t fallback) {
  std::int64_t result = fallback;
  RETURN_IF_ERROR(session_.Select(sql, values, [&result](SqlRow& row) { result = row.ReadInt(); }));
  return result;
}

absl::StatusOr<RunQuery::Range> RunQuery::FindRange() {
  Range range{1, std::numeric_limits<std::int64_t>::max()};
  if (filter_.created_from.has_value()) {
    ASSIGN_OR_RETURN(range.first, SelectInt("SELECT sequence FROM runs INDEXED BY runs_by_created "
                                            "WHERE exporter = :exporter AND created_order >= :from "
                                            "ORDER BY created_order, sequence LIMIT 1",
                                            {exporter_, *filter_.created_from}, range.last));
    // The record before them stands for several runs if it lasts until then.
    ASSIGN_OR_RETURN(
        range.first,
        SelectInt("SELECT sequence FROM (SELECT sequence, idle_runs, ended FROM runs "
                  "INDEXED BY runs_by_created WHERE exporter = :exporter "
                  "AND created_order < :from ORDER BY created_order DESC, sequence DESC LIMIT 1) "
                  "AS newest WHERE idle_runs > 1 AND ended >= :until",
                  {exporter_, *filter_.created_from, *filter_.created_from}, range.first));
  }
  if (filter_.created_to.has_value()) {
    ASSIGN_OR_RETURN(range.last, SelectInt("SELECT sequence FROM runs INDEXED BY runs_by_created "
                                           "WHERE exporter = :exporter AND created_order < :to "
                                           "ORDER BY created_order DESC, sequence DESC LIMIT 1",
                                           {exporter_, *filter_.created_to}, 0));
  }
  return range;
}

absl::StatusOr<std::vector<RunQuery::Choice>> RunQuery::Choices() {
  std::vector<Choice> choices;
  if (!filter_.states.empty()) {
    Walks walks;
    for (const RunState state : Distinct(filter_.states)) {
      walks.push_back({"runs_by_state", kState, RunStateName(state)});
    }
    choices.push_back({kState, std::move(walks)});
  }
  if (!filter_.triggers.empty()) {
    Walks walks;
    for (const Trigger trigger : Distinct(filter_.triggers)) {
      walks.push_back({"runs_by_trigger", kTrigger, TriggerName(trigger)});
    }
    choices.push_back({kTrigger, std::move(walks)});
  }
  if (!filter_.kinds.empty()) {
    Walks walks;
    for (const RunKind kind : Distinct(filter_.kinds)) {
      walks.push_back({"runs_by_kind", kKind, RunKindName(kind)});
    }
    choices.push_back({kKind, std::move(walks)});
  }
  if (!error_reasons_.empty()) {
    Walks walks;
    for (const std::string& reason : error_reasons_) {
      walks.push_back({"runs_by_error", kErrorReason, reason});
    }
    choices.push_back({kErrorReason, std::move(walks)});
  }
  if (filter_.min_logs > 0) {
    ASSIGN_OR_RETURN(const std::int64_t most,
                     SelectInt("SELECT coalesce(max(logs_magnitude), 0) FROM runs "
                               "INDEXED BY runs_by_logs WHERE exporter = :exporter",
                               {exporter_}, 0));
    Walks walks;
    const int least = LogsMagnitude(filter_.min_logs);
    const bool starts_it = LogsMagnitude(filter_.min_logs - 1) < least;
    for (std::int64_t magnitude = least; magnitude <= most; ++magnitude) {
      walks.push_back({"runs_by_logs", kMagnitude, magnitude, magnitude == least && !starts_it});
    }
    choices.push_back({kMagnitude, std::move(walks)});
  }
  return choices;
}

std::string RunQuery::WalkOnly(const Walk& walk, const Range& range,
                               std::vector<SqlValue>* values) const {
  std::string sql =
      absl::StrCat(" FROM runs INDEXED BY ", walk.index, " WHERE exporter = :exporter");
  values->push_back(exporter_);
  if (!walk.column.empty()) {
    absl::StrAppend(&sql, " AND ", walk.column, " = :value");
    values->push_back(walk.value);
  }
  absl::StrAppend(&sql, " AND sequence >= :first AND sequence <= :last");
  values->insert(values->end(), {range.first, range.last});
  return sql;
}

std::string RunQuery::Conditions(const Choice& choice, const Walk& walk, const Range& range,
                                 std::vector<SqlValue>* values) const {
  std::string sql = WalkOnly(walk, range, values);
  if (choice.column != kState) AppendIn(kState, filter_.states, RunStateName, &sql, values);
  if (choice.column != kTrigger) AppendIn(kTrigger, filter_.triggers, TriggerName, &sql, values);
  if (choice.column != kKind) AppendIn(kKind, filter_.kinds, RunKindName, &sql, values);
  if (choice.column != kErrorReason) {
    AppendIn(
        kErrorReason, error_reasons_, [](const std::string& reason) { return SqlValue(reason); },
        &sql, values);
  }
  if (filter_.min_logs > 0 && (choice.column != kMagnitude || walk.check_logs)) {
    absl::StrAppend(&sql, " AND logs_fetched >= :min_logs");
    values->push_back(filter_.min_logs);
  }
  return sql;
}

absl::StatusOr<RunQuery::Choice> RunQuery::Choose(const Range& range) {
  ASSIGN_OR_RETURN(std::vector<Choice> choices, Choices());
  if (choices.empty()) return Choice{"", {{"runs_by_exporter", ""}}};
  if (choices.size() == 1) return std::move(choices.front());
  std::size_t best = 0;
  std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < choices.size(); ++i) {
    std::int64_t runs = 0;
    for (const Walk& walk : choices[i].walks) {
      std::vector<SqlValue> values;
      const std::string sql =
          absl::StrCat("SELECT count(*) FROM (SELECT 1", WalkOnly(walk, range, &values),
                       " LIMIT :limit) AS found");
      values.push_back(kMaxCompared);
      ASSIGN_OR_RETURN(const std::int64_t found, SelectInt(sql, values, 0));
      runs += found;
    }
    if (runs < fewest) {
      fewest = runs;
      best = i;
    }
  }
  return std::move(choices[best]);
}

absl::StatusOr<std::vector<std::int64_t>> RunQuery::Find(int size, std::int64_t before) {
  ASSIGN_OR_RETURN(Range range, FindRange());
  range.last = std::min(range.last, before - 1);
  std::vector<std::int64_t> sequences;
  if (range.first > range.last || size <= 0) return sequences;
  ASSIGN_OR_RETURN(const Choice choice, Choose(range));
  for (const Walk& walk : choice.walks) {
    std::vector<SqlValue> values;
    const std::string sql =
        absl::StrCat("SELECT sequence", Conditions(choice, walk, range, &values),
                     " ORDER BY sequence DESC LIMIT :limit");
    values.push_back(size);
    RETURN_IF_ERROR(session_.Select(
        sql, values, [&sequences](SqlRow& row) { sequences.push_back(row.ReadInt()); }));
    std::sort(sequences.begin(), sequences.end(), std::greater<>());
    if (sequences.size() >= static_cast<std::size_t>(size)) {
      // The other walks only have to look for newer ones.
      sequences.resize(static_cast<std::size_t>(size));
      range.first = sequences.back() + 1;
    }
  }
  return sequences;
}

absl::StatusOr<std::int64_t> RunQuery::Count(std::int64_t limit) {
  ASSIGN_OR_RETURN(const Range range, FindRange());
  if (range.first > range.last) return 0;
  ASSIGN_OR_RETURN(const Choice choice, Choose(range));
  std::int64_t count = 0;
  for (const Walk& walk : choice.walks) {
    if (count >= limit) break;
    std::vector<SqlValue> values;
    const std::string sql =
        absl::StrCat("SELECT count(*) FROM (SELECT 1", Conditions(choice, walk, range, &values),
                     " LIMIT :limit) AS found");
    values.push_back(limit - count);
    ASSIGN_OR_RETURN(const std::int64_t found, SelectInt(sql, values, 0));
    count += found;
  }
  return count;
}

}  // namespace logexport
