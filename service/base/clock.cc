#include "service/base/clock.h"

#include <algorithm>
#include <condition_variable>
#include <ctime>
#include <mutex>

#include "absl/time/clock.h"

namespace logexport {
namespace {

// A sleeper looks at the clock at least this often: the condition variable's own clock stops while
// the machine is suspended, Monotonic() does not.
constexpr absl::Duration kLongestWait = absl::Seconds(30);

class HostClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }

  absl::Duration Monotonic() const override {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return absl::DurationFromTimespec(now);
  }

  bool SleepUntil(absl::Duration deadline, const std::stop_token& stop) override {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
      const absl::Duration left = deadline - Monotonic();
      if (left <= absl::ZeroDuration()) return true;
      wake.wait_for(lock, stop, absl::ToChronoNanoseconds(std::min(left, kLongestWait)),
                    [] { return false; });
    }
    return false;
  }
};

}  // namespace

Clock& RealClock() {
  static auto* const clock = new HostClock;
  return *clock;
}

}  // namespace logexport
