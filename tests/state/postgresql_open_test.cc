// Opening a store on PostgreSQL: what is accepted, and what is refused without touching it.

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

#include "service/state/engines/open_store.h"
#include "service/state/migrations.h"
#include "service/state/postgresql/connection_target.h"
#include "service/state/postgresql/postgresql_schema.h"
#include "service/state/postgresql/postgresql_session.h"
#include "service/state/postgresql/postgresql_store.h"
#include "tests/postgresql/postgresql_proxy.h"
#include "tests/postgresql/postgresql_server.h"
#include "tests/state/store_contract.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PostgresqlOpenTest : public ::testing::Test {
 protected:
  PostgresqlOpenTest() { server_.Query(absl::StrCat("CREATE DATABASE ", database_)); }
  ~PostgresqlOpenTest() override {
    server_.Query(absl::StrCat("DROP DATABASE ", database_, " WITH (FORCE)"));
  }

  absl::StatusOr<std::unique_ptr<Store>> OpenUrl(const std::string& url) {
    StoreOptions options;
    options.url = url;
    return OpenStore(options, clock_);
  }
  absl::StatusOr<std::unique_ptr<Store>> Open() { return OpenUrl(server_.Url(database_)); }
  std::string Query(const std::string& sql) { return server_.Query(sql, database_); }

  // Everything that a refused start could have changed.
  std::string Contents() {
    return Query(
        "SELECT coalesce(string_agg(relname || ' ' || relkind::text || ' ' || relfilenode::text, "
        "','), '') "
        "FROM (SELECT * FROM pg_class WHERE relnamespace = 'public'::regnamespace "
        "ORDER BY relname) AS c");
  }

  FakeClock clock_;
  PostgresqlServer& server_ = PostgresqlServer::Shared();
  const std::string database_ = absl::StrCat("open_", ++databases_);

 private:
  static inline int databases_ = 0;
};

TEST_F(PostgresqlOpenTest, AnEmptyDatabaseBecomesAStoreAndStaysOne) {
  {
    auto store = Open();
    ASSERT_THAT(store, IsOk());
    EXPECT_THAT((*store)->Check(), IsOk());
    ASSERT_THAT((*store)->Write([](Transaction& tx) {
      return tx.CreateExporter(SomeExporter("default"), false);
    }),
                IsOk());
  }
  EXPECT_EQ(Query("SELECT version FROM logexport_schema"), absl::StrCat(NewestSchemaVersion()));
  auto store = Open();
  ASSERT_THAT(store, IsOk());
  EXPECT_THAT((*store)->Read([](Transaction& tx) { return tx.GetExporter("default").status(); }),
              IsOk());
}

TEST_F(PostgresqlOpenTest, KeywordsAreTakenAsUris) {
  const std::string url = server_.Url(database_);
  const std::string directory = url.substr(url.find("host=") + 5);
  EXPECT_THAT(OpenUrl(absl::StrCat("host='", directory.substr(0, directory.find('&')),
                                   "' port=", server_.port(), " user=owner dbname=", database_)),
              IsOk());
}

struct Refusal {
  const char* name;
  std::string url;
  absl::StatusCode code;
  std::vector<std::string> says;
};

TEST_F(PostgresqlOpenTest, WhatCannotBeReachedIsToldWithWhatToDo) {
  server_.Query("CREATE ROLE visitor LOGIN PASSWORD 'open sesame'");
  const PostgresqlProxy gone(1, {});  // takes connections and ends them
  const std::vector<Refusal> refusals = {
      {"port",
       absl::StrCat("postgresql://visitor:hunter2@127.0.0.1:1/", database_),
       absl::StatusCode::kUnavailable,
       {"127.0.0.1:1", "check host and port"}},
      {"host",
       absl::StrCat("postgresql://visitor:hunter2@no-such-host.invalid/", database_),
       absl::StatusCode::kUnavailable,
       {"no-such-host.invalid", "check host and port"}},
      {"ends",
       absl::StrCat("postgresql://visitor:hunter2@127.0.0.1:", gone.port(), "/", database_),
       absl::StatusCode::kUnavailable,
       {"check host and port"}},
      {"password",
       server_.TcpUrl("visitor", "hunter2", database_),
       absl::StatusCode::kUnauthenticated,
       {"password is wrong", "PGPASSWORD"}},
      {"no password",
       server_.TcpUrl("visitor", "", database_),
       absl::StatusCode::kUnauthenticated,
       {"password"}},
      {"database",
       server_.Url("nowhere"),
       absl::StatusCode::kNotFound,
       {"no such database", "createdb"}},
      {"schema",
       absl::StrCat(server_.Url(database_), "&options=-csearch_path%3Dnowhere"),
       absl::StatusCode::kFailedPrecondition,
       {"no schema", "CREATE SCHEMA"}},
      {"rights",
       server_.TcpUrl("visitor", "open%20sesame", database_),
       absl::StatusCode::kPermissionDenied,
       {"'visitor' may not create tables", "ALTER SCHEMA public OWNER TO visitor"}},
      {"setting",
       "postgresql://visitor:hunter2@host/db?colour=blue",
       absl::StatusCode::kInvalidArgument,
       {"postgresql://USER@HOST"}},
      {"percent",
       "postgresql://visitor:hunter2%@host/db",
       absl::StatusCode::kInvalidArgument,
       {"%40"}},
  };
  const std::string before = Contents();
  for (const Refusal& refusal : refusals) {
    SCOPED_TRACE(refusal.name);
    const absl::Status status = OpenUrl(refusal.url).status();
    EXPECT_EQ(status.code(), refusal.code) << status;
    for (const std::string& words : refusal.says) EXPECT_THAT(status.message(), HasSubstr(words));
    EXPECT_THAT(status.message(), Not(HasSubstr("hunter2")));
    EXPECT_THAT(ShownStoreUrl(refusal.url), Not(HasSubstr("hunter2")));
  }
  EXPECT_EQ(Contents(), before);
  server_.Query("DROP ROLE visitor");
}

TEST_F(PostgresqlOpenTest, ARoleWithoutTheRightToEveryTableIsRefused) {
  ASSERT_THAT(Open(), IsOk());
  server_.Query("CREATE ROLE guest LOGIN PASSWORD 'x'");
  Query("GRANT SELECT ON ALL TABLES IN SCHEMA public TO guest");
  EXPECT_THAT(OpenUrl(server_.TcpUrl("guest", "x", database_)),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       AllOf(HasSubstr("'guest' may not read and write every table"),
                             HasSubstr("OWNER TO guest"))));
  // Who may do all that a store does, but not make tables, can work with one that is up to date.
  Query("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO guest");
  EXPECT_THAT(OpenUrl(server_.TcpUrl("guest", "x", database_)), IsOk());
  Query("DROP OWNED BY guest");
  server_.Query("DROP ROLE guest");
}

TEST_F(PostgresqlOpenTest, AServerThatOnlyReadsIsRefused) {
  Query(absl::StrCat("ALTER DATABASE ", database_, " SET default_transaction_read_only = on"));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kUnavailable,
                               AllOf(HasSubstr("takes no writes"), HasSubstr("primary"))));
  EXPECT_THAT(OpenUrl(server_.Url(database_) + "&target_session_attrs=any"),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("takes no writes")));
  server_.Query(absl::StrCat("ALTER DATABASE ", database_, " RESET default_transaction_read_only"));
  EXPECT_EQ(Contents(), "");
}

TEST_F(PostgresqlOpenTest, AnOlderServerIsRefused) {
  server_.Query("ALTER ROLE owner PASSWORD 'open sesame'");
  // The server's own words, but for its version.
  const PostgresqlProxy old(server_.port(), {{}, [](std::string& piece) {
                                               const std::size_t at =
                                                   piece.find(std::string("server_version\0", 15));
                                               if (at != std::string::npos) {
                                                 piece.replace(at + 15, 2, "12");
                                               }
                                               return PostgresqlProxy::Fate::kForward;
                                             }});
  EXPECT_THAT(OpenUrl(absl::StrCat("postgresql://owner:open%20sesame@127.0.0.1:", old.port(), "/",
                                   database_, "?sslmode=disable")),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("PostgreSQL 12"), HasSubstr("13 or a newer one"))));
  EXPECT_EQ(Contents(), "");
}

TEST_F(PostgresqlOpenTest, AnotherEncodingIsRefused) {
  const std::string name = database_ + "_latin";
  server_.Query(
      absl::StrCat("CREATE DATABASE ", name,
                   " TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc"));
  EXPECT_THAT(OpenUrl(server_.Url(name)),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("LATIN1"), HasSubstr("createdb -E UTF8"))));
  server_.Query(absl::StrCat("DROP DATABASE ", name));
}

TEST_F(PostgresqlOpenTest, AnotherProgramsTablesAreLeftAlone) {
  Query("CREATE TABLE notes (text TEXT)");
  const std::string before = Contents();
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               AllOf(HasSubstr("another program"), HasSubstr("'public'"))));
  EXPECT_EQ(Contents(), before);
  // A schema of its own is enough.
  Query("CREATE SCHEMA logexport");
  EXPECT_THAT(OpenUrl(server_.Url(database_) + "&options=-csearch_path%3Dlogexport"), IsOk());
  EXPECT_EQ(Contents(), before);
}

TEST_F(PostgresqlOpenTest, ANewerSchemaIsUsedIfItSaysSoAndElseRefused) {
  const int newest = NewestSchemaVersion();
  ASSERT_THAT(Open(), IsOk());
  Query(absl::StrCat("UPDATE logexport_schema SET version = ", newest + 2,
                     ", readable_from = ", newest));
  EXPECT_THAT(Open(), IsOk());
  EXPECT_EQ(Query("SELECT version FROM logexport_schema"), absl::StrCat(newest + 2));
  Query(absl::StrCat("UPDATE logexport_schema SET readable_from = ", newest + 1));
  const std::string epoch = Query("SELECT epoch FROM ownership");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition,
                               AllOf(HasSubstr(absl::StrCat("schema version ", newest + 2)),
                                     HasSubstr("newer program"), HasSubstr("backup"))));
  EXPECT_EQ(Query("SELECT epoch FROM ownership"), epoch);
}

// Over a network a commit takes as long as its round trips.
TEST_F(PostgresqlOpenTest, ACommitTakesTwoRoundTrips) {
  server_.Query("ALTER ROLE owner PASSWORD 'open sesame'");
  std::atomic<int> sent = 0;
  const PostgresqlProxy proxy(server_.port(), {[&sent](std::string&) {
                                                 ++sent;
                                                 return PostgresqlProxy::Fate::kForward;
                                               },
                                               {}});
  StoreOptions options;
  options.url = absl::StrCat("postgresql://owner:open%20sesame@127.0.0.1:", proxy.port(), "/",
                             database_, "?sslmode=disable");
  // Without a heartbeat meanwhile.
  auto store = OpenPostgresqlStore(options, clock_,
                                   {{}, {absl::Hours(2), absl::Hours(1), absl::Seconds(3)}});
  ASSERT_THAT(store, IsOk());
  ASSERT_THAT((*store)->Write([&](Transaction& tx) {
    return tx.CreateExporter(SomeExporter("default"), false);
  }),
              IsOk());
  OwnAll(**store);
  RunRecord run = SomeRun("r1");
  run.state = RunState::kRunning;
  run.epoch = (*store)->EpochOf("default");
  ASSERT_THAT((*store)->Write([&](Transaction& tx) { return tx.AddRun(run).status(); }), IsOk());
  for (int i = 1; i <= 3; ++i) {
    run.commit_version = i;
    ProgressCommit commit;
    commit.run = &run;
    commit.epoch = run.epoch;
    commit.expected_version = i;
    commit.position = {Position::Kind::kAfter, absl::StrCat(100 + i), absl::UnixEpoch()};
    commit.remembers_from = "100";
    commit.refused_by = "";
    commit.settled = {{500'000, absl::Seconds(9), {{static_cast<LogIdHash>(i), 7}}}};
    sent = 0;
    ASSERT_THAT(
        (*store)->Write([&](Transaction& tx) { return tx.CommitProgress(commit).status(); }),
        IsOk());
    EXPECT_EQ(sent, 2);
  }
  EXPECT_EQ(Query("SELECT count(*) || ' ' || sum(logs) FROM settled_logs"), "1 3");
  EXPECT_EQ(Query("SELECT version || ' ' || commit_version FROM checkpoints, runs"), "4 3");
}

class PostgresqlMigrationsTest : public PostgresqlOpenTest {
 protected:
  PostgresqlMigrationsTest()
      : session_(*ConnectionTarget::Parse(server_.Url(database_)),
                 PostgresqlSession::Access::kReadWrite, {}) {}

  absl::StatusOr<int> Version(int newest) {
    auto state = InspectSchema(session_, "here", newest);
    if (!state.ok()) return state.status();
    return state->version;
  }

  PostgresqlSession session_;
};

TEST_F(PostgresqlMigrationsTest, EachStepIsTakenOnceInOrder) {
  const std::vector<Migration> first = {{1, {"CREATE TABLE a (x INTEGER)"}}};
  const std::vector<Migration> all = {
      {1, {"CREATE TABLE a (x INTEGER)"}},
      {2, {"ALTER TABLE a ADD COLUMN y TEXT", "CREATE TABLE b (x INTEGER)"}, 1},
      {3, {"INSERT INTO b SELECT count(*) FROM a"}, 1}};
  EXPECT_THAT(MigrateSchema(session_, "here", first), IsOk());
  EXPECT_THAT(Version(3), IsOkAndHolds(1));
  EXPECT_THAT(MigrateSchema(session_, "here", all), IsOk());
  EXPECT_THAT(MigrateSchema(session_, "here", all), IsOk());
  // Also a program that knows no more than version 1.
  EXPECT_THAT(Version(1), IsOkAndHolds(3));
  EXPECT_EQ(Query("SELECT count(*) FROM b"), "1");
}

TEST_F(PostgresqlMigrationsTest, AStepThatFailsIsUndoneAndTheOnesBeforeStay) {
  const std::vector<Migration> broken = {
      {1, {"CREATE TABLE a (x INTEGER)"}},
      {2, {"CREATE TABLE b (x INTEGER)", "CREATE TABLE b (x INTEGER)"}}};
  EXPECT_THAT(MigrateSchema(session_, "here", broken),
              StatusIs(absl::StatusCode::kInternal,
                       AllOf(HasSubstr("schema version 2"), HasSubstr("nothing of it was kept"))));
  EXPECT_THAT(Version(2), IsOkAndHolds(1));
  EXPECT_EQ(Query("SELECT count(*) FROM pg_class WHERE relname = 'b'"), "0");
}

TEST_F(PostgresqlMigrationsTest, ProcessesThatMigrateAtTheSameTimeDoItOnce) {
  std::vector<std::jthread> processes;
  std::atomic<int> failed = 0;
  for (int i = 0; i < 4; ++i) {
    processes.emplace_back([&] {
      PostgresqlSession session(*ConnectionTarget::Parse(server_.Url(database_)),
                                PostgresqlSession::Access::kReadWrite, {});
      const absl::Status status = MigrateSchema(session, "here", Migrations());
      if (!status.ok()) {
        ADD_FAILURE() << status;
        ++failed;
      }
    });
  }
  processes.clear();
  EXPECT_EQ(failed, 0);
  EXPECT_THAT(Version(NewestSchemaVersion()), IsOkAndHolds(NewestSchemaVersion()));
  EXPECT_EQ(Query("SELECT count(*) FROM ownership"), "1");
}

}  // namespace
}  // namespace logexport
