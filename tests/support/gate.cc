#include "tests/support/gate.h"

#include "absl/time/clock.h"
#include <gtest/gtest.h>

namespace logexport {

void Gate::Open() {
  MutexLock lock(&mutex_);
  open_ = true;
  opened_.NotifyAll();
}

bool Gate::Wait() {
  const absl::Time give_up = absl::Now() + absl::Minutes(1);
  MutexLock lock(&mutex_);
  while (!open_) {
    const absl::Duration left = give_up - absl::Now();
    if (left <= absl::ZeroDuration()) {
      ADD_FAILURE() << "waited a minute at a gate that nobody opened";
      return false;
    }
    opened_.WaitFor(&mutex_, left);
  }
  return true;
}

bool Gate::is_open() const {
  MutexLock lock(&mutex_);
  return open_;
}

}  // namespace logexport
