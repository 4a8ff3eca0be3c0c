#include <utility>

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

OwnerRecord ReadOwner(SqlRow& row) {
  OwnerRecord owner;
  owner.member.member_id = row.ReadText();
  owner.epoch = row.ReadInt();
  owner.member.name = row.ReadOptionalText().value_or("");
  owner.member.expires = row.ReadOptionalTime().value_or(absl::InfinitePast());
  owner.alive = row.ReadBool();
  return owner;
}

OwnershipCount ReadCount(SqlRow& row) {
  OwnershipCount count;
  count.members = row.ReadInt();
  count.unowned = row.ReadInt();
  return count;
}

OwnerCall ReadCall(SqlRow& row) {
  OwnerCall call;
  call.id = row.ReadInt();
  call.exporter = row.ReadText();
  call.cancelled_run = row.ReadText();
  return call;
}

}  // namespace

absl::StatusOr<OwnerRecord> SqlTransaction::GetOwner(absl::string_view exporter) {
  RETURN_IF_ERROR(Enter("GetOwner", Mode::kRead, exporter));
  ASSIGN_OR_RETURN(std::optional<OwnerRecord> owner,
                   SelectFirst("SELECT owner, fence_epoch, name, expires, "
                               "CASE WHEN expires > database_now THEN 1 ELSE 0 END "
                               "FROM checkpoints LEFT JOIN members ON member_id = owner "
                               "WHERE checkpoints.exporter = :exporter",
                               {exporter}, ReadOwner));
  if (!owner.has_value()) return NoExporterError(exporter);
  owner->ours = owner->member.member_id == context_.owner;
  if (owner->ours) {
    owner->alive = true;
    owner->member.name = context_.name;
    if (context_.owner.empty()) owner->member.expires = absl::InfiniteFuture();
  }
  return *std::move(owner);
}

absl::StatusOr<OwnershipCount> SqlTransaction::CountOwnership() {
  RETURN_IF_ERROR(Enter("CountOwnership", Mode::kRead));
  // A store that belongs to one process has no rows of members.
  if (context_.owner.empty()) return OwnershipCount();
  ASSIGN_OR_RETURN(
      const std::optional<OwnershipCount> count,
      SelectFirst("SELECT (SELECT count(*) FROM members WHERE expires > database_now), "
                  "(SELECT count(*) FROM checkpoints WHERE NOT EXISTS (SELECT 1 FROM members "
                  "WHERE member_id = owner AND expires > database_now))",
                  {}, ReadCount));
  return count.value_or(OwnershipCount());
}

absl::Status SqlTransaction::RequireOwner(absl::string_view exporter, std::int64_t epoch) {
  RETURN_IF_ERROR(Enter("RequireOwner", Mode::kWrite, exporter));
  ASSIGN_OR_RETURN(
      const std::optional<std::int64_t> found,
      SelectFirst("SELECT fence_epoch FROM checkpoints "
                  "WHERE exporter = :exporter AND owner = :owner AND fence_epoch = :epoch",
                  {exporter, context_.owner, epoch}, ReadIntColumn));
  if (found.has_value()) return absl::OkStatus();
  return CommitRefused(CommitRefusal::kLeaseLost,
                       absl::StrCat("the exporter '", exporter, "' does not belong to ",
                                    context_.name, " in epoch ", epoch, " any more"));
}

absl::Status SqlTransaction::CallOwner(absl::string_view exporter,
                                       absl::string_view cancelled_run) {
  RETURN_IF_ERROR(Enter("CallOwner", Mode::kWrite));
  return session_
      .Execute(
          "INSERT INTO owner_calls (exporter, cancelled_run) VALUES (:exporter, :cancelled_run)",
          {exporter, cancelled_run})
      .status();
}

absl::StatusOr<std::vector<OwnerCall>> SqlTransaction::CallsToOwner(int size) {
  RETURN_IF_ERROR(Enter("CallsToOwner", Mode::kRead));
  return SelectAll(
      "SELECT id, exporter, cancelled_run FROM owner_calls WHERE exporter IN "
      "(SELECT exporter FROM checkpoints WHERE owner = :owner) ORDER BY id LIMIT :size",
      {context_.owner, size}, ReadCall);
}

absl::Status SqlTransaction::DropCall(std::int64_t id) {
  RETURN_IF_ERROR(Enter("DropCall", Mode::kWrite));
  return session_.Execute("DELETE FROM owner_calls WHERE id = :id", {id}).status();
}

}  // namespace logexport
