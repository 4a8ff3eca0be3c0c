#ifndef LOGEXPORT_SERVICE_STATE_POSTGRESQL_MEMBERSHIP_H_
#define LOGEXPORT_SERVICE_STATE_POSTGRESQL_MEMBERSHIP_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/state/postgresql/connection_target.h"
#include "service/state/postgresql/postgresql_session.h"

namespace logexport {

// How long a member may be unheard of before another takes its place, and what follows from it.
struct MembershipTiming {
  absl::Duration ttl = absl::Seconds(15);
  absl::Duration heartbeat = absl::Seconds(5);
  // A member trusts itself for this much less than the others do.
  absl::Duration margin = absl::Seconds(3);
};

// The place of this process among those that share a database: a row that says until when the
// process is alive, by the database's clock, and that it renews. A row that expired is never
// renewed, so that whoever found it expired was right; the process then takes a new one, with a new
// id and the next epoch, unless another process was faster.
//
// One member works at a time: it owns all exporters (their rows carry its id and epoch), and a
// second process is refused for as long as the first is alive. A process that lost its place stays
// a candidate and takes it again when the other one has died or ended.
class Membership {
 public:
  // Takes the place. ABORTED while another process has it; the message names that.
  // INVALID_ARGUMENT for times that leave no margin.
  static absl::StatusOr<std::unique_ptr<Membership>> Join(const ConnectionTarget& target,
                                                          const PostgresqlLimits& limits,
                                                          const MembershipTiming& timing);

  // Gives the place back at once, if the database can be reached.
  ~Membership();
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;

  struct Place {
    std::string member_id;
    std::int64_t epoch = 0;
  };
  // The place as last taken, also if it is lost by now; every write checks that against the rows.
  Place place() const;

  // See Store.
  absl::Status CheckOwnership(std::int64_t epoch) const;

  // OK while this process may believe that it has its place; otherwise since when it has not, and
  // why.
  absl::Status Trusted() const;

 private:
  Membership(const ConnectionTarget& target, const PostgresqlLimits& limits,
             const MembershipTiming& timing);

  // One transaction: takes the place unless somebody has it.
  absl::Status Take();
  // Renews it; false when it has expired.
  absl::StatusOr<bool> Renew();
  // Renews the place, or takes it again; whether this process has it.
  bool Beat();
  void Release();

  const ConnectionTarget target_;
  const MembershipTiming timing_;
  PostgresqlSession session_;  // of the thread that beats, and of Join before it

  mutable Mutex mutex_;
  Place place_ ABSL_GUARDED_BY(mutex_);
  absl::Duration trusted_until_ ABSL_GUARDED_BY(mutex_);  // by Clock::Monotonic
  absl::Time last_renewed_ ABSL_GUARDED_BY(mutex_);
  absl::Status last_failure_ ABSL_GUARDED_BY(mutex_);

  std::jthread thread_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_POSTGRESQL_MEMBERSHIP_H_
