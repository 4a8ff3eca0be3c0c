#include "service/state/sqlite/sqlite_session.h"

#include <vector>

#include "absl/strings/str_cat.h"

#include "service/state/migrations.h"
#include "service/state/records.h"
#include "service/state/sqlite/database_file.h"
#include "service/state/sqlite/sqlite_schema.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class SqliteSessionTest : public ::testing::Test {
 protected:
  SqliteSessionTest() {
    EXPECT_THAT(CreateDatabaseFile(path_), IsOk());
    writer_ = OpenSession(SqliteSession::Access::kReadWrite);
    EXPECT_THAT(writer_->Execute("PRAGMA journal_mode = WAL"), IsOk());
    EXPECT_THAT(writer_->Execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b INTEGER)"),
                IsOk());
  }

  std::unique_ptr<SqliteSession> OpenSession(SqliteSession::Access access) {
    auto session = SqliteSession::Open(path_, access);
    EXPECT_THAT(session, IsOk());
    return *std::move(session);
  }

  // An integer from the first row of an answer with one column.
  std::int64_t Number(SqlSession& session, absl::string_view sql) {
    std::int64_t number = -1;
    EXPECT_THAT(session.Select(sql, {}, [&](SqlRow& row) { number = row.ReadInt(); }), IsOk());
    return number;
  }

  TempDirectory directory_;
  const std::string path_ = directory_.File("test.db");
  std::unique_ptr<SqliteSession> writer_;
};

TEST_F(SqliteSessionTest, ValuesComeBackAsTheyWere) {
  const std::string text("a\0\xff'\"", 5);
  const std::int64_t number = -(std::int64_t{1} << 62);
  for (int round = 0; round < 2; ++round) {  // the second time with the statement prepared
    EXPECT_THAT(writer_->Execute("INSERT INTO t (a, b) VALUES (:a, :b)", {text, number}),
                IsOkAndHolds(1));
  }
  EXPECT_THAT(writer_->Execute("INSERT INTO t (a, b) VALUES (:a, :b)",
                               {std::optional<absl::string_view>(), std::optional<absl::Time>()}),
              IsOk());
  std::vector<std::optional<std::string>> texts;
  std::vector<std::int64_t> numbers;
  EXPECT_THAT(writer_->Select("SELECT a, coalesce(b, 7) FROM t ORDER BY id", {},
                              [&](SqlRow& row) {
                                texts.push_back(row.ReadOptionalText());
                                numbers.push_back(row.ReadInt());
                              }),
              IsOk());
  EXPECT_THAT(texts, ElementsAre(text, text, std::nullopt));
  EXPECT_THAT(numbers, ElementsAre(number, number, 7));
}

TEST_F(SqliteSessionTest, ThePreparedUpdateOfNoRowSaysSoAfterOneOfOneRow) {
  EXPECT_THAT(writer_->Execute("INSERT INTO t (id) VALUES (1)"), IsOkAndHolds(1));
  const auto update = [this](int id) {
    return writer_->Execute("UPDATE t SET b = 1 WHERE id = :id", {id});
  };
  EXPECT_THAT(update(1), IsOkAndHolds(1));
  EXPECT_THAT(update(2), IsOkAndHolds(0));
  EXPECT_THAT(update(1), IsOkAndHolds(1));
}

TEST_F(SqliteSessionTest, AnAnswerThatCannotBeReadFailsAndLeavesNoStatementOpen) {
  ASSERT_THAT(writer_->Execute("INSERT INTO t (a, b) VALUES ('x', 1), ('y', 2), (NULL, 3)"),
              IsOk());
  const auto reader = OpenSession(SqliteSession::Access::kReadOnly);
  int rows = 0;
  EXPECT_THAT(reader->Select("SELECT a FROM t ORDER BY id", {},
                             [&](SqlRow& row) {
                               row.ReadName(ParseRunState);
                               ++rows;
                             }),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("'x'")));
  EXPECT_EQ(rows, 1);
  EXPECT_THAT(
      reader->Select("SELECT a FROM t WHERE b = 3", {}, [](SqlRow& row) { row.ReadText(); }),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("NULL")));
  EXPECT_THAT(reader->Select("SELECT a FROM t WHERE b = 1", {}, [](SqlRow& row) { row.ReadInt(); }),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("'x'")));
  // A statement still open would make the log busy.
  EXPECT_THAT(writer_->Execute("INSERT INTO t (a) VALUES ('z')"), IsOk());
  std::int64_t busy = -1;
  EXPECT_THAT(writer_->Select("PRAGMA wal_checkpoint(TRUNCATE)", {},
                              [&](SqlRow& row) {
                                busy = row.ReadInt();
                                row.SkipAll();
                              }),
              IsOk());
  EXPECT_EQ(busy, 0);
}

TEST_F(SqliteSessionTest, MistakesInTheProgramAreInternalErrors) {
  const auto nothing = [](SqlRow&) {};
  EXPECT_THAT(writer_->Select("SELECT b FROM t WHERE id = :id", {}, nothing),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("number of values")));
  EXPECT_THAT(writer_->Execute("UPDATE t SET b = :x, a = :x", {1, 2}),
              StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(writer_->Execute("DELETE FROM t WHERE b = :b", {1}), IsOk());
  EXPECT_THAT(writer_->Execute("DELETE FROM t WHERE b = :b", {"1"}),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("type of a value")));
  EXPECT_THAT(writer_->Execute("SELEKT"), StatusIs(absl::StatusCode::kInternal));
  ASSERT_THAT(writer_->Execute("INSERT INTO t (b) VALUES (1)"), IsOk());
  EXPECT_THAT(writer_->Select("SELECT b FROM t", {}, nothing),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("not read")));
  EXPECT_THAT(writer_->Select("SELECT b FROM t", {},
                              [](SqlRow& row) {
                                row.ReadInt();
                                row.ReadInt();
                              }),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("does not select")));
}

TEST_F(SqliteSessionTest, ErrorsNeverShowValues) {
  ASSERT_THAT(writer_->Execute("CREATE TABLE u (a TEXT UNIQUE CHECK (length(a) > 3))"), IsOk());
  const auto insert = [this](absl::string_view value) {
    return writer_->Execute("INSERT INTO u (a) VALUES (:a)", {value}).status();
  };
  ASSERT_THAT(insert("hunter2"), IsOk());
  EXPECT_THAT(insert("hunter2"),
              StatusIs(absl::StatusCode::kAlreadyExists, Not(HasSubstr("hunter2"))));
  EXPECT_THAT(insert("pin"), StatusIs(absl::StatusCode::kInternal,
                                      AllOf(HasSubstr("CHECK"), Not(HasSubstr("pin")))));
}

TEST_F(SqliteSessionTest, ARefusedRowLeavesTheTransactionUsable) {
  ASSERT_THAT(writer_->Begin(), IsOk());
  ASSERT_THAT(writer_->Execute("INSERT INTO t (id) VALUES (1)"), IsOk());
  EXPECT_THAT(writer_->Execute("INSERT INTO t (id) VALUES (1)"),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(writer_->failure(), IsOk());
  ASSERT_THAT(writer_->Execute("INSERT INTO t (id) VALUES (2)"), IsOk());
  ASSERT_THAT(writer_->Commit(), IsOk());
  EXPECT_EQ(Number(*writer_, "SELECT count(*) FROM t"), 2);
}

TEST_F(SqliteSessionTest, AFullDatabaseUndoesTheTransactionAndWorksAgainWhenThereIsRoom) {
  ASSERT_THAT(writer_->Execute("PRAGMA max_page_count = 20"), IsOk());
  const std::string big(30'000, 'x');
  const auto insert = [&] {
    return writer_->Execute("INSERT INTO t (a) VALUES (:a)", {big}).status();
  };
  ASSERT_THAT(writer_->Begin(), IsOk());
  ASSERT_THAT(insert(), IsOk());
  absl::Status status = insert();
  if (status.ok()) status = insert();
  EXPECT_THAT(status,
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr(path_), HasSubstr("disk is full"), HasSubstr("free"))));
  EXPECT_EQ(writer_->failure().code(), absl::StatusCode::kResourceExhausted);
  writer_->Rollback();
  EXPECT_EQ(Number(*writer_, "SELECT count(*) FROM t"), 0);

  ASSERT_THAT(writer_->Execute("PRAGMA max_page_count = 1000"), IsOk());
  ASSERT_THAT(writer_->Begin(), IsOk());
  EXPECT_THAT(writer_->failure(), IsOk());
  ASSERT_THAT(insert(), IsOk());
  ASSERT_THAT(writer_->Commit(), IsOk());
  EXPECT_EQ(Number(*writer_, "SELECT count(*) FROM t"), 1);
}

TEST_F(SqliteSessionTest, ASessionForReadingCannotWrite) {
  const auto reader = OpenSession(SqliteSession::Access::kReadOnly);
  EXPECT_THAT(reader->Execute("INSERT INTO t (id) VALUES (1)"),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(SqliteSessionTest, AFileLockedByAnotherProgramIsUnavailable) {
  const auto other = OpenSession(SqliteSession::Access::kReadWrite);
  ASSERT_THAT(other->Execute("PRAGMA busy_timeout = 0"), IsOk());
  ASSERT_THAT(writer_->Begin(), IsOk());
  EXPECT_THAT(other->Begin(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("locked")));
  writer_->Rollback();
  EXPECT_THAT(other->Begin(), IsOk());
  other->Rollback();
}

class MigrationsTest : public SqliteSessionTest {
 protected:
  MigrationsTest() : file_(directory_.File("migrated.db")) {
    EXPECT_THAT(CreateDatabaseFile(file_), IsOk());
    auto session = SqliteSession::Open(file_, SqliteSession::Access::kReadWrite);
    EXPECT_THAT(session, IsOk());
    session_ = *std::move(session);
  }

  const std::string file_;
  std::unique_ptr<SqliteSession> session_;
};

TEST_F(MigrationsTest, EachStepIsTakenOnceInOrder) {
  const std::vector<Migration> first = {{1, {"CREATE TABLE a (x)"}}};
  const std::vector<Migration> all = {{1, {"CREATE TABLE a (x)"}},
                                      {2, {"ALTER TABLE a ADD COLUMN y", "CREATE TABLE b (x)"}},
                                      {3, {"INSERT INTO b SELECT count(*) FROM a"}}};
  EXPECT_THAT(Migrate(*session_, 0, first), IsOk());
  EXPECT_THAT(InspectDatabase(file_, 3), IsOkAndHolds(1));
  EXPECT_THAT(Migrate(*session_, 1, all), IsOk());
  EXPECT_THAT(InspectDatabase(file_, 3), IsOkAndHolds(3));
  EXPECT_EQ(Number(*session_, "SELECT count(*) FROM b"), 1);
  EXPECT_THAT(Migrate(*session_, 3, all), IsOk());
  EXPECT_EQ(Number(*session_, "SELECT count(*) FROM b"), 1);
}

TEST_F(MigrationsTest, AStepThatFailsIsUndoneAndTheOnesBeforeStay) {
  const std::vector<Migration> broken = {{1, {"CREATE TABLE a (x)"}},
                                         {2, {"CREATE TABLE b (x)", "CREATE TABLE b (x)"}}};
  EXPECT_THAT(Migrate(*session_, 0, broken),
              StatusIs(absl::StatusCode::kInternal,
                       AllOf(HasSubstr("schema version 2"), HasSubstr("nothing of it was kept"))));
  EXPECT_THAT(InspectDatabase(file_, 2), IsOkAndHolds(1));
  EXPECT_EQ(Number(*session_, "SELECT count(*) FROM sqlite_schema"), 1);
  const std::vector<Migration> mended = {{1, {}}, {2, {"CREATE TABLE b (x)"}}};
  EXPECT_THAT(Migrate(*session_, 1, mended), IsOk());
  EXPECT_THAT(InspectDatabase(file_, 2), IsOkAndHolds(2));
}

TEST_F(MigrationsTest, TheVersionsOfTheSchemaCountFromOne) {
  int expected = 1;
  for (const Migration& migration : Migrations()) EXPECT_EQ(migration.version, expected++);
  EXPECT_EQ(NewestSchemaVersion(), expected - 1);
}

}  // namespace
}  // namespace logexport
