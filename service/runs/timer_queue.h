#ifndef LOGEXPORT_SERVICE_RUNS_TIMER_QUEUE_H_
#define LOGEXPORT_SERVICE_RUNS_TIMER_QUEUE_H_

#include <functional>
#include <set>
#include <stop_token>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

#include "service/base/clock.h"
#include "service/base/mutex.h"

namespace logexport {

// Calls back at times of the wall clock, any number of timers in one thread. Thread-safe.
//
// The wall clock may be set. When it was set forward, timers are due earlier and the queue notices
// within a minute. When it was set back, what a timer was set for may have another answer now, so
// all of them fire, within a minute too; their owners look at the clock and set them again.
class TimerQueue {
 public:
  // Names a timer: an address that the owner has for itself alone.
  using Key = const void*;

  // `clock` must outlive it. The thread starts with the first timer.
  explicit TimerQueue(Clock& clock) : clock_(clock) {}
  ~TimerQueue();
  TimerQueue(const TimerQueue&) = delete;
  TimerQueue& operator=(const TimerQueue&) = delete;

  // Calls `fire` once, in the queue's thread, as soon as the clock shows `at` or it was set back.
  // Takes the place of what was set under that key. `fire` must not block and may call Set.
  void Set(Key key, absl::Time at, std::function<void()> fire);

  // Forgets the timer. When this returns its `fire` is not being called, nor will it be. Not from
  // within `fire`, and not with a lock that `fire` takes.
  void Cancel(Key key);

  // How many timers are set.
  std::size_t size() const;

 private:
  struct Timer {
    absl::Time at;
    std::function<void()> fire;
  };

  void Loop();
  // Takes out what is to be called now; a null function: nothing.
  std::function<void()> TakeDue() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NoticeClockSteps() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  mutable Mutex mutex_;
  CondVar fired_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // Replaced before every sleep; requested to end it.
  std::stop_source wake_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<Key, Timer> timers_ ABSL_GUARDED_BY(mutex_);
  std::set<std::pair<absl::Time, Key>> order_ ABSL_GUARDED_BY(mutex_);
  // Whose `fire` is being called.
  Key firing_ ABSL_GUARDED_BY(mutex_) = nullptr;
  // Wall clock less Monotonic, as last noticed.
  absl::Duration offset_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_TIMER_QUEUE_H_
