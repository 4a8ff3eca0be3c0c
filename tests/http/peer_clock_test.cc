#include "service/http/peer_clock.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"
#include "tests/support/scripted_transport.h"

namespace logexport {
namespace {

HttpHeader DateHeader(absl::Time time) {
  return {"Date", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", time, absl::UTCTimeZone())};
}

class PeerClockTest : public testing::Test {
 protected:
  // An answer with this Date comes, `took` after it was asked for.
  void ObserveDate(absl::Time date, absl::Duration took = absl::ZeroDuration()) {
    peer_.Observe(MakeResponse(200, "", {DateHeader(date)}), clock_.Monotonic() - took);
  }

  FakeClock clock_;
  PeerClock peer_{clock_};
  const absl::Time start_ = FakeClock::DefaultStart();
};

TEST_F(PeerClockTest, IsTheHostsBeforeTheFirstAnswer) {
  EXPECT_EQ(peer_.Now(), start_);
  EXPECT_EQ(peer_.Skew(), absl::ZeroDuration());
}

TEST_F(PeerClockTest, CarriesTheDateForwardOnTheSteadyClock) {
  ObserveDate(start_ - absl::Hours(1));
  clock_.Advance(absl::Seconds(90));
  EXPECT_EQ(peer_.Now(), start_ - absl::Hours(1) + absl::Seconds(90));
}

TEST_F(PeerClockTest, DoesNotFollowTheHostWhenItsClockIsSet) {
  ObserveDate(start_);
  clock_.SetWall(start_ + absl::Hours(24));
  EXPECT_EQ(peer_.Now(), start_);
  EXPECT_EQ(peer_.Skew(), absl::Hours(24));
  clock_.SetWall(start_ - absl::Seconds(6));
  EXPECT_EQ(peer_.Skew(), -absl::Seconds(6));
}

TEST_F(PeerClockTest, IsNotSetBackByAnAnswerThatTookItsTime) {
  ObserveDate(start_);
  clock_.Advance(absl::Milliseconds(2900));
  ObserveDate(start_ + absl::Seconds(1));  // made 1.9 s ago at most
  EXPECT_EQ(peer_.Now(), start_ + absl::Milliseconds(2900));
}

TEST_F(PeerClockTest, IsSetForwardByALaterDate) {
  ObserveDate(start_);
  ObserveDate(start_ + absl::Seconds(1));
  EXPECT_EQ(peer_.Now(), start_ + absl::Seconds(1));
}

TEST_F(PeerClockTest, FollowsAServerWhoseClockWasSetBack) {
  ObserveDate(start_ + absl::Hours(3));
  ObserveDate(start_);
  EXPECT_EQ(peer_.Now(), start_);
}

TEST_F(PeerClockTest, OneAnswerThatIsAheadDoesNotMoveIt) {
  // Whether it is the first, the last, or one among others.
  for (int odd = 0; odd < 4; ++odd) {
    PeerClock peer(clock_);
    for (int answer = 0; answer < 4; ++answer) {
      const absl::Time date = clock_.Now() + (answer == odd ? absl::Seconds(15) : absl::Duration());
      peer.Observe(MakeResponse(200, "", {DateHeader(date)}), clock_.Monotonic());
      const bool alone = answer == 0;
      EXPECT_TRUE(alone || peer.Now() == clock_.Now()) << odd << " " << answer;
      clock_.Advance(absl::Seconds(20));
    }
    EXPECT_EQ(peer.Now(), clock_.Now()) << odd;
  }
}

TEST_F(PeerClockTest, FollowsWhatMostAnswersSay) {
  for (int i = 0; i < 3; ++i) ObserveDate(clock_.Now());
  for (int i = 0; i < 4; ++i) ObserveDate(clock_.Now() + absl::Minutes(5));
  EXPECT_EQ(peer_.Now(), start_ + absl::Minutes(5));
}

TEST_F(PeerClockTest, ForgetsOldAnswersOnceThereAreSomeNewOnes) {
  for (int i = 0; i < 7; ++i) ObserveDate(clock_.Now());
  clock_.Advance(absl::Hours(24));
  ObserveDate(clock_.Now() + absl::Seconds(5));
  EXPECT_EQ(peer_.Now(), clock_.Now());
  ObserveDate(clock_.Now() + absl::Seconds(5));
  EXPECT_EQ(peer_.Now(), clock_.Now() + absl::Seconds(5));
}

TEST_F(PeerClockTest, TellsThatAnswersDisagree) {
  ObserveDate(start_);
  const absl::Duration second_run = clock_.Monotonic();
  ObserveDate(start_);
  EXPECT_EQ(peer_.Disagreement(second_run), absl::ZeroDuration());
  ObserveDate(start_ + absl::Seconds(15));
  ObserveDate(start_);
  EXPECT_EQ(peer_.Disagreement(second_run), absl::Seconds(15));
  clock_.Advance(absl::Minutes(5));
  ObserveDate(clock_.Now());
  EXPECT_EQ(peer_.Disagreement(clock_.Monotonic()), absl::ZeroDuration());
}

TEST_F(PeerClockTest, AnAnswerThatTookItsTimeDoesNotDisagree) {
  ObserveDate(start_);
  clock_.Advance(absl::Seconds(40));
  ObserveDate(start_ + absl::Seconds(2), /*took=*/absl::Seconds(39));
  EXPECT_EQ(peer_.Disagreement(absl::ZeroDuration()), absl::ZeroDuration());
  EXPECT_EQ(peer_.Now(), clock_.Now());
}

TEST_F(PeerClockTest, IgnoresDatesItCannotRead) {
  for (const char* const date : {"", "yesterday", "1795392000", "2026-11-23T00:00:00Z"}) {
    peer_.Observe(MakeResponse(200, "", {{"Date", date}}), clock_.Monotonic());
    EXPECT_EQ(peer_.Now(), start_) << date;
  }
  peer_.Observe(MakeResponse(200), clock_.Monotonic());
  EXPECT_EQ(peer_.Now(), start_);
}

}  // namespace
}  // namespace logexport
