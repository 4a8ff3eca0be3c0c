#include "service/state/records.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace logexport {
namespace {

// `count` values from 0 on have different names, which lead back to them, and nothing else does.
template <typename T>
void ExpectNamed(int count, absl::string_view (*name)(T),
                 std::optional<T> (*parse)(absl::string_view)) {
  std::set<std::string> names;
  for (int i = 0; i < count; ++i) {
    const T value = static_cast<T>(i);
    EXPECT_EQ(parse(name(value)), value) << name(value);
    names.insert(std::string(name(value)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(count));
  EXPECT_EQ(parse(name(static_cast<T>(count))), std::nullopt);
  EXPECT_EQ(parse(""), std::nullopt);
  EXPECT_EQ(parse("running"), std::nullopt);
}

TEST(RecordsTest, NamesAndValuesLeadToEachOther) {
  ExpectNamed<Position::Kind>(5, PositionKindName, ParsePositionKind);
  ExpectNamed<RunState>(5, RunStateName, ParseRunState);
  ExpectNamed<StopReason>(11, StopReasonName, ParseStopReason);
  ExpectNamed<Trigger>(4, TriggerName, ParseTrigger);
  ExpectNamed<RunKind>(5, RunKindName, ParseRunKind);
}

TEST(RecordsTest, PositionsAreDescribedForPeople) {
  const absl::Time time = absl::FromUnixSeconds(1'793'491'200);
  EXPECT_EQ(DescribePosition({Position::Kind::kAfter, "900", {}}), "after 900");
  EXPECT_EQ(DescribePosition({Position::Kind::kAfter, "", {}}), "the very beginning");
  EXPECT_EQ(DescribePosition({Position::Kind::kAt, "900", {}}), "at 900");
  EXPECT_EQ(DescribePosition({Position::Kind::kEarliest, "", {}}), "earliest");
  EXPECT_EQ(DescribePosition({Position::Kind::kLatest, "", time}), "latest");
  EXPECT_EQ(DescribePosition({Position::Kind::kTime, "", time}), "2026-11-01T00:00:00.000Z");
}

TEST(RecordsTest, ParametersAreEqualWhenEveryOneIs) {
  const absl::Time time = absl::UnixEpoch();
  RunParameters a;
  RunParameters b;
  EXPECT_TRUE(a == b);
  b.window = TimeWindow{time, time + absl::Hours(1)};
  EXPECT_FALSE(a == b);
  a.window = TimeWindow{time, time + absl::Hours(2)};
  EXPECT_FALSE(a == b);
  a.window = b.window;
  EXPECT_TRUE(a == b);
  a.dead_letter_types = {"s"};
  EXPECT_FALSE(a == b);
  b.dead_letter_types = {"s"};
  a.max_duration = absl::Seconds(1);
  EXPECT_FALSE(a == b);
}

}  // namespace
}  // namespace logexport
