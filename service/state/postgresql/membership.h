#ifndef LOGEXPORT_SERVICE_STATE_POSTGRESQL_MEMBERSHIP_H_
#define LOGEXPORT_SERVICE_STATE_POSTGRESQL_MEMBERSHIP_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/base/mutex.h"
#include "service/state/members.h"
#include "service/state/postgresql/connection_target.h"
#include "service/state/postgresql/postgresql_session.h"

namespace logexport {

// The place of this process among those that share a database: a row that says until when the
// process is alive, by the database's clock, and that it renews. A row that expired is never
// renewed, so that whoever found it expired was right. Nor is one after the process had to stop
// trusting in it. The process then takes a new one, with a new id, and owns nothing.
class Membership final : public Members {
 public:
  enum class Company {
    kOthers,  // any number of members beside this one
    kAlone,   // nobody else, neither now nor for as long as this one lives
  };

  // Takes a place. ABORTED while a member is there that this one cannot be beside; the message
  // names it. INVALID_ARGUMENT for times that leave no margin.
  static absl::StatusOr<std::unique_ptr<Membership>> Join(const ConnectionTarget& target,
                                                          const PostgresqlLimits& limits,
                                                          const MembershipTiming& timing,
                                                          Company company = Company::kOthers);

  // Gives the place and everything owned back at once, if the database can be reached.
  ~Membership() override;
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;

  // As of now; another one after the place was lost.
  std::string member_id() const;

  // See Store.
  std::int64_t EpochOf(absl::string_view exporter) const;
  absl::Status CheckOwnership(absl::string_view exporter, std::int64_t epoch) const;
  absl::StatusOr<std::vector<MemberRecord>> ListMembers();

  // OK while this process may believe that it has its place; otherwise since when it has not, and
  // why.
  absl::Status Trusted() const;

  std::map<std::string, Owned> OwnedNow() override;
  absl::Duration TrustLeft() const override;
  absl::StatusOr<Situation> Look(int most_free) override;
  absl::StatusOr<std::vector<std::string>> Take(
      const std::vector<FreeExporter>& exporters) override;
  absl::StatusOr<std::vector<std::string>> GiveBack(const std::vector<std::string>& exporters,
                                                    std::int64_t most) override;
  absl::Status Drain() override;
  const MembershipTiming& timing() const override { return timing_; }

 private:
  Membership(const ConnectionTarget& target, const PostgresqlLimits& limits,
             const MembershipTiming& timing, Company company);

  // One transaction: takes a new place, leaving the one before.
  absl::Status Enter();
  // Renews the place; false when it is lost.
  absl::StatusOr<bool> Renew();
  // Renews the place, or takes a new one; whether this process has one.
  bool Beat();
  void Release();
  bool TrustedLocked() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The place cannot be believed in any more, and never again.
  void LoseLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ConnectionTarget target_;
  const MembershipTiming timing_;
  const Company company_;
  PostgresqlSession beats_;  // of the thread that beats, and of Join before it

  mutable Mutex asking_;
  PostgresqlSession session_ ABSL_GUARDED_BY(asking_);  // for everything else

  mutable Mutex mutex_;
  std::string member_id_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool lost_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, Owned, std::less<>> owned_ ABSL_GUARDED_BY(mutex_);
  absl::Duration trusted_until_ ABSL_GUARDED_BY(mutex_);  // by Clock::Monotonic
  absl::Time last_renewed_ ABSL_GUARDED_BY(mutex_);
  absl::Status last_failure_ ABSL_GUARDED_BY(mutex_);

  std::jthread thread_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_POSTGRESQL_MEMBERSHIP_H_
