#ifndef LOGEXPORT_TESTS_CHAOS_REPLICATED_DATABASE_H_
#define LOGEXPORT_TESTS_CHAOS_REPLICATED_DATABASE_H_

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"

#include "service/base/mutex.h"
#include "tests/chaos/network_link.h"
#include "tests/chaos/witness_session.h"
#include "tests/postgresql/postgresql_server.h"

namespace logexport {

// A PostgreSQL primary, with a synchronous standby if wanted, and the network between each member
// and each of the two. Expectations inside fail the test.
class ReplicatedDatabase {
 public:
  ReplicatedDatabase(int members, bool standby);
  ReplicatedDatabase(const ReplicatedDatabase&) = delete;
  ReplicatedDatabase& operator=(const ReplicatedDatabase&) = delete;

  // The --state of each member: both servers, each over the member's own link.
  std::vector<std::string> States() const;

  PostgresqlServer& primary() { return *servers_[primary_]; }
  bool has_standby() const { return servers_[1 - primary_] != nullptr; }
  PostgresqlServer& standby() { return *servers_[1 - primary_]; }
  // Of the primary, over its socket. Thread-safe.
  std::string PrimaryUrl() const;
  // Of the primary, which is there. Of one thread.
  std::string Query(const std::string& sql);
  // Waits until the primary takes writes.
  void AwaitWritable();

  // To the primary and to the standby alike.
  void Hold(int member, NetworkLink::Way way, bool hold);
  void HoldBoth(int member, bool hold);
  NetworkLink& LinkToPrimary(int member) { return *links_[index(member)][primary_]; }

  // The standby becomes the primary. The one that was stays as it is, cut off from all members but
  // `still_connected` (-1: from all), and knows nothing of it.
  void Promote(int still_connected);
  // The server that was the primary ends, and a new standby takes its place.
  void ReplaceOldPrimary();

 private:
  static std::size_t index(int member) { return static_cast<std::size_t>(member); }
  void TellPrimary();
  // From now on the primary answers no commit that the standby does not have.
  void AwaitStandby();

  std::array<std::unique_ptr<PostgresqlServer>, 2> servers_;
  std::size_t primary_ = 0;
  mutable Mutex mutex_;
  std::string primary_url_ ABSL_GUARDED_BY(mutex_);
  WitnessSession session_{[this] { return PrimaryUrl(); }};
  std::vector<std::array<std::unique_ptr<NetworkLink>, 2>> links_;
};

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_CHAOS_REPLICATED_DATABASE_H_
