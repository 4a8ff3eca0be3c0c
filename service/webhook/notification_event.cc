#include "service/webhook/notification_event.h"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

#include "service/base/hash.h"
#include "service/base/time_text.h"
#include "service/base/utf8.h"
#include "service/json/json_writer.h"

namespace logexport {
namespace {

constexpr int kSchemaVersion = 1;
// Texts of errors come from outside.
constexpr std::size_t kLongestEventText = 2000;

struct Heading {
  absl::string_view type;
  absl::string_view severity;  // "critical", "warning", "info"
  absl::string_view status;    // "firing", "resolved", "info"
  // What the event is about, apart from the exporter; events that open and close one incident have
  // the same. Empty: an incident of its own.
  absl::string_view incident;
  std::string summary;
  std::string subject;  // what makes the event's id, beside its type and exporter
};

void AddText(absl::string_view key, absl::string_view text, JsonWriter* json) {
  json->Key(key).String(TruncateUtf8(ReplaceInvalidUtf8(text), kLongestEventText));
}

void AddTime(absl::string_view key, const std::optional<absl::Time>& time, JsonWriter* json) {
  if (time.has_value()) json->Key(key).String(FormatTimestamp(*time));
}

void AddSeconds(absl::string_view key, const std::optional<absl::Duration>& span,
                JsonWriter* json) {
  if (span.has_value()) json->Key(key).Int(absl::ToInt64Seconds(*span));
}

void AddCounts(const std::map<std::string, std::int64_t>& counts, absl::string_view key,
               JsonWriter* json) {
  json->Key(key).BeginObject();
  for (const auto& [name, count] : counts) json->Key(name).Int(count);
  json->EndObject();
}

void AddLogs(const LogCounts& logs, std::optional<std::int64_t> unsettled, JsonWriter* json) {
  json->Key("logs").BeginObject();
  json->Key("fetched").Int(logs.fetched);
  json->Key("accepted").Int(logs.accepted);
  json->Key("filtered").Int(logs.filtered);
  json->Key("dead_lettered").Int(logs.dead_lettered);
  if (unsettled.has_value()) json->Key("unsettled").Int(*unsettled);
  json->EndObject();
}

void AddError(const std::optional<RunError>& error, JsonWriter* json) {
  if (!error.has_value()) return;
  json->Key("error").BeginObject();
  json->Key("origin").String(error->origin);
  json->Key("reason").String(error->reason);
  AddText("message", error->message, json);
  AddText("action", error->action, json);
  json->Key("retryable").Bool(error->retryable);
  json->EndObject();
}

void AddRun(const RunRecord& run, JsonWriter* json) {
  json->Key("run").BeginObject();
  json->Key("id").String(run.run_id);
  json->Key("kind").String(RunKindName(run.parameters.kind));
  json->Key("state").String(RunStateName(run.state));
  json->Key("stop_reason").String(StopReasonName(run.stop_reason));
  json->Key("trigger").String(TriggerName(run.trigger));
  AddTime("started", run.started, json);
  AddTime("ended", run.ended, json);
  AddLogs(run.ledger.logs, run.ledger.unsettled, json);
  AddText("checkpoint", DescribePosition(run.checkpoint_after), json);
  std::map<std::string, std::int64_t> warnings;
  for (const RunWarning& warning : run.warnings) warnings[warning.code] += warning.count;
  AddCounts(warnings, "warnings", json);
  AddError(run.error, json);
  json->EndObject();
}

// Begins the object with the members that every event has.
JsonWriter Begin(const Heading& heading, absl::string_view exporter, const Route& route,
                 absl::Time now) {
  JsonWriter json;
  json.BeginObject();
  json.Key("schema_version").Int(kSchemaVersion);
  json.Key("id").String(absl::StrCat(
      "evt_",
      Sha256Hex(absl::StrCat(heading.type, "\n", exporter, "\n", heading.subject)).substr(0, 32)));
  json.Key("type").String(heading.type);
  json.Key("time").String(FormatTimestamp(now));
  json.Key("severity").String(heading.severity);
  json.Key("status").String(heading.status);
  json.Key("dedup_key")
      .String(absl::StrCat("logexport/", exporter, "/",
                           heading.incident.empty() ? heading.subject : heading.incident));
  AddText("summary", heading.summary, &json);
  json.Key("exporter").String(exporter);
  json.Key("tenant").String(route.tenant);
  json.Key("destination").String(route.destination);
  json.Key("member").String(route.member);
  return json;
}

std::string End(JsonWriter json) {
  json.EndObject();
  return std::move(json).Take();
}

std::string Reason(const RunRecord& run) {
  return run.error.has_value() ? run.error->reason : std::string(StopReasonName(run.stop_reason));
}

std::string RunEvent(const Heading& heading, const RunNews& news, absl::Time now) {
  JsonWriter json = Begin(heading, news.run.exporter, news.route, now);
  AddRun(news.run, &json);
  json.Key("consecutive_failures").Int(news.exporter.consecutive_failures);
  AddTime("last_success", news.exporter.last_success, &json);
  json.Key("dead_letters_kept").Int(news.dead_letters);
  AddSeconds("lag_seconds", news.lag, &json);
  return End(std::move(json));
}

// A window or redrive that fails is no incident of the export, and no success of it ends one.
absl::string_view IncidentOf(const RunRecord& run) {
  return run.parameters.kind == RunKind::kExport ? "failing" : "";
}

std::string SilentEvent(Heading heading, const SilenceNews& news, absl::Time now) {
  heading.subject = FormatTimestamp(now);
  JsonWriter json = Begin(heading, news.exporter, news.route, now);
  AddSeconds("silent_seconds", news.silent_for, &json);
  json.Key("silent_periods").Int(news.periods);
  json.Key("consecutive_failures").Int(news.consecutive_failures);
  AddTime("last_success", news.last_success, &json);
  json.Key("dead_letters_kept").Int(news.dead_letters);
  AddText("checkpoint", DescribePosition(news.checkpoint), &json);
  AddError(news.last_error, &json);
  return End(std::move(json));
}

}  // namespace

std::string RunFailedEvent(const RunNews& news, bool reminder, absl::Time now) {
  const RunRecord& run = news.run;
  return RunEvent(
      {"run.failed", "critical", "firing", IncidentOf(run),
       absl::StrCat(run.exporter, reminder ? " still fails: " : " failed: ", Reason(run)),
       run.run_id},
      news, now);
}

std::string RunRecoveredEvent(const RunNews& news, absl::Time now) {
  return RunEvent({"run.recovered", "info", "resolved", "failing",
                   absl::StrCat(news.run.exporter, " exports again"), news.run.run_id},
                  news, now);
}

std::string RunSucceededEvent(const RunNews& news, absl::Time now) {
  const std::int64_t dead_letters = news.run.ledger.logs.dead_lettered;
  std::string summary = absl::StrCat(news.run.exporter, news.run.state == RunState::kCancelled
                                                            ? ": a run was cancelled"
                                                            : ": a run succeeded");
  if (dead_letters > 0) absl::StrAppend(&summary, " with ", dead_letters, " dead letters");
  return RunEvent({"run.succeeded", dead_letters > 0 ? "warning" : "info", "info", "",
                   std::move(summary), news.run.run_id},
                  news, now);
}

std::string SilenceEvent(const SilenceNews& news, absl::Time now) {
  return SilentEvent({"exporter.silent", "critical", "firing", "silence",
                      absl::StrCat(news.exporter, ": no run has succeeded for ", news.periods,
                                   " periods of the schedule"),
                      ""},
                     news, now);
}

std::string SilenceOverEvent(const SilenceNews& news, absl::Time now) {
  return SilentEvent({"exporter.silence_over", "info", "resolved", "silence",
                      absl::StrCat(news.exporter, ": a run has succeeded again"), ""},
                     news, now);
}

std::string DailyReportEvent(const DailyNews& news, absl::Time now) {
  const bool attention = news.failed_runs > 0 || news.logs.dead_lettered > 0 || news.runs == 0;
  JsonWriter json = Begin({"report.daily", attention ? "warning" : "info", "info", "",
                           absl::StrCat(news.exporter, " on ", news.day, ": ", news.runs, " runs, ",
                                        news.failed_runs, " failed"),
                           news.day},
                          news.exporter, news.route, now);
  json.Key("report").BeginObject();
  json.Key("day").String(news.day);
  json.Key("from").String(FormatTimestamp(news.from));
  json.Key("to").String(FormatTimestamp(news.to));
  json.Key("runs").Int(news.runs);
  json.Key("failed_runs").Int(news.failed_runs);
  AddLogs(news.logs, std::nullopt, &json);
  json.Key("late_logs").Int(news.late_logs);
  AddCounts(news.errors, "errors", &json);
  AddCounts(news.warnings, "warnings", &json);
  AddTime("confirmed_until", news.confirmed_until, &json);
  json.EndObject();
  json.Key("dead_letters_kept").Int(news.dead_letters);
  AddSeconds("lag_seconds", news.lag, &json);
  AddText("checkpoint", DescribePosition(news.checkpoint), &json);
  return End(std::move(json));
}

std::string TestEvent(absl::string_view exporter, const Route& route, const Audit& audit,
                      absl::Time now) {
  JsonWriter json = Begin({"test", "info", "info", "", absl::StrCat("Test message: ", exporter),
                           absl::StrCat(absl::ToUnixNanos(now))},
                          exporter, route, now);
  AddText("reason", audit.reason, &json);
  return End(std::move(json));
}

}  // namespace logexport
