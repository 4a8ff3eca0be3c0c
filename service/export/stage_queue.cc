#include "service/export/stage_queue.h"

#include <utility>

namespace logexport {
namespace {

// While the oldest batch is retried, later ones go on being sent, but only so many per sender:
// their account is kept in memory until the prefix passes them.
constexpr std::size_t kBatchesAhead = 4;

}  // namespace

StageQueue::StageQueue(RunStop& stop, SharedSettlement& settlement, std::size_t max_pages,
                       int max_in_flight, OnPage on_page)
    : stop_(stop),
      settlement_(settlement),
      max_pages_(max_pages),
      max_in_flight_(max_in_flight),
      on_page_(std::move(on_page)),
      at_fetch_stop_(stop.fetch_stop(), [this] { WakeEveryone(); }),
      at_attempt_stop_(stop.attempt_stop(), [this] { WakeEveryone(); }) {}

std::size_t StageQueue::most_open_batches() const {
  return kBatchesAhead * static_cast<std::size_t>(max_in_flight_);
}

bool StageQueue::RoomAhead() const { return settlement_.open_batches() < most_open_batches(); }

bool StageQueue::SlotFreeLocked() const { return in_flight_ < max_in_flight_ && RoomAhead(); }

bool StageQueue::IsHeldLocked() const {
  return in_flight_ == 0 && settlement_.IsHeldWith(most_open_batches());
}

bool StageQueue::TakesPagesLocked() const { return takes_pages_ && stop_.admits(); }

bool StageQueue::PushPage(Page page) {
  auto shared = std::make_shared<const Page>(std::move(page));
  {
    MutexLock lock(&mutex_);
    while (pages_.size() >= max_pages_ && TakesPagesLocked()) fetcher_.Wait(&mutex_);
    if (!TakesPagesLocked()) return false;
    if (on_page_ != nullptr) {
      // Only this thread adds pages, so that there is still room afterwards.
      mutex_.Unlock();
      on_page_(shared);
      mutex_.Lock();
      if (!TakesPagesLocked()) return false;
    }
    pages_.push_back(std::move(shared));
  }
  mapper_.NotifyOne();
  return true;
}

void StageQueue::EndPages() {
  {
    MutexLock lock(&mutex_);
    pages_ended_ = true;
  }
  mapper_.NotifyOne();
}

StageQueue::Next StageQueue::NextForMapper(bool has_open_batch, std::shared_ptr<const Page>* page) {
  {
    MutexLock lock(&mutex_);
    for (;;) {
      if (stop_.broken_off()) return Next::kDrop;
      if (!pages_.empty()) break;
      if (pages_ended_) return Next::kEnd;
      if (has_open_batch && SlotFreeLocked()) return Next::kSlotFree;
      WaitAsMapper(/*for_slot=*/has_open_batch);
    }
    *page = std::move(pages_.front());
    pages_.pop_front();
  }
  fetcher_.NotifyOne();
  return Next::kPage;
}

void StageQueue::WaitAsMapper(bool for_slot) {
  mapper_wants_slot_ = for_slot;
  mapper_.Wait(&mutex_);
  mapper_wants_slot_ = false;
}

void StageQueue::AwaitRoom(bool needs_sender, absl::FunctionRef<void()> when_held) {
  while (!(needs_sender ? SlotFreeLocked() : RoomAhead()) && !stop_.broken_off()) {
    if (IsHeldLocked()) {
      mutex_.Unlock();
      when_held();
      mutex_.Lock();
      if (!IsHeldLocked() || stop_.broken_off()) continue;
    }
    WaitAsMapper(/*for_slot=*/true);
  }
}

bool StageQueue::Dispatch(std::shared_ptr<Batch> batch, absl::FunctionRef<void()> when_held) {
  const bool has_events = batch->event_count > 0;
  batch->settled = !has_events;
  bool goes_on = true;
  {
    MutexLock lock(&mutex_);
    AwaitRoom(/*needs_sender=*/has_events, when_held);
    goes_on = !stop_.broken_off();
    settlement_.Track(batch);
    if (has_events && goes_on) {
      ++in_flight_;
      ready_.push_back(std::move(batch));
    }
  }
  if (has_events && goes_on) sender_.NotifyOne();
  return goes_on;
}

void StageQueue::EndAtMaxLogs(bool cut) {
  bool left_out = cut;
  {
    MutexLock lock(&mutex_);
    left_out = left_out || !pages_.empty();
    pages_.clear();
    takes_pages_ = false;
  }
  fetcher_.NotifyOne();
  stop_.EndAtMaxLogs(left_out);
}

void StageQueue::EndMap() {
  bool through = false;
  {
    MutexLock lock(&mutex_);
    map_ended_ = true;
    through = in_flight_ == 0;
  }
  sender_.NotifyAll();
  if (through) settlement_.End();
}

std::shared_ptr<Batch> StageQueue::NextBatch() {
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

void StageQueue::Finished(const std::shared_ptr<Batch>& batch, bool settled) {
  settlement_.Finish(batch, settled);
  bool slot_awaited = false;
  bool through = false;
  {
    MutexLock lock(&mutex_);
    --in_flight_;
    slot_awaited = mapper_wants_slot_;
    through = map_ended_ && in_flight_ == 0;
  }
  if (slot_awaited) mapper_.NotifyOne();
  if (through) settlement_.End();
}

bool StageQueue::WaitForPrefix(absl::FunctionRef<void(Settlement&)> read) {
  if (!settlement_.WaitForPrefix(read)) return false;
  WakeMapperForRoom();
  return true;
}

bool StageQueue::WaitForMorePrefix(absl::Duration until,
                                   absl::FunctionRef<void(Settlement&)> read) {
  if (!settlement_.WaitForMorePrefix(until, read)) return false;
  WakeMapperForRoom();
  return true;
}

void StageQueue::WakeMapperForRoom() {
  bool slot_awaited = false;
  {
    MutexLock lock(&mutex_);
    slot_awaited = mapper_wants_slot_;
  }
  if (slot_awaited) mapper_.NotifyOne();
}

void StageQueue::WakeEveryone() {
  settlement_.Hurry();
  // Whoever found under the lock that the run goes on waits by now, and is woken.
  { const MutexLock lock(&mutex_); }
  fetcher_.NotifyAll();
  mapper_.NotifyAll();
  sender_.NotifyAll();
}

}  // namespace logexport
