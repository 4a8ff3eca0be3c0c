#include "tests/state/settled_logs_contract.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "service/state/settled_logs.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

constexpr std::int64_t kHour = 490'000;  // in 2025

absl::Time At(std::int64_t hour, int second = 0) {
  return absl::FromUnixSeconds(hour * 3600 + second);
}

// Logs of one hour: `count` hashes from `first_id` on, a second apart from `second` on.
SettledLogs Logs(std::int64_t hour, int second, int count, LogIdHash first_id,
                 absl::Duration age = absl::Seconds(10)) {
  SettledLogs logs;
  logs.hour = hour;
  logs.age = age;
  for (int i = 0; i < count; ++i) {
    logs.logs.push_back({first_id + static_cast<LogIdHash>(i), std::min(second + i, 3599)});
  }
  return logs;
}

TEST(HashOfLogIdTest, IsWhatIsStored) {
  // Another value would make every log that is remembered in a store look late.
  EXPECT_EQ(HashOfLogId(""), 0xefd01f60ba992926u);
  EXPECT_EQ(HashOfLogId("90020251123120000000000000000000000000000000000000000001"),
            0x475691b655fe1a7au);
  EXPECT_NE(HashOfLogId("ab"), HashOfLogId("ba"));
}

TEST(HourOfTest, TakesTimesThatMakeNoSense) {
  EXPECT_EQ(HourOf(At(kHour, 59)).hour, kHour);
  EXPECT_EQ(HourOf(At(kHour, 59)).second, 59);
  EXPECT_EQ(HourOf(std::nullopt).hour, 0);
  EXPECT_EQ(HourOf(absl::InfinitePast()).hour, 0);
  EXPECT_EQ(HourOf(absl::UnixEpoch() - absl::Hours(5)).second, 0);
}

TEST_P(SettledLogsContractTest, NothingIsRememberedBeforeTheFirstRun) {
  EXPECT_FALSE(Completeness().has_value());
  EXPECT_THAT(Stretches(absl::UnixEpoch()), IsEmpty());
}

TEST_P(SettledLogsContractTest, ACommitRemembersWhatItSettlesWithWhereThatBegan) {
  ASSERT_THAT(Commit("150", {Logs(kHour, 10, 3, 1000)}), IsOk());
  const std::optional<CompletenessRecord> record = Completeness();
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->floor, "100");
  EXPECT_EQ(record->reached, "150");
  EXPECT_EQ(record->since, clock_.Now());
  EXPECT_THAT(Remembered(At(kHour), At(kHour + 1)), ElementsAre(1000, 1001, 1002));
  EXPECT_THAT(Remembered(At(kHour, 13), At(kHour + 1)), IsEmpty());
  EXPECT_THAT(Remembered(At(kHour), At(kHour, 9)), IsEmpty());

  Reopen();
  EXPECT_THAT(Remembered(At(kHour), At(kHour + 1)), ElementsAre(1000, 1001, 1002));
}

TEST_P(SettledLogsContractTest, ARefusedCommitRemembersNothing) {
  ASSERT_THAT(Commit("150", {Logs(kHour, 10, 1, 1)}), IsOk());
  RunRecord stale = run_;
  stale.epoch = run_.epoch - 1;
  EXPECT_THAT(Write([&](Transaction& tx) -> absl::Status {
                ProgressCommit commit = CommitOf(stale, StoredVersion(tx), "160");
                commit.settled = {Logs(kHour, 20, 1, 2)};
                commit.remembers_from = "100";
                return tx.CommitProgress(commit).status();
              }),
              Not(IsOk()));
  EXPECT_THAT(Remembered(At(kHour), At(kHour + 1)), ElementsAre(1));
}

TEST_P(SettledLogsContractTest, HashesOfAnyBytesComeBack) {
  const std::vector<LogIdHash> odd = {0,
                                      0xffffffffffffffff,
                                      0x00ff00ff00ff00ff,
                                      0x2727272727272727,
                                      0x8000000000000000,
                                      0x00000000000000c3};
  for (const LogIdHash id : odd) ASSERT_THAT(Commit("150", {Logs(kHour, 5, 1, id)}), IsOk());
  EXPECT_EQ(Remembered(At(kHour), At(kHour + 1)), odd);
}

TEST_P(SettledLogsContractTest, FewLogsAtATimeShareAPiece) {
  for (int i = 0; i < 700; ++i) {
    ASSERT_THAT(
        Commit("150", {Logs(kHour, i, 1, static_cast<LogIdHash>(i), absl::Seconds(900 - i))}),
        IsOk());
  }
  const std::vector<RememberedStretch> stretches = Stretches(absl::UnixEpoch());
  ASSERT_EQ(stretches.size(), 2u);
  EXPECT_EQ(stretches[0].first, At(kHour));
  EXPECT_EQ(stretches[0].last, stretches[1].first - absl::Seconds(1));
  EXPECT_EQ(stretches[1].last, At(kHour, 699));
  EXPECT_EQ(stretches[1].age, absl::Seconds(201));
  EXPECT_EQ(stretches[0].logs + stretches[1].logs, 700);
  EXPECT_EQ(Remembered(At(kHour), At(kHour + 1)).size(), 700u);
}

TEST_P(SettledLogsContractTest, ManyLogsAreFoundByTheirTime) {
  ASSERT_THAT(Commit("150", {Logs(kHour, 0, 3600, 1), Logs(kHour + 1, 0, 3600, 100'000)}), IsOk());
  // Not all of them: that many could be more than there is memory for.
  const std::vector<LogIdHash> found = Remembered(At(kHour, 3590), At(kHour + 1, 10));
  EXPECT_LT(found.size(), 2000u);
  std::vector<LogIdHash> wanted;
  for (LogIdHash i = 3591; i <= 3600; ++i) wanted.push_back(i);
  for (LogIdHash i = 100'000; i <= 100'010; ++i) wanted.push_back(i);
  EXPECT_THAT(found, IsSupersetOf(wanted));
  EXPECT_EQ(Stretches(At(kHour + 1), 3).size(), 3u);
  EXPECT_EQ(Stretches(At(kHour + 1), 3).front().first, At(kHour + 1));
}

TEST_P(SettledLogsContractTest, ReplaysLeaveTheFloorWhereItIs) {
  ASSERT_THAT(Commit("300", {}), IsOk());
  SetCheckpoint({Position::Kind::kAfter, "200", {}});
  ASSERT_THAT(Commit("250", {}, "200"), IsOk());
  EXPECT_EQ(Completeness()->floor, "100");
  EXPECT_EQ(Completeness()->reached, "300");
}

TEST_P(SettledLogsContractTest, WhatIsSkippedIsBelowTheFloor) {
  ASSERT_THAT(Commit("300", {}), IsOk());
  SetCheckpoint({Position::Kind::kAfter, "400", {}});
  EXPECT_EQ(Completeness()->floor, "400");
  // A place that is found out by the next run only.
  SetCheckpoint({Position::Kind::kLatest, "", clock_.Now()});
  EXPECT_EQ(Completeness()->floor, "400");
  ASSERT_THAT(Commit("500", {}, "500"), IsOk());
  EXPECT_EQ(Completeness()->floor, "500");
}

TEST_P(SettledLogsContractTest, TurnedOffItForgetsAndBeginsAnew) {
  ASSERT_THAT(Commit("150", {Logs(kHour, 10, 3, 1000)}), IsOk());
  ASSERT_THAT(Commit("160", {Logs(kHour, 20, 3, 2000)}, std::nullopt), IsOk());
  EXPECT_FALSE(Completeness().has_value());
  EXPECT_THAT(Stretches(absl::UnixEpoch()), IsEmpty());
  ASSERT_THAT(Commit("170", {Logs(kHour, 30, 1, 3000)}, "160"), IsOk());
  EXPECT_EQ(Completeness()->floor, "160");
  EXPECT_THAT(Remembered(At(kHour), At(kHour + 1)), ElementsAre(3000));
}

TEST_P(SettledLogsContractTest, PassesAndLateLogsAreCounted) {
  ASSERT_THAT(Commit("150", {}), IsOk());
  const auto record = [&](std::vector<CompletenessPass> passes, std::int64_t late) {
    return Write(
        [&](Transaction& tx) { return tx.RecordPasses("default", passes, late, clock_.Now()); });
  };
  ASSERT_THAT(record({{absl::Hours(2), "140"}, {absl::Hours(48), "110"}}, 3), IsOk());
  const absl::Time found = clock_.Now();
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(record({{absl::Hours(2), "145"}}, 0), IsOk());
  const std::optional<CompletenessRecord> stored = Completeness();
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->late_logs, 3);
  EXPECT_EQ(stored->last_late, found);
  ASSERT_EQ(stored->passes.size(), 1u);
  EXPECT_EQ(stored->passes[0].age, absl::Hours(2));
  EXPECT_EQ(stored->passes[0].read_up_to, "145");
}

TEST_P(SettledLogsContractTest, OldHoursAreForgottenAndRaiseTheFloor) {
  ASSERT_THAT(
      Commit("150", {Logs(kHour, 0, 600, 1), Logs(kHour + 1, 0, 5, 1000), Logs(0, 0, 1, 2000)}),
      IsOk());
  const auto prune = [&](absl::Time before, const std::string& floor) {
    auto pruned =
        InWrite([&](Transaction& tx) { return tx.PruneRemembered("default", before, floor); });
    EXPECT_THAT(pruned, IsOk());
    return pruned.ok() ? *pruned : -1;
  };
  EXPECT_EQ(prune(At(kHour, 3599), "120"), 0);
  EXPECT_EQ(Completeness()->floor, "100");
  EXPECT_EQ(prune(At(kHour + 1), "120"), 2);
  EXPECT_EQ(Completeness()->floor, "120");
  // Those without a time stay.
  EXPECT_EQ(Stretches(absl::UnixEpoch()).size(), 2u);
}

TEST_P(SettledLogsContractTest, TheMemoryGoesWithItsExporter) {
  ASSERT_THAT(Commit("150", {Logs(kHour, 0, 600, 1)}), IsOk());
  ASSERT_THAT(Write([](Transaction& tx) { return tx.DeleteExporter("default", {}); }), IsOk());
  EXPECT_FALSE(Completeness().has_value());
  EXPECT_THAT(Stretches(absl::UnixEpoch()), IsEmpty());
}

TEST_P(SettledLogsContractTest, ARunWithNothingToTellIsDeleted) {
  AddRunningRun("r9");
  EXPECT_THAT(Write([](Transaction& tx) { return tx.DeleteRun("default", "r9"); }), IsOk());
  EXPECT_TRUE(absl::IsNotFound(
      InRead([](Transaction& tx) { return tx.GetRun("default", "r9"); }).status()));
  EXPECT_TRUE(
      absl::IsNotFound(Write([](Transaction& tx) { return tx.DeleteRun("default", "r9"); })));
}

}  // namespace
}  // namespace logexport
