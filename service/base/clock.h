#ifndef LOGEXPORT_SERVICE_BASE_CLOCK_H_
#define LOGEXPORT_SERVICE_BASE_CLOCK_H_

#include <stop_token>

#include "absl/time/time.h"

namespace logexport {

// The only way the service learns the time and waits. Injected everywhere, so that tests walk the
// time by hand. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Wall-clock time; may jump when the host's clock is set.
  virtual absl::Time Now() const = 0;

  // Time since an arbitrary origin, for measuring and for deadlines: never goes back and counts the
  // time that the machine was suspended.
  virtual absl::Duration Monotonic() const = 0;

  // Blocks until Monotonic() reaches `deadline` or `stop` is requested. True if the deadline was
  // reached, false if stopped first.
  virtual bool SleepUntil(absl::Duration deadline, const std::stop_token& stop) = 0;

  bool SleepFor(absl::Duration duration, const std::stop_token& stop) {
    return SleepUntil(Monotonic() + duration, stop);
  }
};

// The clock of the host. Lives for ever.
Clock& RealClock();

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_CLOCK_H_
