#include "service/base/random.h"

#include <set>
#include <string>

#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace logexport {
namespace {

using ::testing::MatchesRegex;

class FixedRandom final : public Random {
 public:
  explicit FixedRandom(std::uint64_t value) : value_(value) {}
  std::uint64_t Next64() override { return value_; }

 private:
  const std::uint64_t value_;
};

TEST(RandomTest, AUnitIsFromZeroToBelowOne) {
  FixedRandom least(0);
  FixedRandom most(~std::uint64_t{0});
  EXPECT_EQ(least.NextUnit(), 0.0);
  EXPECT_LT(most.NextUnit(), 1.0);
  EXPECT_GT(most.NextUnit(), 0.999999);
}

TEST(RandomTest, TheSystemsDoesNotRepeatItself) {
  std::set<std::uint64_t> values;
  for (int i = 0; i < 100; ++i) values.insert(SystemRandom().Next64());
  EXPECT_EQ(values.size(), 100u);
}

TEST(TimeOrderedIdTest, IsAUuidOfVersionSeven) {
  FixedRandom random(0x0123456789abcdef);
  const absl::Time time = absl::FromUnixMillis(0x0123456789ab);
  EXPECT_EQ(NewTimeOrderedId(time, random), "01234567-89ab-7def-89ab-456789abcdef");
  EXPECT_THAT(NewTimeOrderedId(absl::Now(), SystemRandom()),
              MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
}

TEST(TimeOrderedIdTest, SortsByTimeWhateverTheRandomBits) {
  FixedRandom least(0);
  FixedRandom most(~std::uint64_t{0});
  absl::Time time = absl::FromUnixMillis(1'795'392'000'000);
  for (int i = 0; i < 10'000; ++i, time += absl::Milliseconds(1 + i * i)) {
    ASSERT_LT(NewTimeOrderedId(time, most), NewTimeOrderedId(time + absl::Milliseconds(1), least));
  }
}

TEST(TimeOrderedIdTest, DiffersWithinAMillisecond) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(NewTimeOrderedId(absl::UnixEpoch(), SystemRandom()));
  EXPECT_EQ(ids.size(), 1000u);
}

}  // namespace
}  // namespace logexport
