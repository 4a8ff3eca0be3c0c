#ifndef LOGEXPORT_SERVICE_CONTROL_AUDIT_PATROL_H_
#define LOGEXPORT_SERVICE_CONTROL_AUDIT_PATROL_H_

#include <functional>
#include <optional>
#include <utility>

#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/control/audit_pass.h"
#include "service/state/store.h"

namespace logexport {

// Checks the whole audit again and again while the service lives, so that a change of it is found
// when it happens and not when somebody asks. What a pass ended with is the anchor of the next one,
// kept in memory: entries that are cut off, or a store that was put back, show, too. One thread.
class AuditPatrol {
 public:
  // From the end of a pass to the beginning of the next.
  static constexpr absl::Duration kRest = absl::Hours(1);

  // `found` is told at the end of each pass whether the audit is as it was written. All references
  // must outlive it.
  AuditPatrol(Store& store, Clock& clock, const AuditSigner& signer,
              std::function<void(bool intact)> found)
      : store_(store), clock_(clock), signer_(signer), found_(std::move(found)) {}

  // To be called often; takes some milliseconds at most. Tells the log, too, what is wrong.
  void Tick();

 private:
  void Tell(const AuditPass& pass);

  Store& store_;
  Clock& clock_;
  const AuditSigner& signer_;
  const std::function<void(bool intact)> found_;
  std::optional<AuditPass> pass_;
  absl::Duration next_pass_ = -absl::InfiniteDuration();
  AuditHead anchor_;
  bool told_broken_ = false;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_AUDIT_PATROL_H_
