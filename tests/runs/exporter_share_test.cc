#include "service/runs/exporter_share.h"

#include <set>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Members that share exporters, as one of them sees it. Others take nothing by themselves.
class FakeMembers final : public Members {
 public:
  std::map<std::string, Owned> OwnedNow() override { return owned; }
  absl::StatusOr<Situation> Look(int) override {
    Situation situation;
    situation.members = members;
    situation.exporters = static_cast<std::int64_t>(owned.size() + free.size()) + of_others;
    for (const std::string& exporter : free) {
      situation.free.push_back({exporter, left_by[exporter], 1});
    }
    return situation;
  }
  absl::StatusOr<std::vector<std::string>> Take(
      const std::vector<FreeExporter>& exporters) override {
    std::vector<std::string> taken;
    for (const FreeExporter& exporter : exporters) {
      free.erase(exporter.exporter);
      if (faster.contains(exporter.exporter)) continue;
      owned[exporter.exporter] = {++epoch, false};
      taken.push_back(exporter.exporter);
    }
    return taken;
  }
  absl::Duration TrustLeft() const override { return times.ttl; }
  absl::StatusOr<std::vector<std::string>> GiveBack(const std::vector<std::string>& exporters,
                                                    std::int64_t most) override {
    std::vector<std::string> given;
    for (const std::string& exporter : exporters) {
      if (busy.contains(exporter) || static_cast<std::int64_t>(given.size()) == most) continue;
      owned.erase(exporter);
      free.insert(exporter);
      given.push_back(exporter);
    }
    return given;
  }
  absl::Status Drain() override { return absl::OkStatus(); }
  const MembershipTiming& timing() const override { return times; }

  MembershipTiming times;
  std::int64_t members = 1;
  std::int64_t of_others = 0;
  std::int64_t epoch = 0;
  std::set<std::string> free;
  std::map<std::string, std::string> left_by;  // of those, by whom if he did not give them back
  std::set<std::string> faster;                // others take these first
  std::set<std::string> busy;
  std::map<std::string, Owned> owned;
};

class ExporterShareTest : public ::testing::Test {
 protected:
  std::vector<std::string> Owned() {
    std::vector<std::string> names;
    for (const auto& [exporter, owned] : members_.owned) names.push_back(exporter);
    return names;
  }
  void Look() {
    EXPECT_THAT(share_.Balance(), IsOk());
    clock_.Advance(members_.timing().take_over);
  }

  FakeClock clock_;
  FakeMembers members_;
  ServiceMetrics metrics_{{"1", PerExporter::kAuto, {}}};
  std::set<std::string> unreadable_;
  ExporterShare share_{members_, clock_, metrics_, [this](const std::string& exporter) {
                         return !unreadable_.contains(exporter);
                       }};
};

TEST_F(ExporterShareTest, AloneItTakesEverything) {
  members_.free = {"a", "b", "c"};
  Look();
  EXPECT_THAT(Owned(), ElementsAre("a", "b", "c"));
}

TEST_F(ExporterShareTest, BeyondItsShareItLeavesOthersTheFirstPick) {
  members_.members = 2;
  members_.free = {"a", "b", "c", "d", "e"};
  Look();
  EXPECT_THAT(Owned(), ElementsAre("a", "b", "c"));
  Look();
  EXPECT_THAT(Owned(), ElementsAre("a", "b", "c"));
  // Nobody else has taken them: they must not stand still.
  Look();
  EXPECT_THAT(Owned(), ElementsAre("a", "b", "c", "d", "e"));
}

TEST_F(ExporterShareTest, WhatItCannotReadItLeavesUntilItCan) {
  members_.free = {"a", "b"};
  unreadable_ = {"a"};
  for (int i = 0; i < 5; ++i) Look();
  EXPECT_THAT(Owned(), ElementsAre("b"));
  unreadable_.clear();
  clock_.Advance(absl::Minutes(2));
  Look();
  EXPECT_THAT(Owned(), ElementsAre("a", "b"));
}

TEST_F(ExporterShareTest, WhenAnotherJoinsItGivesBackWhatRestsAndWasHeldForLong) {
  members_.free = {"a", "b", "c", "d"};
  Look();
  members_.members = 2;
  Look();
  EXPECT_EQ(Owned().size(), 4u);
  clock_.Advance(members_.timing().least_hold);
  members_.busy = {"a", "c", "d"};
  Look();
  EXPECT_THAT(Owned(), ElementsAre("a", "c", "d"));
  // Taken by the other one. What is at work stays until it rests.
  members_.free.clear();
  members_.of_others = 1;
  Look();
  EXPECT_THAT(Owned(), ElementsAre("a", "c", "d"));
  members_.busy.clear();
  Look();
  EXPECT_THAT(Owned(), ElementsAre("c", "d"));
  members_.free.clear();
  members_.of_others = 2;
  Look();
  EXPECT_THAT(Owned(), ElementsAre("c", "d"));
}

TEST_F(ExporterShareTest, WhatNobodyElseTakesIsNotOfferedAgainAndAgain) {
  members_.free = {"a", "b"};
  Look();
  members_.members = 2;
  clock_.Advance(members_.timing().least_hold);
  Look();
  EXPECT_THAT(Owned(), ElementsAre("b"));
  for (int i = 0; i < 3; ++i) Look();
  EXPECT_THAT(Owned(), ElementsAre("a", "b"));
  // It came back: "b" may be tried next, and then both stay for a while.
  clock_.Advance(members_.timing().least_hold);
  Look();
  EXPECT_THAT(Owned(), ElementsAre("a"));
  for (int i = 0; i < 3; ++i) Look();
  clock_.Advance(members_.timing().least_hold);
  Look();
  EXPECT_THAT(Owned(), ElementsAre("a", "b"));
  EXPECT_THAT(members_.free, IsEmpty());
}

TEST_F(ExporterShareTest, WhatItTakesAndGivesBackIsCounted) {
  members_.free = {"a", "b", "c", "d"};
  members_.left_by = {{"a", "the dead"}, {"b", "the dead"}};
  members_.faster = {"b"};
  Look();
  EXPECT_THAT(Owned(), ElementsAre("a", "c", "d"));
  EXPECT_THAT(metrics_.Text({}),
              AllOf(HasSubstr("logexport_takeovers_total{reason=\"expired\"} 1\n"),
                    HasSubstr("logexport_takeovers_total{reason=\"free\"} 2\n"),
                    HasSubstr("logexport_moves_total{reason=\"balance\"} 0\n")));
  members_.members = 2;
  clock_.Advance(members_.timing().least_hold);
  Look();
  EXPECT_EQ(Owned().size(), 2u);
  EXPECT_THAT(metrics_.Text({}), HasSubstr("logexport_moves_total{reason=\"balance\"} 1\n"));
}

}  // namespace
}  // namespace logexport
