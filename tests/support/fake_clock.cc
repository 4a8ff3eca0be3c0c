#include "tests/support/fake_clock.h"

#include <iterator>

#include "absl/time/clock.h"
#include <gtest/gtest.h>

namespace logexport {

FakeClock::FakeClock(absl::Time start, Mode mode) : wall_(start), mode_(mode) {}

absl::Time FakeClock::Now() const {
  MutexLock lock(&mutex_);
  return wall_;
}

absl::Duration FakeClock::Monotonic() const {
  MutexLock lock(&mutex_);
  return monotonic_;
}

bool FakeClock::SleepUntil(absl::Duration deadline, const std::stop_token& stop) {
  // Declared before the lock: it may run at once, and its end waits for a run in another thread.
  const std::stop_callback wake(stop, [this] {
    MutexLock lock(&mutex_);
    changed_.NotifyAll();
  });
  MutexLock lock(&mutex_);
  if (stop.stop_requested()) return false;
  if (deadline <= monotonic_) return true;
  sleeps_.push_back(deadline - monotonic_);
  if (mode_ == Mode::kAutomatic && deadline != absl::InfiniteDuration()) {
    wall_ += deadline - monotonic_;
    monotonic_ = deadline;
    changed_.NotifyAll();
    return true;
  }
  const auto mine = deadlines_.insert(deadline);
  changed_.NotifyAll();
  while (monotonic_ < deadline && !stop.stop_requested()) changed_.Wait(&mutex_);
  deadlines_.erase(mine);
  return monotonic_ >= deadline;
}

void FakeClock::Advance(absl::Duration by) {
  MutexLock lock(&mutex_);
  wall_ += by;
  monotonic_ += by;
  changed_.NotifyAll();
}

void FakeClock::SetWall(absl::Time now) {
  MutexLock lock(&mutex_);
  wall_ = now;
}

void FakeClock::SetMode(Mode mode) {
  MutexLock lock(&mutex_);
  mode_ = mode;
}

std::vector<absl::Duration> FakeClock::sleeps() const {
  MutexLock lock(&mutex_);
  return sleeps_;
}

void FakeClock::WaitForSleepers(int count) const {
  const absl::Time give_up = absl::Now() + absl::Minutes(1);
  MutexLock lock(&mutex_);
  while (std::distance(deadlines_.upper_bound(monotonic_), deadlines_.end()) < count) {
    const absl::Duration left = give_up - absl::Now();
    if (left <= absl::ZeroDuration()) {
      ADD_FAILURE() << "waited a minute for " << count << " sleepers, there are "
                    << deadlines_.size();
      return;
    }
    changed_.WaitFor(&mutex_, left);
  }
}

}  // namespace logexport
