#include "service/web/worker_pool.h"

#include <utility>

#include "service/base/clock.h"

namespace logexport {

WorkerPool::~WorkerPool() {
  std::vector<std::thread> threads;
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    threads.swap(threads_);
    changed_.NotifyAll();
  }
  for (std::thread& thread : threads) thread.join();
}

bool WorkerPool::Submit(std::function<void()> work) {
  MutexLock lock(&mutex_);
  const bool all_busy = busy_ + waiting_.size() >= threads_.size();
  if (all_busy && threads_.size() < most_threads_) {
    threads_.emplace_back([this] { Run(); });
  } else if (all_busy && waiting_.size() >= most_waiting_) {
    return false;
  }
  waiting_.push_back(std::move(work));
  changed_.NotifyAll();
  return true;
}

bool WorkerPool::AwaitIdle(absl::Duration limit) {
  const absl::Duration deadline = RealClock().Monotonic() + limit;
  MutexLock lock(&mutex_);
  while (busy_ > 0 || !waiting_.empty()) {
    const absl::Duration left = deadline - RealClock().Monotonic();
    if (left <= absl::ZeroDuration()) return false;
    changed_.WaitFor(&mutex_, left);
  }
  return true;
}

void WorkerPool::Run() {
  for (;;) {
    std::function<void()> work;
    {
      MutexLock lock(&mutex_);
      while (waiting_.empty() && !stopping_) changed_.Wait(&mutex_);
      if (waiting_.empty()) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
      ++busy_;
    }
    work();
    // What it holds may be the last of something; it goes before the work counts as done.
    work = nullptr;
    MutexLock lock(&mutex_);
    --busy_;
    changed_.NotifyAll();
  }
}

}  // namespace logexport
