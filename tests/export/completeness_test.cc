#include "service/export/completeness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/export/log.h"
#include "service/export/settled_log_collector.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Duration kTwoHours = absl::Hours(2);
constexpr absl::Duration kTwoDays = absl::Hours(48);

// Noon of a day, and times relative to it.
absl::Time T(absl::Duration since_noon) {
  return absl::FromCivil(absl::CivilHour(2025, 11, 23, 12), absl::UTCTimeZone()) + since_noon;
}
std::string Id(absl::Duration since_noon) { return SyntheticLogId(T(since_noon)); }

RememberedStretch Stretch(absl::Duration first, absl::Duration last, std::int64_t logs,
                          absl::Duration age = absl::Seconds(10)) {
  return {T(first), T(last), age, logs};
}

// A tenant whose logs are exported up to noon + `checkpoint`, at noon + `now`.
CompletenessView View(absl::Duration checkpoint, absl::Duration now) {
  CompletenessView view;
  view.checkpoint = {Position::Kind::kAfter, Id(checkpoint), {}};
  view.floor = Id(-absl::Hours(100));
  view.now = T(now);
  return view;
}

TEST(AgesToReadAgainTest, AreInOrderAndInsideWhatAuth0Keeps) {
  CompletenessSettings settings;
  EXPECT_THAT(AgesToReadAgain(settings, absl::ZeroDuration()), ElementsAre(kTwoHours, kTwoDays));
  settings.ages = {kTwoDays, kTwoHours, kTwoDays};
  EXPECT_THAT(AgesToReadAgain(settings, absl::ZeroDuration()), ElementsAre(kTwoHours, kTwoDays));
  EXPECT_THAT(AgesToReadAgain(settings, absl::Hours(24)),
              ElementsAre(kTwoHours, absl::Hours(24) * 0.9));
  EXPECT_THAT(AgesToReadAgain(settings, absl::Hours(1)), ElementsAre(absl::Hours(1) * 0.9));
  settings.enabled = false;
  EXPECT_THAT(AgesToReadAgain(settings, absl::ZeroDuration()), IsEmpty());
}

TEST(WaitForFullPageTest, EndsBeforeAuth0ForgetsTheLogs) {
  EXPECT_EQ(WaitForFullPage(kTwoHours, absl::ZeroDuration()), absl::Hours(1));
  EXPECT_EQ(WaitForFullPage(kTwoDays, absl::ZeroDuration()), absl::Hours(1));
  EXPECT_EQ(WaitForFullPage(absl::Seconds(10), absl::ZeroDuration()), absl::Seconds(5));
  for (const absl::Duration retention : {absl::Hours(1), absl::Hours(24), absl::Hours(72)}) {
    for (const absl::Duration age : AgesToReadAgain(CompletenessSettings(), retention)) {
      EXPECT_LT(age + WaitForFullPage(age, retention), retention) << age << " " << retention;
    }
  }
}

TEST(PassesForTest, BeginAtTheFloor) {
  const auto passes = PassesFor({kTwoHours, kTwoDays}, {}, View(absl::ZeroDuration(), kTwoHours));
  ASSERT_EQ(passes.size(), 2u);
  EXPECT_EQ(passes[0].read_up_to, Id(-absl::Hours(100)));
  EXPECT_EQ(passes[1].read_up_to, Id(-absl::Hours(100)));
}

TEST(PassesForTest, AnAgeThatIsNewBeginsWithWhatReachesItNow) {
  const auto passes = PassesFor({kTwoHours, absl::Hours(24)}, {{kTwoHours, Id(-absl::Hours(3))}},
                                View(absl::ZeroDuration(), absl::ZeroDuration()));
  ASSERT_EQ(passes.size(), 2u);
  EXPECT_EQ(passes[0].read_up_to, Id(-absl::Hours(3)));
  EXPECT_EQ(passes[1].read_up_to, Id(-absl::Hours(24)));
}

TEST(PassesForTest, WhatWasReadAtAGreaterAgeWasReadAtASmallerOne) {
  const auto passes = PassesFor(
      {kTwoHours, kTwoDays}, {{kTwoHours, Id(-absl::Hours(60))}, {kTwoDays, Id(-absl::Hours(50))}},
      View(absl::ZeroDuration(), absl::ZeroDuration()));
  EXPECT_EQ(passes[0].read_up_to, Id(-absl::Hours(50)));
}

TEST(DecideStretchTest, AFullPageIsReadOnceItHasTheAge) {
  const CompletenessPass pass{kTwoHours, Id(absl::ZeroDuration())};
  const std::vector<RememberedStretch> logs = {Stretch(absl::Minutes(1), absl::Minutes(20), 400),
                                               Stretch(absl::Minutes(21), absl::Minutes(59), 400)};
  // Of the first twenty minutes' logs too few are two hours old.
  EXPECT_FALSE(DecideStretch(pass, View(absl::Hours(3), kTwoHours + absl::Minutes(3)), logs).due);
  const auto due =
      DecideStretch(pass, View(absl::Hours(3), kTwoHours + absl::Minutes(10)), logs).due;
  ASSERT_TRUE(due.has_value());
  EXPECT_EQ(due->after, Id(absl::ZeroDuration()));
  EXPECT_EQ(due->until, Id(absl::Minutes(10)));
}

TEST(DecideStretchTest, FewLogsWaitForOthersButNotForLong) {
  const CompletenessPass pass{kTwoHours, Id(absl::ZeroDuration())};
  const std::vector<RememberedStretch> logs = {Stretch(absl::Minutes(1), absl::Minutes(2), 3)};
  EXPECT_FALSE(DecideStretch(pass, View(absl::Hours(3), kTwoHours + absl::Minutes(59)), logs).due);
  EXPECT_TRUE(DecideStretch(pass, View(absl::Hours(3), absl::Hours(3)), logs).due);
}

TEST(DecideStretchTest, NothingBeyondTheCheckpointIsRead) {
  const CompletenessPass pass{kTwoHours, Id(absl::ZeroDuration())};
  const auto due = DecideStretch(pass, View(absl::Minutes(30), absl::Hours(30)), {}).due;
  ASSERT_TRUE(due.has_value());
  EXPECT_EQ(due->until, Id(absl::Minutes(30)));
  // A tenant without new logs costs nothing.
  const CompletenessPass done{kTwoHours, Id(absl::Minutes(30))};
  EXPECT_FALSE(DecideStretch(done, View(absl::Minutes(30), absl::Hours(30)), {}).due);
}

TEST(DecideStretchTest, ABacklogIsNotReadTwice) {
  const CompletenessPass pass{kTwoHours, Id(-absl::Hours(100))};
  const std::vector<RememberedStretch> old = {
      Stretch(-absl::Hours(90), -absl::Hours(89), 4800, kTwoDays),
      Stretch(-absl::Hours(80), -absl::Hours(79), 4800, kTwoHours)};
  // All of it was old enough when it was first read.
  const StretchDecision all = DecideStretch(pass, View(-absl::Hours(79), absl::Hours(1)), old);
  EXPECT_FALSE(all.due.has_value());
  EXPECT_EQ(all.read_up_to, Id(-absl::Hours(79)));
  // What came while the backlog was read was younger.
  std::vector<RememberedStretch> mixed = old;
  mixed.push_back(Stretch(-absl::Hours(10), -absl::Hours(9), 300, absl::Minutes(119)));
  mixed.push_back(Stretch(-absl::Hours(8), -absl::Hours(7), 300, kTwoHours));
  const StretchDecision young = DecideStretch(pass, View(-absl::Hours(7), absl::Hours(1)), mixed);
  ASSERT_TRUE(young.due.has_value());
  EXPECT_EQ(young.due->after, Id(-absl::Hours(79)));
  EXPECT_EQ(young.due->until, Id(-absl::Hours(8)));
  // At the other age none of this was read.
  const StretchDecision older = DecideStretch({kTwoDays, Id(-absl::Hours(100))},
                                              View(-absl::Hours(7), absl::Hours(1)), mixed);
  ASSERT_TRUE(older.due.has_value());
  EXPECT_EQ(older.due->after, Id(-absl::Hours(89)));
  EXPECT_EQ(older.due->until, Id(-absl::Hours(47)));
}

TEST(DecideStretchTest, LateLogsThatWereFoundLeaveTheirNeighboursToBeRead) {
  // Found at the first age, among logs that the second one has not seen.
  const CompletenessPass pass{absl::Hours(1), Id(absl::ZeroDuration())};
  const std::vector<RememberedStretch> logs = {
      Stretch(absl::Minutes(1), absl::Minutes(50), 480),
      Stretch(absl::Minutes(10), absl::Minutes(20), 2, kTwoHours)};
  const StretchDecision decision = DecideStretch(pass, View(absl::Hours(3), absl::Hours(3)), logs);
  ASSERT_TRUE(decision.due.has_value());
  EXPECT_EQ(decision.due->after, Id(absl::ZeroDuration()));
  EXPECT_EQ(decision.due->until, Id(absl::Hours(2)));
}

TEST(DecideStretchTest, TheFloorIsWhereThePassGoesOn) {
  CompletenessView view = View(absl::Hours(10), absl::Hours(20));
  view.floor = Id(absl::Hours(8));
  const auto due = DecideStretch({kTwoHours, Id(absl::Hours(1))}, view, {}).due;
  ASSERT_TRUE(due.has_value());
  EXPECT_EQ(due->after, Id(absl::Hours(8)));
}

TEST(DecideStretchTest, IdsWithoutTimeAreNotReadAgain) {
  CompletenessView view = View(absl::Hours(10), absl::Hours(20));
  view.checkpoint.id = "49570281000000000000000000000000000000000000000000000001";
  view.floor = "";
  EXPECT_FALSE(DecideStretch({kTwoHours, ""}, view, {}).due.has_value());
  EXPECT_FALSE(ConfirmedUntil({{kTwoHours, ""}}, view, view.now).has_value());
  view.checkpoint = {Position::Kind::kEarliest, "", {}};
  EXPECT_FALSE(DecideStretch({kTwoHours, ""}, view, {}).due.has_value());
}

TEST(DecideStretchTest, FromTheVeryBeginningTheFirstLogsTellTheTime) {
  CompletenessView view = View(absl::Hours(1), kTwoHours + absl::Minutes(30));
  view.floor = "";
  const std::vector<RememberedStretch> logs = {Stretch(absl::Minutes(1), absl::Hours(1), 4)};
  EXPECT_FALSE(DecideStretch({kTwoHours, ""}, view, logs).due.has_value());
  view.now += absl::Hours(1);
  const auto due = DecideStretch({kTwoHours, ""}, view, logs).due;
  ASSERT_TRUE(due.has_value());
  EXPECT_EQ(due->after, "");
}

TEST(ConfirmedUntilTest, IsWhatEveryPassHasReached) {
  const CompletenessView view = View(absl::Hours(10), absl::Hours(10));
  EXPECT_EQ(ConfirmedUntil({{kTwoHours, Id(absl::Hours(8))}, {kTwoDays, Id(-absl::Hours(40))}},
                           view, view.now),
            T(-absl::Hours(40)));
  // A tenant that is quiet for long.
  EXPECT_EQ(ConfirmedUntil({{kTwoHours, Id(absl::Hours(10))}, {kTwoDays, Id(absl::Hours(10))}},
                           View(absl::Hours(10), absl::Hours(100)), T(absl::Hours(100))),
            T(absl::Hours(52)));
  // Nothing is confirmed that was not exported.
  EXPECT_EQ(ConfirmedUntil({{kTwoHours, Id(absl::Hours(8))}}, view, T(absl::Hours(5))),
            T(absl::Hours(5)));
}

TEST(SettledLogCollectorTest, FilesLogsByTheHourOfTheirTime) {
  const auto log = [](absl::string_view id, std::optional<absl::Time> date = std::nullopt) {
    Log made;
    made.id = id;
    made.date = date;
    return made;
  };
  const std::string first = Id(absl::Minutes(1));
  const std::string second = Id(absl::Minutes(59));
  const std::string third = Id(absl::Minutes(61));
  SettledLogCollector collector;
  collector.Add(log(first), T(absl::Hours(2)));
  collector.Add(log(second), T(absl::Hours(2)));
  collector.Add(log(third), std::nullopt);
  collector.Add(log("49570281", T(absl::Minutes(3))), T(absl::Hours(2)));
  collector.Add(log("01JD"), T(absl::Hours(2)));
  // Not a time, although it begins like the hour before.
  std::string odd = first;
  odd.replace(13, 2, "61");
  collector.Add(log(odd, T(absl::Hours(5))), T(absl::Hours(6)));
  Log nameless = log("sha256:1");
  nameless.defect = Log::Defect::kNoId;
  collector.Add(nameless, T(absl::Hours(2)));

  const std::vector<SettledLogs> settled = collector.Take();
  ASSERT_EQ(settled.size(), 4u);
  EXPECT_EQ(settled[0].hour, HourOf(T(absl::ZeroDuration())).hour);
  ASSERT_EQ(settled[0].logs.size(), 3u);
  EXPECT_EQ(settled[0].age, absl::Minutes(61));
  EXPECT_EQ(settled[0].logs[0].second, 60);
  EXPECT_EQ(settled[0].logs[0].id, HashOfLogId(first));
  EXPECT_EQ(settled[0].logs[1].second, 59 * 60);
  EXPECT_EQ(settled[0].logs[2].second, 3 * 60);
  EXPECT_EQ(settled[1].age, absl::ZeroDuration());
  EXPECT_EQ(settled[2].hour, 0);
  EXPECT_EQ(settled[3].hour, HourOf(T(absl::Hours(5))).hour);
  EXPECT_THAT(collector.Take(), IsEmpty());
}

}  // namespace
}  // namespace logexport
