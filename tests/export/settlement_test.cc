#include "service/export/settlement.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

namespace logexport {
namespace {

using Outcome = BatchEntry::Outcome;

const LogType kType{"s", "Success Login", "", "auth.login.success", 1};

std::shared_ptr<Batch> MakeBatch(int first, const std::vector<Outcome>& outcomes) {
  auto page = std::make_shared<Page>();
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    page->strings.push_back(absl::StrCat("id", static_cast<std::size_t>(first) + i));
    Log log;
    log.id = page->strings.back();
    log.type = &kType;
    page->logs.push_back(log);
  }
  auto batch = std::make_shared<Batch>();
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    BatchEntry entry;
    entry.log = &page->logs[i];
    entry.outcome = outcomes[i];
    entry.events = 1;
    batch->entries.push_back(entry);
    if (outcomes[i] == Outcome::kRefused || outcomes[i] == Outcome::kRejected) {
      batch->dead_letters.emplace_back(i, MakeDeadLetter(page->logs[i], "R", ""));
    }
  }
  batch->pages.push_back(page);
  return batch;
}

TEST(SettlementTest, TheFirstUnsettledBatchHoldsBackThoseBehindIt) {
  Settlement settlement;
  const auto first = MakeBatch(10, {Outcome::kAccepted, Outcome::kAccepted});
  const auto second = MakeBatch(12, {Outcome::kAccepted, Outcome::kFiltered});
  settlement.Track(first);
  settlement.Track(second);
  second->settled = true;
  EXPECT_FALSE(settlement.Advance());
  EXPECT_EQ(settlement.last_id(), "");
  EXPECT_EQ(settlement.Account(false).accepted_ahead, 1);
  EXPECT_EQ(settlement.Account(false).unsettled, 4);
  first->settled = true;
  EXPECT_TRUE(settlement.Advance());
  EXPECT_EQ(settlement.last_id(), "id13");
  EXPECT_EQ(settlement.Account(false).unsettled, 0);
  EXPECT_TRUE(settlement.Account(true).balanced());
}

// A run that is interrupted keeps the account of its last commit, while batches were being sent.
TEST(SettlementTest, TheTypesAddUpToAllFetchedLogsAtEveryCommit) {
  Settlement settlement;
  const auto first = MakeBatch(0, {Outcome::kAccepted, Outcome::kFiltered});
  settlement.Track(first);
  settlement.Track(MakeBatch(2, {Outcome::kPending, Outcome::kPending, Outcome::kPending}));
  first->settled = true;
  EXPECT_TRUE(settlement.Advance());
  const Ledger account = settlement.Account(/*at_rest=*/false);
  EXPECT_EQ(account.logs.fetched, 5);
  EXPECT_EQ(account.unsettled, 3);
  EXPECT_EQ(account.by_type.at("s").fetched, 5);
  EXPECT_EQ(account.by_type.at("s").accepted, 1);
}

TEST(SettlementTest, APartlySettledBatchIsPassedUpToItsFirstPendingLog) {
  Settlement settlement;
  settlement.Track(MakeBatch(
      0, {Outcome::kAccepted, Outcome::kRejected, Outcome::kPending, Outcome::kAccepted}));
  EXPECT_FALSE(settlement.Advance());
  EXPECT_TRUE(settlement.AdvanceIntoPartial());
  EXPECT_EQ(settlement.last_id(), "id1");
  EXPECT_EQ(settlement.FirstUnsettled(), "id2");
  EXPECT_EQ(settlement.TakeDeadLetters().size(), 1u);
  const Ledger account = settlement.Account(true);
  EXPECT_EQ(account.logs.fetched, 4);
  EXPECT_EQ(account.unsettled, 2);
  EXPECT_EQ(account.accepted_ahead, 1);
  EXPECT_EQ(account.by_type.at("s").fetched, 4);
  EXPECT_TRUE(account.balanced());
}

TEST(SettlementTest, RefusalsCanBeTakenBackUntilThePrefixHasPassedThem) {
  Settlement settlement;
  const auto batch = MakeBatch(0, {Outcome::kAccepted, Outcome::kRefused});
  batch->has_refused = true;
  settlement.Track(batch);
  batch->settled = true;
  batch->at_rest = true;
  EXPECT_FALSE(settlement.CanAdvance());
  settlement.RevertRefused();
  EXPECT_FALSE(settlement.Advance());
  EXPECT_TRUE(settlement.AdvanceIntoPartial());
  EXPECT_EQ(settlement.last_id(), "id0");
  EXPECT_TRUE(settlement.TakeDeadLetters().empty());
  EXPECT_EQ(settlement.Account(true).unsettled, 1);
}

}  // namespace
}  // namespace logexport
