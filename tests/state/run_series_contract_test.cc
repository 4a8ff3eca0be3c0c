#include <random>
#include <vector>

#include "absl/strings/str_cat.h"

#include "tests/state/store_contract.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

const absl::Time kStart = FakeClock::DefaultStart();

RunSeriesQuery Hours(int hours, int steps) {
  RunSeriesQuery query;
  query.exporter = "default";
  query.from = kStart;
  query.step = absl::Hours(hours);
  query.steps = steps;
  return query;
}

RunRecord RunAt(const std::string& id, absl::Time created) {
  RunRecord run = SomeRun(id);
  run.created = created;
  run.started = created;
  run.ended = created + absl::Seconds(10);
  run.state = RunState::kSucceeded;
  run.stop_reason = StopReason::kCaughtUp;
  return run;
}

TEST_P(StoreContractTest, RunsAreSummedUpByStepsOfTime) {
  RunRecord first = RunAt("first", kStart);
  first.ledger.logs = {.fetched = 100, .accepted = 60, .filtered = 20, .dead_lettered = 5};
  first.ledger.unsettled = 15;
  first.limit_wait = absl::Milliseconds(1500);
  RunRecord second = RunAt("second", kStart + absl::Minutes(59));
  second.ended = *second.started + absl::Minutes(3);
  second.ledger.logs = {.fetched = 7, .accepted = 7};
  RunRecord failed = RunAt("failed", kStart + absl::Hours(2));
  failed.state = RunState::kFailed;
  failed.stop_reason = StopReason::kError;
  failed.last_log_time = *failed.ended - absl::Hours(5);
  ASSERT_THAT(
      Write([&](Transaction& tx) -> absl::Status {
        for (const RunRecord& run : {RunAt("before", kStart - absl::Microseconds(1)), first, second,
                                     failed, RunAt("after", kStart + absl::Hours(3))}) {
          const absl::Status added = tx.AddRun(run).status();
          if (!added.ok()) return added;
        }
        return absl::OkStatus();
      }),
      IsOk());

  const auto steps = InRead([](Transaction& tx) { return tx.SumUpRuns(Hours(1, 3)); });
  ASSERT_THAT(steps, IsOk());
  ASSERT_THAT(*steps, SizeIs(2));
  const RunSeriesStep& whole = steps->front();
  EXPECT_EQ(whole.step, 0);
  EXPECT_EQ(whole.runs, 2);
  EXPECT_EQ(whole.failed, 0);
  EXPECT_EQ(whole.logs.fetched, 107);
  EXPECT_EQ(whole.logs.accepted, 67);
  EXPECT_EQ(whole.logs.filtered, 20);
  EXPECT_EQ(whole.logs.dead_lettered, 5);
  EXPECT_EQ(whole.unsettled, 15);
  EXPECT_EQ(whole.total_time, absl::Seconds(190));
  EXPECT_EQ(whole.longest_time, absl::Minutes(3));
  EXPECT_EQ(whole.limit_wait, absl::Milliseconds(1500));
  EXPECT_EQ(whole.age_at_end, std::nullopt);
  EXPECT_EQ(whole.last_run_id, "second");
  EXPECT_EQ(steps->back().step, 2);
  EXPECT_EQ(steps->back().failed, 1);
  EXPECT_EQ(steps->back().age_at_end, absl::Hours(5));
  EXPECT_EQ(steps->back().last_run_id, "failed");
}

TEST_P(StoreContractTest, ASeriesCountsEveryRunOnceInItsStep) {
  std::mt19937_64 dice(RandomSeed());
  ASSERT_THAT(InWrite([](Transaction& tx) { return tx.CreateExporter(SomeExporter("b"), false); }),
              IsOk());
  std::vector<RunRecord> runs;
  ASSERT_THAT(Write([&](Transaction& tx) -> absl::Status {
                absl::Time created = kStart - absl::Hours(3);
                for (int i = 0; i < 300; ++i) {
                  created += absl::Microseconds(dice() % 120'000'000);
                  RunRecord run = RunAt(absl::StrCat("r", i), created);
                  run.exporter = dice() % 4 == 0 ? "b" : "default";
                  run.parameters.kind = dice() % 3 == 0 ? RunKind::kDryRun : RunKind::kExport;
                  run.ledger.logs.fetched = static_cast<std::int64_t>(dice() % 1000);
                  run.ledger.logs.accepted = run.ledger.logs.fetched;
                  runs.push_back(run);
                  const absl::Status added = tx.AddRun(run).status();
                  if (!added.ok()) return added;
                }
                return absl::OkStatus();
              }),
              IsOk());
  RunSeriesQuery query = Hours(1, 4);
  query.step = absl::Minutes(7);
  query.kinds = {RunKind::kExport};
  std::vector<std::int64_t> counted(4);
  std::vector<std::int64_t> logs(4);
  for (const RunRecord& run : runs) {
    if (run.exporter != "default" || run.parameters.kind != RunKind::kExport) continue;
    const std::int64_t step = absl::Floor(run.created - kStart, query.step) / query.step;
    if (step < 0 || step >= 4) continue;
    ++counted[static_cast<std::size_t>(step)];
    logs[static_cast<std::size_t>(step)] += run.ledger.logs.fetched;
  }
  const auto steps = InRead([&](Transaction& tx) { return tx.SumUpRuns(query); });
  ASSERT_THAT(steps, IsOk());
  std::vector<std::int64_t> found(4);
  std::vector<std::int64_t> found_logs(4);
  for (const RunSeriesStep& step : *steps) {
    found.at(static_cast<std::size_t>(step.step)) = step.runs;
    found_logs.at(static_cast<std::size_t>(step.step)) = step.logs.fetched;
  }
  EXPECT_EQ(found, counted);
  EXPECT_EQ(found_logs, logs);
}

TEST_P(StoreContractTest, ASeriesWithoutRunsIsEmpty) {
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.SumUpRuns(Hours(1, 500)); }),
              IsOkAndHolds(IsEmpty()));
}

}  // namespace
}  // namespace logexport
