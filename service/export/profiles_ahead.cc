#include "service/export/profiles_ahead.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/export/profile_requests.h"

namespace logexport {

ProfilesAhead::ProfilesAhead(ProfileSource& source, const LogFilter& filter,
                             const EventMapper& mapper, const CallContext& calls)
    : source_(source),
      filter_(filter),
      mapper_(mapper),
      calls_(calls),
      at_stop_(calls.stop, [this] { stop_.request_stop(); }) {
  calls_.stop = stop_.get_token();
}

ProfilesAhead::~ProfilesAhead() { End(); }

void ProfilesAhead::Begin(const std::shared_ptr<const Page>& page) {
  auto look_up = std::make_shared<LookUp>();
  look_up->page = page;
  look_up->users = ProfileRequests(page->logs, filter_, mapper_);
  if (look_up->users.empty()) return;
  {
    MutexLock lock(&mutex_);
    if (ended_) return;
    AddChanges(&look_up->users);
    not_taken_.push_back(look_up);
    waiting_.push_back(std::move(look_up));
    if (idle_ < waiting_.size() && workers_.size() < kMostLookUps) {
      workers_.emplace_back([this] {
        const LogScope scope(log_trace_);
        Work();
      });
      return;
    }
  }
  begun_.NotifyOne();
}

void ProfilesAhead::AddChanges(std::vector<ProfileSource::Request>* users) const {
  absl::flat_hash_map<absl::string_view, absl::Time> changes;
  for (const std::shared_ptr<LookUp>& before : not_taken_) {
    for (const auto& [id, changed] : before->users) {
      if (changed == absl::InfinitePast()) continue;
      absl::Time& last = changes.try_emplace(id, changed).first->second;
      last = std::max(last, changed);
    }
  }
  if (changes.empty()) return;
  for (ProfileSource::Request& user : *users) {
    const auto change = changes.find(user.user_id);
    if (change != changes.end()) user.changed = std::max(user.changed, change->second);
  }
}

ProfileSource::Answer ProfilesAhead::Take(const Page& page) {
  MutexLock lock(&mutex_);
  // No user of it is wanted.
  if (not_taken_.empty() || not_taken_.front()->page.get() != &page) return {};
  const std::shared_ptr<LookUp> look_up = not_taken_.front();
  while (!look_up->done) done_.Wait(&mutex_);
  not_taken_.pop_front();
  return std::move(look_up->answer);
}

void ProfilesAhead::Work() {
  MutexLock lock(&mutex_);
  for (;;) {
    while (waiting_.empty() && !ended_) {
      ++idle_;
      begun_.Wait(&mutex_);
      --idle_;
    }
    if (ended_) return;
    const std::shared_ptr<LookUp> look_up = std::move(waiting_.front());
    waiting_.pop_front();
    mutex_.Unlock();
    ProfileSource::Answer answer = source_.Find(look_up->users, calls_);
    mutex_.Lock();
    look_up->answer = std::move(answer);
    look_up->done = true;
    done_.NotifyOne();
  }
}

void ProfilesAhead::End() {
  stop_.request_stop();
  std::vector<std::jthread> workers;
  {
    MutexLock lock(&mutex_);
    ended_ = true;
    workers = std::exchange(workers_, {});
  }
  begun_.NotifyAll();
  workers.clear();
}

}  // namespace logexport
