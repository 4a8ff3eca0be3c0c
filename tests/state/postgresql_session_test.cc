// A session on a real server, and what it makes of servers and networks that fail.
#include "service/state/postgresql/postgresql_session.h"

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/postgresql/postgresql_proxy.h"
#include "tests/postgresql/postgresql_server.h"
#include "tests/support/await.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Access = PostgresqlSession::Access;
using Fate = PostgresqlProxy::Fate;

constexpr PostgresqlLimits kShort{absl::Milliseconds(700), absl::Seconds(20)};

class PostgresqlSessionTest : public ::testing::Test {
 protected:
  PostgresqlSessionTest() {
    server_.Query(absl::StrCat("CREATE DATABASE ", database_));
    server_.Query("CREATE TABLE t (id BIGINT PRIMARY KEY, a TEXT COLLATE \"C\", b BYTEA)",
                  database_);
  }
  ~PostgresqlSessionTest() override {
    server_.Query(absl::StrCat("DROP DATABASE ", database_, " WITH (FORCE)"));
  }

  ConnectionTarget Target() {
    auto target = ConnectionTarget::Parse(server_.Url(database_));
    EXPECT_THAT(target, IsOk());
    return *std::move(target);
  }
  // The same through a proxy, over TCP and without TLS.
  ConnectionTarget TargetVia(const PostgresqlProxy& proxy) {
    server_.Query("ALTER ROLE owner PASSWORD 'open sesame'");
    auto target = ConnectionTarget::Parse(
        absl::StrCat("host=127.0.0.1 port=", proxy.port(),
                     " user=owner password='open sesame' dbname=", database_, " sslmode=disable"));
    EXPECT_THAT(target, IsOk());
    return *std::move(target);
  }
  std::string Stored(const std::string& sql) { return server_.Query(sql, database_); }

  static absl::Status Insert(PostgresqlSession& session, int id) {
    return session.Execute("INSERT INTO t (id) VALUES (:id)", {id}).status();
  }

  PostgresqlServer& server_ = PostgresqlServer::Shared();
  const std::string database_ = absl::StrCat("session_", ++databases_);

 private:
  static inline int databases_ = 0;
};

TEST_F(PostgresqlSessionTest, ValuesComeBackAsTheyWere) {
  PostgresqlSession session(Target(), Access::kReadWrite, {});
  const std::string bytes("\0\xff'\\x", 5);
  EXPECT_THAT(session.Execute("INSERT INTO t (id, a, b) VALUES (:id, :a, :b)",
                              {-(std::int64_t{1} << 62), "it's \xc3\xa9", SqlValue::Blob(bytes)}),
              IsOkAndHolds(1));
  // PostgreSQL's texts have no room for that, see stored_text.h.
  EXPECT_THAT(session.Execute("INSERT INTO t (id, a) VALUES (:id, :a)",
                              {1, absl::string_view("a\0b\xff", 4)}),
              IsOkAndHolds(1));
  EXPECT_THAT(session.Execute("INSERT INTO t (id, a) VALUES (:id, :a)",
                              {2, std::optional<absl::string_view>()}),
              IsOkAndHolds(1));
  std::vector<std::optional<std::string>> texts;
  std::string blob;
  EXPECT_THAT(session.Select("SELECT a, coalesce(b, '') FROM t ORDER BY id", {},
                             [&](SqlRow& row) {
                               texts.push_back(row.ReadOptionalText());
                               const std::string read = row.ReadText();
                               if (!read.empty()) blob = read;
                             }),
              IsOk());
  EXPECT_THAT(texts,
              ::testing::ElementsAre("it's \xc3\xa9", std::string("a\0b\xff", 4), std::nullopt));
  EXPECT_EQ(blob, bytes);
}

TEST_F(PostgresqlSessionTest, ARefusedRowLeavesTheTransactionUsable) {
  PostgresqlSession session(Target(), Access::kReadWrite, {});
  ASSERT_THAT(Insert(session, 1), IsOk());
  ASSERT_THAT(session.Begin(), IsOk());
  // As the very first, and after others.
  EXPECT_THAT(Insert(session, 1), StatusIs(absl::StatusCode::kAlreadyExists));
  ASSERT_THAT(Insert(session, 2), IsOk());
  EXPECT_THAT(Insert(session, 2), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(session.failure(), IsOk());
  ASSERT_THAT(Insert(session, 3), IsOk());
  ASSERT_THAT(session.Commit(), IsOk());
  EXPECT_EQ(Stored("SELECT count(*) FROM t"), "3");
}

TEST_F(PostgresqlSessionTest, ErrorsNeverShowValues) {
  PostgresqlSession session(Target(), Access::kReadWrite, {});
  Stored("CREATE TABLE u (a TEXT UNIQUE CHECK (length(a) > 3))");
  const auto insert = [&](absl::string_view value) {
    return session.Execute("INSERT INTO u (a) VALUES (:a)", {value}).status();
  };
  ASSERT_THAT(insert("hunter2"), IsOk());
  EXPECT_THAT(insert("hunter2"),
              StatusIs(absl::StatusCode::kAlreadyExists, Not(HasSubstr("hunter2"))));
  EXPECT_THAT(insert("pin"), StatusIs(absl::StatusCode::kInternal,
                                      AllOf(HasSubstr("check"), Not(HasSubstr("pin")))));
}

TEST_F(PostgresqlSessionTest, AnErrorFailsTheTransactionAndTheNextOneWorks) {
  PostgresqlSession session(Target(), Access::kReadWrite, {});
  ASSERT_THAT(session.Begin(), IsOk());
  ASSERT_THAT(Insert(session, 1), IsOk());
  EXPECT_THAT(session.Execute("SELEKT"), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(Insert(session, 2), StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(session.Commit(), StatusIs(absl::StatusCode::kInternal));
  session.Rollback();
  EXPECT_EQ(Stored("SELECT count(*) FROM t"), "0");
  ASSERT_THAT(session.Begin(), IsOk());
  ASSERT_THAT(Insert(session, 1), IsOk());
  ASSERT_THAT(session.Commit(), IsOk());
  EXPECT_EQ(Stored("SELECT count(*) FROM t"), "1");
}

TEST_F(PostgresqlSessionTest, AConflictIsTriedAgainUntilSomethingWasAnswered) {
  // A sequence counts also what is undone.
  Stored("CREATE SEQUENCE tries");
  Stored(
      "CREATE FUNCTION conflicts(most BIGINT) RETURNS BIGINT LANGUAGE plpgsql AS $$ BEGIN "
      "IF nextval('tries') <= most THEN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END IF; "
      "RETURN 1; END $$");
  PostgresqlSession session(Target(), Access::kReadWrite, {});
  const auto conflicts = [&](int most) {
    return session.Select("SELECT conflicts(:most)", {most}, [](SqlRow& row) { row.SkipAll(); });
  };
  ASSERT_THAT(session.Begin(), IsOk());
  EXPECT_THAT(conflicts(2), IsOk());
  ASSERT_THAT(Insert(session, 1), IsOk());
  ASSERT_THAT(session.Commit(), IsOk());
  EXPECT_EQ(Stored("SELECT last_value FROM tries"), "3");

  // Whoever has seen an answer must not see another one: the body of a transaction runs once.
  ASSERT_THAT(session.Begin(), IsOk());
  ASSERT_THAT(Insert(session, 2), IsOk());
  EXPECT_THAT(conflicts(4), StatusIs(absl::StatusCode::kUnavailable));
  session.Rollback();
  EXPECT_EQ(Stored("SELECT last_value FROM tries"), "4");

  // Nor is it tried for ever.
  ASSERT_THAT(session.Begin(), IsOk());
  EXPECT_THAT(conflicts(1000), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("40001")));
  session.Rollback();
  EXPECT_EQ(Stored("SELECT count(*) FROM t"), "1");
}

TEST_F(PostgresqlSessionTest, AStaleConnectionIsReplacedUnseen) {
  PostgresqlSession session(Target(), Access::kReadWrite, {});
  ASSERT_THAT(session.Begin(), IsOk());
  ASSERT_THAT(Insert(session, 1), IsOk());
  ASSERT_THAT(session.Commit(), IsOk());
  Stored(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
      "WHERE application_name = 'logexportd' AND datname = current_database()");
  ASSERT_THAT(session.Begin(), IsOk());
  EXPECT_THAT(Insert(session, 2), IsOk());
  // But not in the middle, where it would forget what went before.
  Stored(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
      "WHERE application_name = 'logexportd' AND datname = current_database()");
  EXPECT_THAT(Insert(session, 3), StatusIs(absl::StatusCode::kUnavailable));
  session.Rollback();
  EXPECT_EQ(Stored("SELECT count(*) FROM t"), "1");
}

TEST_F(PostgresqlSessionTest, ALockThatAnotherHoldsIsWaitedForInTime) {
  PostgresqlSession holder(Target(), Access::kReadWrite, {});
  PostgresqlSession session(Target(), Access::kReadWrite, kShort);
  ASSERT_THAT(Insert(holder, 1), IsOk());
  ASSERT_THAT(holder.Begin(), IsOk());
  ASSERT_THAT(holder.Execute("UPDATE t SET a = 'x'"), IsOkAndHolds(1));
  ASSERT_THAT(session.Begin(), IsOk());
  EXPECT_THAT(session.Execute("UPDATE t SET a = 'y'"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("locks")));
  session.Rollback();
  ASSERT_THAT(holder.Commit(), IsOk());
  EXPECT_EQ(Stored("SELECT a FROM t"), "x");
}

TEST_F(PostgresqlSessionTest, AServerThatOnlyReadsIsLeftForTheNextConnection) {
  PostgresqlSession session(Target(), Access::kReadWrite, {});
  ASSERT_THAT(Insert(session, 1), IsOk());
  Stored(absl::StrCat("ALTER DATABASE ", database_, " SET default_transaction_read_only = on"));
  ASSERT_THAT(session.Execute("SET default_transaction_read_only = on"), IsOk());
  EXPECT_THAT(Insert(session, 2),
              StatusIs(absl::StatusCode::kUnavailable,
                       AllOf(HasSubstr("takes no writes"), HasSubstr("target_session_attrs"))));
  server_.Query(absl::StrCat("ALTER DATABASE ", database_, " RESET default_transaction_read_only"));
  // The setting was of the connection, which is gone.
  EXPECT_THAT(Insert(session, 2), IsOk());
}

// Cuts the connection around a COMMIT.
class CommitCutter {
 public:
  enum class When { kBeforeItArrives, kBeforeItsAnswer };

  CommitCutter(int server_port, When when)
      : proxy_(server_port, {[this, when](std::string& piece) {
                               if (!armed_ || !absl::StrContains(piece, "COMMIT"))
                                 return Fate::kForward;
                               if (when == When::kBeforeItArrives) {
                                 armed_ = false;
                                 return Fate::kCut;
                               }
                               sent_ = true;
                               return Fate::kForward;
                             },
                             [this](std::string&) {
                               if (!sent_.exchange(false)) return Fate::kForward;
                               armed_ = false;
                               return Fate::kCut;
                             }}) {}
  PostgresqlProxy& proxy() { return proxy_; }
  void Arm() { armed_ = true; }

 private:
  std::atomic<bool> armed_ = false;
  std::atomic<bool> sent_ = false;
  PostgresqlProxy proxy_;
};

TEST_F(PostgresqlSessionTest, ACommitWhoseAnswerIsLostIsLookedUp) {
  CommitCutter cutter(server_.port(), CommitCutter::When::kBeforeItsAnswer);
  PostgresqlSession session(TargetVia(cutter.proxy()), Access::kReadWrite, {});
  ASSERT_THAT(session.Begin(), IsOk());
  ASSERT_THAT(Insert(session, 1), IsOk());
  cutter.Arm();
  EXPECT_THAT(session.Commit(), IsOk());
  EXPECT_EQ(cutter.proxy().connections(), 2);
  EXPECT_EQ(Stored("SELECT count(*) FROM t"), "1");
}

TEST_F(PostgresqlSessionTest, ACommitThatNeverArrivedIsAnError) {
  CommitCutter cutter(server_.port(), CommitCutter::When::kBeforeItArrives);
  PostgresqlSession session(TargetVia(cutter.proxy()), Access::kReadWrite, {});
  ASSERT_THAT(session.Begin(), IsOk());
  ASSERT_THAT(Insert(session, 1), IsOk());
  cutter.Arm();
  EXPECT_THAT(session.Commit(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(Stored("SELECT count(*) FROM t"), "0");
}

TEST_F(PostgresqlSessionTest, ACommitThatNobodyCanLookUpMayHaveBeenCommitted) {
  CommitCutter cutter(server_.port(), CommitCutter::When::kBeforeItsAnswer);
  PostgresqlSession session(TargetVia(cutter.proxy()), Access::kReadWrite, kShort);
  ASSERT_THAT(session.Begin(), IsOk());
  ASSERT_THAT(Insert(session, 1), IsOk());
  cutter.proxy().Refuse(true);
  cutter.Arm();
  EXPECT_THAT(session.Commit(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("is not known")));
}

TEST_F(PostgresqlSessionTest, ACommitAnsweredByRollbackIsAFailure) {
  // As the server answers the COMMIT of a transaction in which something failed.
  const PostgresqlProxy proxy(server_.port(),
                              {{}, [](std::string& piece) {
                                 const std::string committed(
                                     "C\0\0\0\x0b"
                                     "COMMIT\0",
                                     12);
                                 const std::string undone(
                                     "C\0\0\0\x0d"
                                     "ROLLBACK\0",
                                     14);
                                 piece = absl::StrReplaceAll(piece, {{committed, undone}});
                                 return Fate::kForward;
                               }});
  PostgresqlSession session(TargetVia(proxy), Access::kReadWrite, {});
  ASSERT_THAT(session.Begin(), IsOk());
  ASSERT_THAT(Insert(session, 1), IsOk());
  EXPECT_THAT(session.Commit(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("ROLLBACK")));
}

// As operators and failover programs do it when a synchronous standby is gone: the wait for it is
// broken off, and the server commits with a warning.
TEST(PostgresqlReplicationTest, ACommitThatNoStandbyHasConfirmedIsToldOnce) {
  ASSERT_OK_AND_ASSIGN(
      const std::unique_ptr<PostgresqlServer> server,
      PostgresqlServer::Start({"synchronous_standby_names=gone", "synchronous_commit=local"}));
  server->Query("CREATE TABLE t (id BIGINT)");
  ASSERT_OK_AND_ASSIGN(const ConnectionTarget target, ConnectionTarget::Parse(server->Url()));
  int told = 0;
  PostgresqlSession session(target, Access::kReadWrite, {}, [&told] { ++told; });
  const auto commit = [&session](bool waits) {
    absl::Status status = session.Begin();
    if (waits) status.Update(session.Execute("SET LOCAL synchronous_commit = on").status());
    status.Update(session.Execute("INSERT INTO t (id) VALUES (1)").status());
    status.Update(session.Commit());
    return status;
  };
  EXPECT_THAT(commit(/*waits=*/false), IsOk());
  EXPECT_EQ(told, 0);
  const std::jthread canceller([&server](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      server->Query(
          "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    }
  });
  // It takes the server a moment to know that it has a standby to wait for.
  int commits = 1;
  ASSERT_TRUE(Await([&] {
    EXPECT_THAT(commit(/*waits=*/true), IsOk());
    ++commits;
    return told > 0;
  }));
  EXPECT_EQ(told, 1);
  EXPECT_THAT(commit(/*waits=*/false), IsOk());
  EXPECT_EQ(told, 1);
  EXPECT_EQ(server->Query("SELECT count(*) FROM t"), absl::StrCat(commits + 1));
}

// Neither TCP nor the server's own limits notice a server that is frozen.
TEST_F(PostgresqlSessionTest, AFrozenServerCostsNoMoreThanTheLimit) {
  for (const char* frozen_at : {"BEGIN", "INSERT", "COMMIT"}) {
    SCOPED_TRACE(frozen_at);
    std::atomic<bool> thawed = false;
    PostgresqlProxy proxy(server_.port(), {[&](std::string& piece) {
                                             return !thawed && absl::StrContains(piece, frozen_at)
                                                        ? Fate::kHold
                                                        : Fate::kForward;
                                           },
                                           {}});
    PostgresqlSession session(TargetVia(proxy), Access::kReadWrite, kShort);
    const absl::Time start = absl::Now();
    absl::Status status = session.Begin();
    if (status.ok()) {
      status = session.Select("SELECT 1", {}, [](SqlRow& row) { row.SkipAll(); });
    }
    if (status.ok()) status = Insert(session, 1);
    if (status.ok()) {
      thawed = absl::string_view(frozen_at) == "COMMIT" ? false : true;
      status = session.Commit();
    }
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
    session.Rollback();
    EXPECT_LT(absl::Now() - start, absl::Seconds(20));
    thawed = true;
    EXPECT_THAT(session.Begin(), IsOk());
    EXPECT_THAT(Insert(session, 1), IsOk());
    EXPECT_THAT(session.Commit(), IsOk());
    Stored("DELETE FROM t");
  }
}

TEST_F(PostgresqlSessionTest, AServerThatDoesNotAnswerIsPassedOverForTheNext) {
  PostgresqlProxy silent(server_.port(), {[](std::string&) { return Fate::kHold; }, {}});
  server_.Query("ALTER ROLE owner PASSWORD 'open sesame'");
  const auto target = ConnectionTarget::Parse(
      absl::StrCat("host=127.0.0.1,127.0.0.1 port=", silent.port(), ",", server_.port(),
                   " user=owner password='open sesame' dbname=", database_, " sslmode=disable"));
  ASSERT_THAT(target, IsOk());
  PostgresqlSession session(*target, Access::kReadWrite, {});
  EXPECT_THAT(Insert(session, 1), IsOk());
  EXPECT_EQ(silent.connections(), 1);
  // All sessions begin with the one that answered last.
  PostgresqlSession another(*target, Access::kReadWrite, {});
  EXPECT_THAT(Insert(another, 2), IsOk());
  EXPECT_EQ(silent.connections(), 1);
}

TEST_F(PostgresqlSessionTest, AReaderSeesOneMomentAndCannotWrite) {
  PostgresqlSession reader(Target(), Access::kReadOnly, {});
  PostgresqlSession writer(Target(), Access::kReadWrite, {});
  const auto count = [&] {
    std::int64_t rows = -1;
    EXPECT_THAT(
        reader.Select("SELECT count(*) FROM t", {}, [&](SqlRow& row) { rows = row.ReadInt(); }),
        IsOk());
    return rows;
  };
  ASSERT_THAT(reader.Begin(), IsOk());
  EXPECT_EQ(count(), 0);
  ASSERT_THAT(Insert(writer, 1), IsOk());
  EXPECT_EQ(count(), 0);
  EXPECT_FALSE(Insert(reader, 2).ok());
  reader.Rollback();
  ASSERT_THAT(reader.Begin(), IsOk());
  EXPECT_EQ(count(), 1);
}

}  // namespace
}  // namespace logexport
