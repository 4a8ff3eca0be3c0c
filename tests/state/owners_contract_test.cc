#include "tests/state/store_contract.h"

namespace logexport {
namespace {

TEST_P(StoreContractTest, TheOwnerOfAnExporterIsTold) {
  ASSERT_OK_AND_ASSIGN(const OwnerRecord owner,
                       InRead([](Transaction& tx) { return tx.GetOwner("default"); }));
  EXPECT_TRUE(owner.ours);
  EXPECT_TRUE(owner.alive);
  EXPECT_EQ(owner.epoch, store_->EpochOf("default"));
  EXPECT_EQ(owner.member.name, ThisMembersName());
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.GetOwner("nobody"); }),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(StoreContractTest, WhatIsTheOwnersAloneNeedsItsEpoch) {
  const std::int64_t epoch = store_->EpochOf("default");
  EXPECT_GT(epoch, 0);
  EXPECT_THAT(store_->CheckOwnership("default", epoch), IsOk());
  EXPECT_EQ(CommitRefusalOf(store_->CheckOwnership("default", epoch - 1)),
            CommitRefusal::kLeaseLost);
  EXPECT_THAT(InWrite([&](Transaction& tx) { return tx.RequireOwner("default", epoch); }), IsOk());
  for (const std::int64_t other : {epoch - 1, epoch + 1, std::int64_t{0}}) {
    EXPECT_EQ(CommitRefusalOf(
                  InWrite([&](Transaction& tx) { return tx.RequireOwner("default", other); })),
              CommitRefusal::kLeaseLost);
  }
}

TEST_P(StoreContractTest, TheProcessIsListedAmongTheMembers) {
  ASSERT_OK_AND_ASSIGN(const std::vector<MemberRecord> members, store_->ListMembers());
  ASSERT_EQ(members.size(), 1u);
  EXPECT_EQ(members[0].name, ThisMembersName());
  EXPECT_FALSE(members[0].version.empty());
  EXPECT_EQ(members[0].owned, 1);
  EXPECT_FALSE(members[0].draining);
}

TEST_P(StoreContractTest, TheOwnershipIsCounted) {
  ASSERT_OK_AND_ASSIGN(const OwnershipCount count,
                       InRead([](Transaction& tx) { return tx.CountOwnership(); }));
  EXPECT_EQ(count.members, 1);
  EXPECT_EQ(count.unowned, 0);
}

TEST_P(StoreContractTest, CallsReachTheOwnerUntilTheyAreAnswered) {
  ASSERT_THAT(InWrite([](Transaction& tx) { return tx.CallOwner("default", "r1"); }), IsOk());
  ASSERT_THAT(InWrite([](Transaction& tx) { return tx.CallOwner("default", ""); }), IsOk());
  EXPECT_THAT(InWrite([](Transaction& tx) { return tx.CallOwner("nobody", ""); }),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK_AND_ASSIGN(const std::vector<OwnerCall> calls,
                       InRead([](Transaction& tx) { return tx.CallsToOwner(10); }));
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].cancelled_run, "r1");
  EXPECT_EQ(calls[1].cancelled_run, "");
  for (const OwnerCall& call : calls) {
    ASSERT_THAT(InWrite([&](Transaction& tx) { return tx.DropCall(call.id); }), IsOk());
  }
  EXPECT_THAT(InRead([](Transaction& tx) { return tx.CallsToOwner(10); }),
              IsOkAndHolds(::testing::IsEmpty()));
}

}  // namespace
}  // namespace logexport
