#ifndef LOGEXPORT_TESTS_CHAOS_OWNERSHIP_WATCH_H_
#define LOGEXPORT_TESTS_CHAOS_OWNERSHIP_WATCH_H_

#include <cstdint>
#include <map>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "tests/postgresql/member_cluster.h"

namespace logexport {

// Looks at the rows of all exporters ten times a second, as a witness that is no member: epochs and
// versions only grow, and how long exporters are without an owner. A failure of the test where they
// do not grow. Thread-safe.
class OwnershipWatch {
 public:
  // `cluster` must outlive it.
  explicit OwnershipWatch(const MemberCluster& cluster);

  struct Exporter {
    std::string owner;  // the name of the member; empty: none that is heard of
    std::int64_t epoch = 0;
    std::int64_t version = 0;
    bool at_work = false;  // the owner has begun a run in its epoch
  };
  // As last seen.
  std::map<std::string, Exporter> Now() const;

  // The longest time that an exporter had no owner since the last call.
  absl::Duration TakeLongestGap();
  // How often exporters changed hands.
  std::int64_t take_overs() const;

 private:
  void Look();

  const MemberCluster& cluster_;
  mutable Mutex mutex_;
  std::map<std::string, Exporter> seen_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, absl::Time> without_owner_since_ ABSL_GUARDED_BY(mutex_);
  absl::Duration longest_gap_ ABSL_GUARDED_BY(mutex_);
  std::int64_t take_overs_ ABSL_GUARDED_BY(mutex_) = 0;
  std::jthread thread_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_CHAOS_OWNERSHIP_WATCH_H_
