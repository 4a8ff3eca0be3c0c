#include "tests/chaos/ownership_watch.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <gtest/gtest.h>

#include "service/base/clock.h"

namespace logexport {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(100);

// Of each exporter: epoch, version, the epoch of the newest run that has begun, what changes when
// one begins (idle runs fold into one row) or moves the checkpoint, and the owner that is alive.
constexpr char kLook[] =
    "SELECT string_agg(concat_ws(' ', c.exporter, c.fence_epoch, c.version, "
    "coalesce(r.epoch, -1), concat_ws('/', r.sequence, r.idle_runs, "
    "CASE WHEN c.run_id <> '' THEN c.version END), m.name), ';') FROM checkpoints c "
    "LEFT JOIN LATERAL (SELECT sequence, idle_runs, epoch FROM runs WHERE exporter = c.exporter "
    "AND started IS NOT NULL ORDER BY sequence DESC LIMIT 1) r ON true "
    "LEFT JOIN members m ON m.member_id = c.owner "
    "AND m.expires > extract(epoch FROM clock_timestamp()) * 1000000";

}  // namespace

OwnershipWatch::OwnershipWatch(std::function<std::string()> url) : session_(std::move(url)) {
  Look();
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (RealClock().SleepFor(kPause, stop)) Look();
  });
}

void OwnershipWatch::Look() {
  MutexLock looking(&looking_);
  const std::optional<std::string> rows = session_.Ask(kLook);
  if (!rows.has_value()) return;
  const absl::Time now = RealClock().Now();
  MutexLock lock(&mutex_);
  for (const absl::string_view row : absl::StrSplit(*rows, ';', absl::SkipEmpty())) {
    See(std::string(row), now);
  }
}

void OwnershipWatch::See(const std::string& row, absl::Time now) {
  const std::vector<std::string> fields = absl::StrSplit(row, ' ');
  Exporter exporter;
  std::int64_t run_epoch = 0;
  if (fields.size() < 5 || !absl::SimpleAtoi(fields[1], &exporter.epoch) ||
      !absl::SimpleAtoi(fields[2], &exporter.version) || !absl::SimpleAtoi(fields[3], &run_epoch)) {
    ADD_FAILURE() << row;
    return;
  }
  const std::string& id = fields[0];
  if (fields.size() > 5) exporter.owner = fields[5];
  exporter.at_work = run_epoch == exporter.epoch && !exporter.owner.empty();
  const Exporter& before = seen_[id];
  EXPECT_GE(exporter.epoch, before.epoch) << id;
  EXPECT_GE(exporter.version, before.version) << id;
  take_overs_ += exporter.epoch - before.epoch;
  const auto mark = marks_.find(id);
  if (mark != marks_.end() && !mark->second.at_work_after.has_value() && exporter.at_work &&
      work_[id] != fields[4] && exporter.epoch > mark->second.newer_than) {
    mark->second.at_work_after = now - marked_;
  }
  work_[id] = fields[4];
  if (exporter.owner.empty()) {
    const absl::Time since = without_owner_since_.try_emplace(id, now).first->second;
    longest_gap_ = std::max(longest_gap_, now - since);
  } else {
    without_owner_since_.erase(id);
  }
  seen_[id] = exporter;
}

std::map<std::string, OwnershipWatch::Exporter> OwnershipWatch::Now() const {
  MutexLock lock(&mutex_);
  return seen_;
}

void OwnershipWatch::Mark(const std::set<std::string>& in_newer_epoch) {
  Look();
  MutexLock lock(&mutex_);
  marked_ = RealClock().Now();
  marks_.clear();
  for (const auto& [id, seen] : seen_) {
    marks_[id].newer_than = in_newer_epoch.contains(id) ? seen.epoch : seen.epoch - 1;
  }
}

std::map<std::string, absl::Duration> OwnershipWatch::AtWorkAfter() const {
  MutexLock lock(&mutex_);
  std::map<std::string, absl::Duration> after;
  for (const auto& [id, mark] : marks_) {
    if (mark.at_work_after.has_value()) after[id] = *mark.at_work_after;
  }
  return after;
}

absl::Duration OwnershipWatch::TakeLongestGap() {
  MutexLock lock(&mutex_);
  return std::exchange(longest_gap_, absl::ZeroDuration());
}

std::int64_t OwnershipWatch::take_overs() const {
  MutexLock lock(&mutex_);
  return take_overs_;
}

}  // namespace logexport
