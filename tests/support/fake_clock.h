#ifndef LOGEXPORT_TESTS_SUPPORT_FAKE_CLOCK_H_
#define LOGEXPORT_TESTS_SUPPORT_FAKE_CLOCK_H_

#include <set>
#include <stop_token>
#include <vector>

#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/mutex.h"

namespace logexport {

// A clock that only moves when it is told to. Thread-safe.
//
// A test of a loop that sleeps in a thread of its own goes: start it, WaitForSleepers(1),
// Advance(), WaitForSleepers(1) again, look at what it did in between. A test of code that sleeps
// in the test's own thread uses kAutomatic and looks at sleeps().
class FakeClock final : public Clock {
 public:
  enum class Mode {
    kManual,     // a sleep ends when Advance() reaches its deadline
    kAutomatic,  // a sleep moves the clock to its deadline and returns at once
  };

  static absl::Time DefaultStart() { return absl::FromUnixSeconds(1'795'392'000); }  // 2026-11-23

  explicit FakeClock(absl::Time start = DefaultStart(), Mode mode = Mode::kManual);
  explicit FakeClock(Mode mode) : FakeClock(DefaultStart(), mode) {}

  absl::Time Now() const override;
  absl::Duration Monotonic() const override;
  // A sleep without end (an infinite deadline) ends by `stop` only, in both modes.
  bool SleepUntil(absl::Duration deadline, const std::stop_token& stop) override;

  // Moves wall time and monotonic time, and wakes the sleepers whose deadline that reaches.
  void Advance(absl::Duration by);

  // Sets the wall clock as an operator or a time daemon would; sleepers do not notice.
  void SetWall(absl::Time now);

  void SetMode(Mode mode);

  // What was left to sleep at the start of each sleep that had not reached its deadline already, in
  // order.
  std::vector<absl::Duration> sleeps() const;

  // Blocks until at least `count` threads sleep with a deadline still ahead. Fails the test after
  // a minute of real time.
  void WaitForSleepers(int count) const;

 private:
  mutable Mutex mutex_;
  mutable CondVar changed_;
  absl::Time wall_ ABSL_GUARDED_BY(mutex_);
  absl::Duration monotonic_ ABSL_GUARDED_BY(mutex_) = absl::Hours(1);
  Mode mode_ ABSL_GUARDED_BY(mutex_);
  std::multiset<absl::Duration> deadlines_ ABSL_GUARDED_BY(mutex_);
  std::vector<absl::Duration> sleeps_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SUPPORT_FAKE_CLOCK_H_
