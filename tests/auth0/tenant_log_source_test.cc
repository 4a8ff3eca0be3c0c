#include "service/auth0/tenant_log_source.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
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

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr char kFrom[] = "90020261122000000000000000000000000000000000000000000000";

class Auth0LogSourceTest : public testing::Test {
 protected:
  void SetUp() override { GrantTokens(&http_); }

  void Answer(int status, std::string body, std::vector<HttpHeader> headers = {}) {
    http_.Answer(HttpMethod::kGet, HasSubstr("/api/v2/logs"),
                 MakeResponse(status, std::move(body), std::move(headers)));
  }
  void AnswerPage(const std::vector<std::string>& logs, std::vector<HttpHeader> headers = {}) {
    Answer(200, JsonArray(logs), std::move(headers));
  }
  absl::StatusOr<Page> Read(absl::string_view id = kFrom, int take = 100) {
    return source_->ReadAfter(id, take, CallContext());
  }
  std::vector<RecordedRequest> reads() const { return RequestsTo(http_, "/api/v2/logs"); }

  const absl::Time now_ = FakeClock::DefaultStart();
  FakeClock clock_;
  ScriptedTransport http_;
  const std::unique_ptr<LogSource> source_ = MakeAuth0LogSource(TenantSettings(), http_, clock_);
};

TEST_F(Auth0LogSourceTest, ReadsByFromAndTakeAndNothingElse) {
  const std::string id = IdAt(now_ - absl::Hours(1));
  AnswerPage({LogJson(id)});
  ASSERT_OK_AND_ASSIGN(const Page page, Read(kFrom, 30));
  EXPECT_THAT(IdsOf(page), ElementsAre(id));
  EXPECT_EQ(page.last_id, id);
  EXPECT_FALSE(page.left_out_young);
  ASSERT_THAT(reads(), SizeIs(1));
  EXPECT_EQ(reads()[0].url,
            absl::StrCat("https://tenant.example.com/api/v2/logs?from=", kFrom, "&take=30"));
  EXPECT_EQ(source_->counters().api_calls, 2);
}

TEST_F(Auth0LogSourceTest, NeverAsksForMoreThanAuth0Gives) {
  AnswerPage({});
  EXPECT_THAT(Read(kFrom, 5000), IsOk());
  EXPECT_EQ(QueryParameter(reads()[0].url, "take"), "100");
}

TEST_F(Auth0LogSourceTest, LeavesYoungLogsByTheServersTimeNotTheHosts) {
  const absl::Time server_now = now_ - absl::Hours(3);
  const std::string old = IdAt(server_now - absl::Seconds(11));
  AnswerPage({LogJson(old), LogJson(IdAt(server_now - absl::Seconds(9)))},
             {DateHeader(server_now)});
  ASSERT_OK_AND_ASSIGN(const Page page, Read());
  EXPECT_THAT(IdsOf(page), ElementsAre(old));
  EXPECT_TRUE(page.left_out_young);
  EXPECT_EQ(source_->Now(), server_now);
  EXPECT_EQ(source_->ClockSkew(), absl::Hours(3));
}

TEST_F(Auth0LogSourceTest, TakesEverythingWithoutASettleDelay) {
  Auth0Settings settings = TenantSettings();
  settings.settle_delay = absl::ZeroDuration();
  const auto source = MakeAuth0LogSource(settings, http_, clock_);
  AnswerPage({LogJson(IdAt(now_ + absl::Seconds(1)))}, {DateHeader(now_)});
  ASSERT_OK_AND_ASSIGN(const Page page, source->ReadAfter(kFrom, 100, CallContext()));
  EXPECT_THAT(page.logs, SizeIs(1));
}

TEST_F(Auth0LogSourceTest, FailsRatherThanLoopWhenAuth0GivesOnlyOldLogs) {
  const std::string older = SyntheticLogId(*TimeOfLogId(kFrom) - absl::Hours(1));
  AnswerPage({LogJson(kFrom), LogJson(older)});
  EXPECT_THAT(Read(), IsFailure(FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse));
}

TEST_F(Auth0LogSourceTest, EndsWhereTheOrderOfTwoFormsOfIdsIsNotKnown) {
  AnswerPage({LogJson("900")});
  EXPECT_THAT(Read(), IsFailure(FailureClass::kPermanent, FailureReason::kAuth0UnexpectedResponse));
}

TEST_F(Auth0LogSourceTest, DropsRepeatedLogsFromAPageThatGoesOn) {
  const std::string id = IdAt(now_ - absl::Hours(1));
  AnswerPage({LogJson(kFrom), LogJson(id), LogJson(id)});
  ASSERT_OK_AND_ASSIGN(const Page page, Read());
  EXPECT_THAT(IdsOf(page), ElementsAre(id));
}

TEST_F(Auth0LogSourceTest, GoesOnAfterLogsWithoutAnIdWhereTheLinkSays) {
  const std::string next = IdAt(now_ - absl::Hours(1));
  AnswerPage({R"({"n":1})"},
             {{"Link", absl::StrCat("<https://tenant.example.com/api/v2/logs?take=100&from=", next,
                                    ">; rel=\"next\"")}});
  ASSERT_OK_AND_ASSIGN(const Page page, Read());
  EXPECT_THAT(page.logs, SizeIs(1));
  EXPECT_EQ(page.last_id, next);
}

TEST_F(Auth0LogSourceTest, FailsRatherThanLoopOnLogsWithoutAnId) {
  for (const std::string& link :
       {std::string(), absl::StrCat("<https://x/api/v2/logs?from=", kFrom, ">; rel=\"next\""),
        std::string("<nonsense"), std::string("<https://x/api/v2/logs?from=9>; rel=\"prev\"")}) {
    AnswerPage({R"({"n":1})"}, {{"Link", link}});
    EXPECT_THAT(Read(),
                IsFailure(FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse))
        << link;
  }
}

struct RefusalCase {
  const char* name;
  int status;
  const char* body;
  FailureClass kind;
  FailureReason reason;
};
class ReadAfterRefusalTest : public Auth0LogSourceTest,
                             public testing::WithParamInterface<RefusalCase> {};
TEST_P(ReadAfterRefusalTest, IsClassedAndTellsNothingOfTheBody) {
  const RefusalCase& c = GetParam();
  Answer(c.status, c.body, {{"Content-Type", "text/plain"}});
  const absl::Status status = Read().status();
  EXPECT_THAT(status, IsFailure(c.kind, c.reason));
  EXPECT_THAT(status.ToString(), Not(HasSubstr("PRIVATE")));
  EXPECT_FALSE(FailureOf(status).action.empty());
  EXPECT_THAT(reads(), SizeIs(1));
}
INSTANTIATE_TEST_SUITE_P(
    Answers, ReadAfterRefusalTest,
    testing::Values(RefusalCase{"unknown_id", 404, R"({"statusCode":404,"error":"Not Found"})",
                                FailureClass::kPermanent, FailureReason::kAuth0CheckpointRejected},
                    RefusalCase{"malformed_id", 400, R"({"statusCode":400,"error":"Bad Request"})",
                                FailureClass::kPermanent, FailureReason::kAuth0CheckpointRejected},
                    RefusalCase{"not_the_api", 404, "<html>PRIVATE</html>",
                                FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse},
                    RefusalCase{"html", 200, "<html>PRIVATE</html>", FailureClass::kTransient,
                                FailureReason::kAuth0UnexpectedResponse},
                    RefusalCase{"cut_short", 200, R"([{"log_id":"PRIVATE)",
                                FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse},
                    RefusalCase{"empty", 200, "", FailureClass::kTransient,
                                FailureReason::kAuth0UnexpectedResponse},
                    RefusalCase{"no_array", 200, R"({"user_name":"PRIVATE"})",
                                FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse},
                    RefusalCase{"forbidden", 403, "{}", FailureClass::kPermanent,
                                FailureReason::kAuth0Forbidden},
                    RefusalCase{"limited", 429, "{}", FailureClass::kLimited,
                                FailureReason::kAuth0RateLimited},
                    RefusalCase{"down", 503, "PRIVATE", FailureClass::kTransient,
                                FailureReason::kAuth0Unavailable}),
    [](const auto& param_info) { return param_info.param.name; });

TEST_F(Auth0LogSourceTest, NamesTheCheckpointThatAuth0DoesNotAcceptAndHowToMoveIt) {
  Answer(404, R"({"statusCode":404,"error":"Not Found","message":"gone"})");
  const Failure failure = FailureOf(Read("900-old").status());
  EXPECT_THAT(failure.message, HasSubstr("900-old"));
  EXPECT_THAT(failure.message, HasSubstr("gone"));
  EXPECT_THAT(failure.action, HasSubstr("set-checkpoint"));
}

TEST_F(Auth0LogSourceTest, DescribesAnUnexpectedBodyByStatusSizeAndType) {
  Answer(200, "<html></html>", {{"Content-Type", "text/html"}});
  EXPECT_THAT(FailureOf(Read().status()).message, HasSubstr("status 200, 13 bytes of text/html"));
}

// Answers reads by checkpoint with logs of 3 MB each after the one asked for, so that of a page of
// 100 only two fit. Reads of more are too large.
class LargeLogsTest : public Auth0LogSourceTest {
 protected:
  void SetUp() override {
    Auth0LogSourceTest::SetUp();
    http_.AnswerWith(
        HttpMethod::kGet, HasSubstr("/api/v2/logs?from="),
        [this](const HttpRequest& request) -> absl::StatusOr<HttpResponse> {
          int take = 0;
          EXPECT_TRUE(absl::SimpleAtoi(QueryParameter(request.url, "take"), &take));
          takes_.push_back(take);
          if (static_cast<std::size_t>(take) * bytes_per_log_ > request.max_response_bytes) {
            return absl::ResourceExhaustedError("too large");
          }
          std::vector<std::string> logs;
          for (int i = 0; i < take; ++i) {
            logs.push_back(LogJson(IdAt(now_ - absl::Hours(1), next_++), "",
                                   "\"x\":\"" + std::string(1000, 'x') + '"'));
          }
          return MakeResponse(200, JsonArray(logs));
        });
  }
  std::size_t bytes_per_log_ = std::size_t{3} << 20;
  int next_ = 0;
  std::vector<int> takes_;
};

TEST_F(LargeLogsTest, AreAskedForAgainInHalvesUntilTheyFit) {
  ASSERT_OK_AND_ASSIGN(const Page page, Read());
  EXPECT_THAT(page.logs, SizeIs(1));
  EXPECT_THAT(takes_, ElementsAre(100, 50, 25, 12, 6, 3, 1));
}

TEST_F(LargeLogsTest, AreNotAskedForInOnePageEachTime) {
  EXPECT_THAT(Read(), IsOk());
  takes_.clear();
  EXPECT_THAT(Read(), IsOk());
  EXPECT_THAT(takes_, ElementsAre(2));
}

TEST_F(LargeLogsTest, AreForgottenWhenPagesAreSmallAgain) {
  EXPECT_THAT(Read(), IsOk());
  bytes_per_log_ = 1;
  takes_.clear();
  for (int i = 0; i < 8; ++i) EXPECT_THAT(Read(), IsOk());
  EXPECT_THAT(takes_, ElementsAre(2, 4, 8, 16, 32, 64, 100, 100));
}

class OversizedLogTest : public Auth0LogSourceTest {
 protected:
  void AnswerTooLarge(absl::string_view part, int times = 1) {
    http_.Answer(HttpMethod::kGet, HasSubstr(std::string(part)),
                 absl::ResourceExhaustedError("too large"), times);
  }
  void AnswerSearch(const std::vector<std::string>& logs) {
    http_.Answer(HttpMethod::kGet, HasSubstr("q=log_id"), MakeResponse(200, JsonArray(logs)));
  }
  const std::string first_ = IdAt(now_ - absl::Hours(2), 1);
  const std::string second_ = IdAt(now_ - absl::Hours(2), 2);
};

TEST_F(OversizedLogTest, IsGivenByItsIdSoThatItCanBePassed) {
  AnswerTooLarge("from=", 7);
  AnswerSearch(
      {LogJson(second_, "2026-11-22T21:00:00.000Z"), LogJson(first_, "2026-11-22T22:00:00.000Z")});
  AnswerSearch({});
  AnswerTooLarge("/api/v2/logs/" + first_);
  ASSERT_OK_AND_ASSIGN(const Page page, Read());
  ASSERT_THAT(page.logs, SizeIs(1));
  const Log& log = page.logs[0];
  EXPECT_EQ(log.defect, Log::Defect::kTooLarge);
  EXPECT_EQ(log.id, first_);
  EXPECT_EQ(log.raw, absl::StrCat(R"({"log_id":")", first_, "\"}"));
  EXPECT_EQ(log.type->code, "s");
  ASSERT_TRUE(log.date.has_value());
  EXPECT_EQ(FormatTimestamp(*log.date), "2026-11-22T22:00:00.000Z");
  EXPECT_EQ(page.last_id, first_);
  const auto searches = RequestsTo(http_, "q=log_id");
  ASSERT_THAT(searches, SizeIs(2));
  EXPECT_EQ(QueryParameter(searches[0].url, "q"), absl::StrCat("log_id:{", kFrom, " TO *]"));
  // The lowest id of those found first by date need not be the lowest of all.
  EXPECT_EQ(QueryParameter(searches[1].url, "q"),
            absl::StrCat("log_id:{", kFrom, " TO ", first_, "}"));
  EXPECT_EQ(http_.unused(), 0);
}

TEST_F(OversizedLogTest, IsLookedForBelowTheFirstOnesByDate) {
  AnswerTooLarge("from=", 7);
  AnswerSearch({LogJson(second_)});
  AnswerSearch({LogJson(first_)});
  AnswerSearch({});
  AnswerTooLarge("/api/v2/logs/" + first_);
  ASSERT_OK_AND_ASSIGN(const Page page, Read());
  EXPECT_THAT(IdsOf(page), ElementsAre(first_));
}

TEST_F(OversizedLogTest, IsNotTakenForAnotherThatTheSearchKnowsAlready) {
  AnswerTooLarge("from=", 7);
  AnswerSearch({LogJson(second_)});
  AnswerSearch({});
  Answer(200, LogJson(second_));
  EXPECT_THAT(Read(), IsFailure(FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse));
}

TEST_F(OversizedLogTest, IsWaitedForUntilTheSearchKnowsIt) {
  AnswerTooLarge("from=", 7);
  AnswerSearch({});
  EXPECT_THAT(Read(), IsFailure(FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse));
}

TEST_F(OversizedLogTest, IsNotLookedForForeverWhereTheSearchIgnoresItsBounds) {
  AnswerTooLarge("from=", 7);
  http_.Answer(HttpMethod::kGet, HasSubstr("q=log_id"),
               MakeResponse(200, JsonArray({LogJson(first_)})), ScriptedTransport::kForever);
  EXPECT_THAT(Read(), IsFailure(FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse));
}

TEST_F(OversizedLogTest, IsGivenByItsIdWhenReadAlone) {
  AnswerTooLarge("/api/v2/logs/" + first_);
  ASSERT_OK_AND_ASSIGN(const Page page, source_->ReadOne(first_, CallContext()));
  ASSERT_THAT(page.logs, SizeIs(1));
  EXPECT_EQ(page.logs[0].defect, Log::Defect::kTooLarge);
  EXPECT_EQ(page.logs[0].id, first_);
  EXPECT_NE(page.logs[0].type, nullptr);
  EXPECT_EQ(page.last_id, first_);
}

TEST_F(Auth0LogSourceTest, ReadsOneLogByItsEncodedId) {
  Answer(200, LogJson("a/b c"));
  ASSERT_OK_AND_ASSIGN(const Page page, source_->ReadOne("a/b c", CallContext()));
  EXPECT_THAT(IdsOf(page), ElementsAre("a/b c"));
  EXPECT_THAT(reads()[0].url, EndsWith("/api/v2/logs/a%2Fb%20c"));
}

TEST_F(Auth0LogSourceTest, GivesTheIdAskedForToALogThatNamesNone) {
  Answer(200, R"({"type":"s"})");
  ASSERT_OK_AND_ASSIGN(const Page page, source_->ReadOne("x", CallContext()));
  EXPECT_THAT(IdsOf(page), ElementsAre("x"));
  EXPECT_EQ(page.logs[0].defect, Log::Defect::kNone);
  EXPECT_EQ(page.last_id, "x");
}

TEST_F(Auth0LogSourceTest, TakesTheLogThatHasTheIdAskedForAsItsOther) {
  Answer(200, R"({"_id":"x","log_id":"900y","type":"s"})");
  ASSERT_OK_AND_ASSIGN(const Page page, source_->ReadOne("x", CallContext()));
  EXPECT_THAT(IdsOf(page), ElementsAre("900y"));
  EXPECT_EQ(page.last_id, "900y");
}

TEST_F(Auth0LogSourceTest, TakesNothingElseForTheLogAskedFor) {
  for (const char* other : {R"({"success":false})", R"({"log_id":"y","type":"s"})"}) {
    Answer(200, other);
    EXPECT_THAT(source_->ReadOne("x", CallContext()),
                IsFailure(FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse));
  }
}

TEST_F(Auth0LogSourceTest, SaysThatALogDoesNotExist) {
  for (const int status : {404, 400}) {
    Answer(status, R"({"message":"log not found"})");
    EXPECT_THAT(source_->ReadOne("x", CallContext()),
                IsFailure(FailureClass::kPermanent, FailureReason::kAuth0LogNotFound));
  }
}

TEST_F(Auth0LogSourceTest, DecodesLogsThatWereReadBeforeAsTheyAre) {
  ASSERT_OK_AND_ASSIGN(const Page page,
                       source_->Decode(R"([{"log_id":"b"},{"log_id":"a"},{"log_id":"a"},{}])"));
  EXPECT_EQ(page.logs.size(), 4u);
  EXPECT_EQ(page.logs[1].id, "a");
  EXPECT_THAT(http_.requests(), IsEmpty());
}

TEST_F(Auth0LogSourceTest, WaitsForTheBudgetByPriority) {
  AnswerPage({}, {DateHeader(now_),
                  {"x-ratelimit-limit", "50"},
                  {"x-ratelimit-remaining", "10"},
                  {"x-ratelimit-reset", absl::StrCat(absl::ToUnixSeconds(now_) + 4)}});
  EXPECT_THAT(Read(), IsOk());
  EXPECT_EQ(source_->WaitForBudget(RunLane::kMain), absl::ZeroDuration());
  EXPECT_EQ(source_->WaitForBudget(RunLane::kSide), absl::Seconds(5));
  EXPECT_EQ(source_->rate_budget().remaining, 10);
}

using Part = SourceProbe::Part;

auto Tried(Part part, const testing::Matcher<const absl::Status&>& status) {
  return AllOf(Field(&SourceProbe::part, part), Field(&SourceProbe::status, status));
}

TEST_F(Auth0LogSourceTest, ProbesWithOneLog) {
  AnswerPage({LogJson("1")});
  EXPECT_THAT(source_->Probe(CallContext()),
              ElementsAre(Tried(Part::kToken, IsOk()), Tried(Part::kLogs, IsOk())));
  ASSERT_THAT(reads(), SizeIs(1));
  EXPECT_EQ(QueryParameter(reads()[0].url, "per_page"), "1");
}

TEST_F(Auth0LogSourceTest, AProbeNamesTheScopeThatIsMissing) {
  Answer(403, "{}");
  const std::vector<SourceProbe> probes = source_->Probe(CallContext());
  ASSERT_THAT(probes, SizeIs(2));
  EXPECT_THAT(probes[1].status,
              IsFailure(FailureClass::kPermanent, FailureReason::kAuth0Forbidden));
  EXPECT_THAT(FailureOf(probes[1].status).action, HasSubstr("read:logs"));
}

TEST_F(Auth0LogSourceTest, AProbeNamesTheScopeThatProfilesNeed) {
  ProfileSettings profiles;
  profiles.enabled = true;
  const Auth0Sources sources = MakeAuth0Sources(TenantSettings(), profiles, http_, clock_);
  EXPECT_NE(sources.profiles, nullptr);
  AnswerPage({});
  http_.Answer(HttpMethod::kGet, HasSubstr("/api/v2/users"), MakeResponse(403, "{}"));
  const std::vector<SourceProbe> probes = sources.logs->Probe(CallContext());
  EXPECT_THAT(probes, ElementsAre(Tried(Part::kToken, IsOk()), Tried(Part::kLogs, IsOk()),
                                  Tried(Part::kUsers, IsFailure(FailureClass::kPermanent,
                                                                FailureReason::kAuth0Forbidden))));
  EXPECT_THAT(FailureOf(probes.back().status).action, HasSubstr("read:users"));
}

TEST_F(Auth0LogSourceTest, AProbeDoesNotTakeAnythingForTheApi) {
  const auto unexpected = Tried(
      Part::kLogs, IsFailure(FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse));
  Answer(200, "<html></html>");
  EXPECT_THAT(source_->Probe(CallContext()), ElementsAre(Tried(Part::kToken, IsOk()), unexpected));
  Answer(404, "<html></html>");
  EXPECT_THAT(source_->Probe(CallContext()), ElementsAre(Tried(Part::kToken, IsOk()), unexpected));
}

TEST_F(Auth0LogSourceTest, HasNoProfilesUnlessTheyAreEnabled) {
  EXPECT_EQ(MakeAuth0Sources(TenantSettings(), ProfileSettings(), http_, clock_).profiles, nullptr);
}

}  // namespace
}  // namespace logexport
