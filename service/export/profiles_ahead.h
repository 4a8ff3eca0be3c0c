#ifndef LOGEXPORT_SERVICE_EXPORT_PROFILES_AHEAD_H_
#define LOGEXPORT_SERVICE_EXPORT_PROFILES_AHEAD_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"

#include "service/base/log_scope.h"
#include "service/base/mutex.h"
#include "service/export/event_sink.h"
#include "service/export/filter.h"
#include "service/export/log.h"
#include "service/export/log_source.h"

namespace logexport {

// Looks up the users of pages that wait to be mapped, several pages at a time, so that a run waits
// for the chain of pages and not for searches. What it keeps in memory is bounded by the pages that
// wait (StageQueue): their requests, and the answers that were not taken yet.
//
// Begin is called by the fetch stage, Take and End by the map stage.
class ProfilesAhead {
 public:
  static constexpr std::size_t kMostLookUps = 4;

  // All must outlive it. `mapper` is only asked what needs no lock (EventMapper). `calls` are of
  // all look-ups; they also end with End.
  ProfilesAhead(ProfileSource& source, const LogFilter& filter, const EventMapper& mapper,
                const CallContext& calls);
  ~ProfilesAhead();

  // Begins to look up the users whose profiles the events of this page want. Pages come in the
  // order in which they are taken. A page sees what pages before it tell of changed users, whatever
  // is answered first.
  void Begin(const std::shared_ptr<const Page>& page);

  // Blocks until the users of this page, which was begun, are looked up.
  ProfileSource::Answer Take(const Page& page);

  // Breaks off what is not taken yet; nothing more begins.
  void End();

 private:
  struct LookUp {
    std::shared_ptr<const Page> page;  // which the requests point into
    std::vector<ProfileSource::Request> users;
    ProfileSource::Answer answer;
    bool done = false;
  };

  void Work();
  // Lets `users` ask for what is no older than the changes that pages before tell of.
  void AddChanges(std::vector<ProfileSource::Request>* users) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  ProfileSource& source_;
  const LogFilter& filter_;
  const EventMapper& mapper_;
  CallContext calls_;
  std::stop_source stop_;
  const LogTrace log_trace_ = CurrentLogTrace();

  Mutex mutex_;
  CondVar begun_;
  CondVar done_;
  std::deque<std::shared_ptr<LookUp>> not_taken_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::shared_ptr<LookUp>> waiting_ ABSL_GUARDED_BY(mutex_);
  std::size_t idle_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::jthread> workers_ ABSL_GUARDED_BY(mutex_);  // as many as were needed so far

  const std::stop_callback<std::function<void()>> at_stop_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_PROFILES_AHEAD_H_
