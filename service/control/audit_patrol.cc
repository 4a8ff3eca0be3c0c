#include "service/control/audit_patrol.h"

#include "service/base/logging.h"

namespace logexport {
namespace {

// Of a tick, which comes every few seconds: a million entries take less than an hour.
constexpr int kStepsPerTick = 4;

}  // namespace

void AuditPatrol::Tick() {
  if (!pass_.has_value()) {
    if (clock_.Monotonic() < next_pass_) return;
    pass_.emplace(store_, signer_, anchor_);
  }
  for (int step = 0; step < kStepsPerTick; ++step) {
    const absl::StatusOr<bool> done = pass_->Step();
    if (!done.ok()) {
      // Others tell that the store cannot be read. What was checked may have changed since.
      pass_.reset();
      return;
    }
    if (!*done) continue;
    if (!pass_->disturbed()) {
      Tell(*pass_);
      next_pass_ = clock_.Monotonic() + kRest;
    }
    pass_.reset();
    return;
  }
}

void AuditPatrol::Tell(const AuditPass& pass) {
  found_(pass.intact());
  if (pass.intact()) {
    // Only of an audit that was whole: one that was not must not become what is right.
    anchor_ = pass.check().last();
    told_broken_ = false;
    return;
  }
  if (told_broken_) return;
  told_broken_ = true;
  const AuditChainCheck::Problem first = pass.Problems().front();
  LogError("the audit is not as it was written; see it with: logexportctl verify-audit",
           {{"entry", first.sequence}, {"problem", first.message}});
}

}  // namespace logexport
