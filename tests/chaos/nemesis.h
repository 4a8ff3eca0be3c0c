#ifndef LOGEXPORT_TESTS_CHAOS_NEMESIS_H_
#define LOGEXPORT_TESTS_CHAOS_NEMESIS_H_

#include <cstdint>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "tests/chaos/figures.h"
#include "tests/chaos/ownership_watch.h"
#include "tests/chaos/replicated_database.h"
#include "tests/postgresql/member_cluster.h"

namespace logexport {

// Does to members, database and network what happens to them, one thing at a time, each at a random
// moment, and waits until all exporters are at work again. Fails the test where that takes longer
// than promised. Leaves everything whole.
class Nemesis {
 public:
  struct Surroundings {
    MemberCluster& cluster;
    ReplicatedDatabase& database;
    OwnershipWatch& watch;
    // Exporters that nobody pauses; the promises are measured on them.
    std::vector<std::string> exporters;
    // Called when a member was started again.
    std::function<void()> after_start;
    // Many logs come in.
    std::function<void()> burst;
  };
  // Both must outlive it.
  Nemesis(Surroundings surroundings, std::uint64_t seed, Figures& figures);

  struct Fault {
    std::string name;
    std::function<void()> strike;
    bool brief = false;  // also in the short run
  };
  // What can be done here.
  const std::vector<Fault>& faults() const { return faults_; }
  // What cannot, and why.
  const std::vector<std::string>& impossible() const { return impossible_; }
  void Strike(const Fault& fault);

 private:
  using Way = NetworkLink::Way;

  void ListMemberFaults();
  void ListNetworkFaults();
  void ListDatabaseFaults();

  // Until all members are heard of.
  void AwaitAllAlive();
  // A member that owns something.
  int Victim();
  std::set<std::string> OwnedBy(int member);
  absl::Duration Between(absl::Duration least, absl::Duration most);
  static void Last(absl::Duration duration);

  // `begin` strikes a member, `end` makes it whole after `duration`, or (zero) once others have
  // taken over. Longer than others trust in it: they take over meanwhile.
  void StrikeMember(absl::Duration duration, const std::function<void(int member)>& begin,
                    const std::function<void(int member)>& end);
  // `begin` takes the database away, `end` gives it back after `duration`.
  void StrikeDatabase(absl::Duration duration, const std::function<void()>& begin,
                      const std::function<void()>& end);
  // Waits until all exporters are at work since the watch's mark, and takes down how long it took
  // for those of `waiting` (empty: all), which is to be less than `promise`.
  void AwaitAtWork(const std::set<std::string>& waiting, absl::Duration promise);
  void Start(int member);
  // Two at a time: one is killed while another does not hear the database.
  void KillOneAndDeafenAnother();
  void RestartAll();
  void LoseCommitAnswers();
  void Promote();
  void FillDisk();

  Surroundings on_;
  std::mt19937_64 random_;
  Figures& figures_;
  Figures::Round round_;
  std::vector<Fault> faults_;
  std::vector<std::string> impossible_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_CHAOS_NEMESIS_H_
