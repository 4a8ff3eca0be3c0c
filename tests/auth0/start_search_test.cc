#include "service/auth0/start_search.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/auth0/failures.h"
#include "service/base/time_text.h"
#include "tests/auth0/tenant.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_transport.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class StartPointTest : public testing::Test {
 protected:
  void SetUp() override { GrantTokens(&http_); }
  void AnswerSearch(const std::vector<std::string>& logs) {
    http_.Answer(HttpMethod::kGet, HasSubstr("/api/v2/logs?"), MakeResponse(200, JsonArray(logs)));
  }
  absl::StatusOr<Position> Resolve(Position::Kind kind, absl::Time time = absl::Time(),
                                   std::string id = "") {
    return ResolveStart(Position{kind, std::move(id), time}, &reader_, CallContext());
  }
  std::vector<RecordedRequest> searches() const { return RequestsTo(http_, "/api/v2/logs"); }

  static Position After(absl::string_view id) {
    return Position{Position::Kind::kAfter, std::string(id), {}};
  }
  static Position At(absl::string_view id) {
    return Position{Position::Kind::kAt, std::string(id), {}};
  }

  const absl::Time time_ = absl::FromUnixSeconds(1'795'392'000);
  FakeClock clock_;
  ScriptedTransport http_;
  LogReader reader_{std::make_shared<Auth0Client>(TenantSettings(), 50, http_, clock_)};
};

TEST_F(StartPointTest, LeavesAResolvedPositionAsItIsWithoutAsking) {
  EXPECT_THAT(Resolve(Position::Kind::kAfter, {}, "x"), IsOkAndHolds(After("x")));
  EXPECT_THAT(Resolve(Position::Kind::kAt, {}, "x"), IsOkAndHolds(At("x")));
  EXPECT_THAT(http_.requests(), IsEmpty());
}

TEST_F(StartPointTest, EarliestIsTenMinutesBeforeTheLowestIdOfTheOldestPage) {
  AnswerSearch({LogJson(IdAt(time_ + absl::Seconds(3))), LogJson(IdAt(time_)),
                LogJson(IdAt(time_ + absl::Seconds(9)))});
  EXPECT_THAT(Resolve(Position::Kind::kEarliest),
              IsOkAndHolds(After(SyntheticLogId(time_ - absl::Minutes(10)))));
  ASSERT_THAT(searches(), SizeIs(1));
  const std::string url = searches()[0].url;
  EXPECT_EQ(QueryParameter(url, "sort"), "date:1");
  EXPECT_EQ(QueryParameter(url, "per_page"), "100");
  EXPECT_EQ(QueryParameter(url, "page"), "0");
  EXPECT_EQ(QueryParameter(url, "q"), "(none)");
  EXPECT_EQ(QueryParameter(url, "from"), "(none)");
}

TEST_F(StartPointTest, EarliestIsTheLowestLogItselfWhereIdsCarryNoTime) {
  AnswerSearch({LogJson("49590002"), LogJson("49590001"), LogJson("49590003")});
  EXPECT_THAT(Resolve(Position::Kind::kEarliest), IsOkAndHolds(At("49590001")));
}

// Whatever form the ids will have that it gets.
TEST_F(StartPointTest, AnEmptyTenantIsAskedAgain) {
  const Position earliest{Position::Kind::kEarliest, "", {}};
  AnswerSearch({});
  EXPECT_THAT(Resolve(Position::Kind::kEarliest), IsOkAndHolds(earliest));
  AnswerSearch({});
  EXPECT_THAT(Resolve(Position::Kind::kLatest), IsOkAndHolds(earliest));
  AnswerSearch({});
  AnswerSearch({});
  EXPECT_THAT(Resolve(Position::Kind::kLatest, time_), IsOkAndHolds(earliest));
  AnswerSearch({});
  AnswerSearch({});
  EXPECT_THAT(Resolve(Position::Kind::kTime, time_),
              IsOkAndHolds(Position{Position::Kind::kTime, "", time_}));
}

TEST_F(StartPointTest, TheVeryBeginningOfAnEarlierVersionIsTheEarliestLog) {
  AnswerSearch({LogJson("49590001")});
  EXPECT_THAT(Resolve(Position::Kind::kAfter, {}, ""), IsOkAndHolds(At("49590001")));
}

TEST_F(StartPointTest, EarliestPassesOverLogsWithoutAnId) {
  AnswerSearch({R"({"n":1})", LogJson("49590001"), "7"});
  EXPECT_THAT(Resolve(Position::Kind::kEarliest), IsOkAndHolds(At("49590001")));
}

TEST_F(StartPointTest, ATimeIsOneMinuteBeforeIt) {
  AnswerSearch({LogJson(IdAt(time_ + absl::Hours(2)))});
  EXPECT_THAT(Resolve(Position::Kind::kTime, time_),
              IsOkAndHolds(After(SyntheticLogId(time_ - absl::Minutes(1)))));
  EXPECT_EQ(QueryParameter(searches()[0].url, "q"), "date:[2026-11-23T00:00:00.000Z TO *]");
  EXPECT_EQ(QueryParameter(searches()[0].url, "sort"), "date:1");
}

TEST_F(StartPointTest, ATimeIsTheFirstLogSinceWhereIdsCarryNoTime) {
  AnswerSearch({LogJson("49590008"), LogJson("49590007")});
  EXPECT_THAT(Resolve(Position::Kind::kTime, time_), IsOkAndHolds(At("49590007")));
}

TEST_F(StartPointTest, ATimeWithoutLogsSinceGoesByTheNewestLog) {
  AnswerSearch({});
  AnswerSearch({LogJson(IdAt(time_ - absl::Hours(2)))});
  EXPECT_THAT(Resolve(Position::Kind::kTime, time_),
              IsOkAndHolds(After(SyntheticLogId(time_ - absl::Minutes(1)))));
  EXPECT_EQ(QueryParameter(searches()[1].url, "sort"), "date:-1");

  AnswerSearch({});
  AnswerSearch({LogJson("49590001"), LogJson("49590002")});
  EXPECT_THAT(Resolve(Position::Kind::kTime, time_), IsOkAndHolds(After("49590002")));
}

TEST_F(StartPointTest, LatestIsTheHighestIdOfTheNewestPage) {
  AnswerSearch({LogJson(IdAt(time_, 1)), LogJson(IdAt(time_, 3)), LogJson(IdAt(time_, 2))});
  EXPECT_THAT(Resolve(Position::Kind::kLatest), IsOkAndHolds(After(IdAt(time_, 3))));
  EXPECT_EQ(QueryParameter(searches()[0].url, "sort"), "date:-1");
  EXPECT_EQ(QueryParameter(searches()[0].url, "q"), "(none)");
}

TEST_F(StartPointTest, LatestAsOfATimeIsTheLastLogThatHadArrivedByThen) {
  const std::string arrived = IdAt(time_ - absl::Seconds(1));
  const std::string late = IdAt(time_ + absl::Seconds(4));  // dated before, arrived after
  AnswerSearch({LogJson(late), LogJson(arrived)});
  EXPECT_THAT(Resolve(Position::Kind::kLatest, time_), IsOkAndHolds(After(arrived)));
  EXPECT_EQ(QueryParameter(searches()[0].url, "q"), "date:[* TO 2026-11-23T00:00:00.000Z]");
}

TEST_F(StartPointTest, LatestAsOfATimeIsThatTimeWhenNoneOfTheNewestHadArrived) {
  AnswerSearch({LogJson(IdAt(time_ + absl::Seconds(4)))});
  EXPECT_THAT(Resolve(Position::Kind::kLatest, time_), IsOkAndHolds(After(SyntheticLogId(time_))));
}

TEST_F(StartPointTest, LatestAsOfATimeGoesByDateWhereIdsCarryNoTime) {
  AnswerSearch({LogJson("49590001"), LogJson("49590002")});
  EXPECT_THAT(Resolve(Position::Kind::kLatest, time_), IsOkAndHolds(After("49590002")));
}

TEST_F(StartPointTest, LatestAsOfATimeIsTheEarliestLogWhereAllHaveComeSince) {
  AnswerSearch({});
  AnswerSearch({LogJson("49590001"), LogJson("49590002")});
  EXPECT_THAT(Resolve(Position::Kind::kLatest, time_), IsOkAndHolds(At("49590001")));
}

TEST_F(StartPointTest, AsksOnlyForIdDateAndType) {
  AnswerSearch({LogJson("a")});
  EXPECT_THAT(Resolve(Position::Kind::kEarliest), IsOk());
  EXPECT_EQ(QueryParameter(searches()[0].url, "fields"), "log_id,date,type");
  EXPECT_EQ(QueryParameter(searches()[0].url, "include_fields"), "true");
}

TEST_F(StartPointTest, AsksAgainWithoutTheIdFieldWhereItIsNotAccepted) {
  http_.Answer(HttpMethod::kGet, HasSubstr("log_id"), MakeResponse(400, R"({"statusCode":400})"));
  AnswerSearch({R"({"_id":"49590001","date":"2026-11-23T00:00:00.000Z"})"});
  EXPECT_THAT(Resolve(Position::Kind::kEarliest), IsOkAndHolds(At("49590001")));
  EXPECT_EQ(QueryParameter(searches()[1].url, "fields"), "date,type");
}

TEST_F(StartPointTest, SaysWhatToDoWhenTheSearchIsNotAccepted) {
  http_.Answer(HttpMethod::kGet, HasSubstr("/logs?"),
               MakeResponse(400, R"({"statusCode":400,"error":"Bad Request","message":"no"})"), 2);
  const absl::Status status = Resolve(Position::Kind::kEarliest).status();
  EXPECT_THAT(status, IsFailure(FailureClass::kPermanent, FailureReason::kAuth0UnexpectedResponse));
  EXPECT_THAT(FailureOf(status).action, HasSubstr("set-checkpoint --log-id"));
}

TEST_F(StartPointTest, DoesNotGuessFromLogsThatHaveNoId) {
  AnswerSearch({R"({"n":1})"});
  EXPECT_THAT(Resolve(Position::Kind::kEarliest),
              IsFailure(FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse));
}

TEST_F(StartPointTest, FailsWhenAuth0CannotBeReached) {
  http_.Answer(HttpMethod::kGet, HasSubstr("/logs?"), absl::UnavailableError("reset"));
  EXPECT_THAT(Resolve(Position::Kind::kEarliest),
              IsFailure(FailureClass::kTransient, FailureReason::kAuth0Unavailable));
}

}  // namespace
}  // namespace logexport
