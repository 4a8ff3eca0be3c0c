#include "service/base/status_macros.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

StoredAnswer ReadAnswer(SqlRow& row) {
  StoredAnswer answer;
  answer.request_id = row.ReadText();
  answer.method = row.ReadText();
  answer.requester = row.ReadText();
  answer.body_hash = row.ReadText();
  answer.answer = row.ReadText();
  answer.created = row.ReadTime();
  return answer;
}

}  // namespace

absl::StatusOr<std::optional<StoredAnswer>> SqlTransaction::FindAnswer(
    absl::string_view request_id) {
  RETURN_IF_ERROR(Enter("FindAnswer", Mode::kRead));
  return SelectFirst(
      "SELECT request_id, method, requester, body_hash, answer, created FROM answers "
      "WHERE request_id = :request_id",
      {request_id}, ReadAnswer);
}

absl::Status SqlTransaction::SaveAnswer(const StoredAnswer& answer) {
  RETURN_IF_ERROR(Enter("SaveAnswer", Mode::kWrite));
  return session_
      .Execute(
          "INSERT INTO answers (request_id, method, requester, body_hash, answer, created) "
          "VALUES (:request_id, :method, :requester, :body_hash, :answer, :created)",
          {answer.request_id, answer.method, answer.requester, answer.body_hash, answer.answer,
           answer.created})
      .status();
}

absl::Status SqlTransaction::PruneAnswers(absl::Time before) {
  RETURN_IF_ERROR(Enter("PruneAnswers", Mode::kWrite));
  return session_.Execute("DELETE FROM answers WHERE created < :before", {before}).status();
}

}  // namespace logexport
