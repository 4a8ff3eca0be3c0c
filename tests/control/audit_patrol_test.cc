#include "service/control/audit_patrol.h"

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/state/engines/open_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

// Can be told not to know the key of an entry, or to compute other hashes than were written.
class FickleSigner final : public AuditSigner {
 public:
  Signature Sign(absl::string_view text) const override { return KeylessAuditSigner().Sign(text); }
  std::optional<std::string> HashUnder(absl::string_view key_id,
                                       absl::string_view text) const override {
    if (key_missing) return std::nullopt;
    return KeylessAuditSigner().HashUnder(key_id, absl::StrCat(text, suffix));
  }

  bool key_missing = false;
  std::string suffix;
};

class AuditPatrolTest : public ::testing::Test {
 protected:
  AuditPatrolTest() {
    store_ = Open("state.db");
    patrol_.emplace(*store_, clock_, signer_, [this](bool intact) { intact_ = intact; });
  }

  std::unique_ptr<Store> Open(const std::string& name) {
    absl::StatusOr<std::unique_ptr<Store>> store =
        OpenStore({"sqlite:" + directory_.File(name), {}}, clock_);
    EXPECT_THAT(store, IsOk());
    return *std::move(store);
  }

  void Write(int entries) {
    EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
      for (int i = 0; i < entries; ++i) {
        AuditEntry entry;
        entry.time = clock_.Now();
        entry.caller = "tester";
        entry.method = "RunNow";
        EXPECT_THAT(tx.AddAudit(entry), IsOk());
      }
      return absl::OkStatus();
    }),
                IsOk());
  }

  // A whole pass, however many ticks it takes.
  void Pass() {
    clock_.Advance(AuditPatrol::kRest);
    for (int tick = 0; tick < 10; ++tick) patrol_->Tick();
  }

  TempDirectory directory_;
  FakeClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  FickleSigner signer_;
  std::unique_ptr<Store> store_;
  // What the last pass found.
  std::optional<bool> intact_;
  std::optional<AuditPatrol> patrol_;
};

TEST_F(AuditPatrolTest, AnAuditThatIsWholeIsSaidToBeSo) {
  EXPECT_EQ(intact_, std::nullopt);
  Write(3);
  patrol_->Tick();
  EXPECT_EQ(intact_, true);
}

TEST_F(AuditPatrolTest, ALongAuditIsCheckedInPieces) {
  Write(2'500);
  patrol_->Tick();
  EXPECT_EQ(intact_, std::nullopt);
  patrol_->Tick();
  EXPECT_EQ(intact_, true);
}

TEST_F(AuditPatrolTest, AChangedEntryIsFoundByTheNextPassAndNotBefore) {
  Write(3);
  patrol_->Tick();
  signer_.suffix = "forged";
  patrol_->Tick();
  EXPECT_EQ(intact_, true);
  Pass();
  EXPECT_EQ(intact_, false);
  signer_.suffix.clear();
  Pass();
  EXPECT_EQ(intact_, true);
}

TEST_F(AuditPatrolTest, AnEntryWhoseKeyIsMissingCouldHideAnything) {
  Write(1);
  signer_.key_missing = true;
  patrol_->Tick();
  EXPECT_EQ(intact_, false);
}

// The newest entries are cut off, with nothing that says so.
TEST_F(AuditPatrolTest, WhatWasSeenOnceMustStayThere) {
  Write(3);
  patrol_->Tick();
  EXPECT_EQ(intact_, true);
  EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
    return tx.PruneAudit(clock_.Now() + absl::Hours(1), 3).status();
  }),
              IsOk());
  Pass();
  EXPECT_EQ(intact_, false);
}

TEST_F(AuditPatrolTest, EntriesThatAgeRemovedAreNotMissed) {
  Write(3);
  patrol_->Tick();
  EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
    const absl::StatusOr<PrunedAudit> pruned = tx.PruneAudit(clock_.Now() + absl::Hours(1), 2);
    if (!pruned.ok()) return pruned.status();
    return tx.AddAudit(PruneEntry(*pruned, clock_.Now())).status();
  }),
              IsOk());
  Pass();
  EXPECT_EQ(intact_, true);
}

}  // namespace
}  // namespace logexport
