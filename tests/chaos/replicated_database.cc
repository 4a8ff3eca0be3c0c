#include "tests/chaos/replicated_database.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "tests/support/await.h"

namespace logexport {
namespace {

constexpr int kDiskMegabytes = 512;
constexpr char kPassword[] = "witness";

// So that a disk of that size is enough, and a standby that was away for a while can follow.
std::vector<std::string> Settings() {
  return {"max_wal_size=64MB", "min_wal_size=32MB", "wal_keep_size=128MB", "max_connections=200"};
}

std::unique_ptr<PostgresqlServer> Checked(
    absl::StatusOr<std::unique_ptr<PostgresqlServer>> server) {
  if (!server.ok()) {
    ADD_FAILURE() << server.status();
    std::abort();
  }
  return *std::move(server);
}

}  // namespace

ReplicatedDatabase::ReplicatedDatabase(int members, bool standby) {
  servers_[0] = Checked(PostgresqlServer::StartOnSmallDisk(kDiskMegabytes, Settings()));
  // Over TCP the server asks for it.
  servers_[0]->Query(absl::StrCat("ALTER ROLE owner PASSWORD '", kPassword, "'"));
  TellPrimary();
  if (standby) {
    servers_[1] =
        Checked(PostgresqlServer::StartStandbyOf(*servers_[0], kDiskMegabytes, Settings()));
    AwaitStandby();
  }
  links_.resize(index(members));
  for (auto& links : links_) {
    for (std::size_t i = 0; i < 2; ++i) {
      links[i] = std::make_unique<NetworkLink>(servers_[i] == nullptr ? 0 : servers_[i]->port());
    }
  }
}

std::vector<std::string> ReplicatedDatabase::States() const {
  std::vector<std::string> states;
  for (const auto& links : links_) {
    states.push_back(absl::StrCat("postgresql://owner:", kPassword, "@127.0.0.1:", links[0]->port(),
                                  ",127.0.0.1:", links[1]->port(),
                                  "/postgres?target_session_attrs=read-write&sslmode=disable"));
  }
  return states;
}

std::string ReplicatedDatabase::PrimaryUrl() const {
  MutexLock lock(&mutex_);
  return primary_url_;
}

void ReplicatedDatabase::TellPrimary() {
  MutexLock lock(&mutex_);
  primary_url_ = primary().Url();
}

std::string ReplicatedDatabase::Query(const std::string& sql) {
  // After one of its processes was killed, the server begins anew.
  std::optional<std::string> value;
  EXPECT_TRUE(Await([&] {
    value = session_.Ask(sql);
    return value.has_value();
  })) << sql;
  return value.value_or("");
}

void ReplicatedDatabase::AwaitWritable() {
  // As a member's commit, it is there only when the standby has it, too.
  EXPECT_TRUE(Await([&] {
    return session_.Ask("DROP TABLE IF EXISTS writable; CREATE TABLE writable (); SELECT 'yes'") ==
           "yes";
  }));
}

void ReplicatedDatabase::AwaitStandby() {
  EXPECT_TRUE(Await([&] {
    return Query("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'") == "1";
  }));
  // Not together: the first of them is no statement for a transaction.
  Query("ALTER SYSTEM SET synchronous_standby_names = '*'");
  Query("SELECT pg_reload_conf()");
  EXPECT_TRUE(Await([&] { return Query("SHOW synchronous_standby_names") == "*"; }));
  EXPECT_TRUE(Await([&] {
    return Query("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1";
  }));
}

void ReplicatedDatabase::Hold(int member, NetworkLink::Way way, bool hold) {
  for (const auto& link : links_[index(member)]) link->Hold(way, hold);
}

void ReplicatedDatabase::HoldBoth(int member, bool hold) {
  Hold(member, NetworkLink::Way::kToServer, hold);
  Hold(member, NetworkLink::Way::kToClient, hold);
}

void ReplicatedDatabase::Promote(int still_connected) {
  const std::size_t old = primary_;
  for (std::size_t member = 0; member < links_.size(); ++member) {
    if (static_cast<int>(member) == still_connected) continue;
    links_[member][old]->Hold(NetworkLink::Way::kToServer, true);
    links_[member][old]->Hold(NetworkLink::Way::kToClient, true);
  }
  standby().Promote();
  primary_ = 1 - old;
  TellPrimary();
}

void ReplicatedDatabase::ReplaceOldPrimary() {
  const std::size_t old = 1 - primary_;
  for (const auto& links : links_) links[old]->LeadTo(0);
  servers_[old]->Kill();
  servers_[old].reset();
  servers_[old] = Checked(PostgresqlServer::StartStandbyOf(primary(), kDiskMegabytes, Settings()));
  AwaitStandby();
  for (const auto& links : links_) {
    links[old]->LeadTo(servers_[old]->port());
    links[old]->Hold(NetworkLink::Way::kToServer, false);
    links[old]->Hold(NetworkLink::Way::kToClient, false);
  }
}

}  // namespace logexport
