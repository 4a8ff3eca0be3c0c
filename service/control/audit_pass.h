#ifndef LOGEXPORT_SERVICE_CONTROL_AUDIT_PASS_H_
#define LOGEXPORT_SERVICE_CONTROL_AUDIT_PASS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "service/state/audit_chain.h"
#include "service/state/store.h"

namespace logexport {

// One reading of the whole audit, in steps so short that no other reader or writer of the store
// waits for it. One thread.
class AuditPass {
 public:
  // `anchor` is what was kept outside the store, with sequence 0 where there is none. Both
  // references must outlive it.
  AuditPass(Store& store, const AuditSigner& signer, AuditHead anchor);

  // Checks the next entries, those written meanwhile included; true once that was the last of them.
  absl::StatusOr<bool> Step();

  // After the last step: entries were removed while it read, so that it cannot tell what was there.
  bool disturbed() const { return disturbed_; }
  const AuditChainCheck& check() const { return check_; }
  // Every entry is as it was written, and there is a key for each.
  bool intact() const { return check_.problems().empty() && check_.unverifiable() == 0; }
  // What is wrong; an entry whose key is missing could hide anything, so that it counts.
  std::vector<AuditChainCheck::Problem> Problems() const;

 private:
  Store& store_;
  AuditChainCheck check_;
  std::int64_t next_ = 0;
  bool disturbed_ = false;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_AUDIT_PASS_H_
