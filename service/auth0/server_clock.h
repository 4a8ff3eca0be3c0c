#ifndef LOGEXPORT_SERVICE_AUTH0_SERVER_CLOCK_H_
#define LOGEXPORT_SERVICE_AUTH0_SERVER_CLOCK_H_

#include <optional>

#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "service/http/transport.h"

namespace logexport {

// Auth0's clock: the Date header of its answers, carried forward on our steady clock, so that a
// wrong or jumping clock of the host does no harm. A Date says only the second in which an answer
// was made, and the answer takes its time to arrive, so this clock is a little behind Auth0's,
// never ahead of it. Thread-safe.
class ServerClock {
 public:
  explicit ServerClock(const Clock& clock) : clock_(clock) {}

  // Learns from an answer that has just arrived. Without a readable Date nothing changes.
  void Observe(const HttpResponse& response);

  // The server's time; the host's before the first answer.
  absl::Time Now() const;

  // How far the host's clock is ahead of the server's (negative: behind); zero before the first
  // answer.
  absl::Duration Skew() const;

 private:
  const Clock& clock_;
  mutable Mutex mutex_;
  // The server's time when our steady clock was at zero.
  std::optional<absl::Time> origin_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_AUTH0_SERVER_CLOCK_H_
