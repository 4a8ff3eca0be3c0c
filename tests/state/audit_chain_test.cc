#include "service/state/audit_chain.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/hash.h"
#include "tests/support/fake_clock.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Keyed final : public AuditSigner {
 public:
  Signature Sign(absl::string_view text) const override {
    return {current, *HashUnder(current, text)};
  }
  std::optional<std::string> HashUnder(absl::string_view key_id,
                                       absl::string_view text) const override {
    if (key_id == missing) return std::nullopt;
    return HmacSha256(key_id).Hex(text);
  }
  std::string current = "one";
  std::string missing = "none";
};

class AuditChainTest : public ::testing::Test {
 protected:
  void Add(AuditEntry entry) {
    entry.sequence = static_cast<std::int64_t>(chain_.size()) + 1;
    entry.previous_hash = chain_.empty() ? "" : chain_.back().hash;
    const AuditSigner::Signature signature = signer_.Sign(SignedText(entry));
    entry.key_id = signature.key_id;
    entry.hash = signature.hash;
    chain_.push_back(std::move(entry));
  }
  // A chain of five entries.
  AuditChainTest() {
    for (const char* method : {"RunNow", "SetCheckpoint", "UpdateConfig", "RunNow", "RunNow"}) {
      AuditEntry entry;
      entry.time = FakeClock::DefaultStart();
      entry.method = method;
      entry.caller = "ada";
      entry.changes = {{"a", "b", "c"}};
      Add(std::move(entry));
    }
  }
  AuditHead Head() const { return {chain_.back().sequence, chain_.back().hash}; }

  AuditChainCheck Checked(const std::vector<AuditEntry>& entries, const AuditHead& head,
                          AuditHead anchor = {}) const {
    AuditChainCheck check(signer_, std::move(anchor));
    for (const AuditEntry& entry : entries) check.Add(entry);
    check.Finish(head);
    return check;
  }
  static std::vector<std::int64_t> Places(const AuditChainCheck& check) {
    std::vector<std::int64_t> places;
    for (const auto& problem : check.problems()) places.push_back(problem.sequence);
    return places;
  }

  Keyed signer_;
  std::vector<AuditEntry> chain_;
};

TEST_F(AuditChainTest, WhatWasWrittenIsIntact) {
  const AuditChainCheck check = Checked(chain_, Head(), {2, chain_[1].hash});
  EXPECT_THAT(check.problems(), IsEmpty());
  EXPECT_EQ(check.entries(), 5);
  EXPECT_EQ(check.first_sequence(), 1);
  EXPECT_EQ(check.last().sequence, 5);
  EXPECT_THAT(Checked({}, {}).problems(), IsEmpty());
}

// Each field of an entry, one after another.
TEST_F(AuditChainTest, EveryChangeIsFoundWhereItIs) {
  const std::vector<void (*)(AuditEntry&)> changes = {
      [](AuditEntry& e) { e.time += absl::Microseconds(1); },
      [](AuditEntry& e) { e.caller = "bob"; },
      [](AuditEntry& e) { e.verified = !e.verified; },
      [](AuditEntry& e) { e.role = "VIEWER"; },
      [](AuditEntry& e) { e.address = "elsewhere"; },
      [](AuditEntry& e) { e.way = "http"; },
      [](AuditEntry& e) { e.method = "DeleteExporter"; },
      [](AuditEntry& e) { e.exporter = "other"; },
      [](AuditEntry& e) { e.call_id = "x"; },
      [](AuditEntry& e) { e.request_id = "x"; },
      [](AuditEntry& e) { e.reason = "x"; },
      [](AuditEntry& e) { e.changes[0].field = "x"; },
      [](AuditEntry& e) { e.changes[0].before = "x"; },
      [](AuditEntry& e) { e.changes[0].after = "x"; },
      [](AuditEntry& e) { e.changes.clear(); },
      // The same letters, divided otherwise.
      [](AuditEntry& e) {
        e.changes[0] = {"ab", "", "c"};
      },
      [](AuditEntry& e) { e.outcome = AuditOutcome::kRefused; },
      [](AuditEntry& e) { e.error_reason = "x"; },
      [](AuditEntry& e) { e.further_refusals = 1; },
      [](AuditEntry& e) { e.key_id = "two"; },
      [](AuditEntry& e) { e.hash[0] = e.hash[0] == 'a' ? 'b' : 'a'; },
  };
  for (std::size_t n = 0; n < changes.size(); ++n) {
    std::vector<AuditEntry> changed = chain_;
    changes[n](changed[2]);
    const AuditChainCheck check = Checked(changed, Head());
    ASSERT_FALSE(check.problems().empty()) << n;
    EXPECT_EQ(check.problems()[0].sequence, 3) << n;
  }
}

TEST_F(AuditChainTest, RemovedMovedAndRepeatedEntriesAreFound) {
  std::vector<AuditEntry> removed = chain_;
  removed.erase(removed.begin() + 2);
  EXPECT_THAT(Places(Checked(removed, Head())), ElementsAre(4));
  std::vector<AuditEntry> moved = chain_;
  std::swap(moved[1], moved[2]);
  EXPECT_FALSE(Checked(moved, Head()).problems().empty());
  // Moved, and numbered anew.
  std::swap(moved[1].sequence, moved[2].sequence);
  EXPECT_FALSE(Checked(moved, Head()).problems().empty());
  std::vector<AuditEntry> repeated = chain_;
  repeated.insert(repeated.begin() + 2, chain_[2]);
  EXPECT_FALSE(Checked(repeated, Head()).problems().empty());
}

TEST_F(AuditChainTest, ACutEndIsFoundByTheHeadAndWithoutItByTheAnchor) {
  const AuditHead anchor = Head();
  std::vector<AuditEntry> cut = chain_;
  cut.pop_back();
  EXPECT_THAT(Places(Checked(cut, Head())), ElementsAre(0));
  const AuditHead forged{cut.back().sequence, cut.back().hash};
  EXPECT_THAT(Checked(cut, forged).problems(), IsEmpty()) << "this is what the anchor is for";
  EXPECT_THAT(Checked(cut, forged, anchor).problems(), SizeIs(1));
  EXPECT_THAT(Checked({}, {}, anchor).problems(), SizeIs(1)) << "everything is gone";
  // Cut, and written on.
  chain_ = cut;
  AuditEntry other;
  other.method = "ResumeExporter";
  Add(other);
  EXPECT_THAT(Places(Checked(chain_, Head(), anchor)), ElementsAre(5));
}

TEST_F(AuditChainTest, AMissingBeginningNeedsTheEntryThatSaysSo) {
  const std::vector<AuditEntry> without(chain_.begin() + 2, chain_.end());
  const AuditChainCheck check = Checked(without, Head());
  ASSERT_THAT(check.problems(), SizeIs(1));
  EXPECT_THAT(check.problems()[0].message, HasSubstr("removed by age"));
  Add(PruneEntry({2, {2, chain_[1].hash}}, FakeClock::DefaultStart()));
  const std::vector<AuditEntry> pruned(chain_.begin() + 2, chain_.end());
  EXPECT_THAT(Checked(pruned, Head()).problems(), IsEmpty());
  // It allows no more than it says.
  const std::vector<AuditEntry> more(chain_.begin() + 3, chain_.end());
  EXPECT_THAT(Checked(more, Head()).problems(), SizeIs(1));
}

// Who may write the audit over the API cannot make the entry that allows removing.
TEST_F(AuditChainTest, OnlyTheServiceItselfSaysThatEntriesWereRemoved) {
  AuditEntry forged = PruneEntry({2, {2, chain_[1].hash}}, FakeClock::DefaultStart());
  forged.way = "grpc";
  Add(forged);
  const std::vector<AuditEntry> pruned(chain_.begin() + 2, chain_.end());
  EXPECT_THAT(Checked(pruned, Head()).problems(), SizeIs(1));
}

TEST_F(AuditChainTest, EntriesUnderAMissingKeyAreCountedAndNoProblem) {
  signer_.missing = "one";
  signer_.current = "two";
  AuditEntry entry;
  entry.method = "RunNow";
  Add(entry);
  const AuditChainCheck check = Checked(chain_, Head());
  EXPECT_THAT(check.problems(), IsEmpty());
  EXPECT_EQ(check.unverifiable(), 5);
  EXPECT_THAT(check.missing_keys(), ElementsAre("one"));
}

}  // namespace
}  // namespace logexport
