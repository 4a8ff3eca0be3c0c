#ifndef LOGEXPORT_SERVICE_CONTROL_AUDIT_UPKEEP_H_
#define LOGEXPORT_SERVICE_CONTROL_AUDIT_UPKEEP_H_

#include <string>

#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/state/store.h"

namespace logexport {

// What the audit needs while the service lives: its anchor in the log, which is outside the store,
// and the removal of what is too old. One thread.
class AuditUpkeep {
 public:
  static constexpr absl::Duration kInterval = absl::Hours(1);

  // Entries are kept for `retention`. Both must outlive it.
  AuditUpkeep(Store& store, Clock& clock, absl::Duration retention)
      : store_(store), clock_(clock), retention_(retention) {}

  // To be called often. Does its work at once when called first, and then once an hour.
  void Tick();
  // The last anchor, when the service ends.
  void LogAnchor();

 private:
  void Prune();

  Store& store_;
  Clock& clock_;
  const absl::Duration retention_;
  absl::Duration done_ = -absl::InfiniteDuration();
  std::string logged_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_AUDIT_UPKEEP_H_
