#include <vector>

#include "tests/state/store_contract.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void ExpectEqual(const ExporterRecord& a, const ExporterRecord& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.message_namespace, b.message_namespace);
  EXPECT_EQ(a.message_generation, b.message_generation);
  EXPECT_EQ(a.config_version, b.config_version);
  EXPECT_EQ(a.created, b.created);
  EXPECT_EQ(a.fires_started, b.fires_started);
  EXPECT_EQ(a.fires_skipped, b.fires_skipped);
  EXPECT_EQ(a.fires_missed, b.fires_missed);
  EXPECT_EQ(a.last_fire, b.last_fire);
  EXPECT_EQ(a.last_caught_up, b.last_caught_up);
  EXPECT_EQ(a.consecutive_failures, b.consecutive_failures);
  EXPECT_EQ(a.last_run_id, b.last_run_id);
  EXPECT_EQ(a.last_success_id, b.last_success_id);
  EXPECT_EQ(a.last_success, b.last_success);
  EXPECT_EQ(a.failure_announced, b.failure_announced);
  EXPECT_EQ(a.silence_announced, b.silence_announced);
  EXPECT_EQ(a.last_daily_report, b.last_daily_report);
  EXPECT_EQ(a.resumed, b.resumed);
  EXPECT_EQ(a.refused_by, b.refused_by);
  EXPECT_EQ(a.failure_reasons_announced, b.failure_reasons_announced);
  EXPECT_EQ(a.slack_failing_since, b.slack_failing_since);
  EXPECT_EQ(a.slack_failure, b.slack_failure);
  EXPECT_EQ(a.webhook_failing_since, b.webhook_failing_since);
  EXPECT_EQ(a.webhook_failure, b.webhook_failure);
  EXPECT_EQ(a.unknown_types_told, b.unknown_types_told);
  ASSERT_EQ(a.pause.has_value(), b.pause.has_value());
  if (!a.pause.has_value()) return;
  EXPECT_EQ(a.pause->since, b.pause->since);
  EXPECT_EQ(a.pause->audit.requester, b.pause->audit.requester);
  EXPECT_EQ(a.pause->audit.verified, b.pause->audit.verified);
  EXPECT_EQ(a.pause->audit.reason, b.pause->audit.reason);
}

// Every field different from its default and from the others of its type.
ExporterRecord FullRecord() {
  const absl::Time base = FakeClock::DefaultStart();
  ExporterRecord record;
  record.id = "default";
  record.message_namespace = "fedcba9876543210";
  record.message_generation = 2;
  record.config_version = 1;
  record.created = base;
  record.pause = Pause{{"carol", true, "maintenance"}, base + absl::Seconds(1)};
  record.fires_started = 3;
  record.fires_skipped = 4;
  record.fires_missed = 5;
  record.last_fire = base + absl::Seconds(2);
  record.last_caught_up = base + absl::Seconds(3);
  record.consecutive_failures = 6;
  record.last_run_id = "run";
  record.last_success_id = "success";
  record.last_success = base + absl::Seconds(4);
  record.failure_announced = base + absl::Seconds(5);
  record.silence_announced = base + absl::Seconds(6);
  record.last_daily_report = "2026-11-23";
  record.resumed = base + absl::Seconds(7);
  record.refused_by = "0123456789abcdef";
  record.failure_reasons_announced = {"AUTH0_FORBIDDEN", "STORE_UNAVAILABLE"};
  record.slack_failing_since = base + absl::Seconds(8);
  record.slack_failure = "no_service";
  record.webhook_failing_since = base + absl::Seconds(9);
  record.webhook_failure = "no receiver";
  record.unknown_types_told = {"new", "newer"};
  return record;
}

TEST_P(StoreContractTest, AnExporterKeepsEveryFieldOverAReopen) {
  const ExporterRecord full = FullRecord();
  ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.UpdateExporter(full); }), IsOk());
  Reopen();
  ASSERT_OK_AND_ASSIGN(const ExporterRecord stored,
                       InRead([](Transaction& tx) { return tx.GetExporter("default"); }));
  ExpectEqual(stored, full);

  ExporterRecord plain;
  plain.id = full.id;
  plain.created = full.created;
  plain.config_version = 1;
  ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.UpdateExporter(plain); }), IsOk());
  ASSERT_OK_AND_ASSIGN(const ExporterRecord cleared,
                       InRead([](Transaction& tx) { return tx.GetExporter("default"); }));
  ExpectEqual(cleared, plain);
}

TEST_P(StoreContractTest, AnUpdateDoesNotChangeWhenAnExporterWasCreated) {
  ExporterRecord record = FullRecord();
  record.created += absl::Hours(1);
  ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.UpdateExporter(record); }), IsOk());
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.GetExporter("default"); }),
              IsOkAndHolds(Field(&ExporterRecord::created, FakeClock::DefaultStart())));
}

TEST_P(StoreContractTest, ExportersAreListedById) {
  for (const char* id : {"zeta", "alpha"}) {
    ASSERT_THAT(
        InWrite([&](Transaction& tx) { return tx.CreateExporter(SomeExporter(id), false); }),
        IsOk());
  }
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.ListExporters(); }),
              IsOkAndHolds(ElementsAre(Field(&ExporterRecord::id, "alpha"),
                                       Field(&ExporterRecord::id, "default"),
                                       Field(&ExporterRecord::id, "zeta"))));
}

TEST_P(StoreContractTest, WhatAnUnknownExporterIsAskedIsNotFound) {
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.GetExporter("other"); }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("'other'")));
  ExporterRecord record = FullRecord();
  record.id = "other";
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.UpdateExporter(record); }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("'other'")));
  EXPECT_THAT(InWrite([](Transaction& tx) { return tx.DeleteExporter("other", {}); }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("'other'")));
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.GetConfig("other"); }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("'other'")));
  EXPECT_THAT(InWrite([](Transaction& tx) { return tx.AddRun(SomeRun("r1", "other")); }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("exporter")));
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.ListConfigVersions("other", {}); }),
              IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.WasDeleted("other"); }), IsOkAndHolds(false));
}

TEST_P(StoreContractTest, AnExporterIsCreatedOnce) {
  for (const bool revive : {false, true}) {
    EXPECT_THAT(InWrite([&](Transaction& tx) {
                  return tx.CreateExporter(SomeExporter("default"), revive);
                }),
                StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("'default'")));
  }
}

TEST_P(StoreContractTest, ADeletedExporterIsGoneWithAllItsRowsAndOnlyComesBackExplicitly) {
  const RunRecord run = AddRunningRun("r1");
  ASSERT_THAT(Write([&](Transaction& tx) -> absl::Status {
                ProgressCommit commit = CommitOf(run, 1, "103");
                commit.dead_letters = {SomeDeadLetter("102")};
                absl::Status status = tx.CommitProgress(commit).status();
                status.Update(tx.SetCheckpoint("default", {}, clock_.Now(), {}).status());
                OutboxMessage message;
                message.exporter = "default";
                status.Update(tx.AddOutbox(message));
                return status;
              }),
              IsOk());
  ASSERT_THAT(InWrite([](Transaction& tx) {
                return tx.DeleteExporter("default", {"dave", true, "tenant left"});
              }),
              IsOk());
  Reopen();
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.WasDeleted("default"); }), IsOkAndHolds(true));
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.ListExporters(); }), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(
      InWrite([](Transaction& tx) { return tx.CreateExporter(SomeExporter("default"), false); }),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("deleted")));
  ASSERT_THAT(
      InWrite([](Transaction& tx) { return tx.CreateExporter(SomeExporter("default"), true); }),
      IsOk());

  EXPECT_EQ(StoredCheckpoint().version, 1);
  EXPECT_THAT(Read([&](Transaction& tx) -> absl::Status {
                EXPECT_THAT(tx.WasDeleted("default"), IsOkAndHolds(false));
                EXPECT_THAT(tx.ListRuns(RunsOf("default"), {}), IsOkAndHolds(IsEmpty()));
                EXPECT_THAT(tx.ListDeadLetters(DeadLettersOf("default"), 10, ""),
                            IsOkAndHolds(IsEmpty()));
                EXPECT_THAT(tx.ListCheckpoints("default", {}), IsOkAndHolds(IsEmpty()));
                EXPECT_THAT(tx.DueOutbox(absl::InfiniteFuture(), 10), IsOkAndHolds(IsEmpty()));
                return absl::OkStatus();
              }),
              IsOk());
}

TEST_P(StoreContractTest, TheFirstConfigurationIsVersionOne) {
  ASSERT_OK_AND_ASSIGN(const ConfigVersion config,
                       InRead([](Transaction& tx) { return tx.GetConfig("default"); }));
  EXPECT_EQ(config.exporter, "default");
  EXPECT_EQ(config.version, 1);
  EXPECT_EQ(config.config, R"({"schedule":"@every 5m"})");
  EXPECT_THAT(config.changed_fields, IsEmpty());
  EXPECT_EQ(config.created, FakeClock::DefaultStart());
  EXPECT_EQ(config.audit.requester, "alice");
}

TEST_P(StoreContractTest, AConfigurationIsReplacedByANewVersionAndTheOldOnesStay) {
  ConfigVersion next;
  next.exporter = "default";
  next.config = std::string("a\0b", 3);
  next.changed_fields = {"auth0.domain", "s\xc3\xa9gment"};
  next.created = clock_.Now() + absl::Minutes(1);
  next.audit = {"bob", true, "because"};
  next.rollback_of = 1;
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.AddConfigVersion(next, 1); }),
              IsOkAndHolds(2));
  Reopen();
  ASSERT_OK_AND_ASSIGN(const ConfigVersion current,
                       InRead([](Transaction& tx) { return tx.GetConfig("default"); }));
  EXPECT_EQ(current.version, 2);
  EXPECT_EQ(current.config, next.config);
  EXPECT_EQ(current.changed_fields, next.changed_fields);
  EXPECT_EQ(current.created, next.created);
  EXPECT_EQ(current.audit.reason, "because");
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.GetExporter("default"); }),
              IsOkAndHolds(Field(&ExporterRecord::config_version, 2)));
  EXPECT_EQ(current.rollback_of, 1);
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.GetConfigVersion("default", 1); }),
              IsOkAndHolds(AllOf(Field(&ConfigVersion::audit, Field(&Audit::requester, "alice")),
                                 Field(&ConfigVersion::rollback_of, 0))));
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.GetConfigVersion("default", 3); }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("version 3")));
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.ListConfigVersions("default", {}); }),
              IsOkAndHolds(ElementsAre(Field(&ConfigVersion::version, 2),
                                       Field(&ConfigVersion::version, 1))));
  EXPECT_THAT(InRead([](Transaction& tx) {
                return tx.ListConfigVersions("default", {.size = 5, .before = 2});
              }),
              IsOkAndHolds(ElementsAre(Field(&ConfigVersion::version, 1))));
}

TEST_P(StoreContractTest, AChangeOfAnOutdatedConfigurationIsAborted) {
  ConfigVersion next;
  next.exporter = "default";
  next.config = "x";
  for (const std::int64_t expected : {0, 2}) {
    EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.AddConfigVersion(next, expected); }),
                StatusIs(absl::StatusCode::kAborted, HasSubstr("version 1")));
  }
  next.exporter = "other";
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.AddConfigVersion(next, 1); }),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("'other'")));
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.GetConfig("default"); }),
              IsOkAndHolds(Field(&ConfigVersion::version, 1)));
}

}  // namespace
}  // namespace logexport
