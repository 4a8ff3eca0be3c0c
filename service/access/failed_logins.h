#ifndef LOGEXPORT_SERVICE_ACCESS_FAILED_LOGINS_H_
#define LOGEXPORT_SERVICE_ACCESS_FAILED_LOGINS_H_

#include <cstdint>
#include <deque>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/time/time.h"

#include "service/access/incoming_call.h"
#include "service/base/clock.h"
#include "service/base/mutex.h"

namespace logexport {

// Slows down guessing. A host that has shown too many wrong tokens has to wait before another one
// of its is looked at; tokens that were right before are not held up by that, so that nobody locks
// out others behind the same address. Thread-safe.
class FailedLogins {
 public:
  static constexpr int kFreeAttempts = 10;                   // of one host
  static constexpr absl::Duration kWait = absl::Seconds(2);  // for each further one
  static constexpr absl::Duration kLogInterval = absl::Minutes(1);

  // `clock` must outlive it.
  explicit FailedLogins(Clock& clock) : clock_(clock) {}

  // Before a call is authenticated: RESOURCE_EXHAUSTED / TOO_MANY_FAILED_LOGINS, with the time to
  // wait, when its token is not to be looked at now.
  absl::Status Check(const IncomingCall& call);
  // After it was authenticated.
  void Succeeded(const IncomingCall& call);
  // True when the failure is to be logged: the first of its host in a minute.
  bool Failed(const IncomingCall& call);

  // Since the service started.
  std::int64_t failures() const;

 private:
  struct Host {
    double attempts_left = kFreeAttempts;
    absl::Duration filled;  // when that was right, on the steady clock
    absl::Duration logged = -absl::InfiniteDuration();
  };

  Host& Find(const IncomingCall& call) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  mutable Mutex mutex_;
  std::int64_t failures_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_map<std::string, Host> hosts_ ABSL_GUARDED_BY(mutex_);
  // Digests of what was right lately, the oldest first.
  std::deque<std::string> right_order_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::string> right_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_FAILED_LOGINS_H_
