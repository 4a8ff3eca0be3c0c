#include "service/control/audit_upkeep.h"

#include <cstdint>

#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/state/audit_chain.h"

namespace logexport {
namespace {

// In one transaction, so that nobody waits for long.
constexpr int kPrunedAtOnce = 500;

}  // namespace

void AuditUpkeep::Tick() {
  const absl::Duration now = clock_.Monotonic();
  if (now - pruned_ >= kInterval) {
    std::optional<absl::Time> time = checked_time_();
    if (!time.has_value() && now - begun_ >= kInterval) time = clock_.Now();
    if (time.has_value()) {
      pruned_ = now;
      Prune(*time);
    }
  }
  if (now - anchored_ >= kInterval) {
    anchored_ = now;
    LogAnchor();
  }
}

void AuditUpkeep::LogAnchor() {
  AuditHead head;
  const absl::Status read = store_.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(head, tx.GetAuditHead());
    return absl::OkStatus();
  });
  if (!read.ok()) {
    LogWarning("the anchor of the audit cannot be read", {{"error", read}});
    return;
  }
  std::string anchor = AuditAnchor(head);
  if (anchor.empty() || anchor == logged_) return;
  LogInfo("anchor of the audit, for verify-audit --anchor", {{"anchor", anchor}});
  logged_ = std::move(anchor);
}

void AuditUpkeep::Prune(absl::Time now) {
  std::int64_t removed = 0;
  for (;;) {
    PrunedAudit pruned;
    const absl::Status status = store_.Write([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(pruned, tx.PruneAudit(now - retention_, kPrunedAtOnce));
      if (pruned.count == 0) return absl::OkStatus();
      return tx.AddAudit(PruneEntry(pruned, now)).status();
    });
    if (!status.ok()) {
      LogWarning("old entries of the audit cannot be removed; it is tried again in an hour",
                 {{"error", status}});
      return;
    }
    removed += pruned.count;
    if (pruned.count < kPrunedAtOnce) break;
  }
  if (removed > 0) LogInfo("old entries of the audit were removed", {{"entries", removed}});
}

}  // namespace logexport
