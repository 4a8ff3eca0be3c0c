// The write-ahead log stays small however many commits there are and however busy the readers.

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include <sys/stat.h>

#include "service/state/store.h"
#include "tests/state/store_contract.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

TEST(SqliteLogSizeTest, TheWriteAheadLogStaysBoundedUnderReadersThatNeverPause) {
  // What is kept, and what one commit may add to it.
  constexpr std::int64_t kBound = (16 + 2) << 20;
  constexpr int kCommits = 500;
  constexpr int kLettersEach = 10;
  constexpr int kLetterBytes = 12'000;

  const TempDirectory directory;
  FakeClock clock;
  StoreOptions options;
  options.url = "sqlite:" + directory.File("store.db");
  auto opened = Store::Open(options, clock);
  ASSERT_THAT(opened, IsOk());
  Store& store = **opened;
  RunRecord run = SomeRun("r1");
  run.state = RunState::kRunning;
  run.epoch = store.epoch();
  ASSERT_THAT(store.Write([&](Transaction& tx) -> absl::Status {
    absl::Status status = tx.CreateExporter(SomeExporter("default"), false);
    status.Update(tx.AddRun(run).status());
    return status;
  }),
              IsOk());

  // Several at a time and for long enough that practically always one of them is in a snapshot: the
  // case in which SQLite by itself never starts the log anew.
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        EXPECT_THAT(store.Read([&](Transaction& tx) -> absl::Status {
          const std::int64_t version = StoredVersion(tx);
          for (int n = 0; n < 100; ++n) EXPECT_EQ(StoredVersion(tx), version);
          return absl::OkStatus();
        }),
                    IsOk());
      }
    });
  }

  std::int64_t largest = 0;
  for (int i = 1; i <= kCommits; ++i) {
    ProgressCommit commit;
    commit.run = &run;
    commit.epoch = run.epoch;
    commit.expected_version = i;
    commit.position = {Position::Kind::kAfter, absl::StrCat(100 + i), absl::UnixEpoch()};
    for (int n = 0; n < kLettersEach; ++n) {
      DeadLetter letter = SomeDeadLetter(absl::StrCat("l", n));
      letter.raw = std::string(kLetterBytes, static_cast<char>('a' + i % 26));
      commit.dead_letters.push_back(letter);
    }
    ASSERT_THAT(store.Write([&](Transaction& tx) { return tx.CommitProgress(commit).status(); }),
                IsOk());
    struct stat info {};
    ASSERT_EQ(::stat(directory.File("store.db-wal").c_str(), &info), 0);
    largest = std::max(largest, std::int64_t{info.st_size});
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  // Three times the bound was written.
  EXPECT_LT(largest, kBound);
  RecordProperty("largest_log", absl::StrCat(largest));
}

}  // namespace
}  // namespace logexport
