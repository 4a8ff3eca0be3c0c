#include "service/base/status_macros.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

LoginRecord ReadLogin(SqlRow& row) {
  LoginRecord login;
  login.secret_hash = row.ReadText();
  login.kind = row.ReadText();
  login.caller = row.ReadText();
  login.verified = row.ReadInt() != 0;
  login.token_hash = row.ReadText();
  login.certificate_name = row.ReadText();
  login.certificate = row.ReadText();
  login.created = row.ReadTime();
  login.expires = row.ReadTime();
  return login;
}

}  // namespace

absl::Status SqlTransaction::AddLogin(const LoginRecord& login) {
  RETURN_IF_ERROR(Enter("AddLogin", Mode::kWrite));
  return session_
      .Execute(
          "INSERT INTO logins (secret_hash, kind, caller, verified, token_hash, certificate_name, "
          "certificate, created, expires) VALUES (:secret_hash, :kind, :caller, :verified, "
          ":token_hash, :certificate_name, :certificate, :created, :expires)",
          {login.secret_hash, login.kind, login.caller, login.verified, login.token_hash,
           login.certificate_name, login.certificate, login.created, login.expires})
      .status();
}

absl::StatusOr<std::optional<LoginRecord>> SqlTransaction::FindLogin(
    absl::string_view secret_hash) {
  RETURN_IF_ERROR(Enter("FindLogin", Mode::kRead));
  return SelectFirst(
      "SELECT secret_hash, kind, caller, verified, token_hash, certificate_name, certificate, "
      "created, expires FROM logins WHERE secret_hash = :secret_hash",
      {secret_hash}, ReadLogin);
}

absl::Status SqlTransaction::ExtendLogin(absl::string_view secret_hash, absl::Time expires) {
  RETURN_IF_ERROR(Enter("ExtendLogin", Mode::kWrite));
  return session_
      .Execute("UPDATE logins SET expires = :expires WHERE secret_hash = :secret_hash",
               {expires, secret_hash})
      .status();
}

absl::StatusOr<bool> SqlTransaction::DeleteLogin(absl::string_view secret_hash) {
  RETURN_IF_ERROR(Enter("DeleteLogin", Mode::kWrite));
  ASSIGN_OR_RETURN(
      const std::int64_t deleted,
      session_.Execute("DELETE FROM logins WHERE secret_hash = :secret_hash", {secret_hash}));
  return deleted > 0;
}

absl::StatusOr<std::int64_t> SqlTransaction::CountLogins(absl::string_view caller) {
  RETURN_IF_ERROR(Enter("CountLogins", Mode::kRead));
  ASSIGN_OR_RETURN(
      const std::optional<std::int64_t> count,
      SelectFirst("SELECT COUNT(*) FROM logins WHERE caller = :caller OR :caller_again = ''",
                  {caller, caller}, ReadIntColumn));
  return count.value_or(0);
}

absl::Status SqlTransaction::PruneLogins(absl::Time now) {
  RETURN_IF_ERROR(Enter("PruneLogins", Mode::kWrite));
  return session_.Execute("DELETE FROM logins WHERE expires <= :now", {now}).status();
}

}  // namespace logexport
