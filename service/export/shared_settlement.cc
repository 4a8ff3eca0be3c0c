#include "service/export/shared_settlement.h"

#include <utility>

#include "service/base/clock.h"

namespace logexport {

void SharedSettlement::Track(std::shared_ptr<Batch> batch) {
  const bool settled = batch->settled;
  {
    MutexLock lock(&mutex_);
    if (!settled) ++in_progress_;
    settlement_.Track(std::move(batch));
  }
  if (settled) may_grow_.NotifyOne();
}

void SharedSettlement::Finish(const std::shared_ptr<Batch>& batch, bool settled) {
  {
    MutexLock lock(&mutex_);
    batch->settled = settled;
    batch->at_rest = true;
    --in_progress_;
    if (takes_back_) settlement_.RevertRefused();
  }
  may_grow_.NotifyOne();
}

void SharedSettlement::BelieveRefusals() {
  {
    MutexLock lock(&mutex_);
    settlement_.BelieveRefusals();
  }
  may_grow_.NotifyOne();
}

void SharedSettlement::PassRefusals() {
  {
    MutexLock lock(&mutex_);
    settlement_.PassRefusals();
  }
  may_grow_.NotifyOne();
}

void SharedSettlement::TakeBackRefusals() {
  MutexLock lock(&mutex_);
  takes_back_ = true;
  settlement_.RevertRefused();
}

std::size_t SharedSettlement::open_batches() const {
  MutexLock lock(&mutex_);
  return settlement_.open_batches();
}

bool SharedSettlement::IsHeldWith(std::size_t batches) const {
  MutexLock lock(&mutex_);
  return settlement_.open_batches() >= batches && !settlement_.CanAdvance();
}

bool SharedSettlement::WaitForPrefix(absl::FunctionRef<void(Settlement&)> read) {
  MutexLock lock(&mutex_);
  while (!settlement_.CanAdvance() && !ended_) may_grow_.Wait(&mutex_);
  if (!settlement_.Advance()) return false;
  read(settlement_);
  return true;
}

bool SharedSettlement::WaitForMorePrefix(absl::Duration until,
                                         absl::FunctionRef<void(Settlement&)> read) {
  MutexLock lock(&mutex_);
  for (;;) {
    const absl::Duration left = until - RealClock().Monotonic();
    if (left <= absl::ZeroDuration()) return false;
    if (settlement_.Advance()) {
      read(settlement_);
      return true;
    }
    if (ended_ || hurried_ || in_progress_ == 0) return false;
    may_grow_.WaitFor(&mutex_, left);
  }
}

void SharedSettlement::Hurry() {
  {
    MutexLock lock(&mutex_);
    hurried_ = true;
  }
  may_grow_.NotifyOne();
}

void SharedSettlement::End() {
  {
    MutexLock lock(&mutex_);
    ended_ = true;
  }
  may_grow_.NotifyOne();
}

void SharedSettlement::Read(absl::FunctionRef<void(Settlement&)> read) {
  MutexLock lock(&mutex_);
  read(settlement_);
}

}  // namespace logexport
