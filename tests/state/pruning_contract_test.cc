#include <vector>

#include "tests/state/store_contract.h"

namespace logexport {
namespace {

// Runs r0 … r9, an hour apart; the last one is created now. r2 is still running.
void AddHourlyRuns(Store& store, FakeClock& clock) {
  ASSERT_THAT(store.Write([&](Transaction& tx) -> absl::Status {
    absl::Status status;
    for (int i = 0; i < 10; ++i) {
      if (i > 0) clock.Advance(absl::Hours(1));
      RunRecord run = SomeRun("r" + std::to_string(i));
      run.created = clock.Now();
      run.state = i == 2 ? RunState::kRunning : RunState::kSucceeded;
      status.Update(tx.AddRun(run).status());
    }
    return status;
  }),
              IsOk());
}

std::string Kept(Store& store) {
  std::string kept;
  EXPECT_THAT(store.Read([&](Transaction& tx) -> absl::Status {
    auto runs = tx.ListRuns(RunsOf("default"), {});
    if (!runs.ok()) return runs.status();
    for (const RunRecord& run : *runs) kept += run.run_id + " ";
    return absl::OkStatus();
  }),
              IsOk());
  return kept;
}

// How many were deleted.
std::int64_t Prune(Store& store, absl::Time before, std::int64_t keep,
                   const std::string& exporter = "default") {
  absl::StatusOr<std::int64_t> pruned;
  EXPECT_THAT(store.Write([&](Transaction& tx) {
    pruned = tx.PruneRuns(exporter, before, keep);
    return pruned.status();
  }),
              IsOk());
  return pruned.ok() ? *pruned : -1;
}

TEST_P(StoreContractTest, RunsArePrunedByAge) {
  AddHourlyRuns(*store_, clock_);
  EXPECT_EQ(Prune(*store_, clock_.Now() - absl::Hours(5), 0), 3);
  EXPECT_EQ(Kept(*store_), "r9 r8 r7 r6 r5 r4 r2 ");  // r2 is unfinished
  EXPECT_EQ(Prune(*store_, absl::InfinitePast(), 0), 0);
}

TEST_P(StoreContractTest, RunsArePrunedByCount) {
  AddHourlyRuns(*store_, clock_);
  EXPECT_EQ(Prune(*store_, absl::InfinitePast(), 3), 6);
  EXPECT_EQ(Kept(*store_), "r9 r8 r7 r2 ");
  EXPECT_EQ(Prune(*store_, absl::InfinitePast(), 100), 0);
}

TEST_P(StoreContractTest, RunsArePrunedByWhicheverBoundIsTighter) {
  AddHourlyRuns(*store_, clock_);
  EXPECT_EQ(Prune(*store_, clock_.Now() - absl::Hours(1), 5), 7);
  EXPECT_EQ(Kept(*store_), "r9 r8 r2 ");
  EXPECT_EQ(Prune(*store_, clock_.Now() + absl::Hours(1), 5), 2);
  EXPECT_EQ(Kept(*store_), "r2 ");
}

TEST_P(StoreContractTest, PruningKeepsTheLastRunAndTheLastSuccessHoweverOld) {
  AddHourlyRuns(*store_, clock_);
  ASSERT_THAT(Write([](Transaction& tx) -> absl::Status {
                auto record = tx.GetExporter("default");
                if (!record.ok()) return record.status();
                record->last_run_id = "r4";
                record->last_success_id = "r1";
                return tx.UpdateExporter(*record);
              }),
              IsOk());
  EXPECT_EQ(Prune(*store_, absl::InfiniteFuture(), 0), 7);
  EXPECT_EQ(Kept(*store_), "r4 r2 r1 ");
}

TEST_P(StoreContractTest, PruningDeletesABoundedNumberAtATimeOldestFirst) {
  ASSERT_THAT(Write([&](Transaction& tx) -> absl::Status {
                for (int i = 0; i < 700; ++i) {
                  RunRecord run = SomeRun("r" + std::to_string(i));
                  run.state = RunState::kSucceeded;
                  const absl::Status status = tx.AddRun(run).status();
                  if (!status.ok()) return status;
                }
                return absl::OkStatus();
              }),
              IsOk());
  EXPECT_EQ(Prune(*store_, absl::InfiniteFuture(), 0), 500);
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.GetRun("default", "r500"); }), IsOk());
  EXPECT_EQ(Prune(*store_, absl::InfiniteFuture(), 0), 200);
}

TEST_P(StoreContractTest, PruningLeavesOtherExportersAlone) {
  AddHourlyRuns(*store_, clock_);
  EXPECT_EQ(Prune(*store_, absl::InfiniteFuture(), 0, "other"), 0);
}

}  // namespace
}  // namespace logexport
