// Who owns what in a store on PostgreSQL, whose members tell the dead by the database's clock.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <unistd.h>

#include "service/base/clock.h"
#include "service/state/postgresql/membership.h"
#include "service/state/postgresql/postgresql_store.h"
#include "tests/postgresql/postgresql_server.h"
#include "tests/state/store_contract.h"
#include "tests/support/await.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// As short as a busy machine allows.
const PostgresqlTimes kQuick{{absl::Seconds(2), absl::Seconds(20)},
                             {absl::Seconds(6), absl::Milliseconds(100), absl::Seconds(1)}};
// A member of whose heartbeat nothing is seen in a test.
const PostgresqlTimes kSlow{{absl::Seconds(3), absl::Seconds(20)},
                            {absl::Hours(2), absl::Hours(1), absl::Seconds(3)}};

class PostgresqlMembershipTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Store>> Open(const PostgresqlTimes& times) {
    StoreOptions options;
    options.url = url_;
    return OpenPostgresqlStore(options, clock_, times);
  }
  std::string Query(const std::string& sql) {
    const std::string schema = url_.substr(url_.rfind('D') + 1);
    return server_.Query(absl::StrCat("SET search_path = ", schema, "; ", sql));
  }
  // As the database sees a process that is frozen, cut off or dead.
  void ExpireMembers() { Query("UPDATE members SET expires = 0"); }

  static absl::Status MakeExporter(Store& store, const std::string& id = "default") {
    return store.Write([&](Transaction& tx) { return tx.CreateExporter(SomeExporter(id), false); });
  }
  static OwnershipCount CountOf(Store& store) {
    OwnershipCount count;
    EXPECT_THAT(store.Read([&](Transaction& tx) -> absl::Status {
      const absl::StatusOr<OwnershipCount> counted = tx.CountOwnership();
      if (counted.ok()) count = *counted;
      return counted.status();
    }),
                IsOk());
    return count;
  }
  static absl::StatusOr<RunRecord> AddRunningRun(Store& store, const std::string& id) {
    RunRecord run = SomeRun(id);
    run.state = RunState::kRunning;
    run.epoch = store.EpochOf("default");
    absl::StatusOr<RunRecord> added = absl::UnknownError("");
    const absl::Status status = store.Write([&](Transaction& tx) {
      added = tx.AddRun(run);
      return added.status();
    });
    if (!status.ok()) return status;
    return added;
  }
  static absl::Status Commit(Store& store, const RunRecord& run, std::int64_t version) {
    ProgressCommit commit;
    commit.run = &run;
    commit.epoch = run.epoch;
    commit.expected_version = version;
    commit.position = {Position::Kind::kAfter, absl::StrCat(100 + version), absl::UnixEpoch()};
    return store.Write([&](Transaction& tx) { return tx.CommitProgress(commit).status(); });
  }

  FakeClock clock_;
  PostgresqlServer& server_ = PostgresqlServer::Shared();
  const std::string url_ = server_.UrlOfFreshSchema();
};

TEST_F(PostgresqlMembershipTest, MembersDivideWhatIsThere) {
  auto first = Open(kQuick);
  auto second = Open(kQuick);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  ASSERT_THAT(MakeExporter(**first, "a"), IsOk());
  ASSERT_THAT(MakeExporter(**second, "b"), IsOk());
  // Any member creates exporters; nobody owns them yet.
  EXPECT_EQ((*first)->EpochOf("a"), 0);
  ASSERT_OK_AND_ASSIGN(const Members::Situation seen, (*first)->members()->Look(10));
  EXPECT_EQ(seen.members, 2);
  EXPECT_EQ(seen.exporters, 2);
  ASSERT_EQ(seen.free.size(), 2u);
  EXPECT_EQ(CountOf(**first).members, 2);
  EXPECT_EQ(CountOf(**first).unowned, 2);
  EXPECT_THAT((*first)->members()->Take({seen.free[0]}), IsOkAndHolds(ElementsAre("a")));
  // What was free when they looked goes to one of them.
  EXPECT_THAT((*second)->members()->Take(seen.free), IsOkAndHolds(ElementsAre("b")));
  EXPECT_EQ(CountOf(**first).unowned, 0);
  EXPECT_EQ((*first)->EpochOf("a"), 1);
  EXPECT_EQ((*second)->EpochOf("a"), 0);
  EXPECT_EQ((*second)->EpochOf("b"), 1);
  EXPECT_THAT((*first)->CheckOwnership("a", 1), IsOk());
  EXPECT_EQ(CommitRefusalOf((*first)->CheckOwnership("b", 1)), CommitRefusal::kLeaseLost);
  EXPECT_EQ(CommitRefusalOf((*first)->CheckOwnership("b", 0)), CommitRefusal::kLeaseLost);
  // Ended in order, a member leaves what it owned at once.
  first->reset();
  OwnAll(**second);
  EXPECT_EQ((*second)->EpochOf("a"), 2);
}

TEST_F(PostgresqlMembershipTest, ALookFindsWhatTheRowsSay) {
  auto store = Open(kSlow);
  ASSERT_THAT(store, IsOk());
  ASSERT_THAT(MakeExporter(**store), IsOk());
  OwnAll(**store);
  ASSERT_EQ((*store)->EpochOf("default"), 1);
  Query("UPDATE checkpoints SET fence_epoch = 7");
  ASSERT_THAT((*store)->members()->Look(10), IsOk());
  EXPECT_EQ((*store)->EpochOf("default"), 7);
  Query("UPDATE checkpoints SET owner = 'other'");
  ASSERT_THAT((*store)->members()->Look(10), IsOk());
  EXPECT_EQ((*store)->EpochOf("default"), 0);
}

TEST_F(PostgresqlMembershipTest, OnlyWhatRestsIsGivenBack) {
  auto store = Open(kSlow);
  ASSERT_THAT(store, IsOk());
  ASSERT_THAT(MakeExporter(**store, "default"), IsOk());
  ASSERT_THAT(MakeExporter(**store, "rests"), IsOk());
  OwnAll(**store);
  ASSERT_OK_AND_ASSIGN(RunRecord run, AddRunningRun(**store, "r1"));
  Members& members = *(*store)->members();
  EXPECT_THAT(members.GiveBack({"default", "rests", "unknown"}, 3),
              IsOkAndHolds(::testing::ElementsAre("rests")));
  EXPECT_EQ((*store)->EpochOf("rests"), 0);
  EXPECT_EQ((*store)->EpochOf("default"), 1);
  run.state = RunState::kSucceeded;
  ASSERT_THAT((*store)->Write([&](Transaction& tx) { return tx.UpdateRun(run); }), IsOk());
  EXPECT_THAT(members.GiveBack({"default"}, 1), IsOkAndHolds(::testing::ElementsAre("default")));
  EXPECT_THAT(members.OwnedNow(), ::testing::IsEmpty());
}

TEST_F(PostgresqlMembershipTest, AMemberThatDrainsIsNotCountedOn) {
  auto first = Open(kSlow);
  auto second = Open(kSlow);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  ASSERT_THAT((*first)->members()->Drain(), IsOk());
  ASSERT_OK_AND_ASSIGN(const Members::Situation seen, (*second)->members()->Look(10));
  EXPECT_EQ(seen.members, 1);
  ASSERT_OK_AND_ASSIGN(const std::vector<MemberRecord> members, (*second)->ListMembers());
  ASSERT_EQ(members.size(), 2u);
  EXPECT_TRUE(members[0].draining);
  EXPECT_FALSE(members[1].draining);
  EXPECT_EQ(members[0].name, ThisMembersName());
}

TEST_F(PostgresqlMembershipTest, TheNextOwnerWorksInTheNextEpoch) {
  auto first = Open(kSlow);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(MakeExporter(**first), IsOk());
  OwnAll(**first);
  ASSERT_OK_AND_ASSIGN(const RunRecord run, AddRunningRun(**first, "r1"));
  ASSERT_THAT(Commit(**first, run, 1), IsOk());
  ExpireMembers();

  auto second = Open(kSlow);
  ASSERT_THAT(second, IsOk());
  OwnAll(**second);
  EXPECT_GT((*second)->EpochOf("default"), (*first)->EpochOf("default"));
  EXPECT_TRUE((*second)->members()->OwnedNow().at("default").left_runs);
  // The first one goes on in good faith. Nothing that it does as the owner counts any more.
  const absl::Status late = Commit(**first, run, 2);
  EXPECT_EQ(CommitRefusalOf(late), CommitRefusal::kLeaseLost) << late;
  EXPECT_EQ(CommitRefusalOf((*first)->Write(
                [&](Transaction& tx) { return tx.RequireOwner("default", run.epoch); })),
            CommitRefusal::kLeaseLost);
  EXPECT_EQ(Query("SELECT version FROM checkpoints"), "2");
  // What operators ask of it does.
  EXPECT_THAT((*first)->Write([&](Transaction& tx) {
    return tx.SetCheckpoint("default", {}, clock_.Now(), {}).status();
  }),
              IsOk());

  ASSERT_OK_AND_ASSIGN(const RunRecord next, AddRunningRun(**second, "r2"));
  EXPECT_THAT(Commit(**second, next, 3), IsOk());
  // A run of the epoch before cannot be gone on with by the new owner either.
  const absl::Status old_epoch = Commit(**second, run, 4);
  EXPECT_EQ(CommitRefusalOf(old_epoch), CommitRefusal::kLeaseLost) << old_epoch;
}

// Between the look at the fence and the write nothing can come: whoever takes over leaves an
// exporter alone while a commit is in progress, and a commit that begins later finds the new owner.
TEST_F(PostgresqlMembershipTest, ATakeOverPassesByACommitInProgress) {
  auto first = Open(kSlow);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(MakeExporter(**first), IsOk());
  OwnAll(**first);
  ASSERT_OK_AND_ASSIGN(const RunRecord run, AddRunningRun(**first, "r1"));
  ExpireMembers();
  auto second = Open(kSlow);
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT((*first)->Write([&](Transaction& tx) -> absl::Status {
    ProgressCommit commit;
    commit.run = &run;
    commit.epoch = run.epoch;
    commit.expected_version = 1;
    commit.position = {Position::Kind::kAfter, "101", absl::UnixEpoch()};
    absl::Status status = tx.CommitProgress(commit).status();
    OwnAll(**second);
    EXPECT_EQ((*second)->EpochOf("default"), 0);
    return status;
  }),
              IsOk());
  EXPECT_EQ(Query("SELECT version FROM checkpoints"), "2");
  OwnAll(**second);
  EXPECT_EQ((*second)->EpochOf("default"), 2);
  EXPECT_EQ(Query("SELECT fence_epoch FROM checkpoints"), "2");
}

TEST_F(PostgresqlMembershipTest, AMemberThatExpiredBeginsAnewAndOwnsNothing) {
  auto store = Open(kQuick);
  ASSERT_THAT(store, IsOk());
  ASSERT_THAT(MakeExporter(**store), IsOk());
  OwnAll(**store);
  ASSERT_OK_AND_ASSIGN(const RunRecord run, AddRunningRun(**store, "r1"));
  const std::string before = Query("SELECT member_id FROM members");
  ExpireMembers();
  ASSERT_TRUE(Await([&] { return (*store)->EpochOf("default") == 0; }));
  ASSERT_TRUE(Await([&] { return (*store)->Check().ok(); }));
  EXPECT_EQ(Query(absl::StrCat("SELECT count(*) FROM members WHERE member_id = '", before,
                               "' AND expires > 1")),
            "0");
  OwnAll(**store);
  // What was begun before is over, and what begins now counts.
  EXPECT_EQ(CommitRefusalOf(Commit(**store, run, 1)), CommitRefusal::kLeaseLost);
  ASSERT_OK_AND_ASSIGN(const RunRecord next, AddRunningRun(**store, "r2"));
  EXPECT_THAT(Commit(**store, next, 1), IsOk());
}

TEST_F(PostgresqlMembershipTest, WhatADeadMemberOwnedHasNoOwner) {
  auto dead = Open(kSlow);
  ASSERT_THAT(dead, IsOk());
  ASSERT_THAT(MakeExporter(**dead, "a"), IsOk());
  ASSERT_THAT(MakeExporter(**dead, "b"), IsOk());
  OwnAll(**dead);
  EXPECT_EQ(CountOf(**dead).unowned, 0);
  ExpireMembers();
  auto store = Open(kSlow);
  ASSERT_THAT(store, IsOk());
  EXPECT_EQ(CountOf(**store).members, 1);
  EXPECT_EQ(CountOf(**store).unowned, 2);
  // Take says what it got, by whom it was left.
  ASSERT_OK_AND_ASSIGN(const Members::Situation seen, (*store)->members()->Look(10));
  ASSERT_EQ(seen.free.size(), 2u);
  EXPECT_FALSE(seen.free[0].last_owner.empty());
  EXPECT_THAT((*store)->members()->Take(seen.free), IsOkAndHolds(ElementsAre("a", "b")));
  EXPECT_EQ(CountOf(**store).unowned, 0);
}

TEST_F(PostgresqlMembershipTest, TheBodyOfAWriteRunsOnceThoughItsConnectionIsLost) {
  auto store = Open(kSlow);
  ASSERT_THAT(store, IsOk());
  int bodies = 0;
  const absl::Status status = (*store)->Write([&](Transaction& tx) {
    ++bodies;
    const absl::Status made = tx.CreateExporter(SomeExporter("default"), false);
    Query(
        "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity "
        "WHERE state = 'idle in transaction'");
    return made;
  });
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(bodies, 1);
  EXPECT_EQ(Query("SELECT count(*) FROM exporters"), "0");
}

TEST_F(PostgresqlMembershipTest, WhoeverWantsToBeAloneIsRefusedBesideOthersAndTheyBesideIt) {
  ASSERT_OK_AND_ASSIGN(const ConnectionTarget target, ConnectionTarget::Parse(url_));
  auto store = Open(kQuick);
  ASSERT_THAT(store, IsOk());
  EXPECT_THAT(
      Membership::Join(target, kQuick.limits, kQuick.membership, Membership::Company::kAlone)
          .status(),
      StatusIs(absl::StatusCode::kAborted,
               AllOf(HasSubstr("in use by"), HasSubstr(absl::StrCat(":", ::getpid(), " ")))));
  store->reset();
  auto alone =
      Membership::Join(target, kQuick.limits, kQuick.membership, Membership::Company::kAlone);
  ASSERT_THAT(alone, IsOk());
  EXPECT_THAT(Open(kQuick), StatusIs(absl::StatusCode::kAborted, HasSubstr("in use by")));
  alone->reset();
  EXPECT_THAT(Open(kQuick), IsOk());
}

TEST_F(PostgresqlMembershipTest, OperatorsCallTheOwnerThroughTheDatabase) {
  auto owner = Open(kSlow);
  auto other = Open(kSlow);
  ASSERT_THAT(owner, IsOk());
  ASSERT_THAT(other, IsOk());
  ASSERT_THAT(MakeExporter(**owner), IsOk());
  OwnAll(**owner);
  ASSERT_THAT((*other)->Write([](Transaction& tx) { return tx.CallOwner("default", "r1"); }),
              IsOk());
  EXPECT_THAT((*other)->Write([](Transaction& tx) { return tx.CallOwner("unknown", ""); }),
              StatusIs(absl::StatusCode::kNotFound));
  const auto calls_to = [](Store& store) {
    std::vector<OwnerCall> calls;
    EXPECT_THAT(store.Read([&](Transaction& tx) -> absl::Status {
      auto read = tx.CallsToOwner(10);
      if (read.ok()) calls = *read;
      return read.status();
    }),
                IsOk());
    return calls;
  };
  EXPECT_TRUE(calls_to(**other).empty());
  const std::vector<OwnerCall> calls = calls_to(**owner);
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].exporter, "default");
  EXPECT_EQ(calls[0].cancelled_run, "r1");
  ASSERT_THAT((*owner)->Write([&](Transaction& tx) { return tx.DropCall(calls[0].id); }), IsOk());
  EXPECT_TRUE(calls_to(**owner).empty());
  ASSERT_THAT((*other)->Read([](Transaction& tx) -> absl::Status {
    auto found = tx.GetOwner("default");
    EXPECT_THAT(found, IsOk());
    EXPECT_EQ(found->epoch, 1);
    EXPECT_TRUE(found->alive);
    EXPECT_FALSE(found->ours);
    EXPECT_EQ(found->member.name, ThisMembersName());
    return absl::OkStatus();
  }),
              IsOk());
}

TEST_F(PostgresqlMembershipTest, TheTimesOfMembersAreThoseOfTheDatabase) {
  auto store = Open(kQuick);
  ASSERT_THAT(store, IsOk());
  // The clock of the process is years off.
  EXPECT_EQ(Query("SELECT count(*) FROM members WHERE expires > "
                  "extract(epoch FROM clock_timestamp()) * 1000000 AND expires < "
                  "extract(epoch FROM clock_timestamp() + interval '10 seconds') * 1000000"),
            "1");
}

TEST_F(PostgresqlMembershipTest, TimesThatLeaveNoMarginAreRefused) {
  PostgresqlTimes times = kQuick;
  times.membership.ttl = absl::Milliseconds(3100);
  EXPECT_THAT(Open(times),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("leaves no margin")));
}

TEST_F(PostgresqlMembershipTest, AServerThatIsGoneIsToldAndComesBackByItself) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<PostgresqlServer> server, PostgresqlServer::Start());
  StoreOptions options;
  options.url = server->Url();
  auto store = OpenPostgresqlStore(options, clock_, kQuick);
  ASSERT_THAT(store, IsOk());
  ASSERT_THAT(MakeExporter(**store), IsOk());
  OwnAll(**store);
  const std::int64_t epoch = (*store)->EpochOf("default");
  EXPECT_THAT((*store)->CheckOwnership("default", epoch), IsOk());
  const absl::Duration trust = (*store)->members()->TrustLeft();
  EXPECT_GT(trust, absl::ZeroDuration());
  EXPECT_LE(trust, kQuick.membership.ttl - kQuick.membership.margin);
  server->Kill();
  ASSERT_TRUE(Await([&] { return !(*store)->Check().ok(); }));
  // Nobody can be asked, and yet it does not believe for ever. Trust runs out and stays so, until
  // the process is heard of again.
  EXPECT_TRUE(Await([&] {
    return CommitRefusalOf((*store)->CheckOwnership("default", epoch)) == CommitRefusal::kLeaseLost;
  }));
  EXPECT_EQ((*store)->members()->TrustLeft(), absl::ZeroDuration());
  EXPECT_THAT(MakeExporter(**store), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_THAT(server->Restart(), IsOk());
  EXPECT_TRUE(Await([&] { return (*store)->Check().ok(); }));
  EXPECT_GT((*store)->members()->TrustLeft(), absl::ZeroDuration());
  EXPECT_THAT(MakeExporter(**store), StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(PostgresqlMembershipTest, ACommitInDoubtIsNotLookedUpOnAServerThatWasPromotedSince) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<PostgresqlServer> primary, PostgresqlServer::Start());
  primary->Query("CREATE TABLE t (id BIGINT PRIMARY KEY)");
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<PostgresqlServer> standby,
                       PostgresqlServer::StartStandbyOf(*primary, 0));
  ASSERT_OK_AND_ASSIGN(
      const ConnectionTarget target,
      ConnectionTarget::Parse(absl::StrCat("host=", primary->socket_directory(), ",",
                                           standby->socket_directory(), " port=", primary->port(),
                                           ",", standby->port(), " user=owner dbname=postgres")));
  PostgresqlSession session(target, PostgresqlSession::Access::kReadWrite, {});
  ASSERT_THAT(session.Begin(), IsOk());
  ASSERT_THAT(session.Execute("INSERT INTO t (id) VALUES (:id)", {1}), IsOk());
  standby->Promote();
  // Others get its number.
  for (int i = 0; i < 20; ++i) standby->Query(absl::StrCat("INSERT INTO t VALUES (", 100 + i, ")"));
  primary->Kill();
  EXPECT_THAT(session.Commit(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("not known")));
  EXPECT_EQ(standby->Query("SELECT count(*) FROM t WHERE id = 1"), "0");
}

}  // namespace
}  // namespace logexport
