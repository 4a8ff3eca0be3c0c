#include "service/state/run_columns.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "service/base/utf8.h"
#include "service/json/json_value.h"
#include "service/json/json_writer.h"

namespace logexport {
namespace {

using Names = std::vector<absl::string_view>;

// In place of a count that is not known.
constexpr std::int64_t kUnknown = -1;

const Names& TermColumns() {
  static const auto* const kNames = new Names{"kind",
                                              "max_logs",
                                              "max_duration",
                                              "window_start",
                                              "window_end",
                                              "new_message_ids",
                                              "dead_letter_ids",
                                              "dead_letter_reasons",
                                              "dead_letter_types",
                                              "state",
                                              "stop_reason",
                                              "trigger_kind",
                                              "requester",
                                              "verified",
                                              "reason",
                                              "config_version",
                                              "epoch",
                                              "member",
                                              "started",
                                              "ended",
                                              "before_kind",
                                              "before_id",
                                              "before_time",
                                              "message_generation",
                                              "error_origin",
                                              "error_reason",
                                              "error_message",
                                              "error_action",
                                              "error_retryable",
                                              "idle_runs",
                                              "idle_time",
                                              "last_idle_run"};
  return *kNames;
}

const Names& ProgressColumns() {
  static const auto* const kNames = new Names{"after_kind",
                                              "after_id",
                                              "after_time",
                                              "first_unsettled",
                                              "first_log_time",
                                              "last_log_time",
                                              "window_cursor",
                                              "new_logs",
                                              "logs_fetched",
                                              "logs_magnitude",
                                              "logs_accepted",
                                              "logs_filtered",
                                              "logs_dead_lettered",
                                              "logs_unsettled",
                                              "logs_accepted_ahead",
                                              "events_accepted",
                                              "by_type",
                                              "filtered_by_reason",
                                              "pages",
                                              "batches",
                                              "bytes_sent",
                                              "auth0_calls",
                                              "segment_calls",
                                              "retries",
                                              "limit_wait",
                                              "warnings",
                                              "commit_version"};
  return *kNames;
}

std::string Assignments(const Names& names) {
  return absl::StrJoin(names, ", ", [](std::string* out, absl::string_view name) {
    absl::StrAppend(out, name, " = :", name);
  });
}

JsonWriter& WriteString(JsonWriter& json, absl::string_view text) {
  return IsValidUtf8(text) ? json.String(text) : json.String(ReplaceInvalidUtf8(text));
}

JsonWriter& WriteKey(JsonWriter& json, absl::string_view text) {
  return IsValidUtf8(text) ? json.Key(text) : json.Key(ReplaceInvalidUtf8(text));
}

// A JSON column, read; null when it is not JSON, in which case the row is marked.
JsonValue ReadJson(SqlRow& row) {
  const std::string text = row.ReadText();
  absl::StatusOr<JsonValue> json = JsonValue::Parse(text);
  if (json.ok()) return *std::move(json);
  row.Fail(absl::string_view(text).substr(0, 100));
  return JsonValue();
}

std::string ByTypeToJson(const std::map<std::string, LogCounts>& by_type) {
  JsonWriter json;
  json.BeginObject();
  for (const auto& [type, counts] : by_type) {
    WriteKey(json, type).BeginArray();
    json.Int(counts.fetched).Int(counts.accepted).Int(counts.filtered).Int(counts.dead_lettered);
    json.EndArray();
  }
  json.EndObject();
  return std::move(json).Take();
}

std::map<std::string, LogCounts> ReadByType(SqlRow& row) {
  std::map<std::string, LogCounts> by_type;
  const JsonValue json = ReadJson(row);
  for (const JsonValue& counts : json.members()) {
    const std::vector<JsonValue>& items = counts.items();
    if (items.size() != 4) {
      row.Fail(counts.key);
      continue;
    }
    by_type[counts.key] +=
        LogCounts{items[0].Int(), items[1].Int(), items[2].Int(), items[3].Int()};
  }
  return by_type;
}

std::string CountsToJson(const std::map<std::string, std::int64_t>& counts) {
  JsonWriter json;
  json.BeginObject();
  for (const auto& [name, count] : counts) WriteKey(json, name).Int(count);
  json.EndObject();
  return std::move(json).Take();
}

std::map<std::string, std::int64_t> ReadCounts(SqlRow& row) {
  std::map<std::string, std::int64_t> counts;
  const JsonValue json = ReadJson(row);
  for (const JsonValue& count : json.members()) counts[count.key] += count.Int();
  return counts;
}

std::string WarningsToJson(const std::vector<RunWarning>& warnings) {
  JsonWriter json;
  json.BeginArray();
  for (const RunWarning& warning : warnings) {
    json.BeginObject();
    WriteString(json.Key("code"), warning.code);
    WriteString(json.Key("message"), warning.message);
    json.Key("count").Int(warning.count).EndObject();
  }
  json.EndArray();
  return std::move(json).Take();
}

std::vector<RunWarning> ReadWarnings(SqlRow& row) {
  std::vector<RunWarning> warnings;
  const JsonValue json = ReadJson(row);
  for (const JsonValue& item : json.items()) {
    warnings.push_back({item["code"].String(), item["message"].String(), item["count"].Int()});
  }
  return warnings;
}

std::optional<RunError> ReadError(SqlRow& row) {
  const std::optional<std::string> origin = row.ReadOptionalText();
  const std::optional<std::string> reason = row.ReadOptionalText();
  const std::optional<std::string> message = row.ReadOptionalText();
  const std::optional<std::string> action = row.ReadOptionalText();
  const std::optional<std::string> retryable = row.ReadOptionalText();
  if (!reason.has_value()) return std::nullopt;
  return RunError{origin.value_or(""), *reason, message.value_or(""), action.value_or(""),
                  retryable == "1"};
}

}  // namespace

int LogsMagnitude(std::int64_t logs) {
  if (logs < 16) return static_cast<int>(std::max<std::int64_t>(logs, 0));
  const auto number = static_cast<std::uint64_t>(logs);
  const int digits = static_cast<int>(std::bit_width(number));  // at least 5
  const auto eighth = static_cast<int>(number >> (digits - 4)) - 8;
  return 16 + (digits - 5) * 8 + eighth;
}

std::string StringsToJson(const std::vector<std::string>& strings) {
  JsonWriter json;
  json.BeginArray();
  for (const std::string& text : strings) WriteString(json, text);
  json.EndArray();
  return std::move(json).Take();
}

std::vector<std::string> ReadStrings(SqlRow& row) {
  std::vector<std::string> strings;
  const JsonValue json = ReadJson(row);
  for (const JsonValue& item : json.items()) strings.push_back(item.String());
  return strings;
}

const std::string& SelectRuns() {
  static const auto* const kSql = new std::string(absl::StrCat(
      "SELECT sequence, exporter, run_id, created, ", absl::StrJoin(TermColumns(), ", "), ", ",
      absl::StrJoin(ProgressColumns(), ", "), " FROM runs"));
  return *kSql;
}

const std::string& InsertRun() {
  static const auto* const kSql = new std::string(
      absl::StrCat("INSERT INTO runs (exporter, run_id, created, created_order, ",
                   absl::StrJoin(TermColumns(), ", "), ", ", absl::StrJoin(ProgressColumns(), ", "),
                   ") VALUES (:exporter, :run_id, :created, :created_order, :",
                   absl::StrJoin(TermColumns(), ", :"),
                   ", :", absl::StrJoin(ProgressColumns(), ", :"), ") RETURNING sequence"));
  return *kSql;
}

const std::string& UpdateRunTermsAndProgress() {
  static const auto* const kSql = new std::string(absl::StrCat(
      "UPDATE runs SET ", Assignments(TermColumns()), ", ", Assignments(ProgressColumns())));
  return *kSql;
}

const std::string& UpdateRunProgress() {
  static const auto* const kSql =
      new std::string(absl::StrCat("UPDATE runs SET ", Assignments(ProgressColumns())));
  return *kSql;
}

RunValues::RunValues(const RunRecord& run)
    : run_(run),
      dead_letter_ids_(StringsToJson(run.parameters.dead_letter_ids)),
      dead_letter_reasons_(StringsToJson(run.parameters.dead_letter_reasons)),
      dead_letter_types_(StringsToJson(run.parameters.dead_letter_types)),
      by_type_(ByTypeToJson(run.ledger.by_type)),
      filtered_by_reason_(CountsToJson(run.ledger.filtered_by_reason)),
      warnings_(WarningsToJson(run.warnings)) {}

void RunValues::AppendTerms(std::vector<SqlValue>* values) const {
  const RunParameters& parameters = run_.parameters;
  std::optional<absl::Time> window_start;
  std::optional<absl::Time> window_end;
  if (parameters.window.has_value()) {
    window_start = parameters.window->start;
    window_end = parameters.window->end;
  }
  using Text = std::optional<absl::string_view>;
  const bool failed = run_.error.has_value();
  values->insert(values->end(), {RunKindName(parameters.kind),
                                 parameters.max_logs,
                                 parameters.max_duration,
                                 window_start,
                                 window_end,
                                 parameters.new_message_ids,
                                 dead_letter_ids_,
                                 dead_letter_reasons_,
                                 dead_letter_types_,
                                 RunStateName(run_.state),
                                 StopReasonName(run_.stop_reason),
                                 TriggerName(run_.trigger),
                                 run_.audit.requester,
                                 run_.audit.verified,
                                 run_.audit.reason,
                                 run_.config_version,
                                 run_.epoch,
                                 run_.member,
                                 run_.started,
                                 run_.ended,
                                 PositionKindName(run_.checkpoint_before.kind),
                                 run_.checkpoint_before.id,
                                 run_.checkpoint_before.time,
                                 run_.message_generation,
                                 failed ? Text(run_.error->origin) : Text(),
                                 failed ? Text(run_.error->reason) : Text(),
                                 failed ? Text(run_.error->message) : Text(),
                                 failed ? Text(run_.error->action) : Text(),
                                 failed ? Text(run_.error->retryable ? "1" : "0") : Text(),
                                 run_.idle_runs,
                                 run_.idle_time,
                                 run_.last_idle_run});
}

void RunValues::AppendProgress(std::vector<SqlValue>* values) const {
  const Ledger& ledger = run_.ledger;
  values->insert(values->end(), {PositionKindName(run_.checkpoint_after.kind),
                                 run_.checkpoint_after.id,
                                 run_.checkpoint_after.time,
                                 run_.first_unsettled,
                                 run_.first_log_time,
                                 run_.last_log_time,
                                 run_.window_cursor,
                                 run_.new_logs.value_or(kUnknown),
                                 ledger.logs.fetched,
                                 LogsMagnitude(ledger.logs.fetched),
                                 ledger.logs.accepted,
                                 ledger.logs.filtered,
                                 ledger.logs.dead_lettered,
                                 ledger.unsettled,
                                 ledger.accepted_ahead,
                                 ledger.events_accepted,
                                 by_type_,
                                 filtered_by_reason_,
                                 run_.pages,
                                 run_.batches,
                                 run_.bytes_sent,
                                 run_.auth0_calls,
                                 run_.segment_calls,
                                 run_.retries,
                                 run_.limit_wait,
                                 warnings_,
                                 run_.commit_version});
}

RunRecord ReadRun(SqlRow& row) {
  RunRecord run;
  run.sequence = row.ReadInt();
  run.exporter = row.ReadText();
  run.run_id = row.ReadText();
  run.created = row.ReadTime();

  run.parameters.kind = row.ReadName(ParseRunKind);
  run.parameters.max_logs = row.ReadInt();
  run.parameters.max_duration = row.ReadDuration();
  const std::optional<absl::Time> window_start = row.ReadOptionalTime();
  const std::optional<absl::Time> window_end = row.ReadOptionalTime();
  if (window_start.has_value() && window_end.has_value()) {
    run.parameters.window = TimeWindow{*window_start, *window_end};
  }
  run.parameters.new_message_ids = row.ReadBool();
  run.parameters.dead_letter_ids = ReadStrings(row);
  run.parameters.dead_letter_reasons = ReadStrings(row);
  run.parameters.dead_letter_types = ReadStrings(row);
  run.state = row.ReadName(ParseRunState);
  run.stop_reason = row.ReadName(ParseStopReason);
  run.trigger = row.ReadName(ParseTrigger);
  run.audit.requester = row.ReadText();
  run.audit.verified = row.ReadBool();
  run.audit.reason = row.ReadText();
  run.config_version = row.ReadInt();
  run.epoch = row.ReadInt();
  run.member = row.ReadText();
  run.started = row.ReadOptionalTime();
  run.ended = row.ReadOptionalTime();
  run.checkpoint_before.kind = row.ReadName(ParsePositionKind);
  run.checkpoint_before.id = row.ReadText();
  run.checkpoint_before.time = row.ReadTime();
  run.message_generation = row.ReadInt();
  run.error = ReadError(row);
  run.idle_runs = row.ReadInt();
  run.idle_time = row.ReadDuration();
  run.last_idle_run = row.ReadText();

  run.checkpoint_after.kind = row.ReadName(ParsePositionKind);
  run.checkpoint_after.id = row.ReadText();
  run.checkpoint_after.time = row.ReadTime();
  run.first_unsettled = row.ReadText();
  run.first_log_time = row.ReadOptionalTime();
  run.last_log_time = row.ReadOptionalTime();
  run.window_cursor = row.ReadText();
  if (const std::int64_t new_logs = row.ReadInt(); new_logs != kUnknown) run.new_logs = new_logs;
  run.ledger.logs.fetched = row.ReadInt();
  row.ReadInt();  // the magnitude of it
  run.ledger.logs.accepted = row.ReadInt();
  run.ledger.logs.filtered = row.ReadInt();
  run.ledger.logs.dead_lettered = row.ReadInt();
  run.ledger.unsettled = row.ReadInt();
  run.ledger.accepted_ahead = row.ReadInt();
  run.ledger.events_accepted = row.ReadInt();
  run.ledger.by_type = ReadByType(row);
  run.ledger.filtered_by_reason = ReadCounts(row);
  run.pages = row.ReadInt();
  run.batches = row.ReadInt();
  run.bytes_sent = row.ReadInt();
  run.auth0_calls = row.ReadInt();
  run.segment_calls = row.ReadInt();
  run.retries = row.ReadInt();
  run.limit_wait = row.ReadDuration();
  run.warnings = ReadWarnings(row);
  run.commit_version = row.ReadInt();
  return run;
}

}  // namespace logexport
