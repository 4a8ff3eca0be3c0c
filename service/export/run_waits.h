#ifndef LOGEXPORT_SERVICE_EXPORT_RUN_WAITS_H_
#define LOGEXPORT_SERVICE_EXPORT_RUN_WAITS_H_

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/export/failure.h"
#include "service/export/run_account.h"
#include "service/state/records.h"

namespace logexport {

// One service that a run waits for, because calls to it fail or because it asks to wait; or its
// turn to begin. Times are the host's.
struct RunWait {
  Origin target = Origin::kInternal;
  // Attempts that have failed since `since`; 0 while the run keeps to a rate limit by itself.
  int failed_attempts = 0;
  absl::Time since;
  absl::Time next_attempt;
  bool rate_limited = false;
  // It does not wait for a service but for its turn to begin; `since` alone tells of it.
  bool for_place = false;
  std::optional<RunError> last_error;  // of the last failed attempt
};

// Is told of waits while they happen. Called from threads of the run; must not block.
class WaitObserver {
 public:
  virtual ~WaitObserver() = default;
  // The first attempt failed; all calls to that service worked before.
  virtual void AttemptFailed(const RunWait& wait) = 0;
  // A rate limit makes the run wait for long. Once for each service and run.
  virtual void LimitLasts(const RunWait& wait) = 0;
  // Every call to that service that had failed has succeeded.
  virtual void Recovered(const RunWait& wait) = 0;
};

// What a run waits for now, over all calls that are being repeated. Thread-safe; one per run.
class RunWaits {
 public:
  // `observer` may be null. A limit that lasts also becomes a warning in `account`. All must
  // outlive it.
  RunWaits(Clock& clock, RunAccount& account, WaitObserver* observer)
      : clock_(clock), account_(account), observer_(observer) {}

  // One entry for each service, in the order of Origin.
  std::vector<RunWait> Now() const;

  // The attempts of one call. Used by one thread.
  class Attempts {
   public:
    explicit Attempts(RunWaits* waits) : waits_(waits) {}
    Attempts(const Attempts&) = delete;
    Attempts& operator=(const Attempts&) = delete;
    // Gives up if the call neither succeeded nor gave up before.
    ~Attempts() { End(/*succeeded=*/false); }

    // An attempt failed and the next one follows after `delay`.
    void Failed(const Failure& failure, absl::Duration delay);
    // No attempt is made for `delay`, to keep to a rate limit of `target`.
    void KeepsToLimit(Origin target, absl::Duration delay);
    void Succeeded() { End(/*succeeded=*/true); }

   private:
    void End(bool succeeded);

    RunWaits* const waits_;  // null: nobody wants to know
    std::optional<Origin> target_;
  };

 private:
  struct Entry {
    RunWait wait;
    int calls = 0;  // that wait now
  };
  // The entry of `target`, with one call more if `joins`.
  RunWait Update(Origin target, bool joins, absl::Duration delay, bool rate_limited,
                 const Failure* failure);
  void Leave(Origin target, bool succeeded);
  void TellIfLimitLasts(const RunWait& wait);

  Clock& clock_;
  RunAccount& account_;
  WaitObserver* const observer_;
  mutable Mutex mutex_;
  std::map<Origin, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::set<Origin> told_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_RUN_WAITS_H_
