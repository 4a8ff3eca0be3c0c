#include <vector>

#include "tests/state/store_contract.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_P(StoreContractTest, ANewExporterStartsAtTheGivenCheckpoint) {
  const Checkpoint checkpoint = StoredCheckpoint();
  EXPECT_EQ(checkpoint.position, (Position{Position::Kind::kAfter, "100", absl::UnixEpoch()}));
  EXPECT_EQ(checkpoint.version, 1);
  EXPECT_EQ(checkpoint.log_time, std::nullopt);
  EXPECT_EQ(checkpoint.audit.requester, "alice");
  EXPECT_EQ(checkpoint.run_id, "");
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.ListCheckpoints("default", {}); }),
              IsOkAndHolds(IsEmpty()));
}

TEST_P(StoreContractTest, EveryKindOfPositionComesBackAsItWasSet) {
  const absl::Time time = FakeClock::DefaultStart() + absl::Microseconds(123456);
  for (const Position& position :
       {Position{Position::Kind::kAfter, "", absl::UnixEpoch()},
        Position{Position::Kind::kAfter, "90020261123", absl::UnixEpoch()},
        Position{Position::Kind::kAt, "90020261123", absl::UnixEpoch()},
        Position{Position::Kind::kEarliest, "", absl::UnixEpoch()},
        Position{Position::Kind::kLatest, "", time}, Position{Position::Kind::kTime, "", time}}) {
    SCOPED_TRACE(DescribePosition(position));
    EXPECT_THAT(InWrite([&](Transaction& tx) {
                  return tx.SetCheckpoint("default", position, clock_.Now(), {});
                }),
                IsOk());
    EXPECT_EQ(StoredCheckpoint().position, position);
  }
}

TEST_P(StoreContractTest, SettingTheCheckpointKeepsHistoryNewestFirst) {
  for (const char* id : {"050", "070"}) {
    clock_.Advance(absl::Minutes(1));
    EXPECT_THAT(InWrite([&](Transaction& tx) {
                  return tx.SetCheckpoint("default", {Position::Kind::kAfter, id, {}}, clock_.Now(),
                                          {"bob", false, std::string("replay from ") + id});
                }),
                IsOk());
  }
  const Checkpoint checkpoint = StoredCheckpoint();
  EXPECT_EQ(checkpoint.version, 3);
  EXPECT_EQ(checkpoint.updated, clock_.Now());
  EXPECT_EQ(checkpoint.audit.reason, "replay from 070");

  ASSERT_OK_AND_ASSIGN(const std::vector<CheckpointChange> changes,
                       InRead([](Transaction& tx) { return tx.ListCheckpoints("default", {}); }));
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].version, 3);
  EXPECT_EQ(changes[0].before.id, "050");
  EXPECT_EQ(changes[0].after.id, "070");
  EXPECT_EQ(changes[0].changed, clock_.Now());
  EXPECT_EQ(changes[0].audit.requester, "bob");
  EXPECT_FALSE(changes[0].audit.verified);
  EXPECT_EQ(changes[1].before.id, "100");

  EXPECT_THAT(InRead([](Transaction& tx) {
                return tx.ListCheckpoints("default", {.size = 1, .before = 3});
              }),
              IsOkAndHolds(ElementsAre(Field(&CheckpointChange::version, 2))));
}

TEST_P(StoreContractTest, SettingTheCheckpointForgetsWhatWasCaughtUpWith) {
  const auto stored = [&] {
    return InRead([](Transaction& tx) { return tx.GetExporter("default"); });
  };
  ASSERT_OK_AND_ASSIGN(ExporterRecord record, stored());
  record.last_caught_up = clock_.Now();
  record.consecutive_failures = 2;
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.UpdateExporter(record); }), IsOk());
  EXPECT_THAT(
      InWrite([&](Transaction& tx) {
        return tx.SetCheckpoint("default", {Position::Kind::kEarliest, "", {}}, clock_.Now(), {});
      }),
      IsOk());
  ASSERT_OK_AND_ASSIGN(record, stored());
  EXPECT_EQ(record.last_caught_up, std::nullopt);
  EXPECT_EQ(record.consecutive_failures, 2);
}

TEST_P(StoreContractTest, ThereIsNoCheckpointWithoutAnExporter) {
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.GetCheckpoint("other"); }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("'other'")));
  EXPECT_THAT(
      InWrite([&](Transaction& tx) { return tx.SetCheckpoint("other", {}, clock_.Now(), {}); }),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("'other'")));
}

TEST_P(StoreContractTest, ACommitMovesTheCheckpointAndTheRunTogether) {
  RunRecord run = AddRunningRun("r1");
  EXPECT_THAT(InWrite([&](Transaction& tx) {
                return tx.SetCheckpoint("default", {Position::Kind::kAfter, "100", {}},
                                        clock_.Now(), {"bob", true, "again"});
              }),
              IsOk());
  clock_.Advance(absl::Seconds(5));
  run.ledger.logs = {.fetched = 3, .accepted = 2, .filtered = 1, .dead_lettered = 0};
  run.ledger.by_type["s"] = run.ledger.logs;
  run.commit_version = 1;
  ProgressCommit commit = CommitOf(run, 2, "103");
  commit.log_time = clock_.Now() - absl::Seconds(20);
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.CommitProgress(commit); }), IsOkAndHolds(3));

  const Checkpoint checkpoint = StoredCheckpoint();
  EXPECT_EQ(checkpoint.position.id, "103");
  EXPECT_EQ(checkpoint.version, 3);
  EXPECT_EQ(checkpoint.log_time, commit.log_time);
  EXPECT_EQ(checkpoint.updated, clock_.Now());
  EXPECT_EQ(checkpoint.run_id, "r1");
  EXPECT_EQ(checkpoint.audit.requester, "");
  EXPECT_EQ(checkpoint.audit.reason, "");
  const RunRecord stored = StoredRun("r1");
  EXPECT_EQ(stored.ledger, run.ledger);
  EXPECT_EQ(stored.commit_version, 1);
  EXPECT_EQ(stored.state, RunState::kRunning);
  // The moves of runs are in their own rows.
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.ListCheckpoints("default", {}); }),
              IsOkAndHolds(ElementsAre(Field(&CheckpointChange::version, 2))));
}

TEST_P(StoreContractTest, ACommitWithoutALogTimeKeepsTheOneBefore) {
  const RunRecord run = AddRunningRun("r1");
  ProgressCommit commit = CommitOf(run, 1, "103");
  commit.log_time = clock_.Now();
  ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.CommitProgress(commit); }), IsOk());
  ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.CommitProgress(CommitOf(run, 2, "104")); }),
              IsOk());
  EXPECT_EQ(StoredCheckpoint().log_time, clock_.Now());
}

TEST_P(StoreContractTest, ACommitOfARunThatMovesNothingLeavesTheCheckpoint) {
  RunRecord run = AddRunningRun("r1");
  run.window_cursor = "150";
  ProgressCommit commit;
  commit.run = &run;
  commit.epoch = store_->EpochOf("default");
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.CommitProgress(commit); }), IsOkAndHolds(0));
  EXPECT_EQ(StoredCheckpoint().version, 1);
  EXPECT_EQ(StoredRun("r1").window_cursor, "150");
}

struct Refusal {
  const char* name;
  std::function<void(RunRecord&, ProgressCommit&)> spoil;
  CommitRefusal expected;
};

TEST_P(StoreContractTest, ARefusedCommitSaysWhyAndChangesNothing) {
  const std::vector<Refusal> refusals = {
      {"an older epoch", [](RunRecord&, ProgressCommit& commit) { commit.epoch -= 1; },
       CommitRefusal::kLeaseLost},
      {"a later epoch", [](RunRecord&, ProgressCommit& commit) { commit.epoch += 1; },
       CommitRefusal::kLeaseLost},
      {"no such run", [](RunRecord& run, ProgressCommit&) { run.run_id = "r0"; },
       CommitRefusal::kLeaseLost},
      {"another exporter", [](RunRecord& run, ProgressCommit&) { run.exporter = "other"; },
       CommitRefusal::kLeaseLost},
      {"an older version", [](RunRecord&, ProgressCommit& commit) { commit.expected_version = 0; },
       CommitRefusal::kCheckpointMoved},
      {"a later version", [](RunRecord&, ProgressCommit& commit) { commit.expected_version = 2; },
       CommitRefusal::kCheckpointMoved},
  };
  const RunRecord added = AddRunningRun("r1");
  for (const Refusal& refusal : refusals) {
    for (const bool moves : {true, false}) {
      if (!moves && refusal.expected == CommitRefusal::kCheckpointMoved) continue;
      SCOPED_TRACE(refusal.name);
      RunRecord run = added;
      run.commit_version = 9;
      ProgressCommit commit = CommitOf(run, 1, "103");
      commit.dead_letters = {SomeDeadLetter("102")};
      refusal.spoil(run, commit);
      if (!moves) commit.expected_version.reset();
      absl::Status refused;
      // Even a body that takes no notice of the refusal commits nothing of it.
      EXPECT_THAT(Write([&](Transaction& tx) {
                    refused = tx.CommitProgress(commit).status();
                    return absl::OkStatus();
                  }),
                  IsOk());
      EXPECT_EQ(refused.code(), absl::StatusCode::kAborted) << refused;
      EXPECT_EQ(CommitRefusalOf(refused), refusal.expected) << refused;
      EXPECT_EQ(StoredCheckpoint().version, 1);
      EXPECT_EQ(StoredCheckpoint().position.id, "100");
      EXPECT_EQ(StoredRun("r1").commit_version, 0);
      EXPECT_THAT(
          InRead([](Transaction& tx) { return tx.CountDeadLetters(DeadLettersOf("default")); }),
          IsOkAndHolds(0));
    }
  }
}

TEST_P(StoreContractTest, AFinishedOrQueuedRunCommitsNothing) {
  for (const RunState state :
       {RunState::kQueued, RunState::kSucceeded, RunState::kFailed, RunState::kCancelled}) {
    const std::string id(RunStateName(state));
    RunRecord run = SomeRun(id);
    run.state = state;
    run.epoch = store_->EpochOf("default");
    ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.AddRun(run); }), IsOk());
    const auto refused =
        InWrite([&](Transaction& tx) { return tx.CommitProgress(CommitOf(run, 1, "103")); });
    EXPECT_EQ(CommitRefusalOf(refused.status()), CommitRefusal::kLeaseLost) << refused.status();
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kAborted, HasSubstr(id)));
  }
}

TEST_P(StoreContractTest, TheCommitOfAnEarlierOwnerIsRefusedAfterTheStoreIsOpenedAnew) {
  const RunRecord run = AddRunningRun("r1");
  Reopen();
  const auto refused =
      InWrite([&](Transaction& tx) { return tx.CommitProgress(CommitOf(run, 1, "103")); });
  EXPECT_EQ(CommitRefusalOf(refused.status()), CommitRefusal::kLeaseLost) << refused.status();
  // Nor may it claim the new epoch: the run's row does not belong to it.
  ProgressCommit commit = CommitOf(run, 1, "103");
  commit.epoch = store_->EpochOf("default");
  const auto claimed = InWrite([&](Transaction& tx) { return tx.CommitProgress(commit); });
  EXPECT_EQ(CommitRefusalOf(claimed.status()), CommitRefusal::kLeaseLost) << claimed.status();
}

TEST_P(StoreContractTest, ACheckpointSetDuringARunRefusesItsNextCommit) {
  const RunRecord run = AddRunningRun("r1");
  ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.CommitProgress(CommitOf(run, 1, "103")); }),
              IsOkAndHolds(2));
  ASSERT_THAT(InWrite([&](Transaction& tx) {
                return tx.SetCheckpoint("default", {Position::Kind::kAfter, "050", {}},
                                        clock_.Now(), {"bob", true, ""});
              }),
              IsOk());
  const auto refused =
      InWrite([&](Transaction& tx) { return tx.CommitProgress(CommitOf(run, 2, "104")); });
  EXPECT_EQ(CommitRefusalOf(refused.status()), CommitRefusal::kCheckpointMoved);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kAborted, HasSubstr("after 050")));
}

TEST_P(StoreContractTest, ACommitWhoseAnswerWasLostIsAnsweredWhenItIsRepeated) {
  RunRecord run = AddRunningRun("r1");
  run.commit_version = 1;
  run.checkpoint_after = {Position::Kind::kAfter, "103", absl::UnixEpoch()};
  ProgressCommit commit = CommitOf(run, 1, "103");
  commit.dead_letters = {SomeDeadLetter("102")};
  fault_ = [](absl::string_view operation) {
    return operation == "Committed" ? absl::UnavailableError("injected") : absl::OkStatus();
  };
  const auto commit_it = [&](Transaction& tx) { return tx.CommitProgress(commit); };
  EXPECT_THAT(InWrite(commit_it), StatusIs(absl::StatusCode::kUnavailable));
  fault_ = nullptr;
  EXPECT_EQ(StoredCheckpoint().version, 2);
  EXPECT_EQ(StoredRun("r1").commit_version, 1);

  EXPECT_THAT(InWrite(commit_it), IsOkAndHolds(2));
  EXPECT_EQ(StoredCheckpoint().version, 2);
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.CountDeadLetters(DeadLettersOf("default")); }),
              IsOkAndHolds(1));

  // Not another commit, whatever version it claims.
  const auto refusal_of = [&](std::int64_t commit_version, const std::string& id) {
    RunRecord other = run;
    other.commit_version = commit_version;
    other.checkpoint_after.id = id;
    return CommitRefusalOf(InWrite([&](Transaction& tx) {
                             return tx.CommitProgress(CommitOf(other, 1, id));
                           }).status());
  };
  EXPECT_EQ(refusal_of(1, "104"), CommitRefusal::kCheckpointMoved);
  EXPECT_EQ(refusal_of(2, "103"), CommitRefusal::kCheckpointMoved);

  // It was made, whatever came after; the next one is refused.
  ASSERT_THAT(InWrite([&](Transaction& tx) {
                return tx.SetCheckpoint("default", {Position::Kind::kAfter, "050", {}},
                                        clock_.Now(), {"bob", true, ""});
              }),
              IsOk());
  EXPECT_THAT(InWrite(commit_it), IsOkAndHolds(2));
  EXPECT_EQ(StoredCheckpoint().position.id, "050");
  Reopen();
  EXPECT_EQ(CommitRefusalOf(InWrite(commit_it).status()), CommitRefusal::kLeaseLost);
}

TEST_P(StoreContractTest, OtherStatusesAreNoRefusal) {
  EXPECT_EQ(CommitRefusalOf(absl::OkStatus()), CommitRefusal::kNone);
  EXPECT_EQ(CommitRefusalOf(absl::AbortedError("CHECKPOINT_MOVED")), CommitRefusal::kNone);
}

}  // namespace
}  // namespace logexport
