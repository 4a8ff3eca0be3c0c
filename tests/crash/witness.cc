#include "tests/crash/witness.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/clock.h"
#include "tests/support/await.h"
#include "tests/support/status_matchers.h"

namespace logexport {

Witness::Witness(SandboxProcess& sandbox, std::set<std::string> poison)
    : sandbox_(sandbox), poison_(std::move(poison)) {
  const absl::StatusOr<std::string> lines = sandbox_.Get("log_ids");
  EXPECT_THAT(lines, IsOk());
  if (!lines.ok()) return;
  ids_ = absl::StrSplit(*lines, '\n', absl::SkipEmpty());
  for (const std::string& id : ids_) index_.emplace(id, index_.size());
}

std::int64_t Witness::Passed(const Checkpoint& checkpoint) const {
  const Position& position = checkpoint.position;
  if (position.kind != Position::Kind::kAfter || position.id.empty()) return 0;
  if (const auto found = index_.find(position.id); found != index_.end()) return found->second + 1;
  // A made-up id, from where the export was to begin: before all logs.
  EXPECT_LT(position.id, ids_.front());
  return 0;
}

void Witness::ExpectNothingSkipped(const StoredState& state) const {
  const std::int64_t passed = Passed(state.checkpoint);
  const absl::StatusOr<JsonValue> missing =
      sandbox_.GetJson(absl::StrCat("missing?limit=", poison_.size() + 1));
  ASSERT_THAT(missing, IsOk());
  for (const JsonValue& item : (*missing)["log_ids"].items()) {
    const std::string id(item.String());
    if (index_.at(id) >= passed) continue;
    EXPECT_TRUE(state.dead_letters.contains(id))
        << "LOST: the checkpoint " << state.checkpoint.position.id << " is past the log " << id
        << ", number " << index_.at(id) << ", which never arrived";
  }
  EXPECT_EQ(state.settled(), passed)
      << "the runs' accounts do not add up to the checkpoint " << state.checkpoint.position.id;
  for (const std::string& id : state.dead_letters) {
    EXPECT_TRUE(poison_.contains(id)) << id << " is a dead letter without reason";
    EXPECT_LT(index_.at(id), passed) << id << " is a dead letter before its time";
  }
}

std::int64_t Witness::AwaitArrivedAhead(const StoredState& state) const {
  // The only connection left is the one that asks.
  Await([&] { return sandbox_.Stat({"http", "open_connections"}) <= 1; });
  const std::int64_t passed = Passed(state.checkpoint);
  const auto dead = static_cast<std::int64_t>(state.dead_letters.size());
  return sandbox_.Stat({"segment", "unique_message_ids"}) - (passed - dead);
}

void Witness::ExpectComplete(const StoredState& state) const {
  ExpectNothingSkipped(state);
  EXPECT_EQ(Passed(state.checkpoint), logs());
  EXPECT_EQ(state.dead_letters, poison_);
  const auto poisonous = static_cast<std::int64_t>(poison_.size());
  EXPECT_EQ(sandbox_.Stat({"segment", "logs_with_events"}), logs() - poisonous) << "LOST";
  // No log has arrived under two ids: every repeat has the id of what arrived before.
  EXPECT_EQ(sandbox_.Stat({"segment", "unique_message_ids"}), logs() - poisonous);
  EXPECT_EQ(sandbox_.Stat({"segment", "events_without_message_id"}), 0);
  EXPECT_EQ(sandbox_.Stat({"segment", "violations"}), 0);
  ASSERT_FALSE(state.runs.empty());
  EXPECT_EQ(state.runs.front().state, RunState::kSucceeded);
  EXPECT_EQ(state.runs.front().stop_reason, StopReason::kCaughtUp);
  for (const RunRecord& run : state.runs) {
    EXPECT_TRUE(IsFinished(run.state)) << run.run_id;
    EXPECT_TRUE(run.ended.has_value()) << run.run_id;
  }
}

}  // namespace logexport
