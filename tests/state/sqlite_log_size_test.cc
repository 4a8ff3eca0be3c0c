// The write-ahead log stays small however many commits there are and however busy the readers.

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <sqlite3.h>
#include <sys/stat.h>

#include "service/state/engines/open_store.h"
#include "service/state/sqlite/sqlite_session.h"
#include "service/state/store.h"
#include "tests/state/store_contract.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

class SqliteLogSizeTest : public ::testing::Test {
 protected:
  SqliteLogSizeTest() {
    StoreOptions options;
    options.url = "sqlite:" + path_;
    auto opened = OpenStore(options, clock_);
    EXPECT_THAT(opened, IsOk());
    store_ = *std::move(opened);
    run_.state = RunState::kRunning;
    run_.epoch = store_->EpochOf("default");
    EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
      absl::Status status = tx.CreateExporter(SomeExporter("default"), false);
      status.Update(tx.AddRun(run_).status());
      return status;
    }),
                IsOk());
  }

  // The n-th commit, from 1: some 120 KB of dead letters.
  void Commit(int n) {
    ProgressCommit commit;
    commit.run = &run_;
    commit.epoch = run_.epoch;
    commit.expected_version = n;
    commit.position = {Position::Kind::kAfter, absl::StrCat(100 + n), absl::UnixEpoch()};
    for (int i = 0; i < 10; ++i) {
      DeadLetter letter = SomeDeadLetter(absl::StrCat("l", i));
      letter.raw = std::string(12'000, static_cast<char>('a' + n % 26));
      commit.dead_letters.push_back(letter);
    }
    ASSERT_THAT(store_->Write([&](Transaction& tx) { return tx.CommitProgress(commit).status(); }),
                IsOk());
  }

  std::int64_t LogSize() const {
    struct stat info {};
    EXPECT_EQ(::stat((path_ + "-wal").c_str(), &info), 0);
    return info.st_size;
  }

  const TempDirectory directory_;
  const std::string path_ = directory_.File("store.db");
  FakeClock clock_;
  std::unique_ptr<Store> store_;
  RunRecord run_ = SomeRun("r1");
};

TEST_F(SqliteLogSizeTest, TheWriteAheadLogStaysBoundedUnderReadersThatNeverPause) {
  // What is kept, and what one commit may add to it.
  constexpr std::int64_t kBound = (16 + 2) << 20;
  constexpr int kCommits = 500;

  // Several at a time and for long enough that practically always one of them is in a snapshot: the
  // case in which SQLite by itself never starts the log anew.
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
          const std::int64_t version = StoredVersion(tx);
          for (int n = 0; n < 10; ++n) EXPECT_EQ(StoredVersion(tx), version);
          return absl::OkStatus();
        }),
                    IsOk());
      }
    });
  }

  std::int64_t largest = 0;
  for (int i = 1; i <= kCommits; ++i) {
    Commit(i);
    largest = std::max(largest, LogSize());
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  // Three times the bound was written.
  EXPECT_LT(largest, kBound);
  RecordProperty("largest_log", absl::StrCat(largest));
}

// As an operator's sqlite3 that was left open in a transaction.
TEST_F(SqliteLogSizeTest, AnotherProgramsSnapshotHoldsUpNoCommitAndNoRead) {
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN; SELECT * FROM runs", nullptr, nullptr, nullptr), SQLITE_OK);
  int n = 1;
  absl::Duration longest;
  const auto commit = [&] {
    const absl::Time begin = absl::Now();
    Commit(n++);
    longest = std::max(longest, absl::Now() - begin);
  };
  while (LogSize() < 16 << 20) commit();
  for (int i = 0; i < 5; ++i) {
    commit();
    EXPECT_THAT(store_->Read([](Transaction& tx) { return tx.GetExporter("default").status(); }),
                IsOk());
  }
  // SQLite's own patience with the other program.
  EXPECT_LT(longest, absl::Seconds(SqliteSession::kBusyTimeoutSeconds));
  sqlite3_close(other);
}

}  // namespace
}  // namespace logexport
