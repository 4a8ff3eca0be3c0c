// Who owns a store on PostgreSQL: one process at a time, told apart by the database's clock.

#include <string>
#include <thread>

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

  static absl::Status MakeExporter(Store& store) {
    return store.Write(
        [](Transaction& tx) { return tx.CreateExporter(SomeExporter("default"), false); });
  }
  static absl::StatusOr<RunRecord> AddRunningRun(Store& store, const std::string& id) {
    RunRecord run = SomeRun(id);
    run.state = RunState::kRunning;
    run.epoch = store.epoch();
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

TEST_F(PostgresqlMembershipTest, ASecondProcessIsRefusedNamingTheFirst) {
  auto first = Open(kQuick);
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(Open(kQuick), StatusIs(absl::StatusCode::kAborted,
                                     AllOf(HasSubstr("in use by"),
                                           HasSubstr(absl::StrCat(":", ::getpid(), " ")))));
  // The first one has noticed nothing.
  EXPECT_THAT(MakeExporter(**first), IsOk());
  // Ended in order, it leaves its place at once.
  first->reset();
  EXPECT_THAT(Open(kQuick), IsOk());
}

TEST_F(PostgresqlMembershipTest, TheNextOneOwnsEverythingInTheNextEpoch) {
  auto first = Open(kSlow);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(MakeExporter(**first), IsOk());
  ASSERT_OK_AND_ASSIGN(const RunRecord run, AddRunningRun(**first, "r1"));
  ASSERT_THAT(Commit(**first, run, 1), IsOk());
  ExpireMembers();

  auto second = Open(kSlow);
  ASSERT_THAT(second, IsOk());
  EXPECT_GT((*second)->epoch(), (*first)->epoch());
  // The first one goes on in good faith. Nothing that it writes counts any more.
  const absl::Status late = Commit(**first, run, 2);
  EXPECT_EQ(CommitRefusalOf(late), CommitRefusal::kLeaseLost) << late;
  RunRecord ended = run;
  ended.state = RunState::kSucceeded;
  EXPECT_EQ(CommitRefusalOf((*first)->Write([&](Transaction& tx) { return tx.UpdateRun(ended); })),
            CommitRefusal::kLeaseLost);
  EXPECT_EQ(CommitRefusalOf((*first)->Write([&](Transaction& tx) {
              return tx.SetCheckpoint("default", {}, clock_.Now(), {}).status();
            })),
            CommitRefusal::kLeaseLost);
  EXPECT_EQ(Query("SELECT version FROM checkpoints"), "2");

  ASSERT_OK_AND_ASSIGN(const RunRecord next, AddRunningRun(**second, "r2"));
  EXPECT_THAT(Commit(**second, next, 2), IsOk());
  // A run of the epoch before cannot be gone on with by the new owner either.
  const absl::Status old_epoch = Commit(**second, run, 3);
  EXPECT_EQ(CommitRefusalOf(old_epoch), CommitRefusal::kLeaseLost) << old_epoch;
}

// Between the look at the fence and the write nothing can come: the take-over waits for a commit
// that has begun, and a commit that begins later finds the new owner.
TEST_F(PostgresqlMembershipTest, ATakeOverWaitsForTheCommitInProgress) {
  auto first = Open(kSlow);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(MakeExporter(**first), IsOk());
  ASSERT_OK_AND_ASSIGN(const RunRecord run, AddRunningRun(**first, "r1"));
  ExpireMembers();
  std::unique_ptr<Store> second;
  std::jthread taking;
  EXPECT_THAT((*first)->Write([&](Transaction& tx) -> absl::Status {
    ProgressCommit commit;
    commit.run = &run;
    commit.epoch = run.epoch;
    commit.expected_version = 1;
    commit.position = {Position::Kind::kAfter, "101", absl::UnixEpoch()};
    absl::Status status = tx.CommitProgress(commit).status();
    taking = std::jthread([&] {
      auto opened = Open(kSlow);
      EXPECT_THAT(opened, IsOk());
      if (opened.ok()) second = *std::move(opened);
    });
    // Until it waits for the row that we have locked.
    EXPECT_TRUE(Await([&] {
      return server_.Query(
                 "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
                 "AND query LIKE '%checkpoints%'") != "0";
    }));
    return status;
  }),
              IsOk());
  taking.join();
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(Query("SELECT version FROM checkpoints"), "2");
  EXPECT_EQ(Query("SELECT fence_epoch FROM checkpoints"), absl::StrCat(second->epoch()));
}

TEST_F(PostgresqlMembershipTest, AMemberThatExpiredBeginsAnewInAnotherEpoch) {
  auto store = Open(kQuick);
  ASSERT_THAT(store, IsOk());
  ASSERT_THAT(MakeExporter(**store), IsOk());
  const std::int64_t epoch = (*store)->epoch();
  ASSERT_OK_AND_ASSIGN(const RunRecord run, AddRunningRun(**store, "r1"));
  ExpireMembers();
  ASSERT_TRUE(Await([&] { return (*store)->epoch() > epoch; }));
  // What was begun before is over, and what begins now counts.
  EXPECT_EQ(CommitRefusalOf(Commit(**store, run, 1)), CommitRefusal::kLeaseLost);
  ASSERT_OK_AND_ASSIGN(const RunRecord next, AddRunningRun(**store, "r2"));
  EXPECT_THAT(Commit(**store, next, 1), IsOk());
  EXPECT_THAT((*store)->Check(), IsOk());
}

TEST_F(PostgresqlMembershipTest, AMemberWhosePlaceIsTakenIsACandidateUntilTheOtherEnds) {
  auto first = Open(kSlow);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(MakeExporter(**first), IsOk());
  first->reset();
  first = Open(kQuick);
  ASSERT_THAT(first, IsOk());
  const std::int64_t epoch = (*first)->epoch();
  // Another member, as of another machine, takes over in one step.
  Query(
      "UPDATE members SET expires = 0; "
      "INSERT INTO members VALUES ('other', 'elsewhere:1', '0', 0, "
      "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT) + 3600000000); "
      "UPDATE checkpoints SET owner = 'other', fence_epoch = fence_epoch + 1");
  ASSERT_TRUE(Await([&] { return !(*first)->Check().ok(); }));
  EXPECT_THAT((*first)->Check(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("elsewhere:1")));
  EXPECT_EQ((*first)->epoch(), epoch);
  Query("UPDATE members SET expires = 0");
  ASSERT_TRUE(Await([&] { return (*first)->epoch() > epoch; }));
  EXPECT_THAT((*first)->Check(), IsOk());
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
  server->Kill();
  ASSERT_TRUE(Await([&] { return !(*store)->Check().ok(); }));
  EXPECT_THAT(MakeExporter(**store), StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_THAT(server->Restart(), IsOk());
  EXPECT_TRUE(Await([&] { return (*store)->Check().ok(); }));
  EXPECT_THAT(MakeExporter(**store), StatusIs(absl::StatusCode::kAlreadyExists));
}

}  // namespace
}  // namespace logexport
