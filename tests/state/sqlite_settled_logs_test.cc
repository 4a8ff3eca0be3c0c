// What remembering every settled log costs in the file and in a commit.

#include <cstdint>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "service/state/engines/open_store.h"
#include "service/state/settled_logs.h"
#include "tests/state/store_contract.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

class SettledLogsSizeTest : public ::testing::Test {
 protected:
  // The file's size with everything in it that was committed.
  std::int64_t SizeOf(std::int64_t logs, int logs_per_commit) {
    const TempDirectory directory;
    const std::string path = directory.File("store.db");
    FakeClock clock;
    StoreOptions options;
    options.url = "sqlite:" + path;
    auto store = OpenStore(options, clock);
    EXPECT_THAT(store, IsOk());
    RunRecord run = SomeRun("r1");
    run.state = RunState::kRunning;
    run.epoch = (*store)->EpochOf("default");
    EXPECT_THAT((*store)->Write([&](Transaction& tx) -> absl::Status {
      absl::Status status = tx.CreateExporter(SomeExporter("default"), /*revive=*/false);
      status.Update(tx.AddRun(run).status());
      return status;
    }),
                IsOk());
    std::int64_t done = 0;
    for (std::int64_t version = 1; done < logs; ++version) {
      EXPECT_THAT((*store)->Write([&](Transaction& tx) {
        ProgressCommit commit;
        ++run.commit_version;
        commit.run = &run;
        commit.epoch = run.epoch;
        commit.expected_version = version;
        commit.position = {Position::Kind::kAfter, std::to_string(1'000'000'000 + done), {}};
        commit.remembers_from = "100";
        for (int i = 0; i < logs_per_commit; ++i, ++done) {
          const std::int64_t second = 1'764'000'000 + done * 86'400 / kLogsPerDay;
          if (commit.settled.empty() || commit.settled.back().hour != second / 3600) {
            commit.settled.push_back({second / 3600, absl::Seconds(10), {}});
          }
          commit.settled.back().logs.push_back(
              {HashOfLogId(std::to_string(done)), static_cast<int>(second % 3600)});
        }
        return tx.CommitProgress(commit).status();
      }),
                  IsOk());
    }
    store->reset();
    return static_cast<std::int64_t>(std::filesystem::file_size(path));
  }

  static constexpr std::int64_t kLogsPerDay = 1'000'000;
};

TEST_F(SettledLogsSizeTest, ALogTakesAtMostTenBytes) {
  constexpr std::int64_t kLogs = 200'000;
  const std::int64_t empty = SizeOf(1, 1);
  EXPECT_LE(SizeOf(kLogs, 400) - empty, 10 * kLogs);
}

TEST_F(SettledLogsSizeTest, SmallCommitsTakeNoMore) {
  constexpr std::int64_t kLogs = 20'000;
  const std::int64_t empty = SizeOf(1, 1);
  EXPECT_LE(SizeOf(kLogs, 7) - empty, 10 * kLogs);
}

}  // namespace
}  // namespace logexport
