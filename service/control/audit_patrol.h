#ifndef LOGEXPORT_SERVICE_CONTROL_AUDIT_PATROL_H_
#define LOGEXPORT_SERVICE_CONTROL_AUDIT_PATROL_H_

#include <optional>

#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/control/audit_pass.h"
#include "service/state/store.h"
#include "service/telemetry/service_metrics.h"

namespace logexport {

// Checks the whole audit again and again while the service lives, so that a change of it is found
// when it happens and not when somebody asks. What a pass ended with is the anchor of the next one,
// kept in memory: entries that are cut off, or a store that was put back, show, too. One thread.
class AuditPatrol {
 public:
  // From the end of a pass to the beginning of the next.
  static constexpr absl::Duration kRest = absl::Hours(1);

  // All must outlive it.
  AuditPatrol(Store& store, Clock& clock, const AuditSigner& signer, ServiceMetrics& metrics)
      : store_(store), clock_(clock), signer_(signer), metrics_(metrics) {}

  // To be called often; takes some milliseconds at most. Tells the metrics and the log what a pass
  // found.
  void Tick();

 private:
  void Tell(const AuditPass& pass);

  Store& store_;
  Clock& clock_;
  const AuditSigner& signer_;
  ServiceMetrics& metrics_;
  std::optional<AuditPass> pass_;
  absl::Duration next_pass_ = -absl::InfiniteDuration();
  AuditHead anchor_;
  bool told_broken_ = false;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_AUDIT_PATROL_H_
