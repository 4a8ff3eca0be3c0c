#include "service/state/sql_transaction.h"

#include <limits>

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"

namespace logexport {

absl::Status SqlTransaction::Enter(absl::string_view operation, Mode needed) {
  if (context_.fault) RETURN_IF_ERROR(context_.fault(operation));
  if (needed == Mode::kWrite && mode_ == Mode::kRead) {
    return absl::FailedPreconditionError(
        absl::StrCat(operation, " writes and was called in Store::Read; use Store::Write"));
  }
  return absl::OkStatus();
}

absl::Status SqlTransaction::Enter(absl::string_view operation, Mode needed,
                                   absl::string_view exporter) {
  RETURN_IF_ERROR(Enter(operation, needed));
  if (mode_ == Mode::kWrite) session_.LockExporter(exporter);
  return absl::OkStatus();
}

bool IsDatabaseFailure(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status) ||
         absl::IsPermissionDenied(status) || absl::IsDataLoss(status);
}

Audit ReadAudit(SqlRow& row) {
  Audit audit;
  audit.requester = row.ReadText();
  audit.verified = row.ReadBool();
  audit.reason = row.ReadText();
  return audit;
}

Position ReadPosition(SqlRow& row) {
  Position position;
  position.kind = row.ReadName(ParsePositionKind);
  position.id = row.ReadText();
  position.time = row.ReadTime();
  return position;
}

std::int64_t PageStart(const PageRequest& page) {
  return page.before > 0 ? page.before : std::numeric_limits<std::int64_t>::max();
}

absl::Status NoExporterError(absl::string_view exporter) {
  return absl::NotFoundError(absl::StrCat("there is no exporter '", exporter, "'"));
}

}  // namespace logexport
