// Records that stand for several runs (RunRecord::idle_runs), as readers see them.
#include <string>
#include <vector>

#include "tests/state/store_contract.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kHour = FakeClock::DefaultStart();

RunRecord RunAt(const std::string& id, absl::Time created) {
  RunRecord run = SomeRun(id);
  run.created = created;
  run.started = created;
  run.ended = created + absl::Seconds(10);
  run.state = RunState::kSucceeded;
  run.stop_reason = StopReason::kCaughtUp;
  return run;
}

// Twelve runs of ten seconds, five minutes apart.
RunRecord Fold(const std::string& id, const std::string& last, absl::Time first) {
  RunRecord fold = RunAt(id, first);
  fold.ended = first + absl::Minutes(55) + absl::Seconds(10);
  fold.idle_runs = 12;
  fold.idle_time = absl::Seconds(120);
  fold.last_idle_run = last;
  return fold;
}

void Add(Store& store, const std::vector<RunRecord>& runs) {
  ASSERT_THAT(store.Write([&](Transaction& tx) -> absl::Status {
    for (const RunRecord& run : runs) {
      const absl::Status added = tx.AddRun(run).status();
      if (!added.ok()) return added;
    }
    return absl::OkStatus();
  }),
              IsOk());
}

std::vector<std::string> IdsSince(Store& store, absl::Time since) {
  RunFilter filter;
  filter.exporter = "default";
  filter.created_from = since;
  std::vector<std::string> ids;
  EXPECT_THAT(store.Read([&](Transaction& tx) -> absl::Status {
    const auto runs = tx.ListRuns(filter, {10, 0});
    if (!runs.ok()) return runs.status();
    for (const RunRecord& run : *runs) ids.push_back(run.run_id);
    const auto count = tx.CountRuns(filter);
    if (!count.ok()) return count.status();
    EXPECT_EQ(count->value, static_cast<std::int64_t>(ids.size()));
    return absl::OkStatus();
  }),
              IsOk());
  return ids;
}

TEST_P(StoreContractTest, IdsOfFoldedRunsNameTheirFold) {
  Add(*store_, {RunAt("0100", kHour - absl::Hours(1)), Fold("0200", "0299", kHour),
                RunAt("0300", kHour + absl::Hours(1))});
  EXPECT_EQ(StoredRun("0250").run_id, "0200");
  EXPECT_EQ(StoredRun("0299").run_id, "0200");
  EXPECT_EQ(StoredRun("0300").run_id, "0300");
  for (const std::string unknown : {"0150", "029a", "0400", "0000"}) {
    EXPECT_THAT(InRead([&](Transaction& tx) { return tx.GetRun("default", unknown); }),
                StatusIs(absl::StatusCode::kNotFound))
        << unknown;
  }
}

TEST_P(StoreContractTest, BeginningsOfTheirIdsAreFoundToo) {
  Add(*store_, {Fold("0200-1", "0299-1", kHour), RunAt("0299-2", kHour + absl::Hours(1))});
  const auto found = [&](const std::string& prefix) {
    return *InRead([&](Transaction& tx) { return tx.RunIdsWithPrefix("default", prefix, 3); });
  };
  EXPECT_THAT(found("0250"), ElementsAre("0200-1"));
  EXPECT_THAT(found("0200"), ElementsAre("0200-1"));
  EXPECT_THAT(found("0299"), ElementsAre("0200-1", "0299-2"));
  EXPECT_THAT(found("0300"), IsEmpty());
}

TEST_P(StoreContractTest, SinceComparesTheEndOfAFold) {
  Add(*store_, {Fold("0200", "0299", kHour), RunAt("0300", kHour + absl::Hours(1))});
  EXPECT_THAT(IdsSince(*store_, kHour + absl::Minutes(30)), ElementsAre("0300", "0200"));
  EXPECT_THAT(IdsSince(*store_, kHour + absl::Minutes(56)), ElementsAre("0300"));
  EXPECT_THAT(IdsSince(*store_, kHour + absl::Hours(2)), IsEmpty());
}

// Also where nothing came after it.
TEST_P(StoreContractTest, SinceFindsTheNewestFoldByItsEnd) {
  Add(*store_, {Fold("0200", "0299", kHour)});
  EXPECT_THAT(IdsSince(*store_, kHour + absl::Minutes(30)), ElementsAre("0200"));
  EXPECT_THAT(IdsSince(*store_, kHour + absl::Minutes(56)), IsEmpty());
}

TEST_P(StoreContractTest, ASeriesCountsEveryRunOfAFoldInItsStep) {
  RunRecord busy = RunAt("0300", kHour + absl::Minutes(58));
  busy.ledger.logs = {.fetched = 7, .accepted = 7};
  Add(*store_, {Fold("0200", "0299", kHour), busy});
  RunSeriesQuery query;
  query.exporter = "default";
  query.from = kHour + absl::Minutes(20);
  query.step = absl::Minutes(20);
  query.steps = 2;
  query.kinds = {RunKind::kExport};
  const auto steps = InRead([&](Transaction& tx) { return tx.SumUpRuns(query); });
  ASSERT_THAT(steps, IsOk());
  ASSERT_EQ(steps->size(), 2u);
  EXPECT_EQ(steps->front().runs, 4);
  EXPECT_EQ(steps->front().total_time, absl::Seconds(40));
  EXPECT_EQ(steps->front().longest_time, absl::Seconds(10));
  EXPECT_EQ(steps->front().last_run_id, "0200");
  EXPECT_EQ(steps->back().runs, 5);
  EXPECT_EQ(steps->back().logs.fetched, 7);
  EXPECT_EQ(steps->back().last_run_id, "0300");

  query.kinds = {RunKind::kDryRun};
  EXPECT_THAT(InRead([&](Transaction& tx) { return tx.SumUpRuns(query); }),
              IsOkAndHolds(IsEmpty()));
}

}  // namespace
}  // namespace logexport
