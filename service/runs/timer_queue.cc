#include "service/runs/timer_queue.h"

#include <algorithm>

namespace logexport {
namespace {

// How long the queue may sleep without a look at the wall clock.
constexpr absl::Duration kLongestSleep = absl::Minutes(1);
// A clock that is slewed moves less than this in that time.
constexpr absl::Duration kClockStep = absl::Seconds(1);

}  // namespace

TimerQueue::~TimerQueue() {
  std::thread thread;
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    wake_.request_stop();
    thread = std::move(thread_);
  }
  if (thread.joinable()) thread.join();
}

void TimerQueue::Set(Key key, absl::Time at, std::function<void()> fire) {
  MutexLock lock(&mutex_);
  if (stopping_) return;
  const auto [it, added] = timers_.try_emplace(key);
  if (!added) order_.erase({it->second.at, key});
  it->second = Timer{at, std::move(fire)};
  order_.emplace(at, key);
  if (!thread_.joinable()) {
    offset_ = (clock_.Now() - absl::UnixEpoch()) - clock_.Monotonic();
    thread_ = std::thread([this] { Loop(); });
  }
  if (order_.begin()->second == key) wake_.request_stop();
}

void TimerQueue::Cancel(Key key) {
  MutexLock lock(&mutex_);
  if (const auto it = timers_.find(key); it != timers_.end()) {
    order_.erase({it->second.at, key});
    timers_.erase(it);
  }
  while (firing_ == key) fired_.Wait(&mutex_);
}

std::size_t TimerQueue::size() const {
  MutexLock lock(&mutex_);
  return timers_.size();
}

void TimerQueue::NoticeClockSteps() {
  const absl::Time now = clock_.Now();
  const absl::Duration offset = (now - absl::UnixEpoch()) - clock_.Monotonic();
  const absl::Duration step = offset - offset_;
  if (absl::AbsDuration(step) < kClockStep) return;
  offset_ = offset;
  if (step > absl::ZeroDuration()) return;
  order_.clear();
  for (auto& [key, timer] : timers_) {
    timer.at = now;
    order_.emplace(now, key);
  }
}

std::function<void()> TimerQueue::TakeDue() {
  if (order_.empty() || order_.begin()->first > clock_.Now()) return nullptr;
  firing_ = order_.begin()->second;
  order_.erase(order_.begin());
  auto timer = timers_.extract(firing_);
  return std::move(timer.mapped().fire);
}

void TimerQueue::Loop() {
  for (;;) {
    std::function<void()> fire;
    std::stop_token wake;
    absl::Duration sleep = kLongestSleep;
    {
      MutexLock lock(&mutex_);
      firing_ = nullptr;
      fired_.NotifyAll();
      if (stopping_) return;
      NoticeClockSteps();
      fire = TakeDue();
      if (fire == nullptr) {
        if (!order_.empty()) sleep = std::min(sleep, order_.begin()->first - clock_.Now());
        wake_ = std::stop_source();
        wake = wake_.get_token();
      }
    }
    if (fire != nullptr) {
      fire();
    } else {
      clock_.SleepFor(sleep, wake);
    }
  }
}

}  // namespace logexport
