#ifndef LOGEXPORT_TESTS_CHAOS_OWNERSHIP_WATCH_H_
#define LOGEXPORT_TESTS_CHAOS_OWNERSHIP_WATCH_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "tests/chaos/witness_session.h"

namespace logexport {

// Looks at the rows of all exporters ten times a second, as a witness that is no member: epochs and
// versions only grow, how long exporters are without an owner, and how soon they are at work again.
// A failure of the test where they do not grow. While the database does not answer it sees nothing.
// Thread-safe.
class OwnershipWatch {
 public:
  // `url` is the database's; see WitnessSession.
  explicit OwnershipWatch(std::function<std::string()> url);

  struct Exporter {
    std::string owner;  // the name of the member; empty: none that is heard of
    std::int64_t epoch = 0;
    std::int64_t version = 0;
    bool at_work = false;  // the owner has begun a run in its epoch
  };
  // As last seen.
  std::map<std::string, Exporter> Now() const;

  // Looks, and from now on waits for a sign of work of each exporter: that a run begins, or moves
  // the checkpoint. Of those named, in a newer epoch than the one that they are in now.
  void Mark(const std::set<std::string>& in_newer_epoch = {});
  // How long after the mark the sign of work was seen, by exporter; without those that it has not
  // been seen of.
  std::map<std::string, absl::Duration> AtWorkAfter() const;

  // The longest time that an exporter had no owner since the last call.
  absl::Duration TakeLongestGap();
  // How often exporters changed hands.
  std::int64_t take_overs() const;

 private:
  struct Awaited {
    std::int64_t newer_than = 0;  // epoch
    std::optional<absl::Duration> at_work_after;
  };
  void Look();
  void See(const std::string& row, absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Mutex looking_;
  WitnessSession session_ ABSL_GUARDED_BY(looking_);
  mutable Mutex mutex_;
  std::map<std::string, Exporter> seen_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::string> work_ ABSL_GUARDED_BY(mutex_);  // changes with each sign of it
  absl::Time marked_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Awaited> marks_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, absl::Time> without_owner_since_ ABSL_GUARDED_BY(mutex_);
  absl::Duration longest_gap_ ABSL_GUARDED_BY(mutex_);
  std::int64_t take_overs_ ABSL_GUARDED_BY(mutex_) = 0;
  std::jthread thread_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_CHAOS_OWNERSHIP_WATCH_H_
