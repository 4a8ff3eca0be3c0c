#include "service/state/postgresql/membership.h"

#include <algorithm>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include <unistd.h>

#include "service/base/clock.h"
#include "service/base/logging.h"
#include "service/base/random.h"
#include "service/base/status_macros.h"
#include "service/base/time_text.h"
#include "service/base/version.h"
#include "service/state/transaction.h"

namespace logexport {
namespace {

// Microseconds since 1970 by the database's clock, now and not at the transaction's start.
#define LOGEXPORT_DATABASE_NOW "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"

// A database that is back is not kept waiting.
constexpr absl::Duration kPauseAfterFailure = absl::Seconds(1);

// Rows of members that ended are kept for a day, for whoever looks for them.
constexpr absl::Duration kMembersKept = absl::Hours(24);

std::string HostAndPid() {
  char host[256] = "";
  ::gethostname(host, sizeof(host) - 1);
  return absl::StrCat(host, ":", ::getpid());
}

}  // namespace

Membership::Membership(const ConnectionTarget& target, const PostgresqlLimits& limits,
                       const MembershipTiming& timing)
    : target_(target),
      timing_(timing),
      session_(target, PostgresqlSession::Access::kReadWrite, limits) {}

absl::StatusOr<std::unique_ptr<Membership>> Membership::Join(const ConnectionTarget& target,
                                                             const PostgresqlLimits& limits,
                                                             const MembershipTiming& timing) {
  if (timing.heartbeat + limits.each + timing.margin >= timing.ttl) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a time to live of ", absl::FormatDuration(timing.ttl),
        " leaves no margin: it must be longer than heartbeat, time limit of a statement and margin "
        "together (",
        absl::FormatDuration(timing.heartbeat + limits.each + timing.margin), ")"));
  }
  auto membership = absl::WrapUnique(new Membership(target, limits, timing));
  RETURN_IF_ERROR(membership->Take());
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

Membership::Place Membership::place() const {
  MutexLock lock(&mutex_);
  return place_;
}

absl::Status Membership::Trusted() const {
  MutexLock lock(&mutex_);
  if (RealClock().Monotonic() < trusted_until_) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("this process has not been heard of in the state store since ",
                   FormatTime(last_renewed_), ", so that another may work in its place: ",
                   last_failure_.ok() ? "it was not running" : last_failure_.message()));
}

absl::Status Membership::CheckOwnership(std::int64_t epoch) const {
  if (const std::int64_t now = place().epoch; now != epoch) {
    return CommitRefused(CommitRefusal::kLeaseLost,
                         absl::StrCat("this process is in epoch ", now, " by now"));
  }
  const absl::Status trusted = Trusted();
  return trusted.ok() ? trusted : CommitRefused(CommitRefusal::kLeaseLost, trusted.message());
}

absl::Status Membership::Take() {
  Place place;
  place.member_id = NewTimeOrderedId(RealClock().Now(), SystemRandom());
  const absl::Duration before = RealClock().Monotonic();
  RETURN_IF_ERROR(InTransaction(session_, [&]() -> absl::Status {
    // Whoever takes the place holds this row meanwhile.
    RETURN_IF_ERROR(session_.Select("UPDATE ownership SET epoch = epoch + 1 RETURNING epoch", {},
                                    [&place](SqlRow& row) { place.epoch = row.ReadInt(); }));
    if (place.epoch == 0) return absl::DataLossError("the state store has no epoch");
    std::string holder;
    absl::Duration left;
    RETURN_IF_ERROR(
        session_.Select("SELECT name, expires - " LOGEXPORT_DATABASE_NOW " FROM members "
                        "WHERE expires > " LOGEXPORT_DATABASE_NOW " ORDER BY expires DESC LIMIT 1",
                        {}, [&](SqlRow& row) {
                          holder = row.ReadText();
                          left = row.ReadDuration();
                        }));
    if (!holder.empty()) {
      return absl::AbortedError(absl::StrCat(
          "state store ", target_.shown(), " is in use by ", holder,
          " (host:pid). Stop that process, or if it died wait ",
          absl::FormatDuration(absl::Ceil(left, absl::Seconds(1))), " and start again"));
    }
    RETURN_IF_ERROR(session_
                        .Execute("INSERT INTO members (member_id, name, version, started, expires) "
                                 "VALUES (:id, :name, :version, " LOGEXPORT_DATABASE_NOW
                                 ", " LOGEXPORT_DATABASE_NOW " + :ttl)",
                                 {place.member_id, HostAndPid(), kServiceVersion, timing_.ttl})
                        .status());
    RETURN_IF_ERROR(session_
                        .Execute("DELETE FROM members WHERE expires < " LOGEXPORT_DATABASE_NOW
                                 " - :kept",
                                 {kMembersKept})
                        .status());
    session_.ExpectBulk();
    return session_
        .Execute("UPDATE checkpoints SET owner = :owner, fence_epoch = :epoch",
                 {place.member_id, place.epoch})
        .status();
  }));
  MutexLock lock(&mutex_);
  place_ = std::move(place);
  trusted_until_ = before + timing_.ttl - timing_.margin;
  last_renewed_ = RealClock().Now();
  last_failure_ = absl::OkStatus();
  return absl::OkStatus();
}

absl::StatusOr<bool> Membership::Renew() {
  const Place place = this->place();
  const absl::Duration before = RealClock().Monotonic();
  std::int64_t renewed = 0;
  RETURN_IF_ERROR(InTransaction(session_, [&]() -> absl::Status {
    ASSIGN_OR_RETURN(
        renewed, session_.Execute("UPDATE members SET expires = " LOGEXPORT_DATABASE_NOW " + :ttl "
                                  "WHERE member_id = :id AND expires > " LOGEXPORT_DATABASE_NOW,
                                  {timing_.ttl, place.member_id}));
    return absl::OkStatus();
  }));
  if (renewed == 0) return false;
  MutexLock lock(&mutex_);
  trusted_until_ = before + timing_.ttl - timing_.margin;
  last_renewed_ = RealClock().Now();
  last_failure_ = absl::OkStatus();
  return true;
}

bool Membership::Beat() {
  const absl::StatusOr<bool> renewed = Renew();
  if (renewed.ok() && *renewed) return true;
  absl::Status failure = renewed.status();
  if (failure.ok()) {
    failure = Take();
    if (failure.ok()) {
      LogWarning("this process was not heard of for too long and begins anew in the state store",
                 {{"epoch", place().epoch}});
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
  const Place place = this->place();
  const absl::Status released = InTransaction(session_, [&] {
    return session_
        .Execute("UPDATE members SET expires = least(expires, " LOGEXPORT_DATABASE_NOW
                 ") WHERE member_id = :id",
                 {place.member_id})
        .status();
  });
  if (!released.ok()) {
    LogWarning("the place in the state store could not be given back; it expires by itself",
               {{"error", released}});
  }
}

#undef LOGEXPORT_DATABASE_NOW

}  // namespace logexport
