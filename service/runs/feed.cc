#include "service/runs/feed.h"

#include <utility>

#include "service/base/clock.h"

namespace logexport {
namespace {

// How many finished runs are kept, so that those who wait for one see its end. The store has them
// all.
constexpr std::size_t kFinishedKept = 64;
constexpr absl::Duration kStillWatched = absl::Seconds(1);

}  // namespace

void RunFeed::Publish(const RunRecord& run) {
  auto record = std::make_shared<const RunRecord>(run);
  MutexLock lock(&mutex_);
  Update& update = runs_[run.run_id];
  const bool finishes =
      IsFinished(run.state) && (update.run == nullptr || !IsFinished(update.run->state));
  update.run = std::move(record);
  ++update.published;
  if (finishes) {
    named_.erase(run.run_id);
    finished_.push_back(run.run_id);
    if (finished_.size() > kFinishedKept) {
      runs_.erase(finished_.front());
      watches_.erase(finished_.front());
      finished_.erase(finished_.begin());
    }
  }
  changed_.NotifyAll();
}

RunFeed::Update RunFeed::Wait(absl::string_view run_id, std::int64_t seen, absl::Duration timeout,
                              bool watches) {
  MutexLock lock(&mutex_);
  for (bool waited = false;; waited = true) {
    const auto it = runs_.find(run_id);
    if (it == runs_.end()) return {};
    if (it->second.published > seen || closed_ || waited) return it->second;
    if (watches) ++watches_[run_id].waiting;
    changed_.WaitFor(&mutex_, timeout);
    if (!watches) continue;
    const auto watch = watches_.find(run_id);
    if (watch == watches_.end()) continue;
    --watch->second.waiting;
    watch->second.last = RealClock().Monotonic();
  }
}

bool RunFeed::IsWatched(absl::string_view run_id) const {
  MutexLock lock(&mutex_);
  const auto watch = watches_.find(run_id);
  if (watch == watches_.end()) return false;
  return watch->second.waiting > 0 || RealClock().Monotonic() - watch->second.last < kStillWatched;
}

void RunFeed::ForgetUnfinished(absl::string_view exporter) {
  MutexLock lock(&mutex_);
  for (auto entry = runs_.begin(); entry != runs_.end();) {
    const RunRecord& run = *entry->second.run;
    const auto current = entry++;
    if (run.exporter != exporter || IsFinished(run.state)) continue;
    watches_.erase(current->first);
    runs_.erase(current);
  }
  changed_.NotifyAll();
}

void RunFeed::Name(absl::string_view run_id) {
  MutexLock lock(&mutex_);
  named_.emplace(run_id);
}

bool RunFeed::Named(absl::string_view run_id) const {
  MutexLock lock(&mutex_);
  return named_.contains(run_id);
}

void RunFeed::Close() {
  MutexLock lock(&mutex_);
  closed_ = true;
  changed_.NotifyAll();
}

bool RunFeed::closed() const {
  MutexLock lock(&mutex_);
  return closed_;
}

}  // namespace logexport
