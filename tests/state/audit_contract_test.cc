#include "tests/state/audit_contract.h"

#include <string>
#include <vector>

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(AuditContractTest, AnEntryKeepsEveryFieldOverAReopen) {
  const AuditEntry given = SomeEntry("UpdateConfig");
  const AuditEntry added = Add(given);
  EXPECT_EQ(added.sequence, 1);
  EXPECT_EQ(added.previous_hash, "");
  EXPECT_THAT(added.hash, SizeIs(64));
  Reopen();
  const std::vector<AuditEntry> all = All();
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(SignedText(all[0]), SignedText(added));
  EXPECT_EQ(all[0].hash, added.hash);
  EXPECT_EQ(all[0].changes, given.changes);
  EXPECT_EQ(all[0].time, given.time);
  EXPECT_EQ(Head().sequence, 1);
  EXPECT_EQ(Head().hash, added.hash);
  EXPECT_THAT(Check(), IsEmpty());
}

TEST_P(AuditContractTest, EntriesFormAChainThatAnUndoneTransactionLeavesWhole) {
  const AuditEntry first = Add(SomeEntry("RunNow"));
  EXPECT_THAT(Write([](Transaction& tx) -> absl::Status {
                EXPECT_THAT(tx.AddAudit(SomeEntry("DeleteExporter")), IsOk());
                return absl::AbortedError("given up");
              }),
              StatusIs(absl::StatusCode::kAborted));
  const AuditEntry second = Add(SomeEntry("PauseExporter"));
  EXPECT_EQ(second.sequence, 2);
  EXPECT_EQ(second.previous_hash, first.hash);
  EXPECT_THAT(Check(), IsEmpty());
}

TEST_P(AuditContractTest, TextThatNoDatabaseHoldsIsReplacedBeforeItIsSigned) {
  AuditEntry entry = SomeEntry("RunNow");
  entry.reason = std::string("a\0b\xff", 4);
  entry.changes[0].after = std::string("\0\xff", 2);
  EXPECT_EQ(Add(entry).reason,
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_THAT(Check(), IsEmpty());
}

TEST_P(AuditContractTest, AnEntryOutlivesItsExporter) {
  Add(SomeEntry("PauseExporter"));
  ASSERT_THAT(Write([](Transaction& tx) { return tx.DeleteExporter("default", {}); }), IsOk());
  EXPECT_THAT(All(), SizeIs(1));
}

TEST_P(AuditContractTest, FiltersAndPagesAreKept) {
  for (int n = 0; n < 6; ++n) {
    AuditEntry entry = SomeEntry(n % 2 == 0 ? "RunNow" : "PauseExporter", n < 3 ? "default" : "b");
    entry.caller = n == 4 ? "bob" : "ada";
    entry.outcome = n == 5 ? AuditOutcome::kRefused : AuditOutcome::kDone;
    entry.time = FakeClock::DefaultStart() + n * absl::Minutes(1);
    Add(entry);
  }
  EXPECT_THAT(Listed({}), ElementsAre(6, 5, 4, 3, 2, 1));
  EXPECT_THAT(Listed({}, {2, 0}), ElementsAre(6, 5));
  EXPECT_THAT(Listed({}, {2, 5}), ElementsAre(4, 3));
  AuditFilter filter;
  filter.exporters = {"b", "other"};
  EXPECT_THAT(Listed(filter), ElementsAre(6, 5, 4));
  filter.methods = {"RunNow"};
  EXPECT_THAT(Listed(filter), ElementsAre(5));
  filter = {};
  filter.callers = {"bob"};
  EXPECT_THAT(Listed(filter), ElementsAre(5));
  filter = {};
  filter.outcomes = {AuditOutcome::kRefused};
  EXPECT_THAT(Listed(filter), ElementsAre(6));
  filter = {};
  filter.from = FakeClock::DefaultStart() + absl::Minutes(1);
  filter.to = FakeClock::DefaultStart() + absl::Minutes(3);
  EXPECT_THAT(Listed(filter), ElementsAre(3, 2));
  filter = {};
  filter.after_sequence = 4;
  EXPECT_THAT(Listed(filter), ElementsAre(6, 5));
}

TEST_P(AuditContractTest, OldEntriesAreRemovedFromTheBeginningAndThatIsAnEntry) {
  for (int n = 0; n < 4; ++n) {
    AuditEntry entry = SomeEntry("RunNow");
    // The clock was set back at the third.
    entry.time = FakeClock::DefaultStart() + (n == 2 ? -1 : n) * absl::Hours(1);
    Add(entry);
  }
  const absl::Time bound = FakeClock::DefaultStart() + absl::Minutes(90);
  const auto prune = [&](int most) {
    return InWrite([&](Transaction& tx) -> absl::StatusOr<PrunedAudit> {
      auto pruned = tx.PruneAudit(bound, most);
      if (pruned.ok() && pruned->count > 0) {
        EXPECT_THAT(tx.AddAudit(PruneEntry(*pruned, bound)), IsOk());
      }
      return pruned;
    });
  };
  ASSERT_OK_AND_ASSIGN(const PrunedAudit one, prune(1));
  EXPECT_EQ(one.count, 1);
  EXPECT_EQ(one.through.sequence, 1);
  ASSERT_OK_AND_ASSIGN(const PrunedAudit rest, prune(100));
  EXPECT_EQ(rest.count, 2) << "the fourth is younger";
  ASSERT_OK_AND_ASSIGN(const PrunedAudit none, prune(100));
  EXPECT_EQ(none.count, 0);
  EXPECT_THAT(Listed({}), ElementsAre(6, 5, 4));
  EXPECT_THAT(Check(), IsEmpty());
}

TEST_P(AuditContractTest, TheNewestEntryIsNeverRemoved) {
  Add(SomeEntry("RunNow"));
  ASSERT_OK_AND_ASSIGN(const PrunedAudit pruned, InWrite([](Transaction& tx) {
                         return tx.PruneAudit(absl::InfiniteFuture(), 100);
                       }));
  EXPECT_EQ(pruned.count, 0);
  EXPECT_THAT(All(), SizeIs(1));
}

TEST_P(AuditContractTest, TheKeysInUseAreTold) {
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.AuditKeyIds(); }), IsOkAndHolds(IsEmpty()));
  Add(SomeEntry("RunNow"));
  Add(SomeEntry("RunNow"));
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.AuditKeyIds(); }),
              IsOkAndHolds(ElementsAre("")));
}

}  // namespace

}  // namespace logexport
