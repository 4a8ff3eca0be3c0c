#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/state/history.h"
#include "service/state/run_columns.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

// The methods whose success is told by a table of its own, or as a pause.
constexpr absl::string_view kToldElsewhere =
    "'RunNow', 'RedriveDeadLetters', 'SetCheckpoint', 'UpdateConfig', 'RollbackConfig', "
    "'CreateExporter', 'PauseExporter', 'ResumeExporter'";

// One table's part of the history: the same columns from each, with names by the table. Earlier
// versions stored reasons of any length, of which a list needs the beginning.
struct Part {
  HistoryKind kind;
  absl::string_view name;    // for placeholders
  absl::string_view time;    // column
  absl::string_view number;  // column
  std::string rest;          // requester … n3
  absl::string_view table;
  std::string condition;
  bool of_all = false;  // what concerns no single exporter, such as logins
};

const std::vector<Part>& Parts() {
  const std::string columns =
      "caller, verified, substr(reason, 1, 2000), method, outcome, error_reason, '', '', '', 0, 0, "
      "0";
  const std::string told_here =
      absl::StrCat(" AND NOT (outcome = 'DONE' AND method IN (", kToldElsewhere, "))");
  static const auto* const parts = new std::vector<Part>{
      {HistoryKind::kRun, "run", "created_order", "sequence",
       "requester, verified, substr(reason, 1, 2000), run_id, trigger_kind, kind, state, "
       "stop_reason, "
       "coalesce(error_reason, ''), logs_fetched, logs_accepted, idle_runs",
       "runs", ""},
      {HistoryKind::kCheckpoint, "checkpoint", "changed", "version",
       "requester, verified, substr(reason, 1, 2000), before_kind, before_id, after_kind, "
       "after_id, '', '', "
       "before_time, after_time, 0",
       "checkpoint_history", ""},
      {HistoryKind::kConfiguration, "config", "created", "version",
       "requester, verified, substr(reason, 1, 2000), changed_fields, '', '', '', '', '', "
       "rollback_of, 0, 0",
       "config_versions", ""},
      {HistoryKind::kPause, "pause", "recorded", "sequence", columns, "audit",
       " AND outcome = 'DONE' AND method IN ('PauseExporter', 'ResumeExporter')"},
      {HistoryKind::kAudit, "audit", "recorded", "sequence", columns, "audit", told_here},
      {HistoryKind::kAudit, "service", "recorded", "sequence", columns, "audit", told_here,
       /*of_all=*/true}};
  return *parts;
}

HistoryRecord ReadRecord(SqlRow& row) {
  HistoryRecord record;
  record.kind = static_cast<HistoryKind>(row.ReadInt());
  record.time = row.ReadTime();
  record.number = row.ReadInt();
  record.audit = ReadAudit(row);
  switch (record.kind) {
    case HistoryKind::kRun:
      record.run_id = row.ReadText();
      record.trigger = row.ReadName(ParseTrigger);
      record.run_kind = row.ReadName(ParseRunKind);
      record.state = row.ReadName(ParseRunState);
      record.stop_reason = row.ReadName(ParseStopReason);
      record.error_reason = row.ReadText();
      record.fetched = row.ReadInt();
      record.accepted = row.ReadInt();
      record.idle_runs = row.ReadInt();
      break;
    case HistoryKind::kCheckpoint:
      record.before.kind = row.ReadName(ParsePositionKind);
      record.before.id = row.ReadText();
      record.after.kind = row.ReadName(ParsePositionKind);
      record.after.id = row.ReadText();
      row.ReadText();
      row.ReadText();
      record.before.time = row.ReadTime();
      record.after.time = row.ReadTime();
      break;
    case HistoryKind::kConfiguration:
      record.changed_fields = ReadStrings(row);
      for (int skipped = 0; skipped < 5; ++skipped) row.ReadText();
      record.rollback_of = row.ReadInt();
      break;
    case HistoryKind::kPause:
    case HistoryKind::kAudit:
      record.method = row.ReadText();
      record.outcome = row.ReadText();
      record.error_reason = row.ReadText();
      break;
  }
  row.SkipAll();
  return record;
}

// The part's newest entries behind the place, `size` of them: no part reads more than a page.
void AppendPart(const Part& part, const HistoryFilter& filter, int size, const HistoryPlace& behind,
                std::string* sql, std::vector<SqlValue>* values) {
  // Of the place's own moment, parts after its own come whole, parts before it not at all.
  std::int64_t number = behind.number;
  if (part.kind > behind.kind) number = std::numeric_limits<std::int64_t>::max();
  if (part.kind < behind.kind) number = std::numeric_limits<std::int64_t>::min();
  const auto name = [&](absl::string_view what) { return absl::StrCat(":", part.name, "_", what); };
  absl::StrAppend(sql, sql->empty() ? "" : " UNION ALL ", "SELECT * FROM (SELECT ",
                  static_cast<int>(part.kind), " AS part, ", part.time, " AS at, ", part.number,
                  " AS number, ", part.rest, " FROM ", part.table,
                  " WHERE exporter = ", name("exporter"), " AND ", part.time, " <= ", name("at"),
                  " AND (", part.time, " < ", name("before"), " OR ", part.number, " < ",
                  name("number"), ")", part.condition);
  values->emplace_back(part.of_all ? absl::string_view() : absl::string_view(filter.exporter));
  values->emplace_back(behind.time);
  values->emplace_back(behind.time);
  values->emplace_back(number);
  if (filter.from.has_value()) {
    absl::StrAppend(sql, " AND ", part.time, " >= ", name("from"));
    values->emplace_back(*filter.from);
  }
  if (filter.to.has_value()) {
    absl::StrAppend(sql, " AND ", part.time, " < ", name("to"));
    values->emplace_back(*filter.to);
  }
  absl::StrAppend(sql, " ORDER BY ", part.time, " DESC, ", part.number, " DESC LIMIT ",
                  name("size"), ") AS ", part.name, "_part");
  values->emplace_back(size);
}

}  // namespace

absl::StatusOr<std::vector<HistoryRecord>> SqlTransaction::ListHistory(const HistoryFilter& filter,
                                                                       int size,
                                                                       const HistoryPlace& behind) {
  RETURN_IF_ERROR(Enter("ListHistory", Mode::kRead));
  std::string sql;
  std::vector<SqlValue> values;
  for (const Part& part : Parts()) {
    if (std::find(filter.kinds.begin(), filter.kinds.end(), part.kind) != filter.kinds.end()) {
      AppendPart(part, filter, size, behind, &sql, &values);
    }
  }
  if (sql.empty()) return std::vector<HistoryRecord>();
  absl::StrAppend(&sql, " ORDER BY at DESC, part, number DESC LIMIT :size");
  values.emplace_back(size);
  return SelectAll(sql, values, ReadRecord);
}

}  // namespace logexport
