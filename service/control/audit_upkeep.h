#ifndef LOGEXPORT_SERVICE_CONTROL_AUDIT_UPKEEP_H_
#define LOGEXPORT_SERVICE_CONTROL_AUDIT_UPKEEP_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/state/store.h"

namespace logexport {

// What the audit needs while the service lives: its anchor in the log, which is outside the store,
// and the removal of what is too old. One thread.
class AuditUpkeep {
 public:
  static constexpr absl::Duration kInterval = absl::Hours(1);

  // What time it is; nothing before a tenant has told, because the host's clock may be wrong.
  using CheckedTime = std::function<std::optional<absl::Time>()>;

  // Entries are kept for `retention`. `store` and `clock` must outlive it.
  AuditUpkeep(Store& store, Clock& clock, absl::Duration retention, CheckedTime checked_time)
      : store_(store),
        clock_(clock),
        retention_(retention),
        checked_time_(std::move(checked_time)) {}

  // To be called often. Does its work at once when called first, and then once an hour; but removes
  // nothing before it knows what time it is. Where no tenant tells it for an hour, there is only
  // the host's clock to go by.
  void Tick();
  // The last anchor, when the service ends.
  void LogAnchor();

 private:
  void Prune(absl::Time now);

  Store& store_;
  Clock& clock_;
  const absl::Duration retention_;
  const CheckedTime checked_time_;
  const absl::Duration begun_ = clock_.Monotonic();
  absl::Duration anchored_ = -absl::InfiniteDuration();
  absl::Duration pruned_ = -absl::InfiniteDuration();
  std::string logged_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_AUDIT_UPKEEP_H_
