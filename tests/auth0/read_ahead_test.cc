// A walk along the chain of pages that asks for the next page before it decodes the one it has:
// what it gives is what a walk without gives, whatever the pages look like.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/auth0/failures.h"
#include "service/auth0/tenant_log_source.h"
#include "tests/auth0/tenant.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_transport.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ReadAheadTest : public testing::Test {
 protected:
  void SetUp() override {
    GrantTokens(&http_);
    start_ = SyntheticLogId(now_ - absl::Hours(2));
    walk_ = source_->Walk(start_, 100, CallContext());
  }

  // What Auth0 answers to "the logs after `from`".
  void AnswerAfter(absl::string_view from, absl::StatusOr<HttpResponse> response) {
    http_.Answer(HttpMethod::kGet, HasSubstr(absl::StrCat("from=", from, "&")),
                 std::move(response));
  }
  void PageAfter(absl::string_view from, const std::vector<std::string>& logs) {
    AnswerAfter(from, MakeResponse(200, JsonArray(logs), {DateHeader(clock_.Now())}));
  }
  absl::StatusOr<Page> Next() { return walk_->Next(); }
  // The ids that logs were asked for after, in the order in which that was done.
  std::vector<std::string> Asked() const {
    std::vector<std::string> ids;
    for (const RecordedRequest& request : RequestsTo(http_, "/api/v2/logs")) {
      ids.push_back(QueryParameter(request.url, "from"));
    }
    return ids;
  }
  std::string Id(int number) const { return IdAt(now_ - absl::Hours(1), number); }

  FakeClock clock_;
  const absl::Time now_ = FakeClock::DefaultStart();
  std::string start_;
  ScriptedTransport http_;
  const std::unique_ptr<LogSource> source_ = MakeAuth0LogSource(TenantSettings(), http_, clock_);
  std::unique_ptr<PageWalk> walk_;  // goes before its source
};

TEST_F(ReadAheadTest, TheNextPageIsAskedForWithThisOne) {
  PageAfter(start_, {LogJson(Id(1)), LogJson(Id(2))});
  PageAfter(Id(2), {LogJson(Id(3))});
  PageAfter(Id(3), {});
  ASSERT_OK_AND_ASSIGN(const Page first, Next());
  EXPECT_THAT(IdsOf(first), ElementsAre(Id(1), Id(2)));
  EXPECT_THAT(Asked(), ElementsAre(start_, Id(2)));
  ASSERT_OK_AND_ASSIGN(const Page second, Next());
  EXPECT_THAT(IdsOf(second), ElementsAre(Id(3)));
  EXPECT_THAT(Asked(), ElementsAre(start_, Id(2), Id(3)));
  ASSERT_OK_AND_ASSIGN(const Page end, Next());
  EXPECT_THAT(end.logs, IsEmpty());
  EXPECT_THAT(Asked(), ElementsAre(start_, Id(2), Id(3)));  // nothing in vain
  EXPECT_EQ(source_->counters().api_calls, 4);
}

TEST_F(ReadAheadTest, TheNextPageIsAskedForBeforeThisOneIsLookedInto) {
  AnswerAfter(start_, MakeResponse(200, absl::StrCat("[", LogJson(Id(1)), " this is no JSON]")));
  PageAfter(Id(1), {});
  EXPECT_THAT(Next(), IsFailure(FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse));
  EXPECT_THAT(Asked(), ElementsAre(start_, Id(1)));
}

TEST_F(ReadAheadTest, NothingIsReadAheadOfASinglePage) {
  PageAfter(start_, {LogJson(Id(1))});
  ASSERT_THAT(source_->ReadAfter(start_, 100, CallContext()), IsOk());
  EXPECT_THAT(Asked(), ElementsAre(start_));
}

TEST_F(ReadAheadTest, APageThatIsNotTheOneAskedForIsDropped) {
  // The last "log_id" of the text is none of a log.
  PageAfter(start_, {LogJson(Id(1), "",
                             absl::StrCat(R"("log_id":")", Id(1), R"(","details":)",
                                          R"({"log_id":")", Id(7), R"("})"))});
  PageAfter(Id(7), {LogJson(Id(8))});
  PageAfter(Id(1), {LogJson(Id(2))});
  PageAfter(Id(2), {});
  ASSERT_OK_AND_ASSIGN(const Page first, Next());
  EXPECT_EQ(first.last_id, Id(1));
  ASSERT_OK_AND_ASSIGN(const Page second, Next());
  EXPECT_THAT(IdsOf(second), ElementsAre(Id(2)));
  EXPECT_THAT(Asked(), ElementsAre(start_, Id(7), Id(1), Id(2)));
}

TEST_F(ReadAheadTest, StopsWherePagesMisleadAgainAndAgain) {
  std::string from = start_;
  for (int i = 0; i < 20; ++i) {
    PageAfter(from, {LogJson(Id(i), "", R"("details":{"log_id":"999"})")});
    from = Id(i);
  }
  AnswerAfter("999", MakeResponse(200, "[]"));
  AnswerAfter("999", MakeResponse(200, "[]"));
  AnswerAfter("999", MakeResponse(200, "[]"));
  AnswerAfter("999", MakeResponse(200, "[]"));
  for (int i = 0; i < 20; ++i) {
    ASSERT_OK_AND_ASSIGN(const Page page, Next());
    ASSERT_THAT(IdsOf(page), ElementsAre(Id(i)));
  }
  EXPECT_EQ(http_.unused(), 0);
  EXPECT_EQ(Asked().size(), 24u);
}

TEST_F(ReadAheadTest, NothingIsReadAheadOfALogThatIsTooYoung) {
  const std::string young = IdAt(now_ - absl::Seconds(3));
  PageAfter(start_, {LogJson(Id(1)), LogJson(young)});
  ASSERT_OK_AND_ASSIGN(const Page page, Next());
  EXPECT_TRUE(page.left_out_young);
  EXPECT_THAT(Asked(), ElementsAre(start_));
}

TEST_F(ReadAheadTest, LogsThatWereTooYoungWhenAskedForStaySo) {
  const std::string young = IdAt(now_ - absl::Seconds(3));
  PageAfter(start_, {LogJson(Id(1))});
  PageAfter(Id(1), {LogJson(young)});
  ASSERT_THAT(Next(), IsOk());
  // The page lies there while the sink is slow. A log that became visible meanwhile, with an id
  // below the young one's, would be jumped.
  clock_.Advance(absl::Seconds(30));
  ASSERT_OK_AND_ASSIGN(const Page page, Next());
  EXPECT_THAT(page.logs, IsEmpty());
  EXPECT_TRUE(page.left_out_young);
  EXPECT_EQ(page.as_of, now_);
  EXPECT_EQ(source_->Now(), now_ + absl::Seconds(30));  // an old answer sets no clock
}

TEST_F(ReadAheadTest, WhatCameToNothingIsAskedForAnew) {
  PageAfter(start_, {LogJson(Id(1))});
  AnswerAfter(Id(1), absl::UnavailableError("the connection was closed"));
  PageAfter(Id(1), {LogJson(Id(2))});
  AnswerAfter(Id(2), MakeResponse(401, R"({"error":"Unauthorized"})"));
  PageAfter(Id(2), {});
  ASSERT_THAT(Next(), IsOk());
  ASSERT_OK_AND_ASSIGN(const Page second, Next());
  EXPECT_THAT(IdsOf(second), ElementsAre(Id(2)));
  ASSERT_OK_AND_ASSIGN(const Page end, Next());
  EXPECT_THAT(end.logs, IsEmpty());
  EXPECT_EQ(http_.unused(), 0);
}

TEST_F(ReadAheadTest, ALimitThatIsReachedIsTold) {
  PageAfter(start_, {LogJson(Id(1))});
  AnswerAfter(Id(1), MakeResponse(429, R"({"error":"too_many_requests"})"));
  ASSERT_THAT(Next(), IsOk());
  EXPECT_THAT(Next(), IsFailure(FailureClass::kLimited, FailureReason::kAuth0RateLimited));
  EXPECT_EQ(http_.unused(), 0);
}

TEST_F(ReadAheadTest, KeepsToTheReserveOfTheRateLimit) {
  AnswerAfter(start_,
              MakeResponse(200, JsonArray({LogJson(Id(1))}),
                           {DateHeader(now_),
                            {"x-ratelimit-limit", "50"},
                            {"x-ratelimit-remaining", "1"},
                            {"x-ratelimit-reset", absl::StrCat(absl::ToUnixSeconds(now_) + 60)}}));
  ASSERT_THAT(Next(), IsOk());
  EXPECT_THAT(Asked(), ElementsAre(start_));
}

TEST_F(ReadAheadTest, APageTooLargeIsAskedForAgainInHalves) {
  PageAfter(start_, {LogJson(Id(1))});
  AnswerAfter(Id(1), absl::ResourceExhaustedError("too large"));
  PageAfter(Id(1), {LogJson(Id(2))});
  PageAfter(Id(2), {});
  ASSERT_THAT(Next(), IsOk());
  ASSERT_OK_AND_ASSIGN(const Page second, Next());
  EXPECT_THAT(IdsOf(second), ElementsAre(Id(2)));
  std::vector<std::string> takes;
  for (const RecordedRequest& request : RequestsTo(http_, "/api/v2/logs")) {
    takes.push_back(QueryParameter(request.url, "take"));
  }
  EXPECT_THAT(takes, ElementsAre("100", "100", "50", "50"));
}

}  // namespace
}  // namespace logexport
