#include <algorithm>
#include <random>
#include <vector>

#include "absl/strings/str_cat.h"

#include "tests/state/store_contract.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

using ::testing::Field;

template <typename T>
bool Wants(const std::vector<T>& wanted, const T& value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

// What a filter means, said the plain way.
bool Matches(const RunFilter& filter, const RunRecord& run) {
  return (filter.exporter.empty() || filter.exporter == run.exporter) &&
         Wants(filter.states, run.state) && Wants(filter.triggers, run.trigger) &&
         Wants(filter.kinds, run.parameters.kind) &&
         (filter.error_reasons.empty() ||
          (run.error.has_value() && Wants(filter.error_reasons, run.error->reason))) &&
         (!filter.created_from.has_value() || run.created >= *filter.created_from) &&
         (!filter.created_to.has_value() || run.created < *filter.created_to) &&
         run.ledger.logs.fetched >= filter.min_logs;
}

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  int Roll(int sides) { return std::uniform_int_distribution<int>(0, sides - 1)(engine_); }
  template <typename T>
  std::vector<T> Some(const std::vector<T>& of) {
    std::vector<T> some;
    if (Roll(3) > 0) return some;
    for (int i = Roll(3); i >= 0; --i)
      some.push_back(of[static_cast<std::size_t>(Roll(static_cast<int>(of.size())))]);
    return some;
  }

 private:
  std::mt19937_64 engine_;
};

const std::vector<std::string> kExporters = {"default", "b"};
const std::vector<RunState> kStates = {RunState::kQueued, RunState::kRunning, RunState::kSucceeded,
                                       RunState::kFailed, RunState::kCancelled};
const std::vector<Trigger> kTriggers = {Trigger::kSchedule, Trigger::kManual, Trigger::kReplay,
                                        Trigger::kStartup};
const std::vector<RunKind> kKinds = {RunKind::kExport, RunKind::kDryRun, RunKind::kWindow,
                                     RunKind::kRedrive};
const std::vector<std::string> kReasons = {"AUTH0_UNAVAILABLE", "SEGMENT_REFUSES", ""};

absl::Time Hour(int hour) { return FakeClock::DefaultStart() + absl::Hours(hour); }

TEST_P(StoreContractTest, AnyFilterFindsWhatItDescribesPageByPage) {
  Dice dice(RandomSeed());
  ASSERT_THAT(InWrite([](Transaction& tx) { return tx.CreateExporter(SomeExporter("b"), false); }),
              IsOk());
  std::vector<RunRecord> runs;
  ASSERT_THAT(Write([&](Transaction& tx) -> absl::Status {
                for (int i = 0; i < 200; ++i) {
                  RunRecord run = SomeRun(absl::StrCat("r", i),
                                          kExporters[static_cast<std::size_t>(dice.Roll(2))]);
                  run.created = Hour(i / 3);
                  run.state = kStates[static_cast<std::size_t>(dice.Roll(5))];
                  run.trigger = kTriggers[static_cast<std::size_t>(dice.Roll(4))];
                  run.parameters.kind = kKinds[static_cast<std::size_t>(dice.Roll(4))];
                  run.ledger.logs.fetched = dice.Roll(2) == 0 ? 0 : dice.Roll(1 << dice.Roll(16));
                  if (dice.Roll(4) == 0) {
                    run.error = RunError();
                    run.error->reason = kReasons[static_cast<std::size_t>(dice.Roll(3))];
                  }
                  auto added = tx.AddRun(run);
                  if (!added.ok()) return added.status();
                  runs.push_back(*added);
                }
                return absl::OkStatus();
              }),
              IsOk());
  std::reverse(runs.begin(), runs.end());

  for (int round = 0; round < 400; ++round) {
    SCOPED_TRACE(round);
    RunFilter filter;
    if (dice.Roll(4) > 0) filter.exporter = kExporters[static_cast<std::size_t>(dice.Roll(2))];
    filter.states = dice.Some(kStates);
    filter.triggers = dice.Some(kTriggers);
    filter.kinds = dice.Some(kKinds);
    filter.error_reasons = dice.Some(kReasons);
    if (dice.Roll(4) == 0) filter.created_from = Hour(dice.Roll(80) - 5);
    if (dice.Roll(4) == 0) filter.created_to = Hour(dice.Roll(80) - 5);
    if (dice.Roll(4) == 0) filter.min_logs = dice.Roll(1 << dice.Roll(16));

    std::vector<std::string> expected;
    for (const RunRecord& run : runs) {
      if (Matches(filter, run)) expected.push_back(run.run_id);
    }
    std::vector<std::string> found;
    PageRequest page{.size = 1 + dice.Roll(40), .before = 0};
    ASSERT_THAT(Read([&](Transaction& tx) -> absl::Status {
                  EXPECT_THAT(tx.CountRuns(filter),
                              IsOkAndHolds(Field(&Total::value, std::int64_t(expected.size()))));
                  for (;;) {
                    auto part = tx.ListRuns(filter, page);
                    if (!part.ok()) return part.status();
                    for (const RunRecord& run : *part) found.push_back(run.run_id);
                    if (part->size() < static_cast<std::size_t>(page.size)) return part.status();
                    page.before = part->back().sequence;
                  }
                }),
                IsOk());
    ASSERT_EQ(found, expected);
  }
}

TEST_P(StoreContractTest, TotalsAreExactUpToTenThousand) {
  const auto add = [this](int count, const std::string& prefix) {
    ASSERT_THAT(Write([&](Transaction& tx) -> absl::Status {
                  for (int i = 0; i < count; ++i) {
                    const absl::Status status =
                        tx.AddRun(SomeRun(absl::StrCat(prefix, i))).status();
                    if (!status.ok()) return status;
                  }
                  return absl::OkStatus();
                }),
                IsOk());
  };
  const auto total = [this] {
    auto counted = InRead([](Transaction& tx) { return tx.CountRuns(RunsOf("default")); });
    EXPECT_THAT(counted, IsOk());
    return counted.value_or(Total());
  };
  add(10'000, "a");
  EXPECT_EQ(total().value, 10'000);
  EXPECT_TRUE(total().exact);
  add(1, "b");
  EXPECT_EQ(total().value, 10'000);
  EXPECT_FALSE(total().exact);
}

}  // namespace
}  // namespace logexport
