#include "service/access/caller_limits.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/access/caller_address.h"
#include "service/access/failed_logins.h"
#include "service/control/api_error.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

const Caller kAna{"ana", /*verified=*/true};
const Caller kBea{"bea", /*verified=*/true};

std::string ReasonOf(const absl::Status& status) {
  return status.ok() ? "" : ApiErrorOf(status).reason;
}

TEST(CallerAddressTest, IsTheHostWithoutThePort) {
  EXPECT_EQ(HostOfAddress("ipv4:192.0.2.7:40312"), "ipv4:192.0.2.7");
  EXPECT_EQ(HostOfAddress("ipv6:[2001:db8::1]:40312"), "ipv6:[2001:db8::1]");
  EXPECT_EQ(HostOfAddress("ipv6:%5B2001:db8::1%5D:40312"), "ipv6:[2001:db8::1]");
  EXPECT_EQ(HostOfAddress("ipv6:[::1]"), "ipv6:[::1]");
  EXPECT_EQ(HostOfAddress("unix:"), "unix:");
  EXPECT_EQ(HostOfAddress(""), "");
}

TEST(CallerLimitsTest, EachCallerHasARateOfHisOwn) {
  FakeClock clock;
  CallerLimits limits(clock, {.calls_per_second = 2, .burst = 3});
  for (int n = 0; n < 3; ++n)
    EXPECT_THAT(limits.Enter(kAna, "ipv4:192.0.2.7:1", false).status(), IsOk());
  const absl::Status refused = limits.Enter(kAna, "ipv4:192.0.2.7:1", false).status();
  EXPECT_EQ(ReasonOf(refused), "TOO_MANY_CALLS");
  EXPECT_TRUE(ApiErrorOf(refused).retry_after.has_value());
  EXPECT_THAT(limits.Enter(kBea, "ipv4:192.0.2.7:1", false).status(), IsOk());
  clock.Advance(absl::Seconds(1));
  for (int n = 0; n < 2; ++n)
    EXPECT_THAT(limits.Enter(kAna, "ipv4:192.0.2.7:1", false).status(), IsOk());
  EXPECT_EQ(ReasonOf(limits.Enter(kAna, "ipv4:192.0.2.7:1", false).status()), "TOO_MANY_CALLS");
}

TEST(CallerLimitsTest, EachCallerHasPlacesOfHisOwnAndGetsThemBack) {
  FakeClock clock;
  CallerLimits limits(clock, {.open_calls = 3, .open_streams = 1});
  std::vector<CallerLimits::Place> places;
  places.push_back(*limits.Enter(kAna, "ipv4:192.0.2.7:1", true));
  EXPECT_EQ(ReasonOf(limits.Enter(kAna, "ipv4:192.0.2.7:1", true).status()), "TOO_MANY_WATCHERS");
  places.push_back(*limits.Enter(kAna, "ipv4:192.0.2.7:1", false));
  places.push_back(*limits.Enter(kAna, "ipv4:192.0.2.7:1", false));
  EXPECT_EQ(ReasonOf(limits.Enter(kAna, "ipv4:192.0.2.7:1", false).status()), "TOO_MANY_CALLS");
  EXPECT_THAT(limits.Enter(kBea, "ipv4:192.0.2.7:1", true).status(), IsOk());
  ASSERT_EQ(limits.Loads().size(), 1u);
  EXPECT_EQ(limits.Loads().front().caller, "ana");
  EXPECT_EQ(limits.Loads().front().open_calls, 3);
  EXPECT_EQ(limits.Loads().front().refused, 2);
  places.clear();
  EXPECT_THAT(limits.Enter(kAna, "ipv4:192.0.2.7:1", true).status(), IsOk());
}

TEST(CallerLimitsTest, UnverifiedCallersOfOneHostAreOne) {
  FakeClock clock;
  CallerLimits limits(clock, {.burst = 1});
  EXPECT_THAT(limits.Enter({"ana@here", false}, "ipv4:127.0.0.1:1", false).status(), IsOk());
  EXPECT_EQ(ReasonOf(limits.Enter({"bea@here", false}, "ipv4:127.0.0.1:2", false).status()),
            "TOO_MANY_CALLS");
  EXPECT_THAT(limits.Enter({"ana@here", false}, "ipv4:127.0.0.2:2", false).status(), IsOk());
}

class FailedLoginsTest : public ::testing::Test {
 protected:
  IncomingCall From(const std::string& host, const std::string& token) {
    IncomingCall call;
    call.address = absl::StrCat("ipv4:", host, ":40312");
    call.authorization = absl::StrCat("Bearer ", token);
    return call;
  }
  void Guess(const std::string& host, int times) {
    for (int n = 0; n < times; ++n) {
      logins_.Failed(From(host, absl::StrCat("guess", n)));
    }
  }

  FakeClock clock_;
  FailedLogins logins_{clock_};
};

TEST_F(FailedLoginsTest, AHostThatGuessesWaitsAndOthersDoNot) {
  Guess("192.0.2.7", FailedLogins::kFreeAttempts);
  EXPECT_EQ(ReasonOf(logins_.Check(From("192.0.2.7", "next"))), "TOO_MANY_FAILED_LOGINS");
  EXPECT_THAT(logins_.Check(From("192.0.2.8", "next")), IsOk());
  clock_.Advance(FailedLogins::kWait);
  EXPECT_THAT(logins_.Check(From("192.0.2.7", "next")), IsOk());
  Guess("192.0.2.7", 1);
  EXPECT_EQ(ReasonOf(logins_.Check(From("192.0.2.7", "next"))), "TOO_MANY_FAILED_LOGINS");
}

TEST_F(FailedLoginsTest, NobodyWhoWasLetInBeforeIsLockedOut) {
  logins_.Succeeded(From("192.0.2.7", "right"));
  Guess("192.0.2.7", 100);
  EXPECT_THAT(logins_.Check(From("192.0.2.7", "right")), IsOk());
  EXPECT_EQ(ReasonOf(logins_.Check(From("192.0.2.7", "next"))), "TOO_MANY_FAILED_LOGINS");
  EXPECT_EQ(logins_.failures(), 100);
}

TEST_F(FailedLoginsTest, OneFailureOfAHostInAMinuteIsLogged) {
  EXPECT_TRUE(logins_.Failed(From("192.0.2.7", "one")));
  EXPECT_FALSE(logins_.Failed(From("192.0.2.7", "two")));
  EXPECT_TRUE(logins_.Failed(From("192.0.2.8", "one")));
  clock_.Advance(FailedLogins::kLogInterval);
  EXPECT_TRUE(logins_.Failed(From("192.0.2.7", "three")));
}

TEST_F(FailedLoginsTest, ACallWithoutATokenGuessesNothing) {
  IncomingCall call;
  call.address = "ipv4:192.0.2.7:40312";
  for (int n = 0; n < 100; ++n) logins_.Failed(call);
  EXPECT_THAT(logins_.Check(From("192.0.2.7", "next")), IsOk());
}

}  // namespace
}  // namespace logexport
