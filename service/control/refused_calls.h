#ifndef LOGEXPORT_SERVICE_CONTROL_REFUSED_CALLS_H_
#define LOGEXPORT_SERVICE_CONTROL_REFUSED_CALLS_H_

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/control/api_error.h"
#include "service/control/audited_call.h"
#include "service/control/caller.h"
#include "service/state/store.h"

namespace logexport {

// Records calls in the audit that were refused or failed: what is carried out records itself, in
// its own transaction. Each entry is a write to the disk that anybody can cause, so a caller has
// kBurst of them and then one in kInterval; what is beyond that is counted in his next entry.
// Thread-safe.
class RefusedCalls {
 public:
  static constexpr double kBurst = 100;
  static constexpr absl::Duration kInterval = absl::Seconds(1);

  // Both must outlive it.
  RefusedCalls(Store& store, Clock& clock) : store_(store), clock_(clock) {}

  // `key` is whom the call counts for: a verified name or a host. A failure to record is logged and
  // changes nothing for the caller, who is refused anyway.
  void Record(const std::string& key, const Caller& caller, const AuditedCall& call,
              const ApiError& error);

 private:
  struct Use {
    double entries_left = kBurst;
    absl::Duration filled;  // when that was right, on the steady clock
    std::int64_t skipped = 0;
  };

  // Whether to record now; if so, `skipped` is how many were not since the last time.
  bool Take(const std::string& key, std::int64_t* skipped);

  Store& store_;
  Clock& clock_;
  Mutex mutex_;
  absl::flat_hash_map<std::string, Use> uses_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_REFUSED_CALLS_H_
