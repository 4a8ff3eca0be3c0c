#include "service/auth0/rate_budget.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_transport.h"

namespace logexport {
namespace {

using testing::Optional;
using User = RateLimit::User;
constexpr User kMain = RunLane::kMain;
constexpr User kSide = RunLane::kSide;
constexpr User kProfiles = RateLimit::kProfiles;

const absl::Time kNow = absl::FromUnixSeconds(1'795'392'000);
const absl::Time kReset = kNow + absl::Seconds(7);

HttpResponse Limits(const std::string& limit, const std::string& remaining,
                    const std::string& reset, int status = 200) {
  return MakeResponse(status, "",
                      {{"x-ratelimit-limit", limit},
                       {"x-ratelimit-remaining", remaining},
                       {"x-ratelimit-reset", reset}});
}

HttpResponse Limits(int limit, int remaining, int status = 200) {
  return Limits(absl::StrCat(limit), absl::StrCat(remaining),
                absl::StrCat(absl::ToUnixSeconds(kReset)), status);
}

TEST(RateLimitTest, IsFreeBeforeTheFirstAnswer) {
  const RateLimit limit(10, 50);
  for (const User user : {kMain, kSide, kProfiles}) {
    EXPECT_EQ(limit.Wait(user, kNow), absl::ZeroDuration());
  }
  EXPECT_EQ(limit.budget().limit, 0);
}

TEST(RateLimitTest, RemembersWhatTheServerSaid) {
  RateLimit limit(10, 50);
  limit.Observe(Limits(50, 49), kProfiles, kNow);
  EXPECT_EQ(limit.budget().limit, 50);
  EXPECT_EQ(limit.budget().remaining, 49);
  EXPECT_EQ(limit.budget().reset, kReset);
  EXPECT_EQ(limit.budget().seen, kNow);
  // An answer that says nothing about the limit leaves it as old as it was.
  limit.Observe(MakeResponse(200, "", {}), kMain, kNow + absl::Seconds(3));
  EXPECT_EQ(limit.budget().seen, kNow);
  limit.Observe(Limits(50, 48), kMain, kNow + absl::Seconds(4));
  EXPECT_EQ(limit.budget().seen, kNow + absl::Seconds(4));
}

struct BudgetCase {
  const char* name;
  int limit;
  int reserve_percent;
  int profile_share_percent;
  // The least `remaining` with which a lane may go on.
  int main;
  int side;
  int profiles;
};
class BudgetTest : public testing::TestWithParam<BudgetCase> {};
TEST_P(BudgetTest, KeepsTheReserveAndServesTheMainLaneFirst) {
  const BudgetCase& c = GetParam();
  const auto least = [&](User user) {
    for (int remaining = 0; remaining <= c.limit; ++remaining) {
      RateLimit limit(c.reserve_percent, c.profile_share_percent);
      limit.Observe(Limits(c.limit, remaining), kProfiles, kNow);
      const absl::Duration wait = limit.Wait(user, kNow);
      if (wait == absl::ZeroDuration()) return remaining;
      EXPECT_EQ(wait, kReset - kNow);
    }
    return -1;
  };
  EXPECT_EQ(least(kMain), c.main);
  EXPECT_EQ(least(kSide), c.side);
  EXPECT_EQ(least(kProfiles), c.profiles);
}
INSTANTIATE_TEST_SUITE_P(
    Plans, BudgetTest,
    testing::Values(BudgetCase{"enterprise", 50, 10, 50, 6, 16, 29},
                    BudgetCase{"logs of a self-service plan", 10, 10, 50, 2, 4, 7},
                    BudgetCase{"free", 2, 10, 50, 1, 2, 2},
                    BudgetCase{"no reserve", 50, 0, 100, 1, 11, 1},
                    BudgetCase{"everything is reserve", 50, 100, 50, 50, 50, 50},
                    BudgetCase{"one call only", 1, 10, 50, 1, 1, 1},
                    BudgetCase{"no share for profiles", 50, 10, 0, 6, 16, 50}),
    [](const auto& param_info) {
      std::string name = param_info.param.name;
      for (char& ch : name) {
        if (ch == ' ' || ch == '-') ch = '_';
      }
      return name;
    });

TEST(RateLimitTest, IsFreeAgainAfterTheReset) {
  RateLimit limit(10, 50);
  limit.Observe(Limits(50, 0), kProfiles, kNow);
  EXPECT_EQ(limit.Wait(kMain, kNow + absl::Seconds(6)), absl::Seconds(1));
  EXPECT_EQ(limit.Wait(kMain, kReset), absl::ZeroDuration());
}

TEST(RateLimitTest, GivesWhatComesBackToTheMainLaneWhileItIsReading) {
  RateLimit limit(10, 50);
  limit.Observe(Limits(50, 5), kMain, kNow - absl::Seconds(3));
  limit.Observe(Limits(50, 5), kSide, kNow);
  EXPECT_EQ(limit.Wait(kMain, kReset), absl::ZeroDuration());
  limit.Observe(Limits(50, 5, 200), kMain, kReset);
  EXPECT_EQ(limit.Wait(kMain, kReset), absl::ZeroDuration());
  EXPECT_EQ(limit.Wait(kSide, kReset), absl::Seconds(5));
  EXPECT_EQ(limit.Wait(kSide, kReset + absl::Seconds(5)), absl::ZeroDuration());
}

TEST(RateLimitTest, FollowsEveryAnswer) {
  RateLimit limit(10, 50);
  limit.Observe(Limits(50, 0), kProfiles, kNow);
  limit.Observe(Limits(50, 20), kProfiles, kNow);
  EXPECT_EQ(limit.Wait(kMain, kNow), absl::ZeroDuration());
}

TEST(RateLimitTest, BlocksAllLanesAsLongAsA429Asks) {
  RateLimit limit(10, 50);
  HttpResponse refusal = Limits(50, 50, 429);
  refusal.headers.push_back({"Retry-After", "30"});
  limit.Observe(refusal, kProfiles, kNow);
  for (const User user : {kMain, kSide, kProfiles}) {
    EXPECT_EQ(limit.Wait(user, kNow), absl::Seconds(30));
  }
  EXPECT_EQ(limit.Wait(kMain, kNow + absl::Seconds(30)), absl::ZeroDuration());
}

TEST(RateLimitTest, WaitsASecondAfterA429WithoutAnyHeader) {
  RateLimit limit(10, 50);
  limit.Observe(MakeResponse(429), kProfiles, kNow);
  EXPECT_EQ(limit.Wait(kMain, kNow), absl::Seconds(1));
}

struct OddCase {
  const char* limit;
  const char* remaining;
  const char* reset;
  absl::Duration wait;  // of the main lane
};
class OddHeadersTest : public testing::TestWithParam<OddCase> {};
TEST_P(OddHeadersTest, DoNoHarm) {
  const OddCase& c = GetParam();
  RateLimit limit(10, 50);
  limit.Observe(Limits(c.limit, c.remaining, c.reset), kProfiles, kNow);
  EXPECT_EQ(limit.Wait(kMain, kNow), c.wait);
}
INSTANTIATE_TEST_SUITE_P(
    Headers, OddHeadersTest,
    testing::Values(OddCase{"", "", "", absl::ZeroDuration()},
                    OddCase{"many", "none", "soon", absl::ZeroDuration()},
                    OddCase{"0", "0", "0", absl::ZeroDuration()},
                    OddCase{"-5", "0", "1795392007", absl::ZeroDuration()},
                    OddCase{"50", "-1", "1795392007", absl::ZeroDuration()},
                    OddCase{"50", "", "1795392007", absl::ZeroDuration()},
                    OddCase{"50", "0", "", absl::Seconds(1)},
                    OddCase{"50", "0", "soon", absl::Seconds(1)},
                    OddCase{"50", "0", "1795391000", absl::ZeroDuration()},  // past
                    OddCase{"50", "0", "1795392007", absl::Seconds(7)},
                    OddCase{"50", "0", "1795395600", absl::Hours(1)},       // far, but believed
                    OddCase{"50", "0", "1795392007000", absl::Seconds(7)},  // milliseconds
                    OddCase{"50", "0", "7", absl::Seconds(7)},              // from now
                    OddCase{"50", "0", "4102444800", absl::Seconds(1)},     // in seventy years
                    OddCase{"50", "500", "1795392007", absl::ZeroDuration()},
                    OddCase{"99999999999999999999", "0", "7", absl::ZeroDuration()}));

TEST(AskedWaitTest, TakesRetryAfterBeforeTheReset) {
  HttpResponse response = Limits(50, 0, 429);
  EXPECT_THAT(RateLimit::AskedWait(response, kNow), Optional(absl::Seconds(7)));
  response.headers.push_back({"Retry-After", "3"});
  EXPECT_THAT(RateLimit::AskedWait(response, kNow), Optional(absl::Seconds(3)));
}

TEST(AskedWaitTest, ReadsATimeRelativeToTheServersClock) {
  const HttpResponse response =
      MakeResponse(503, "", {{"Retry-After", "Mon, 23 Nov 2026 00:00:42 GMT"}});
  EXPECT_THAT(RateLimit::AskedWait(response, kNow), Optional(absl::Seconds(42)));
}

TEST(AskedWaitTest, AsksNothingWithoutSuchHeaders) {
  EXPECT_EQ(RateLimit::AskedWait(MakeResponse(429), kNow), std::nullopt);
  EXPECT_EQ(RateLimit::AskedWait(Limits(50, 0, 500), kNow), std::nullopt);
}

// To wait a day for a number that is a mistake would be a day without an export.
TEST(AskedWaitTest, TakesMoreThanADayForAMistake) {
  const HttpHeader absurd = {"Retry-After", "9999999999"};
  EXPECT_EQ(RateLimit::AskedWait(MakeResponse(429, "", {absurd}), kNow), std::nullopt);
  HttpResponse response = Limits(50, 0, 429);
  response.headers.push_back(absurd);
  EXPECT_THAT(RateLimit::AskedWait(response, kNow), Optional(absl::Seconds(7)));
}

TEST(RateLimitTest, CompletenessTakesATenthOfTheLimit) {
  RateLimit limit(10, 50);
  limit.Observe(Limits(50, 46), kMain, kNow);
  const absl::Time later = kNow + absl::Seconds(6);
  EXPECT_EQ(limit.Wait(RunLane::kCompleteness, later), absl::ZeroDuration());
  limit.Observe(Limits(50, 45), kMain, kNow);
  EXPECT_EQ(limit.Wait(RunLane::kCompleteness, kNow), kReset - kNow);

  // And a tenth of what comes back.
  limit.Observe(Limits(50, 50), RunLane::kCompleteness, later);
  EXPECT_EQ(limit.Wait(RunLane::kCompleteness, later), absl::Seconds(1.2));
  EXPECT_EQ(limit.Wait(kMain, later), absl::ZeroDuration());
  EXPECT_EQ(limit.Wait(kSide, later), absl::ZeroDuration());
  EXPECT_EQ(limit.Wait(RunLane::kCompleteness, later + absl::Seconds(1.2)), absl::ZeroDuration());
}

TEST(RateLimitTest, CompletenessGetsATurnHoweverSmallTheLimit) {
  RateLimit limit(90, 50);
  limit.Observe(Limits(2, 2), kMain, kNow);
  EXPECT_EQ(limit.Wait(RunLane::kCompleteness, kNow), absl::ZeroDuration());
  limit.Observe(Limits(2, 1), RunLane::kCompleteness, kNow);
  EXPECT_EQ(limit.Wait(RunLane::kCompleteness, kNow), absl::Seconds(30));
}

}  // namespace
}  // namespace logexport
