#include "service/runs/run_pool.h"

#include <algorithm>
#include <cstddef>
#include <thread>
#include <utility>

namespace logexport {

RunPool::~RunPool() {
  MutexLock lock(&mutex_);
  while (threads_ > 0) thread_ended_.Wait(&mutex_);
}

void RunPool::Submit(Key key, std::function<void()> work) {
  Add({key, std::move(work), nullptr, 0});
}

void RunPool::SubmitGivingWay(Key key, std::function<void()> work, std::function<void()> give_way) {
  Add({key, std::move(work), std::move(give_way), 0});
}

void RunPool::Add(Work work) {
  MutexLock lock(&mutex_);
  const bool gives_way = work.give_way != nullptr;
  waiting_.push_back(std::move(work));
  if (threads_ < places_) {
    ++threads_;
    // Nobody joins it: the destructor waits for the number of threads.
    std::thread([this] { Loop(); }).detach();
  }
  if (!gives_way) AskToGiveWay();
}

void RunPool::AskToGiveWay() {
  if (giving_way_.empty()) return;
  // Places that are free, or will be soon.
  auto places = static_cast<std::ptrdiff_t>(places_ - busy_);
  for (const auto& [number, give_way] : giving_way_) places += give_way == nullptr ? 1 : 0;
  const std::ptrdiff_t wanted = std::count_if(
      waiting_.begin(), waiting_.end(), [](const Work& work) { return work.give_way == nullptr; });
  for (auto& [number, give_way] : giving_way_) {
    if (places >= wanted) return;
    if (give_way == nullptr) continue;
    std::exchange(give_way, nullptr)();
    ++places;
  }
}

bool RunPool::Withdraw(Key key) {
  MutexLock lock(&mutex_);
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const Work& work) { return work.key == key; });
  if (found == waiting_.end()) return false;
  waiting_.erase(found);
  return true;
}

std::size_t RunPool::waiting() const {
  MutexLock lock(&mutex_);
  return waiting_.size();
}

std::size_t RunPool::threads() const {
  MutexLock lock(&mutex_);
  return threads_;
}

std::optional<RunPool::Work> RunPool::TakeNext() {
  const bool room_to_give_way = giving_way_.size() < (places_ + 1) / 2;
  const auto next = std::find_if(waiting_.begin(), waiting_.end(), [&](const Work& work) {
    return work.give_way == nullptr || room_to_give_way;
  });
  if (next == waiting_.end()) return std::nullopt;
  Work work = std::move(*next);
  waiting_.erase(next);
  ++busy_;
  if (work.give_way != nullptr) {
    work.number = ++last_number_;
    giving_way_[work.number] = std::move(work.give_way);
    // Others may have come since it was submitted.
    AskToGiveWay();
  }
  return work;
}

void RunPool::Loop() {
  for (;;) {
    std::optional<Work> work;
    {
      MutexLock lock(&mutex_);
      work = TakeNext();
      if (!work.has_value()) {
        --threads_;
        thread_ended_.NotifyAll();
        return;
      }
    }
    work->run();
    // What it holds may be the last of something; it goes before the work counts as done.
    work->run = nullptr;
    MutexLock lock(&mutex_);
    giving_way_.erase(work->number);
    --busy_;
  }
}

}  // namespace logexport
