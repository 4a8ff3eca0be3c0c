// Opening a store on SQLite: what is accepted, and what is refused without touching it.

#include <filesystem>
#include <functional>
#include <vector>

#include "absl/strings/str_cat.h"
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/state/engines/open_store.h"
#include "service/state/migrations.h"
#include "service/state/sqlite/database_file.h"
#include "service/state/sqlite/sqlite_schema.h"
#include "service/state/sqlite/sqlite_session.h"
#include "service/state/store.h"
#include "tests/state/store_contract.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class SqliteOpenTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Store>> OpenUrl(const std::string& url) {
    StoreOptions options;
    options.url = url;
    return OpenStore(options, clock_);
  }
  absl::StatusOr<std::unique_ptr<Store>> Open() { return OpenUrl("sqlite:" + path_); }

  // A closed store with `runs` runs in it, i.e. one file without a log.
  void MakeStore(int runs) {
    auto store = Open();
    ASSERT_THAT(store, IsOk());
    ASSERT_THAT((*store)->Write([&](Transaction& tx) -> absl::Status {
      absl::Status status = tx.CreateExporter(SomeExporter("default"), false);
      for (int i = 0; i < runs; ++i) {
        status.Update(tx.AddRun(SomeRun(absl::StrCat("r", i))).status());
      }
      return status;
    }),
                IsOk());
  }

  // Runs statements on the file, as another program would.
  void Execute(const std::string& path, const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  FakeClock clock_;
  TempDirectory directory_;
  const std::string path_ = directory_.File("store.db");
};

TEST_F(SqliteOpenTest, OnlyKnownUrlsAreTaken) {
  for (const char* url :
       {"", "store.db", "mysql://me:secret@host", "colour=secret", "sqlite:", "sqlite:a\"b"}) {
    SCOPED_TRACE(url);
    EXPECT_THAT(OpenUrl(url), StatusIs(absl::StatusCode::kInvalidArgument,
                                       AllOf(HasSubstr("sqlite:"), Not(HasSubstr("secret")))));
  }
}

TEST_F(SqliteOpenTest, AFreshStoreBelongsToItsUserAlone) {
  const mode_t old_mask = ::umask(0);
  auto store = Open();
  ASSERT_THAT(store, IsOk());
  ASSERT_THAT((*store)->Write([](Transaction& tx) {
    return tx.CreateExporter(SomeExporter("default"), false);
  }),
              IsOk());
  ::umask(old_mask);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
    SCOPED_TRACE(entry.path());
    struct stat info {};
    ASSERT_EQ(::stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600u);
    ++files;
  }
  EXPECT_EQ(files, 4);  // the database, its log, the log's index, the lock
}

TEST_F(SqliteOpenTest, PathsWithAnyCharactersAreTaken) {
  for (const char* name :
       {"with space", "a=b", "db=x timeout=1", "q?mode=ro#x", "per%41cent", "it's", "\xc3\xa9"}) {
    SCOPED_TRACE(name);
    const std::string path = directory_.File(name);
    {
      auto store = OpenUrl("sqlite:" + path);
      ASSERT_THAT(store, IsOk());
      EXPECT_TRUE(std::filesystem::exists(path));
    }
    EXPECT_THAT(OpenUrl("sqlite:" + path), IsOk());
  }
}

TEST_F(SqliteOpenTest, AMissingDirectoryIsNotFound) {
  const std::string path = directory_.File("missing/store.db");
  EXPECT_THAT(OpenUrl("sqlite:" + path),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr(path), HasSubstr("create its directory"))));
  EXPECT_FALSE(std::filesystem::exists(directory_.File("missing")));
}

TEST_F(SqliteOpenTest, ASecondOpenerInTheSameProcessIsRefusedNamingThePid) {
  auto first = Open();
  ASSERT_THAT(first, IsOk());
  std::filesystem::create_symlink(path_, directory_.File("alias.db"));
  std::filesystem::create_directory_symlink(directory_.path(), directory_.File("alias"));
  for (const std::string& path :
       {path_, directory_.File("alias.db"), directory_.File("alias/store.db"),
        directory_.path() + "/./store.db"}) {
    SCOPED_TRACE(path);
    EXPECT_THAT(OpenUrl("sqlite:" + path),
                StatusIs(absl::StatusCode::kAborted,
                         HasSubstr(absl::StrCat("this process (pid ", ::getpid(), ")"))));
  }
  first->reset();
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(SqliteOpenTest, AnEmptyFileBecomesAStore) {
  WriteFile(path_, "");
  EXPECT_THAT(Open(), IsOk());
  // What a process leaves that dies between making the database and its first table.
  const std::string other = directory_.File("empty.db");
  Execute(other, "PRAGMA journal_mode = WAL; CREATE TABLE t (a); DROP TABLE t; VACUUM;");
  EXPECT_THAT(OpenUrl("sqlite:" + other), IsOk());
}

TEST_F(SqliteOpenTest, AStoreOfTheFirstVersionIsTakenOver) {
  {
    ASSERT_THAT(CreateDatabaseFile(path_), IsOk());
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<SqliteSession> session,
                         SqliteSession::Open(path_, SqliteSession::Access::kReadWrite));
    ASSERT_THAT(Migrate(*session, 0, {Migrations().front()}), IsOk());
    ASSERT_THAT(
        session->Execute("INSERT INTO exporters VALUES ('default', 'fedcba9876543210', 2, 1, "
                         "1000000, 2000000, 'carol', 1, 'maintenance', 3, 4, 5, NULL, 3000000, 6, "
                         "'run', 'success', 4000000, NULL, NULL, '2026-11-23')"),
        IsOk());
  }
  auto store = Open();
  ASSERT_THAT(store, IsOk());
  ASSERT_THAT((*store)->Write([](Transaction& tx) -> absl::Status {
    absl::StatusOr<ExporterRecord> exporter = tx.GetExporter("default");
    if (!exporter.ok()) return exporter.status();
    EXPECT_EQ(exporter->message_namespace, "fedcba9876543210");
    EXPECT_EQ(exporter->pause->since, absl::FromUnixSeconds(2));
    EXPECT_EQ(exporter->last_success, absl::FromUnixSeconds(4));
    EXPECT_EQ(exporter->last_daily_report, "2026-11-23");
    EXPECT_EQ(exporter->resumed, std::nullopt);
    EXPECT_EQ(exporter->slack_failing_since, std::nullopt);
    EXPECT_EQ(exporter->webhook_failing_since, std::nullopt);
    EXPECT_EQ(exporter->unknown_types_told, std::vector<std::string>());
    exporter->pause.reset();
    exporter->resumed = absl::FromUnixSeconds(5);
    return tx.UpdateExporter(*exporter);
  }),
              IsOk());
  store->reset();
  EXPECT_THAT(InspectDatabase(path_, NewestSchemaVersion()), IsOkAndHolds(NewestSchemaVersion()));
  ASSERT_THAT(store = Open(), IsOk());
  EXPECT_THAT((*store)->Read([](Transaction& tx) -> absl::Status {
    const absl::StatusOr<ExporterRecord> exporter = tx.GetExporter("default");
    if (!exporter.ok()) return exporter.status();
    EXPECT_EQ(exporter->message_namespace, "fedcba9876543210");
    EXPECT_EQ(exporter->resumed, absl::FromUnixSeconds(5));
    return absl::OkStatus();
  }),
              IsOk());
}

struct Damage {
  const char* name;
  std::function<void(const std::string& path)> make;
  std::string expected;
};

TEST_F(SqliteOpenTest, WhatIsNoStoreOfOursIsRefusedAndLeftByteForByte) {
  MakeStore(100);
  const std::string good = ReadFile(path_);
  ASSERT_GT(good.size(), 50'000u);
  const auto execute = [&](const char* sql) {
    return [this, good, sql](const std::string& path) {
      WriteFile(path, good);
      Execute(path, sql);
    };
  };
  const auto altered = [&](std::size_t at, std::size_t count, char with) {
    return [good, at, count, with](const std::string& path) {
      std::string bad = good;
      bad.replace(at, count, count, with);
      WriteFile(path, bad);
    };
  };
  const std::vector<Damage> damages = {
      {"text", [](const std::string& path) { WriteFile(path, "exporters:\n  - id: default\n"); },
       "is not an SQLite database"},
      {"zeros", [](const std::string& path) { WriteFile(path, std::string(8192, '\0')); },
       "is not an SQLite database"},
      {"another program's",
       [this](const std::string& path) { Execute(path, "CREATE TABLE notes (text)"); },
       "is the database of another program"},
      {"a newer version", execute("PRAGMA user_version = 99"),
       "has schema version 99, and this program knows up to"},
      {"cut in the header", [&](const std::string& path) { WriteFile(path, good.substr(0, 60)); },
       "is damaged: it ends within its header"},
      {"cut in half",
       [&](const std::string& path) { WriteFile(path, good.substr(0, good.size() / 2)); },
       "is damaged: it has"},
      {"no schema", altered(100, 3000, '\x7f'), "is damaged"},
      {"a bad page", altered(good.size() / 4096 / 2 * 4096, 2000, '\x7f'), "is damaged"},
  };
  for (const Damage& damage : damages) {
    SCOPED_TRACE(damage.name);
    const TempDirectory directory;
    const std::string path = directory.File("bad.db");
    damage.make(path);
    const std::string before = ReadFile(path);
    EXPECT_THAT(OpenUrl("sqlite:" + path),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         AllOf(HasSubstr(path), HasSubstr(damage.expected),
                               HasSubstr("it was left as it is"))));
    EXPECT_EQ(ReadFile(path), before);
    EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
    EXPECT_FALSE(std::filesystem::exists(path + "-journal"));
  }
}

TEST_F(SqliteOpenTest, ANewerVersionThatIsOnlyInTheLogIsRefusedAndLeftByteForByte) {
  MakeStore(1);
  // As a newer program leaves it that is killed right after its migration: copied while open.
  const std::string copy = directory_.File("copy.db");
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, "PRAGMA user_version = 99", nullptr, nullptr, nullptr),
            SQLITE_OK);
  std::filesystem::copy_file(path_, copy);
  std::filesystem::copy_file(path_ + "-wal", copy + "-wal");
  sqlite3_close(database);

  const std::string before = ReadFile(copy);
  const std::string log_before = ReadFile(copy + "-wal");
  ASSERT_GT(log_before.size(), 4096u);
  EXPECT_THAT(OpenUrl("sqlite:" + copy),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("has schema version 99")));
  EXPECT_EQ(ReadFile(copy), before);
  EXPECT_EQ(ReadFile(copy + "-wal"), log_before);
}

TEST_F(SqliteOpenTest, AStoreThatIsReplacedUnderItsOwnerIsNoLongerHealthy) {
  auto store = Open();
  ASSERT_THAT(store, IsOk());
  EXPECT_THAT((*store)->Check(), IsOk());
  std::filesystem::rename(path_, directory_.File("moved.db"));
  EXPECT_THAT((*store)->Check(), StatusIs(absl::StatusCode::kNotFound, HasSubstr(path_)));
  WriteFile(path_, "");
  EXPECT_THAT((*store)->Check(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(path_)));
}

}  // namespace
}  // namespace logexport
