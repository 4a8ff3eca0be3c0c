#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/state/run_columns.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

constexpr absl::string_view kSelectExporters =
    "SELECT id, message_namespace, message_generation, config_version, created, paused_since, "
    "paused_requester, paused_verified, paused_reason, fires_started, fires_skipped, fires_missed, "
    "last_fire, last_caught_up, consecutive_failures, last_run_id, last_success_id, last_success, "
    "failure_announced, silence_announced, last_daily_report, resumed, "
    "refused_by, failure_reasons_announced, "
    "slack_failing_since, slack_failure, webhook_failing_since, webhook_failure, "
    "unknown_types_told FROM exporters";

ExporterRecord ReadExporter(SqlRow& row) {
  ExporterRecord record;
  record.id = row.ReadText();
  record.message_namespace = row.ReadText();
  record.message_generation = row.ReadInt();
  record.config_version = row.ReadInt();
  record.created = row.ReadTime();
  const std::optional<absl::Time> paused_since = row.ReadOptionalTime();
  Audit paused_by = ReadAudit(row);
  if (paused_since.has_value()) record.pause = Pause{std::move(paused_by), *paused_since};
  record.fires_started = row.ReadInt();
  record.fires_skipped = row.ReadInt();
  record.fires_missed = row.ReadInt();
  record.last_fire = row.ReadOptionalTime();
  record.last_caught_up = row.ReadOptionalTime();
  record.consecutive_failures = row.ReadInt();
  record.last_run_id = row.ReadText();
  record.last_success_id = row.ReadText();
  record.last_success = row.ReadOptionalTime();
  record.failure_announced = row.ReadOptionalTime();
  record.silence_announced = row.ReadOptionalTime();
  record.last_daily_report = row.ReadText();
  record.resumed = row.ReadOptionalTime();
  record.refused_by = row.ReadText();
  record.failure_reasons_announced = ReadStrings(row);
  record.slack_failing_since = row.ReadOptionalTime();
  record.slack_failure = row.ReadText();
  record.webhook_failing_since = row.ReadOptionalTime();
  record.webhook_failure = row.ReadText();
  record.unknown_types_told = ReadStrings(row);
  return record;
}

}  // namespace

absl::Status SqlTransaction::CreateExporter(const NewExporter& exporter, bool revive) {
  RETURN_IF_ERROR(Enter("CreateExporter", Mode::kWrite));
  const ExporterRecord& record = exporter.record;
  const auto existing =
      SelectFirst("SELECT count(*) FROM exporters WHERE id = :id", {record.id}, ReadIntColumn);
  RETURN_IF_ERROR(existing.status());
  if (**existing > 0) {
    return absl::AlreadyExistsError(absl::StrCat("there is an exporter '", record.id, "' already"));
  }
  ASSIGN_OR_RETURN(const std::int64_t deleted,
                   session_.Execute(revive ? "DELETE FROM deleted_exporters WHERE id = :id"
                                           : "UPDATE deleted_exporters SET id = id WHERE id = :id",
                                    {record.id}));
  if (deleted > 0 && !revive) {
    return absl::FailedPreconditionError(
        absl::StrCat("the exporter '", record.id, "' was deleted; create it explicitly"));
  }

  // Insert the key, then update the other columns: so one list of columns is enough.
  RETURN_IF_ERROR(
      session_
          .Execute("INSERT INTO exporters (id, created, message_namespace, message_generation, "
                   "config_version, paused_requester, paused_verified, paused_reason, "
                   "fires_started, fires_skipped, fires_missed, consecutive_failures, last_run_id, "
                   "last_success_id, last_daily_report) "
                   "VALUES (:id, :created, '', 0, 0, '', 0, '', 0, 0, 0, 0, '', '', '')",
                   {record.id, record.created})
          .status());
  ExporterRecord first = record;
  first.config_version = 1;
  RETURN_IF_ERROR(UpdateExporter(first));

  ASSIGN_OR_RETURN(const std::string config, SealConfig(record.id, exporter.config));
  RETURN_IF_ERROR(
      session_
          .Execute("INSERT INTO config_versions (exporter, version, config, changed_fields, "
                   "created, requester, verified, reason) "
                   "VALUES (:exporter, 1, :config, '[]', :created, :requester, :verified, :reason)",
                   {record.id, config, record.created, exporter.audit.requester,
                    exporter.audit.verified, exporter.audit.reason})
          .status());
  return session_
      .Execute(
          "INSERT INTO checkpoints (exporter, position_kind, position_id, position_time, "
          "version, updated, requester, verified, reason, run_id, owner, fence_epoch) "
          "VALUES (:exporter, :kind, :id, :time, 1, :updated, :requester, :verified, "
          ":reason, '', '', :fence_epoch)",
          {record.id, PositionKindName(exporter.start.kind), exporter.start.id, exporter.start.time,
           record.created, exporter.audit.requester, exporter.audit.verified, exporter.audit.reason,
           context_.epoch})
      .status();
}

absl::StatusOr<ExporterRecord> SqlTransaction::GetExporter(absl::string_view id) {
  RETURN_IF_ERROR(Enter("GetExporter", Mode::kRead, id));
  static const auto* const kSql =
      new std::string(absl::StrCat(kSelectExporters, " WHERE id = :id"));
  ASSIGN_OR_RETURN(std::optional<ExporterRecord> record, SelectFirst(*kSql, {id}, ReadExporter));
  if (!record.has_value()) return NoExporterError(id);
  return *std::move(record);
}

absl::StatusOr<std::vector<ExporterRecord>> SqlTransaction::ListExporters() {
  RETURN_IF_ERROR(Enter("ListExporters", Mode::kRead, ""));
  static const auto* const kSql = new std::string(absl::StrCat(kSelectExporters, " ORDER BY id"));
  return SelectAll(*kSql, {}, ReadExporter);
}

absl::StatusOr<bool> SqlTransaction::WasDeleted(absl::string_view id) {
  RETURN_IF_ERROR(Enter("WasDeleted", Mode::kRead));
  ASSIGN_OR_RETURN(
      const std::optional<std::int64_t> count,
      SelectFirst("SELECT count(*) FROM deleted_exporters WHERE id = :id", {id}, ReadIntColumn));
  return *count > 0;
}

absl::Status SqlTransaction::DeleteExporter(absl::string_view id, const Audit& audit) {
  RETURN_IF_ERROR(Enter("DeleteExporter", Mode::kWrite, id));
  session_.ExpectBulk();
  ASSIGN_OR_RETURN(const std::int64_t deleted,
                   session_.Execute("DELETE FROM exporters WHERE id = :id", {id}));
  if (deleted == 0) return NoExporterError(id);
  return session_
      .Execute(
          "INSERT INTO deleted_exporters (id, deleted, requester, verified, reason) "
          "VALUES (:id, :deleted, :requester, :verified, :reason)",
          {id, context_.clock.Now(), audit.requester, audit.verified, audit.reason})
      .status();
}

absl::Status SqlTransaction::UpdateExporter(const ExporterRecord& record) {
  RETURN_IF_ERROR(Enter("UpdateExporter", Mode::kWrite, record.id));
  const Pause pause = record.pause.value_or(Pause());
  const std::string reasons_announced = StringsToJson(record.failure_reasons_announced);
  const std::string unknown_types = StringsToJson(record.unknown_types_told);
  const std::optional<absl::Time> paused_since =
      record.pause.has_value() ? std::optional(pause.since) : std::nullopt;
  ASSIGN_OR_RETURN(
      const std::int64_t changed,
      session_.Execute(
          "UPDATE exporters SET message_namespace = :message_namespace, "
          "message_generation = :message_generation, config_version = :config_version, "
          "paused_since = :paused_since, paused_requester = :paused_requester, "
          "paused_verified = :paused_verified, paused_reason = :paused_reason, "
          "fires_started = :fires_started, fires_skipped = :fires_skipped, "
          "fires_missed = :fires_missed, last_fire = :last_fire, last_caught_up = :last_caught_up, "
          "consecutive_failures = :consecutive_failures, last_run_id = :last_run_id, "
          "last_success_id = :last_success_id, last_success = :last_success, "
          "failure_announced = :failure_announced, silence_announced = :silence_announced, "
          "last_daily_report = :last_daily_report, resumed = :resumed, refused_by = :refused_by, "
          "failure_reasons_announced = :failure_reasons_announced, "
          "slack_failing_since = :slack_failing_since, slack_failure = :slack_failure, "
          "webhook_failing_since = :webhook_failing_since, webhook_failure = :webhook_failure, "
          "unknown_types_told = :unknown_types_told WHERE id = :id",
          {record.message_namespace,
           record.message_generation,
           record.config_version,
           paused_since,
           pause.audit.requester,
           pause.audit.verified,
           pause.audit.reason,
           record.fires_started,
           record.fires_skipped,
           record.fires_missed,
           record.last_fire,
           record.last_caught_up,
           record.consecutive_failures,
           record.last_run_id,
           record.last_success_id,
           record.last_success,
           record.failure_announced,
           record.silence_announced,
           record.last_daily_report,
           record.resumed,
           record.refused_by,
           reasons_announced,
           record.slack_failing_since,
           record.slack_failure,
           record.webhook_failing_since,
           record.webhook_failure,
           unknown_types,
           record.id}));
  return changed == 0 ? NoExporterError(record.id) : absl::OkStatus();
}

}  // namespace logexport
