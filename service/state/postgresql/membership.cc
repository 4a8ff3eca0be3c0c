#include "service/state/postgresql/membership.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"

#include "service/base/clock.h"
#include "service/base/logging.h"
#include "service/base/random.h"
#include "service/base/status_macros.h"
#include "service/base/time_text.h"
#include "service/base/version.h"
#include "service/state/transaction.h"

namespace logexport {
namespace {

// A database that is back is not kept waiting.
constexpr absl::Duration kPauseAfterFailure = absl::Seconds(1);

// Rows of members that ended are kept for a day, for whoever looks for them.
constexpr absl::Duration kMembersKept = absl::Hours(24);

}  // namespace

Membership::Membership(const ConnectionTarget& target, const PostgresqlLimits& limits,
                       const MembershipTiming& timing, Company company)
    : target_(target),
      timing_(timing),
      company_(company),
      beats_(target, PostgresqlSession::Access::kReadWrite, limits),
      session_(target, PostgresqlSession::Access::kReadWrite, limits) {}

absl::StatusOr<std::unique_ptr<Membership>> Membership::Join(const ConnectionTarget& target,
                                                             const PostgresqlLimits& limits,
                                                             const MembershipTiming& timing,
                                                             Company company) {
  if (timing.heartbeat + limits.each + timing.margin >= timing.ttl) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a time to live of ", absl::FormatDuration(timing.ttl),
        " leaves no margin: it must be longer than heartbeat, time limit of a statement and margin "
        "together (",
        absl::FormatDuration(timing.heartbeat + limits.each + timing.margin), ")"));
  }
  auto membership = absl::WrapUnique(new Membership(target, limits, timing, company));
  RETURN_IF_ERROR(membership->Enter());
  membership->thread_ = std::jthread([self = membership.get()](const std::stop_token& stop) {
    // Real time, whatever clock the store has: the database's clock is real, too.
    absl::Duration pause = self->timing_.heartbeat;
    while (RealClock().SleepFor(pause, stop)) {
      pause = self->Beat() ? self->timing_.heartbeat
                           : std::min(self->timing_.heartbeat, kPauseAfterFailure);
    }
  });
  return membership;
}

Membership::~Membership() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  Release();
}

std::string Membership::member_id() const {
  MutexLock lock(&mutex_);
  return member_id_;
}

bool Membership::TrustedLocked() const {
  return !lost_ && RealClock().Monotonic() < trusted_until_;
}

void Membership::LoseLocked() {
  lost_ = true;
  owned_.clear();
}

absl::Status Membership::Trusted() const {
  MutexLock lock(&mutex_);
  if (TrustedLocked()) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("this process has not been heard of in the state store since ",
                   FormatTime(last_renewed_), ", so that others may work in its place: ",
                   last_failure_.ok() ? "it was not running" : last_failure_.message()));
}

std::int64_t Membership::EpochOf(absl::string_view exporter) const {
  MutexLock lock(&mutex_);
  const auto found = owned_.find(exporter);
  return found == owned_.end() ? 0 : found->second.epoch;
}

absl::Status Membership::CheckOwnership(absl::string_view exporter, std::int64_t epoch) const {
  if (const absl::Status trusted = Trusted(); !trusted.ok()) {
    return CommitRefused(CommitRefusal::kLeaseLost, trusted.message());
  }
  const std::int64_t now = EpochOf(exporter);
  if (now == epoch && now != 0) return absl::OkStatus();
  return CommitRefused(
      CommitRefusal::kLeaseLost,
      absl::StrCat("the exporter '", exporter, "' does not belong to this process in epoch ", epoch,
                   " any more"));
}

std::map<std::string, Members::Owned> Membership::OwnedNow() {
  MutexLock lock(&mutex_);
  if (!TrustedLocked()) LoseLocked();
  return {owned_.begin(), owned_.end()};
}

absl::Duration Membership::TrustLeft() const {
  MutexLock lock(&mutex_);
  if (!TrustedLocked()) return absl::ZeroDuration();
  return trusted_until_ - RealClock().Monotonic();
}

absl::Status Membership::Enter() {
  const std::string before = member_id();
  const std::string id = NewTimeOrderedId(RealClock().Now(), SystemRandom());
  const bool alone = company_ == Company::kAlone;
  bool draining = false;
  {
    MutexLock lock(&mutex_);
    draining = draining_;
  }
  const absl::Duration asked = RealClock().Monotonic();
  RETURN_IF_ERROR(InTransaction(beats_, [&]() -> absl::Status {
    // Whoever takes a place holds this row meanwhile.
    std::int64_t number = 0;
    RETURN_IF_ERROR(beats_.Select("UPDATE ownership SET epoch = epoch + 1 RETURNING epoch", {},
                                  [&number](SqlRow& row) { number = row.ReadInt(); }));
    if (number == 0) return absl::DataLossError("the state store has no epoch");
    RETURN_IF_ERROR(beats_
                        .Execute("UPDATE members SET expires = least(expires, database_now) "
                                 "WHERE member_id = :before",
                                 {before})
                        .status());
    std::string holder;
    absl::Duration left;
    RETURN_IF_ERROR(beats_.Select(
        "SELECT name, expires - database_now FROM members WHERE expires > database_now "
        "AND (alone = 1 OR CAST(:alone AS BIGINT) = 1) ORDER BY expires DESC LIMIT 1",
        {alone}, [&](SqlRow& row) {
          holder = row.ReadText();
          left = row.ReadDuration();
        }));
    if (!holder.empty()) {
      return absl::AbortedError(absl::StrCat(
          "state store ", target_.shown(), " is in use by ", holder,
          " (host:pid). Stop that process, or if it died wait ",
          absl::FormatDuration(absl::Ceil(left, absl::Seconds(1))), " and start again"));
    }
    RETURN_IF_ERROR(
        beats_
            .Execute("INSERT INTO members (member_id, name, version, started, expires, alone, "
                     "draining) VALUES (:id, :name, :version, database_now, database_now + :ttl, "
                     ":alone, :draining)",
                     {id, ThisMembersName(), kServiceVersion, timing_.ttl, alone, draining})
            .status());
    return beats_
        .Execute("DELETE FROM members WHERE expires < database_now - :kept", {kMembersKept})
        .status();
  }));
  MutexLock lock(&mutex_);
  member_id_ = id;
  owned_.clear();
  lost_ = false;
  trusted_until_ = asked + timing_.ttl - timing_.margin;
  last_renewed_ = RealClock().Now();
  last_failure_ = absl::OkStatus();
  return absl::OkStatus();
}

absl::StatusOr<bool> Membership::Renew() {
  std::string id;
  {
    MutexLock lock(&mutex_);
    if (!TrustedLocked()) LoseLocked();
    if (lost_) return false;
    id = member_id_;
  }
  const absl::Duration asked = RealClock().Monotonic();
  std::int64_t renewed = 0;
  RETURN_IF_ERROR(InTransaction(beats_, [&]() -> absl::Status {
    ASSIGN_OR_RETURN(renewed, beats_.Execute("UPDATE members SET expires = database_now + :ttl "
                                             "WHERE member_id = :id AND expires > database_now",
                                             {timing_.ttl, id}));
    return absl::OkStatus();
  }));
  MutexLock lock(&mutex_);
  if (renewed == 0) LoseLocked();
  if (lost_) return false;
  trusted_until_ = asked + timing_.ttl - timing_.margin;
  last_renewed_ = RealClock().Now();
  last_failure_ = absl::OkStatus();
  return true;
}

bool Membership::Beat() {
  const absl::StatusOr<bool> renewed = Renew();
  if (renewed.ok() && *renewed) return true;
  absl::Status failure = renewed.status();
  if (failure.ok()) {
    failure = Enter();
    if (failure.ok()) {
      LogWarning("this process was not heard of for too long and begins anew in the state store",
                 {{"member", member_id()}});
      return true;
    }
  }
  MutexLock lock(&mutex_);
  const bool first = last_failure_.ok();
  last_failure_ = failure;
  if (first) LogError("this process cannot be heard of in the state store", {{"error", failure}});
  return false;
}

void Membership::Release() {
  const std::string id = member_id();
  const absl::Status released = InTransaction(beats_, [&]() -> absl::Status {
    RETURN_IF_ERROR(
        beats_.Execute("UPDATE checkpoints SET owner = '' WHERE owner = :id", {id}).status());
    return beats_
        .Execute("UPDATE members SET expires = least(expires, database_now) WHERE member_id = :id",
                 {id})
        .status();
  });
  if (!released.ok()) {
    LogWarning("the place in the state store could not be given back; it expires by itself",
               {{"error", released}});
  }
}

}  // namespace logexport
