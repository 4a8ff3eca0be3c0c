#include "service/api/stall_guard.h"

#include "service/base/clock.h"

namespace logexport {

StallGuard::~StallGuard() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

StallGuard::Scope::Key StallGuard::Add(grpc::ServerContext& context, absl::Duration limit) {
  MutexLock lock(&mutex_);
  const Scope::Key key{RealClock().Monotonic() + limit, next_++};
  const auto [added, inserted] = scopes_.emplace(key, &context);
  // The thread sleeps until the first end that it knows of.
  if (added == scopes_.begin()) changed_.NotifyAll();
  return key;
}

void StallGuard::Remove(const Scope::Key& key) {
  MutexLock lock(&mutex_);
  scopes_.erase(key);
}

void StallGuard::Run() {
  MutexLock lock(&mutex_);
  while (!stopping_) {
    if (scopes_.empty()) {
      changed_.Wait(&mutex_);
      continue;
    }
    const auto first = scopes_.begin();
    const absl::Duration left = first->first.first - RealClock().Monotonic();
    if (left > absl::ZeroDuration()) {
      changed_.WaitFor(&mutex_, left);
      continue;
    }
    // Under the lock, so that the scope, and with it the call, is still there.
    first->second->TryCancel();
    scopes_.erase(first);
  }
}

}  // namespace logexport
