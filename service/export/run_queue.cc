#include "service/export/run_queue.h"

#include <utility>

namespace logexport {
namespace {

// While the oldest batch is retried, later ones go on being sent, but only so many per sender:
// their account is kept in memory until the prefix passes them.
constexpr std::size_t kBatchesAhead = 4;

bool DropsUnsent(StopReason reason) {
  return reason == StopReason::kCancelled || reason == StopReason::kShutdown;
}

}  // namespace

bool RunQueue::RoomAheadLocked() const {
  return settlement_.open_batches() < kBatchesAhead * static_cast<std::size_t>(max_in_flight_);
}

bool RunQueue::SlotFreeLocked() const { return in_flight_ < max_in_flight_ && RoomAheadLocked(); }

bool RunQueue::HeldByRefusalsLocked() const {
  return in_flight_ == 0 && !RoomAheadLocked() && !settlement_.CanAdvance();
}

bool RunQueue::BrokenOffLocked() const { return failed_ || DropsUnsent(stop_reason_); }

void RunQueue::StopAdmitting(StopReason reason) {
  {
    MutexLock lock(&mutex_);
    // Being cancelled outranks having come to an end of one's own while draining.
    if (failed_ || DropsUnsent(stop_reason_)) return;
    stop_reason_ = reason;
    pages_.clear();
  }
  NotifyEveryone();
  fetch_stop_.request_stop();
  attempt_stop_.request_stop();
}

void RunQueue::Fail(StopReason reason, const absl::Status& status, bool at_once) {
  {
    MutexLock lock(&mutex_);
    if (!DropsUnsent(stop_reason_) && (!failed_ || at_once)) {
      failed_ = true;
      // An earlier error of the source is the one to tell, unless the run lost its right to write.
      // A limit of the source is none: with what cannot be sent now, the run is no success any
      // more.
      if (stop_reason_ != StopReason::kError || failure_.ok() || at_once) {
        stop_reason_ = reason;
        failure_ = status;
      }
    }
    pages_.clear();
  }
  NotifyEveryone();
  fetch_stop_.request_stop();
  attempt_stop_.request_stop();
  if (at_once) exchange_stop_.request_stop();
}

void RunQueue::FailAsRefused(const absl::Status& status) {
  {
    MutexLock lock(&mutex_);
    refused_ = true;
    settlement_.RevertRefused();
  }
  Fail(StopReason::kError, status, /*at_once=*/false);
}

void RunQueue::Abandon() {
  fetch_stop_.request_stop();
  attempt_stop_.request_stop();
  exchange_stop_.request_stop();
}

StopReason RunQueue::stop_reason() const {
  MutexLock lock(&mutex_);
  return stop_reason_;
}

absl::Status RunQueue::failure() const {
  MutexLock lock(&mutex_);
  return failure_;
}

bool RunQueue::PushPage(Page page) {
  auto shared = std::make_shared<const Page>(std::move(page));
  {
    MutexLock lock(&mutex_);
    while (pages_.size() >= max_pages_ && stop_reason_ == StopReason::kNone) {
      fetcher_.Wait(&mutex_);
    }
    if (stop_reason_ != StopReason::kNone) return false;
    pages_.push_back(std::move(shared));
  }
  mapper_.NotifyOne();
  return true;
}

void RunQueue::EndFetch(StopReason reason, const absl::Status& status) {
  {
    MutexLock lock(&mutex_);
    fetch_ended_ = true;
    if (stop_reason_ == StopReason::kNone) {
      stop_reason_ = reason;
      failure_ = status;
    }
  }
  NotifyEveryone();
}

RunQueue::Next RunQueue::NextForMapper(bool has_open_batch, std::shared_ptr<const Page>* page) {
  {
    MutexLock lock(&mutex_);
    for (;;) {
      if (BrokenOffLocked()) return Next::kDrop;
      if (!pages_.empty()) break;
      if (fetch_ended_) return Next::kEnd;
      if (has_open_batch && SlotFreeLocked()) return Next::kSlotFree;
      WaitAsMapper(/*for_slot=*/has_open_batch);
    }
    *page = std::move(pages_.front());
    pages_.pop_front();
  }
  fetcher_.NotifyOne();
  return Next::kPage;
}

void RunQueue::WaitAsMapper(bool for_slot) {
  mapper_wants_slot_ = for_slot;
  mapper_.Wait(&mutex_);
  mapper_wants_slot_ = false;
}

void RunQueue::AwaitRoom(bool needs_sender) {
  while (!(needs_sender ? SlotFreeLocked() : RoomAheadLocked()) && !BrokenOffLocked()) {
    if (HeldByRefusalsLocked() && judge_ != nullptr) {
      mutex_.Unlock();
      judge_();
      mutex_.Lock();
      if (!HeldByRefusalsLocked() || BrokenOffLocked()) continue;
    }
    WaitAsMapper(/*for_slot=*/true);
  }
}

bool RunQueue::Dispatch(std::shared_ptr<Batch> batch) {
  const bool has_events = batch->event_count > 0;
  bool goes_on = true;
  {
    MutexLock lock(&mutex_);
    AwaitRoom(/*needs_sender=*/has_events);
    settlement_.Track(batch);
    goes_on = !BrokenOffLocked();
    if (!has_events) {
      batch->settled = true;
      buffers_.push_back(std::exchange(batch->events, std::string()));
    } else if (goes_on) {
      ++in_flight_;
      ready_.push_back(std::move(batch));
    }
  }
  if (!has_events) {
    committer_.NotifyOne();
  } else if (goes_on) {
    sender_.NotifyOne();
  }
  return goes_on;
}

void RunQueue::TrackUnsent(std::shared_ptr<Batch> batch) {
  MutexLock lock(&mutex_);
  settlement_.Track(std::move(batch));
}

void RunQueue::EndAtMaxLogs(bool cut) {
  {
    MutexLock lock(&mutex_);
    const bool left_out = cut || !pages_.empty();
    if (stop_reason_ == StopReason::kNone || (stop_reason_ == StopReason::kCaughtUp && left_out)) {
      stop_reason_ = StopReason::kMaxLogs;
    }
    pages_.clear();
  }
  NotifyEveryone();
  fetch_stop_.request_stop();
}

std::string RunQueue::TakeBuffer() {
  MutexLock lock(&mutex_);
  if (buffers_.empty()) return "";
  std::string buffer = std::move(buffers_.back());
  buffers_.pop_back();
  buffer.clear();
  return buffer;
}

void RunQueue::EndMap() {
  {
    MutexLock lock(&mutex_);
    map_ended_ = true;
  }
  NotifyEveryone();
}

std::shared_ptr<Batch> RunQueue::NextBatch() {
  MutexLock lock(&mutex_);
  for (;;) {
    if (!ready_.empty()) {
      std::shared_ptr<Batch> batch = std::move(ready_.front());
      ready_.pop_front();
      return batch;
    }
    if (map_ended_) return nullptr;
    sender_.Wait(&mutex_);
  }
}

void RunQueue::Finished(const std::shared_ptr<Batch>& batch, bool settled) {
  bool slot_awaited = false;
  {
    MutexLock lock(&mutex_);
    --in_flight_;
    batch->settled = settled;
    batch->at_rest = true;
    // Its events are delivered; what is kept until the prefix passes it is only its account.
    if (settled) buffers_.push_back(std::exchange(batch->events, std::string()));
    if (refused_) settlement_.RevertRefused();
    slot_awaited = mapper_wants_slot_;
  }
  if (slot_awaited) mapper_.NotifyOne();
  committer_.NotifyOne();
}

bool RunQueue::WaitForPrefix(absl::FunctionRef<void(Settlement&)> read) {
  bool slot_awaited = false;
  {
    MutexLock lock(&mutex_);
    while (!settlement_.CanAdvance() && !(map_ended_ && in_flight_ == 0)) {
      committer_.Wait(&mutex_);
    }
    if (!settlement_.Advance()) return false;
    read(settlement_);
    slot_awaited = mapper_wants_slot_;
  }
  // The prefix made room for further batches.
  if (slot_awaited) mapper_.NotifyOne();
  return true;
}

void RunQueue::BelieveRefusals() {
  {
    MutexLock lock(&mutex_);
    settlement_.BelieveRefusals();
  }
  committer_.NotifyOne();
}

void RunQueue::PassRefusals() {
  {
    MutexLock lock(&mutex_);
    settlement_.PassRefusals();
  }
  committer_.NotifyOne();
}

void RunQueue::NotifyEveryone() {
  fetcher_.NotifyAll();
  mapper_.NotifyAll();
  sender_.NotifyAll();
  committer_.NotifyAll();
}

void RunQueue::ReadSettlement(absl::FunctionRef<void(Settlement&)> read) {
  MutexLock lock(&mutex_);
  read(settlement_);
}

}  // namespace logexport
