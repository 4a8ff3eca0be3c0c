#include "service/state/session_pool.h"

#include <chrono>
#include <utility>

namespace logexport {

SessionPool::SessionPool(Opener open, int size) : open_(std::move(open)), size_(size) {}

absl::Status SessionPool::Use(absl::FunctionRef<absl::Status(SqlSession&)> body) {
  std::unique_ptr<SqlSession> session;
  {
    MutexLock lock(&mutex_);
    while (paused_ || lent_ == size_) returned_.Wait(&mutex_);
    ++lent_;
    if (!idle_.empty()) {
      session = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  absl::Status status;
  if (session == nullptr) {
    absl::StatusOr<std::unique_ptr<SqlSession>> opened = open_();
    status = opened.status();
    if (opened.ok()) session = *std::move(opened);
  }
  if (status.ok()) status = body(*session);

  MutexLock lock(&mutex_);
  --lent_;
  // A session that failed is closed; the next reader opens a new one.
  if (session != nullptr && session->failure().ok()) idle_.push_back(std::move(session));
  returned_.NotifyAll();
  return status;
}

bool SessionPool::Pause(absl::Duration patience, absl::FunctionRef<void()> body) {
  MutexLock lock(&mutex_);
  paused_ = true;
  const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(patience);
  while (lent_ > 0) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= std::chrono::nanoseconds::zero()) break;
    returned_.WaitFor(&mutex_, absl::FromChrono(left));
  }
  const bool alone = lent_ == 0;
  if (alone) body();
  paused_ = false;
  returned_.NotifyAll();
  return alone;
}

}  // namespace logexport
