#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

#include "tests/state/store_contract.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_P(StoreContractTest, EveryOpenTakesTheNextEpoch) {
  const std::int64_t first = store_->EpochOf("default");
  EXPECT_GT(first, 0);
  Reopen();
  EXPECT_EQ(store_->EpochOf("default"), first + 1);
  Reopen();
  EXPECT_EQ(store_->EpochOf("default"), first + 2);
}

TEST_P(StoreContractTest, AnOpenStoreIsHealthy) { EXPECT_THAT(store_->Check(), IsOk()); }

TEST_P(StoreContractTest, ABodyThatFailsLeavesNothingBehind) {
  const RunRecord run = AddRunningRun("r1");
  EXPECT_THAT(Write([&](Transaction& tx) -> absl::Status {
                ProgressCommit commit = CommitOf(run, 1, "103");
                commit.dead_letters = {SomeDeadLetter("102")};
                EXPECT_THAT(tx.CommitProgress(commit), IsOk());
                EXPECT_THAT(tx.AddRun(SomeRun("r2")), IsOk());
                EXPECT_THAT(tx.CreateExporter(SomeExporter("b"), false), IsOk());
                EXPECT_THAT(tx.GetCheckpoint("b"), IsOk());  // it sees its own writes
                return absl::CancelledError("changed my mind");
              }),
              StatusIs(absl::StatusCode::kCancelled, "changed my mind"));
  EXPECT_EQ(StoredCheckpoint().version, 1);
  EXPECT_THAT(Read([](Transaction& tx) -> absl::Status {
                EXPECT_THAT(tx.GetRun("default", "r2"), StatusIs(absl::StatusCode::kNotFound));
                EXPECT_THAT(tx.GetExporter("b"), StatusIs(absl::StatusCode::kNotFound));
                EXPECT_THAT(tx.ListDeadLetters(DeadLettersOf("default"), 1, ""),
                            IsOkAndHolds(IsEmpty()));
                return absl::OkStatus();
              }),
              IsOk());
  // And the store goes on.
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.CommitProgress(CommitOf(run, 1, "103")); }),
              IsOkAndHolds(2));
}

TEST_P(StoreContractTest, AnErrorAtAnyOperationLeavesNothingBehind) {
  const RunRecord run = AddRunningRun("r1");
  const auto change = [&](Transaction& tx) -> absl::Status {
    ProgressCommit commit = CommitOf(run, 1, "103");
    commit.dead_letters = {SomeDeadLetter("102")};
    absl::Status status = tx.CommitProgress(commit).status();
    if (!status.ok()) return status;
    OutboxMessage message;
    message.exporter = "default";
    status = tx.AddOutbox(message);
    if (!status.ok()) return status;
    return tx.UpdateRun(run);
  };
  std::vector<std::string> operations;
  for (int fail_at = 0;; ++fail_at) {
    SCOPED_TRACE(fail_at);
    operations.clear();
    fault_ = [&](absl::string_view operation) -> absl::Status {
      if (operation == "Committed") return absl::OkStatus();  // too late to leave nothing behind
      operations.emplace_back(operation);
      return static_cast<int>(operations.size()) - 1 == fail_at ? absl::UnavailableError("injected")
                                                                : absl::OkStatus();
    };
    const absl::Status status = store_->Write(change);
    fault_ = nullptr;
    if (status.ok()) break;
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable, "injected"));
    EXPECT_EQ(StoredCheckpoint().version, 1);
    EXPECT_THAT(InRead([](Transaction& tx) { return tx.NextOutbox(); }),
                IsOkAndHolds(std::nullopt));
  }
  EXPECT_THAT(operations,
              ElementsAre("Begin", "CommitProgress", "AddOutbox", "UpdateRun", "Commit"));
  EXPECT_EQ(StoredCheckpoint().version, 2);
}

TEST_P(StoreContractTest, AnErrorToBeginReadingIsAnsweredAndPasses) {
  fault_ = [](absl::string_view operation) {
    return operation == "Begin" ? absl::UnavailableError("injected") : absl::OkStatus();
  };
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.ListExporters(); }),
              StatusIs(absl::StatusCode::kUnavailable));
  fault_ = nullptr;
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.ListExporters(); }), IsOk());
}

TEST_P(StoreContractTest, WritingWhileReadingIsRefused) {
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.AddRun(SomeRun("r1")); }),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("AddRun")));
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.GetRun("default", "r1"); }),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(StoreContractTest, AReaderSeesOneMoment) {
  const RunRecord run = AddRunningRun("r1");
  EXPECT_THAT(Read([&](Transaction& tx) -> absl::Status {
                EXPECT_EQ(StoredVersion(tx), 1);
                std::thread([&] {
                  EXPECT_THAT(InWrite([&](Transaction& writer) {
                                return writer.CommitProgress(CommitOf(run, 1, "103"));
                              }),
                              IsOk());
                }).join();
                EXPECT_EQ(StoredVersion(tx), 1);
                return absl::OkStatus();
              }),
              IsOk());
  EXPECT_EQ(StoredCheckpoint().version, 2);
}

// Writers keep the checkpoint's version, the run's commit_version and the number of dead letters
// equal; no reader may ever see them differ, or go back.
TEST_P(StoreContractTest, EightReadersSeeOnlyWholeCommits) {
  constexpr int kCommits = 300;
  RunRecord run = AddRunningRun("r1");
  std::atomic<bool> done = false;
  std::atomic<int> reads = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&] {
      std::int64_t last = 0;
      while (!done) {
        const absl::Status status = store_->Read([&](Transaction& tx) -> absl::Status {
          const std::int64_t version = StoredVersion(tx);
          EXPECT_GE(version, last);
          last = version;
          auto stored = tx.GetRun("default", "r1");
          if (!stored.ok()) return stored.status();
          EXPECT_EQ(stored->commit_version, version - 1);
          EXPECT_EQ(stored->ledger.logs.dead_lettered, version - 1);
          auto letters = tx.CountDeadLetters(DeadLettersOf("default"));
          if (!letters.ok()) return letters.status();
          EXPECT_EQ(*letters, version - 1);
          return absl::OkStatus();
        });
        EXPECT_THAT(status, IsOk());
        ++reads;
      }
    });
  }
  for (int i = 1; i <= kCommits; ++i) {
    run.commit_version = i;
    run.ledger.logs.dead_lettered = i;
    ProgressCommit commit = CommitOf(run, i, absl::StrCat(100 + i));
    commit.dead_letters = {SomeDeadLetter(absl::StrCat(100 + i))};
    ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.CommitProgress(commit); }), IsOk());
  }
  while (reads < 100) std::this_thread::yield();
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(StoredCheckpoint().version, kCommits + 1);
}

TEST_P(StoreContractTest, WritersTakeTurns) {
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  std::vector<std::thread> writers;
  for (int i = 0; i < kThreads; ++i) {
    writers.emplace_back([&] {
      for (int n = 0; n < kEach; ++n) {
        EXPECT_THAT(Write([](Transaction& tx) -> absl::Status {
                      auto record = tx.GetExporter("default");
                      if (!record.ok()) return record.status();
                      ++record->fires_started;
                      return tx.UpdateExporter(*record);
                    }),
                    IsOk());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  ASSERT_OK_AND_ASSIGN(const ExporterRecord record,
                       InRead([](Transaction& tx) { return tx.GetExporter("default"); }));
  EXPECT_EQ(record.fires_started, kThreads * kEach);
}

}  // namespace
}  // namespace logexport
