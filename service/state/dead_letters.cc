#include <algorithm>

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/state/run_columns.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

// As much of the logs as the filter asks for: a list must not load what it does not show.
std::string SelectDeadLetters(const DeadLetterFilter& filter) {
  const std::string raw = filter.raw_limit.has_value()
                              ? absl::StrCat("substr(raw, 1, ", *filter.raw_limit, ")")
                              : "raw";
  return absl::StrCat("SELECT exporter, log_id, log_type, log_time, reason, message, ", raw,
                      ", run_id, recorded, attempts FROM dead_letters WHERE ");
}

// In the order of SelectDeadLetters.
DeadLetter ReadDeadLetter(SqlRow& row) {
  DeadLetter letter;
  letter.exporter = row.ReadText();
  letter.log_id = row.ReadText();
  letter.log_type = row.ReadText();
  letter.log_time = row.ReadOptionalTime();
  letter.reason = row.ReadText();
  letter.message = row.ReadText();
  letter.raw = row.ReadText();
  letter.run_id = row.ReadText();
  letter.recorded = row.ReadTime();
  letter.attempts = row.ReadInt();
  return letter;
}

// The conditions of a filter with their values. Not copyable: the values look into it.
class DeadLetterConditions {
 public:
  explicit DeadLetterConditions(const DeadLetterFilter& filter)
      : log_ids_(StringsToJson(filter.log_ids)),
        reasons_(StringsToJson(filter.reasons)),
        types_(StringsToJson(filter.types)) {
    Add("exporter = :exporter", filter.exporter);
    if (!filter.log_ids.empty()) AddOneOf("log_id", log_ids_);
    if (!filter.reasons.empty()) AddOneOf("reason", reasons_);
    if (!filter.types.empty()) AddOneOf("log_type", types_);
    if (filter.recorded_from.has_value()) Add("recorded >= :from", *filter.recorded_from);
    if (filter.recorded_to.has_value()) Add("recorded < :to", *filter.recorded_to);
  }
  DeadLetterConditions(const DeadLetterConditions&) = delete;
  DeadLetterConditions& operator=(const DeadLetterConditions&) = delete;

  void Add(absl::string_view condition, SqlValue value) {
    absl::StrAppend(&sql_, sql_.empty() ? "" : " AND ", condition);
    values_.push_back(value);
  }
  // `list` is JSON: one value, and one statement, however long it is.
  void AddOneOf(absl::string_view column, const std::string& list) {
    Add(absl::StrCat(column, " IN (strings_of(:", column, "s))"), list);
  }
  void AddValue(SqlValue value) { values_.push_back(value); }

  const std::string& sql() const { return sql_; }
  const std::vector<SqlValue>& values() const { return values_; }

 private:
  const std::string log_ids_;
  const std::string reasons_;
  const std::string types_;
  std::string sql_;
  std::vector<SqlValue> values_;
};

}  // namespace

absl::StatusOr<std::vector<DeadLetter>> SqlTransaction::ListDeadLetters(
    const DeadLetterFilter& filter, int size, absl::string_view after_id) {
  RETURN_IF_ERROR(Enter("ListDeadLetters", Mode::kRead, filter.exporter));
  DeadLetterConditions conditions(filter);
  conditions.Add("log_id > :after_id", after_id);
  conditions.AddValue(size);
  return SelectAll(
      absl::StrCat(SelectDeadLetters(filter), conditions.sql(), " ORDER BY log_id LIMIT :size"),
      conditions.values(), ReadDeadLetter);
}

absl::StatusOr<std::vector<DeadLetter>> SqlTransaction::ListNewestDeadLetters(
    const DeadLetterFilter& filter, int size, const DeadLetterPlace& behind) {
  RETURN_IF_ERROR(Enter("ListNewestDeadLetters", Mode::kRead, filter.exporter));
  DeadLetterConditions conditions(filter);
  if (behind.recorded != absl::InfiniteFuture()) {
    conditions.Add("(recorded, log_id) < (:behind, :behind_id)", behind.recorded);
    conditions.AddValue(behind.log_id);
  }
  conditions.AddValue(size);
  return SelectAll(absl::StrCat(SelectDeadLetters(filter), conditions.sql(),
                                " ORDER BY recorded DESC, log_id DESC LIMIT :size"),
                   conditions.values(), ReadDeadLetter);
}

absl::StatusOr<std::vector<std::string>> SqlTransaction::ListDeadLetterIds(
    const DeadLetterFilter& filter, int size, absl::string_view after_id) {
  RETURN_IF_ERROR(Enter("ListDeadLetterIds", Mode::kRead, filter.exporter));
  DeadLetterConditions conditions(filter);
  conditions.Add("log_id > :after_id", after_id);
  conditions.AddValue(size);
  return SelectAll(absl::StrCat("SELECT log_id FROM dead_letters WHERE ", conditions.sql(),
                                " ORDER BY log_id LIMIT :size"),
                   conditions.values(), ReadTextColumn);
}

absl::StatusOr<std::int64_t> SqlTransaction::CountDeadLetters(const DeadLetterFilter& filter) {
  RETURN_IF_ERROR(Enter("CountDeadLetters", Mode::kRead, filter.exporter));
  const DeadLetterConditions conditions(filter);
  ASSIGN_OR_RETURN(
      const std::optional<std::int64_t> count,
      SelectFirst(absl::StrCat("SELECT count(*) FROM dead_letters WHERE ", conditions.sql()),
                  conditions.values(), ReadIntColumn));
  return *count;
}

absl::StatusOr<Total> SqlTransaction::CountDeadLettersUpTo(const DeadLetterFilter& filter,
                                                           std::int64_t most) {
  RETURN_IF_ERROR(Enter("CountDeadLettersUpTo", Mode::kRead, filter.exporter));
  DeadLetterConditions conditions(filter);
  conditions.AddValue(most + 1);
  ASSIGN_OR_RETURN(
      const std::optional<std::int64_t> count,
      SelectFirst(absl::StrCat("SELECT count(*) FROM (SELECT 1 FROM dead_letters WHERE ",
                               conditions.sql(), " LIMIT :size) AS found"),
                  conditions.values(), ReadIntColumn));
  return Total{std::min(*count, most), *count <= most};
}

absl::StatusOr<std::int64_t> SqlTransaction::DeleteDeadLetters(const DeadLetterFilter& filter) {
  RETURN_IF_ERROR(Enter("DeleteDeadLetters", Mode::kWrite, filter.exporter));
  session_.ExpectBulk();
  const DeadLetterConditions conditions(filter);
  return session_.Execute(absl::StrCat("DELETE FROM dead_letters WHERE ", conditions.sql()),
                          conditions.values());
}

absl::Status SqlTransaction::StoreDeadLetters(const ProgressCommit& commit) {
  // The same run may come by the same log twice, once before and once after a crash; only another
  // run is another attempt.
  constexpr absl::string_view kUpsert =
      "INSERT INTO dead_letters (exporter, log_id, log_type, log_time, reason, message, raw, "
      "run_id, recorded, attempts) VALUES (:exporter, :log_id, :log_type, :log_time, :reason, "
      ":message, :raw, :run_id, :recorded, :attempts) "
      "ON CONFLICT (exporter, log_id) DO UPDATE SET log_type = excluded.log_type, "
      "log_time = excluded.log_time, reason = excluded.reason, message = excluded.message, "
      "raw = excluded.raw, run_id = excluded.run_id, recorded = excluded.recorded, "
      "attempts = greatest(excluded.attempts, dead_letters.attempts + "
      "CASE WHEN dead_letters.run_id <> excluded.run_id THEN 1 ELSE 0 END)";
  const RunRecord& run = *commit.run;
  for (const DeadLetter& letter : commit.dead_letters) {
    RETURN_IF_ERROR(
        session_
            .Execute(kUpsert,
                     {run.exporter, letter.log_id, letter.log_type, letter.log_time, letter.reason,
                      letter.message, letter.raw, run.run_id, letter.recorded, letter.attempts})
            .status());
  }
  if (commit.redriven.empty()) return absl::OkStatus();
  return session_
      .Execute(
          "DELETE FROM dead_letters WHERE exporter = :exporter "
          "AND log_id IN (strings_of(:log_ids))",
          {run.exporter, StringsToJson(commit.redriven)})
      .status();
}

}  // namespace logexport
