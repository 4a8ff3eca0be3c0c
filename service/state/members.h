#ifndef LOGEXPORT_SERVICE_STATE_MEMBERS_H_
#define LOGEXPORT_SERVICE_STATE_MEMBERS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace logexport {

// Host and process, by which people know a member.
std::string ThisMembersName();

// A member: one life of a process that works on a store.
struct MemberRecord {
  std::string member_id;
  std::string name;  // see ThisMembersName
  std::string version;
  absl::Time since;
  // Unless it is heard of before, others take what it owns from here on. Infinite where no other
  // process can.
  absl::Time expires = absl::InfiniteFuture();
  std::int64_t owned = 0;  // exporters
  bool draining = false;   // it is about to end, and takes nothing any more
};

// Whom an exporter belongs to, as its row says.
struct OwnerRecord {
  MemberRecord member;  // without `owned`; without a name when nobody owns the exporter
  std::int64_t epoch = 0;
  bool alive = false;  // the member is heard of
  bool ours = false;   // it is this process
};

// How the exporters of a store are spread over those who work on it.
struct OwnershipCount {
  std::int64_t members = 1;  // that are heard of
  std::int64_t unowned = 0;  // exporters that none of them owns
};

// Another member wants the owner of an exporter to act on what it has written.
struct OwnerCall {
  std::int64_t id = 0;
  std::string exporter;
  std::string cancelled_run;  // empty: to look again at what is to be done
};

// How long a member may be unheard of before others take what it owns, and what follows from it.
struct MembershipTiming {
  absl::Duration ttl = absl::Seconds(15);
  absl::Duration heartbeat = absl::Seconds(5);
  // A member trusts itself for this much less than the others do.
  absl::Duration margin = absl::Seconds(3);
  // How often a member looks for exporters that nobody owns; with jitter, so that members do not
  // look together.
  absl::Duration take_over = absl::Seconds(2);
  // An exporter that was taken stays for so long, so that exporters do not wander.
  absl::Duration least_hold = absl::Seconds(30);
};

// What processes that share a store do about each other: they divide the exporters among them
// without talking to each other. Each exporter has at most one owner, which stands in the row that
// every commit compares. Thread-safe; what asks the database blocks up to its time limits.
class Members {
 public:
  virtual ~Members() = default;

  struct Owned {
    std::int64_t epoch = 0;
    // Perhaps the owner before left runs unfinished.
    bool left_runs = true;
  };
  // What this process owns, by exporter. Empty from the moment on in which it may not believe any
  // longer that others know of it: what it had then it gets again by Take only, in a new epoch.
  // Asks nobody.
  virtual std::map<std::string, Owned> OwnedNow() = 0;

  // For how much longer it may believe that, unless it is heard of before; 0 when it may not. Asks
  // nobody.
  virtual absl::Duration TrustLeft() const = 0;

  struct FreeExporter {
    std::string exporter;
    std::string last_owner;  // empty: it was given back, or is new
    std::int64_t config_version = 0;
  };
  struct Situation {
    std::int64_t exporters = 0;  // of the store
    std::int64_t members = 0;    // that are heard of and do not drain, this one included
    std::vector<FreeExporter> free;
  };
  // Looks around; what this process owns is then what the rows say. At most `most_free` are listed.
  virtual absl::StatusOr<Situation> Look(int most_free) = 0;

  // Becomes the owner of those of `exporters` that are still free, each in its next epoch, and
  // answers which.
  virtual absl::StatusOr<std::vector<std::string>> Take(
      const std::vector<FreeExporter>& exporters) = 0;

  // Gives back `most` of `exporters`, of those that no run is active in, and answers which; anybody
  // may take them at once.
  virtual absl::StatusOr<std::vector<std::string>> GiveBack(
      const std::vector<std::string>& exporters, std::int64_t most) = 0;

  // This process is about to end: the others count on it no more.
  virtual absl::Status Drain() = 0;

  virtual const MembershipTiming& timing() const = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_MEMBERS_H_
