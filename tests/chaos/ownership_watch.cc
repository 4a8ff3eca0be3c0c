#include "tests/chaos/ownership_watch.h"

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include <gtest/gtest.h>

#include "service/base/clock.h"

namespace logexport {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(100);

constexpr char kLook[] =
    "SELECT string_agg(concat_ws(' ', c.exporter, c.fence_epoch, c.version, "
    "(SELECT count(*) FROM (SELECT 1 FROM runs r WHERE r.exporter = c.exporter "
    "AND r.epoch = c.fence_epoch AND r.started IS NOT NULL LIMIT 1) one), m.name), ';') "
    "FROM checkpoints c LEFT JOIN members m ON m.member_id = c.owner "
    "AND m.expires > extract(epoch FROM clock_timestamp()) * 1000000";

}  // namespace

OwnershipWatch::OwnershipWatch(const MemberCluster& cluster) : cluster_(cluster) {
  Look();
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (RealClock().SleepFor(kPause, stop)) Look();
  });
}

void OwnershipWatch::Look() {
  const std::string rows = cluster_.Query(kLook);
  const absl::Time now = RealClock().Now();
  MutexLock lock(&mutex_);
  for (const absl::string_view row : absl::StrSplit(rows, ';', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(row, ' ');
    Exporter exporter;
    if (fields.size() < 4 || !absl::SimpleAtoi(fields[1], &exporter.epoch) ||
        !absl::SimpleAtoi(fields[2], &exporter.version)) {
      ADD_FAILURE() << row;
      return;
    }
    if (fields.size() > 4) exporter.owner = fields[4];
    exporter.at_work = fields[3] == "1" && !exporter.owner.empty();
    const Exporter& before = seen_[fields[0]];
    EXPECT_GE(exporter.epoch, before.epoch) << fields[0];
    EXPECT_GE(exporter.version, before.version) << fields[0];
    take_overs_ += exporter.epoch - before.epoch;
    if (exporter.owner.empty()) {
      const absl::Time since = without_owner_since_.try_emplace(fields[0], now).first->second;
      longest_gap_ = std::max(longest_gap_, now - since);
    } else {
      without_owner_since_.erase(fields[0]);
    }
    seen_[fields[0]] = exporter;
  }
}

std::map<std::string, OwnershipWatch::Exporter> OwnershipWatch::Now() const {
  MutexLock lock(&mutex_);
  return seen_;
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
