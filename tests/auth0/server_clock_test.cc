#include "service/auth0/server_clock.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/auth0/tenant.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_transport.h"

namespace logexport {
namespace {

class ServerClockTest : public testing::Test {
 protected:
  void ObserveDate(absl::Time date) { server_.Observe(MakeResponse(200, "", {DateHeader(date)})); }

  FakeClock clock_;
  ServerClock server_{clock_};
  const absl::Time start_ = FakeClock::DefaultStart();
};

TEST_F(ServerClockTest, IsTheHostsBeforeTheFirstAnswer) {
  EXPECT_EQ(server_.Now(), start_);
  EXPECT_EQ(server_.Skew(), absl::ZeroDuration());
}

TEST_F(ServerClockTest, CarriesTheDateForwardOnTheSteadyClock) {
  ObserveDate(start_ - absl::Hours(1));
  clock_.Advance(absl::Seconds(90));
  EXPECT_EQ(server_.Now(), start_ - absl::Hours(1) + absl::Seconds(90));
}

TEST_F(ServerClockTest, DoesNotFollowTheHostWhenItsClockIsSet) {
  ObserveDate(start_);
  clock_.SetWall(start_ + absl::Hours(24));
  EXPECT_EQ(server_.Now(), start_);
  EXPECT_EQ(server_.Skew(), absl::Hours(24));
  clock_.SetWall(start_ - absl::Seconds(6));
  EXPECT_EQ(server_.Skew(), -absl::Seconds(6));
}

TEST_F(ServerClockTest, IsNotSetBackByAnAnswerThatTookItsTime) {
  ObserveDate(start_);
  clock_.Advance(absl::Milliseconds(2900));
  ObserveDate(start_ + absl::Seconds(1));  // made 1.9 s ago at most
  EXPECT_EQ(server_.Now(), start_ + absl::Milliseconds(2900));
}

TEST_F(ServerClockTest, IsSetForwardByALaterDate) {
  ObserveDate(start_);
  ObserveDate(start_ + absl::Seconds(1));
  EXPECT_EQ(server_.Now(), start_ + absl::Seconds(1));
}

TEST_F(ServerClockTest, FollowsAServerWhoseClockWasSetBack) {
  ObserveDate(start_ + absl::Hours(3));
  ObserveDate(start_);
  EXPECT_EQ(server_.Now(), start_);
}

TEST_F(ServerClockTest, IgnoresDatesItCannotRead) {
  for (const char* const date : {"", "yesterday", "1795392000", "2026-11-23T00:00:00Z"}) {
    server_.Observe(MakeResponse(200, "", {{"Date", date}}));
    EXPECT_EQ(server_.Now(), start_) << date;
  }
  server_.Observe(MakeResponse(200));
  EXPECT_EQ(server_.Now(), start_);
}

}  // namespace
}  // namespace logexport
