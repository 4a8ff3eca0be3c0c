#include "service/control/audit_pass.h"

#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "service/base/status_macros.h"

namespace logexport {
namespace {

constexpr int kCheckedAtOnce = 500;

}  // namespace

AuditPass::AuditPass(Store& store, const AuditSigner& signer, AuditHead anchor)
    : store_(store), check_(signer, std::move(anchor)) {}

absl::StatusOr<bool> AuditPass::Step() {
  AuditHead head;
  std::vector<AuditEntry> entries;
  std::vector<AuditEntry> oldest;
  RETURN_IF_ERROR(store_.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(head, tx.GetAuditHead());
    ASSIGN_OR_RETURN(entries, tx.AuditFrom(next_, kCheckedAtOnce));
    ASSIGN_OR_RETURN(oldest, tx.AuditFrom(0, 1));
    return absl::OkStatus();
  }));
  for (const AuditEntry& entry : entries) {
    check_.Add(entry);
    next_ = entry.sequence + 1;
  }
  if (entries.size() == static_cast<std::size_t>(kCheckedAtOnce)) return false;
  // Read together with the last entries, so that it must be the last one of them.
  check_.Finish(head);
  disturbed_ = check_.first_sequence() != (oldest.empty() ? 0 : oldest.front().sequence);
  return true;
}

std::vector<AuditChainCheck::Problem> AuditPass::Problems() const {
  std::vector<AuditChainCheck::Problem> problems;
  if (check_.unverifiable() > 0) {
    problems.push_back({0, absl::StrCat(check_.unverifiable(),
                                        " entries cannot be checked, because the key file lacks "
                                        "their keys: ",
                                        absl::StrJoin(check_.missing_keys(), ", "))});
  }
  problems.insert(problems.end(), check_.problems().begin(), check_.problems().end());
  return problems;
}

}  // namespace logexport
