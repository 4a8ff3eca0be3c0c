#include "service/auth0/profile_source.h"

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/auth0/failures.h"
#include "service/http/url.h"
#include "tests/auth0/profile_fixture.h"
#include "tests/auth0/tenant.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_transport.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST_F(ProfileSourceTest, LooksUpAHundredUsersWithOneSearchAndKnowsThemThen) {
  Users users(&http_);
  const std::vector<std::string> ids = users.Add(100);
  ProfileSource::Answer answer = Find(ids);
  EXPECT_THAT(answer.profiles, SizeIs(100));
  EXPECT_EQ(answer.missing, 0);
  EXPECT_THAT(answer.last_error, IsOk());
  EXPECT_THAT(users.searches(), SizeIs(1));
  EXPECT_THAT(users.reads(), IsEmpty());

  answer = Find(ids);
  EXPECT_THAT(answer.profiles, SizeIs(100));
  EXPECT_THAT(users.searches(), SizeIs(1));
}

TEST_F(ProfileSourceTest, LooksUpAHundredUsersWithLongIdsWithTwoSearches) {
  Users users(&http_);
  std::vector<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    ids.push_back(
        absl::StrFormat("samlp|our-company-idp|first.last.%02d@department.example.com", i));
    users.Add(ids.back());
  }
  EXPECT_THAT(Find(ids).profiles, SizeIs(100));
  EXPECT_THAT(users.searches(), SizeIs(2));
}

TEST_F(ProfileSourceTest, AsksForEachUserOnce) {
  Users users(&http_);
  users.Add("auth0|a");
  EXPECT_THAT(Find({"auth0|a", "", "auth0|a"}).profiles, SizeIs(1));
  EXPECT_EQ(QueryParameter(users.searches()[0].url, "q"), R"(user_id:("auth0|a"))");
}

TEST_F(ProfileSourceTest, AsksWithoutMetadataAndTokensUnlessTheyAreNamed) {
  Users users(&http_);
  users.Add("auth0|a");
  EXPECT_EQ(JsonOf(Find({"auth0|a"}), "auth0|a"),
            R"({"user_id":"auth0|a","email":"auth0|a@example.com",)"
            R"("logins_count":12345678901234567890})");
  const std::string fields = QueryParameter(users.searches()[0].url, "fields");
  EXPECT_THAT(fields, HasSubstr("email_verified"));
  EXPECT_THAT(fields, Not(HasSubstr("metadata")));
  EXPECT_THAT(fields, Not(HasSubstr("identities")));
  EXPECT_EQ(QueryParameter(users.searches()[0].url, "include_fields"), "true");
  EXPECT_EQ(QueryParameter(users.searches()[0].url, "search_engine"), "v3");
}

TEST_F(ProfileSourceTest, KeepsOnlyTheFieldsThatAreNamed) {
  source_ = Make({"email", "app_metadata"});
  Users users(&http_);
  users.Add("auth0|a");
  EXPECT_EQ(JsonOf(Find({"auth0|a"}), "auth0|a"),
            R"({"email":"auth0|a@example.com","app_metadata":{"plan":"gold"}})");
  EXPECT_EQ(QueryParameter(users.searches()[0].url, "fields"), "email,app_metadata,user_id");
}

TEST_F(ProfileSourceTest, KeepsAllOfAWholeProfileButTheIdentities) {
  ProfileSettings settings;
  settings.whole = true;
  source_ = MakeAuth0ProfileSource(settings, client_);
  constexpr char kSent[] =
      R"({"user_id":"auth0|a","locale":"sv","identities":[{"access_token":"t"}],)"
      R"("app_metadata":{"plan":"gold"}})";
  constexpr char kKept[] = R"({"user_id":"auth0|a","locale":"sv","app_metadata":{"plan":"gold"}})";
  // The identities are not taken though the answers hold them all the same.
  http_.Answer(HttpMethod::kGet, HasSubstr("/api/v2/users?"), MakeResponse(200, "[]"));
  http_.Answer(HttpMethod::kGet, HasSubstr("/api/v2/users/"), MakeResponse(200, kSent));
  EXPECT_EQ(JsonOf(Find({"auth0|a"}), "auth0|a"), kKept);
  http_.Answer(HttpMethod::kGet, HasSubstr("/api/v2/users?"),
               MakeResponse(200, absl::StrReplaceAll(JsonArray({kSent}), {{"|a", "|b"}})));
  EXPECT_EQ(JsonOf(Find({"auth0|b"}), "auth0|b"), absl::StrReplaceAll(kKept, {{"|a", "|b"}}));
  for (const RecordedRequest& request : RequestsTo(http_, "/api/v2/users")) {
    EXPECT_EQ(QueryParameter(request.url, "include_fields"), "false");
    EXPECT_EQ(QueryParameter(request.url, "fields"), "identities");
  }
}

TEST_F(ProfileSourceTest, ReadsUsersThatTheSearchDoesNotKnowYet) {
  Users users(&http_);
  users.Add("auth0|new", /*indexed=*/false);
  users.Add("auth0|old");
  const ProfileSource::Answer answer = Find({"auth0|new", "auth0|old"});
  EXPECT_THAT(JsonOf(answer, "auth0|new"), HasSubstr("auth0|new@example.com"));
  EXPECT_THAT(users.reads(), SizeIs(1));
  EXPECT_THAT(users.reads()[0].url, HasSubstr("/api/v2/users/auth0%7Cnew?"));
}

TEST_F(ProfileSourceTest, RemembersWhoDoesNotExist) {
  Users users(&http_);
  EXPECT_EQ(JsonOf(Find({"auth0|gone"}), "auth0|gone"), "");
  const ProfileSource::Answer answer = Find({"auth0|gone"});
  EXPECT_EQ(JsonOf(answer, "auth0|gone"), "");
  EXPECT_EQ(answer.missing, 0);
  EXPECT_THAT(users.searches(), SizeIs(1));
  EXPECT_THAT(users.reads(), SizeIs(1));
}

TEST_F(ProfileSourceTest, ForgetsAfterAWhile) {
  Users users(&http_);
  users.Add("auth0|a");
  Find({"auth0|a", "auth0|gone"});
  clock_.Advance(absl::Hours(1));
  Find({"auth0|a", "auth0|gone"});
  EXPECT_THAT(users.searches(), SizeIs(2));
  EXPECT_THAT(users.reads(), SizeIs(2));
}

TEST_F(ProfileSourceTest, ReadsOnlyAFewUsersOneByOneAndSaysSo) {
  Users users(&http_);
  std::vector<std::string> ids;
  for (int i = 0; i < 25; ++i) ids.push_back(absl::StrCat("auth0|gone", i));
  const ProfileSource::Answer answer = Find(ids);
  EXPECT_THAT(users.reads(), SizeIs(10));
  EXPECT_EQ(answer.missing, 15);
  EXPECT_THAT(answer.last_error,
              IsFailure(FailureClass::kTransient, FailureReason::kAuth0Unavailable));
}

TEST_F(ProfileSourceTest, QuotesWhateverALogHasForAUserId) {
  Users users(&http_);
  const std::string odd = R"(x" OR email:"*\)";
  Find({odd});
  EXPECT_EQ(QueryParameter(users.searches()[0].url, "q"), R"(user_id:("x\" OR email:\"*\\"))");
}

TEST_F(ProfileSourceTest, DoesNotAskForWhatCannotBeAUserId) {
  const std::vector<std::string> ids = {std::string(501, 'x'), "a\nb", "\xFF", "..", "."};
  const ProfileSource::Answer answer = Find(ids);
  for (const std::string& id : ids) EXPECT_EQ(JsonOf(answer, id), "");
  EXPECT_EQ(answer.missing, 0);
  EXPECT_THAT(http_.requests(), IsEmpty());
}

TEST_F(ProfileSourceTest, TakesOnlyUsersThatWereAskedFor) {
  http_.Answer(HttpMethod::kGet, HasSubstr("/api/v2/users?"),
               MakeResponse(200, R"([{"user_id":"auth0|b","email":"b"},{"email":"nobody"},7,)"
                                 R"({"user_id":"auth0|a","email":"a"}])"));
  const ProfileSource::Answer answer = Find({"auth0|a"});
  EXPECT_THAT(answer.profiles, SizeIs(1));
  EXPECT_EQ(JsonOf(answer, "auth0|a"), R"({"user_id":"auth0|a","email":"a"})");
}

TEST_F(ProfileSourceTest, HalvesASearchThatIsTooLongOrTooLarge) {
  for (const absl::StatusOr<HttpResponse>& refusal :
       {absl::StatusOr<HttpResponse>(MakeResponse(414)),
        absl::StatusOr<HttpResponse>(absl::ResourceExhaustedError("too large"))}) {
    ScriptedTransport http;
    GrantTokens(&http);
    http.Answer(HttpMethod::kGet, HasSubstr("/api/v2/users?"), refusal);
    Users users(&http);
    const std::vector<std::string> ids = users.Add(50);
    source_ = MakeAuth0ProfileSource(
        ProfileSettings(), std::make_shared<Auth0Client>(TenantSettings(), 50, http, clock_));
    EXPECT_THAT(Find(ids).profiles, SizeIs(50));
    EXPECT_THAT(users.searches(), SizeIs(3));
  }
}

TEST_F(ProfileSourceTest, GivesUpWhenEvenSearchesForSingleUsersAreTooLarge) {
  for (const absl::StatusOr<HttpResponse>& refusal :
       {absl::StatusOr<HttpResponse>(MakeResponse(413)),
        absl::StatusOr<HttpResponse>(absl::ResourceExhaustedError("too large"))}) {
    ScriptedTransport http;
    GrantTokens(&http);
    http.AnswerWith(HttpMethod::kGet, HasSubstr("/api/v2/users?"),
                    [&](const HttpRequest&) { return refusal; });
    Users users(&http);
    const std::vector<std::string> ids = users.Add(100);
    source_ = MakeAuth0ProfileSource(
        ProfileSettings(), std::make_shared<Auth0Client>(TenantSettings(), 50, http, clock_));
    const ProfileSource::Answer answer = Find(ids);
    EXPECT_EQ(answer.missing, 100);
    EXPECT_THAT(answer.last_error,
                IsFailure(FailureClass::kTransient, FailureReason::kAuth0UnexpectedResponse));
    EXPECT_LE(users.searches().size(), 15u);
  }
}

TEST_F(ProfileSourceTest, IsSilentForSomeMinutesAfterTheScopeWasFoundMissing) {
  http_.Answer(HttpMethod::kGet, HasSubstr("/api/v2/users?"),
               MakeResponse(403, R"({"message":"Insufficient scope"})"));
  for (int i = 0; i < 3; ++i) {
    const ProfileSource::Answer answer = Find({"auth0|a", "auth0|b"});
    EXPECT_EQ(answer.missing, 2);
    EXPECT_THAT(answer.last_error,
                IsFailure(FailureClass::kPermanent, FailureReason::kAuth0Forbidden));
    EXPECT_THAT(FailureOf(answer.last_error).action, HasSubstr("read:users"));
  }
  EXPECT_THAT(RequestsTo(http_, "/users"), SizeIs(1));
  clock_.Advance(absl::Minutes(5));
  Users users(&http_);
  users.Add("auth0|a");
  EXPECT_THAT(JsonOf(Find({"auth0|a"}), "auth0|a"), HasSubstr("auth0|a@example.com"));
}

TEST_F(ProfileSourceTest, AsksForTheMissingOnesOnlyWhenAskedAgain) {
  Users users(&http_);
  users.Add("auth0|a");
  Find({"auth0|a"});
  users.Add("auth0|b");
  EXPECT_THAT(Find({"auth0|a", "auth0|b"}).profiles, SizeIs(2));
  EXPECT_EQ(QueryParameter(users.searches()[1].url, "q"), R"(user_id:("auth0|b"))");
}

struct ErrorCase {
  const char* name;
  absl::StatusOr<HttpResponse> response;
  FailureClass kind;
  FailureReason reason;
};
class ProfileErrorTest : public ProfileSourceTest, public testing::WithParamInterface<ErrorCase> {};
TEST_P(ProfileErrorTest, LeavesTheUsersMissing) {
  http_.Answer(HttpMethod::kGet, HasSubstr("/api/v2/users?"), GetParam().response);
  const ProfileSource::Answer answer = Find({"auth0|a", "auth0|b"});
  EXPECT_EQ(answer.missing, 2);
  EXPECT_THAT(answer.profiles, IsEmpty());
  EXPECT_THAT(answer.last_error, IsFailure(GetParam().kind, GetParam().reason));
  EXPECT_THAT(answer.last_error.ToString(), Not(HasSubstr("PRIVATE")));
  EXPECT_THAT(RequestsTo(http_, "/users"), SizeIs(1));
}
INSTANTIATE_TEST_SUITE_P(
    Answers, ProfileErrorTest,
    testing::Values(
        ErrorCase{"limited", MakeResponse(429, "", {{"Retry-After", "9"}}), FailureClass::kLimited,
                  FailureReason::kAuth0RateLimited},
        ErrorCase{"down", MakeResponse(503), FailureClass::kTransient,
                  FailureReason::kAuth0Unavailable},
        ErrorCase{"unreachable", absl::UnavailableError("reset"), FailureClass::kTransient,
                  FailureReason::kAuth0Unavailable},
        ErrorCase{"bad_query", MakeResponse(400, R"({"message":"bad query"})"),
                  FailureClass::kPermanent, FailureReason::kAuth0UnexpectedResponse},
        ErrorCase{"quotes_the_query",
                  MakeResponse(400, R"({"error":"PRIVATE|1","message":"PRIVATE is no query"})"),
                  FailureClass::kPermanent, FailureReason::kAuth0UnexpectedResponse},
        ErrorCase{"down_and_quotes_the_query",
                  MakeResponse(503, R"({"error":"x@PRIVATE","message":"for PRIVATE"})"),
                  FailureClass::kTransient, FailureReason::kAuth0Unavailable},
        ErrorCase{"html", MakeResponse(200, "<html>PRIVATE</html>"), FailureClass::kTransient,
                  FailureReason::kAuth0UnexpectedResponse},
        ErrorCase{"text", MakeResponse(200, R"("PRIVATE")"), FailureClass::kTransient,
                  FailureReason::kAuth0UnexpectedResponse},
        ErrorCase{"stopped", absl::CancelledError("stopped"), FailureClass::kStopped,
                  FailureReason::kStopped}),
    [](const auto& param_info) { return param_info.param.name; });

class ProfileBudgetTest : public ProfileSourceTest {
 protected:
  // Learns from a search that the limit is `remaining` of 50, reset in `seconds`.
  void LearnLimit(int remaining, int seconds) {
    http_.Answer(HttpMethod::kGet, HasSubstr("/api/v2/users?"),
                 MakeResponse(200, R"([{"user_id":"auth0|first"}])",
                              {DateHeader(clock_.Now()),
                               {"x-ratelimit-limit", "50"},
                               {"x-ratelimit-remaining", absl::StrCat(remaining)},
                               {"x-ratelimit-reset",
                                absl::StrCat(absl::ToUnixSeconds(clock_.Now()) + seconds)}}));
    Find({"auth0|first"});
  }
};

TEST_F(ProfileBudgetTest, GoesOnWithinItsShare) {
  LearnLimit(29, 5);
  Users users(&http_);
  users.Add("auth0|a");
  EXPECT_EQ(Find({"auth0|a"}).missing, 0);
  EXPECT_THAT(clock_.sleeps(), IsEmpty());
}

TEST_F(ProfileBudgetTest, WaitsForItsShare) {
  LearnLimit(28, 5);
  Users users(&http_);
  users.Add("auth0|a");
  EXPECT_EQ(Find({"auth0|a"}).missing, 0);
  EXPECT_THAT(clock_.sleeps(), ElementsAre(absl::Seconds(5)));
}

TEST_F(ProfileBudgetTest, DoesNotWaitLongerThanHalfAMinute) {
  LearnLimit(0, 31);
  const ProfileSource::Answer answer = Find({"auth0|a"});
  EXPECT_EQ(answer.missing, 1);
  EXPECT_THAT(answer.last_error,
              IsFailure(FailureClass::kLimited, FailureReason::kAuth0RateLimited));
  EXPECT_THAT(FailureOf(answer.last_error).retry_after, testing::Optional(absl::Seconds(31)));
  EXPECT_THAT(clock_.sleeps(), IsEmpty());
}

TEST_F(ProfileBudgetTest, DoesNotWaitBeyondTheDeadline) {
  LearnLimit(0, 5);
  context_.deadline = clock_.Monotonic() + absl::Seconds(4);
  EXPECT_EQ(Find({"auth0|a"}).missing, 1);
  EXPECT_THAT(clock_.sleeps(), IsEmpty());
}

TEST_F(ProfileBudgetTest, StopsWaitingWhenItIsStopped) {
  LearnLimit(0, 5);
  clock_.SetMode(FakeClock::Mode::kManual);
  std::stop_source stopped;
  context_.stop = stopped.get_token();
  ProfileSource::Answer answer;
  {
    std::jthread finder([&] { answer = Find({"auth0|a"}); });
    clock_.WaitForSleepers(1);
    stopped.request_stop();
  }
  EXPECT_THAT(answer.last_error, IsFailure(FailureClass::kStopped, FailureReason::kStopped));
}

}  // namespace
}  // namespace logexport
