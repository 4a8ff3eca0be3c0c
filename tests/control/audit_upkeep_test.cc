#include "service/control/audit_upkeep.h"

#include <memory>
#include <optional>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/status_macros.h"
#include "service/state/engines/open_store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

constexpr absl::Duration kRetention = absl::Hours(24 * 400);
constexpr absl::Duration kTenYears = absl::Hours(24 * 3650);

class AuditUpkeepTest : public ::testing::Test {
 protected:
  AuditUpkeepTest() {
    absl::StatusOr<std::unique_ptr<Store>> store =
        OpenStore({"sqlite:" + directory_.File("state.db"), {}}, clock_);
    EXPECT_THAT(store, IsOk());
    store_ = *std::move(store);
    EXPECT_THAT(store_->Write([&](Transaction& tx) -> absl::Status {
      // The newest one is kept whatever its age.
      for (const char* caller : {"tester", "newest"}) {
        AuditEntry entry;
        entry.time = clock_.Now();
        entry.caller = caller;
        entry.method = "RunNow";
        RETURN_IF_ERROR(tx.AddAudit(entry).status());
      }
      return absl::OkStatus();
    }),
                IsOk());
  }

  AuditUpkeep NewUpkeep() {
    return AuditUpkeep(*store_, clock_, kRetention, [this] { return checked_time_; });
  }

  // Whether the entry is kept; the one that tells of its removal is another.
  bool Kept() {
    bool kept = false;
    EXPECT_THAT(store_->Read([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const std::vector<AuditEntry> entries, tx.AuditFrom(1, 10));
      for (const AuditEntry& entry : entries) kept = kept || entry.caller == "tester";
      return absl::OkStatus();
    }),
                IsOk());
    return kept;
  }

  TempDirectory directory_;
  FakeClock clock_;
  // By the tenants' clocks.
  std::optional<absl::Time> checked_time_;
  std::unique_ptr<Store> store_;
};

TEST_F(AuditUpkeepTest, RemovesWhatIsOldOnceATenantHasToldTheTime) {
  clock_.Advance(kRetention + absl::Hours(1));
  AuditUpkeep upkeep = NewUpkeep();
  upkeep.Tick();
  EXPECT_TRUE(Kept()) << "nobody has told yet what time it is";
  checked_time_ = clock_.Now();
  upkeep.Tick();
  EXPECT_FALSE(Kept());
}

TEST_F(AuditUpkeepTest, AHostClockThatIsAheadRemovesNothing) {
  const absl::Time now = clock_.Now();
  clock_.SetWall(now + kTenYears);
  AuditUpkeep upkeep = NewUpkeep();
  upkeep.Tick();
  EXPECT_TRUE(Kept());
  for (int hour = 0; hour < 3; ++hour) {
    checked_time_ = now + hour * AuditUpkeep::kInterval;
    clock_.Advance(AuditUpkeep::kInterval);
    upkeep.Tick();
    EXPECT_TRUE(Kept());
  }
}

TEST_F(AuditUpkeepTest, WhereNoTenantIsAskedTheHostsClockIsAllThereIs) {
  clock_.Advance(kRetention + absl::Hours(1));
  AuditUpkeep upkeep = NewUpkeep();
  upkeep.Tick();
  EXPECT_TRUE(Kept());
  clock_.Advance(AuditUpkeep::kInterval);
  upkeep.Tick();
  EXPECT_FALSE(Kept());
}

}  // namespace
}  // namespace logexport
