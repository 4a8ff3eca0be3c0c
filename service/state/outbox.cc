#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

OutboxMessage ReadMessage(SqlRow& row) {
  OutboxMessage message;
  message.id = row.ReadInt();
  message.exporter = row.ReadText();
  message.channel = ParseNotificationChannel(row.ReadText()).value_or(NotificationChannel::kSlack);
  message.kind = row.ReadText();
  message.payload = row.ReadText();
  message.created = row.ReadTime();
  message.next_attempt = row.ReadTime();
  message.attempts = row.ReadInt();
  return message;
}

absl::Status NoMessageError(std::int64_t id) {
  return absl::NotFoundError(absl::StrCat("there is no message ", id, " to send"));
}

}  // namespace

absl::Status SqlTransaction::AddOutbox(const OutboxMessage& message) {
  RETURN_IF_ERROR(Enter("AddOutbox", Mode::kWrite, message.exporter));
  return session_
      .Execute(
          "INSERT INTO outbox (exporter, channel, kind, payload, created, next_attempt, attempts) "
          "VALUES (:exporter, :channel, :kind, :payload, :created, :next_attempt, :attempts)",
          {message.exporter, NotificationChannelName(message.channel), message.kind,
           message.payload, message.created, message.next_attempt, message.attempts})
      .status();
}

absl::StatusOr<std::vector<OutboxMessage>> SqlTransaction::DueOutbox(absl::Time now, int size) {
  RETURN_IF_ERROR(Enter("DueOutbox", Mode::kRead));
  return SelectAll(
      "SELECT id, exporter, channel, kind, payload, created, next_attempt, attempts FROM outbox "
      "WHERE (next_attempt <= :now OR next_attempt > :beyond) AND EXISTS (SELECT 1 FROM "
      "checkpoints "
      "WHERE checkpoints.exporter = outbox.exporter AND owner = :owner) ORDER BY id LIMIT :size",
      {now, now + kLongestOutboxDelay, context_.owner, size}, ReadMessage);
}

absl::Status SqlTransaction::RescheduleOutbox(std::int64_t id, absl::Time next_attempt) {
  RETURN_IF_ERROR(Enter("RescheduleOutbox", Mode::kWrite));
  ASSIGN_OR_RETURN(const std::int64_t changed,
                   session_.Execute("UPDATE outbox SET next_attempt = :next_attempt, "
                                    "attempts = attempts + 1 WHERE id = :id",
                                    {next_attempt, id}));
  return changed == 0 ? NoMessageError(id) : absl::OkStatus();
}

absl::Status SqlTransaction::DeleteOutbox(std::int64_t id) {
  RETURN_IF_ERROR(Enter("DeleteOutbox", Mode::kWrite));
  ASSIGN_OR_RETURN(const std::int64_t deleted,
                   session_.Execute("DELETE FROM outbox WHERE id = :id", {id}));
  return deleted == 0 ? NoMessageError(id) : absl::OkStatus();
}

absl::StatusOr<std::optional<absl::Time>> SqlTransaction::NextOutbox() {
  RETURN_IF_ERROR(Enter("NextOutbox", Mode::kRead));
  const auto read = [](SqlRow& row) { return row.ReadOptionalTime(); };
  ASSIGN_OR_RETURN(
      const std::optional<std::optional<absl::Time>> next,
      SelectFirst<std::optional<absl::Time>>(
          "SELECT min(next_attempt) FROM outbox WHERE EXISTS (SELECT 1 FROM checkpoints "
          "WHERE checkpoints.exporter = outbox.exporter AND owner = :owner)",
          {context_.owner}, read));
  return next.value_or(std::nullopt);
}

}  // namespace logexport
