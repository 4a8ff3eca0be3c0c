// Several calls of Find at a time, as for pages that follow each other.
#include <array>
#include <atomic>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/auth0/profile_fixture.h"
#include "tests/support/gate.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Searches that are answered when the test says so. Each knows every user it asks for.
class ProfileSharingTest : public ProfileSourceTest {
 protected:
  void SetUp() override {
    ProfileSourceTest::SetUp();
    http_.AnswerWith(HttpMethod::kGet, HasSubstr("/api/v2/users?"),
                     [this](const HttpRequest& request) -> absl::StatusOr<HttpResponse> {
                       const int number = searches_++;
                       EXPECT_TRUE(answer_[static_cast<std::size_t>(number)].Wait());
                       if (number == failing_) return MakeResponse(503);
                       return Known(QueryParameter(request.url, "q"));
                     });
  }

  HttpResponse Known(const std::string& query) const {
    std::vector<std::string> found;
    for (int i = 0; i < 10; ++i) {
      const std::string id = absl::StrCat("auth0|", i);
      if (!absl::StrContains(query, absl::StrCat("\"", id, "\""))) continue;
      found.push_back(absl::StrCat(R"({"user_id":")", id, "\"}"));
    }
    return MakeResponse(200, JsonArray(found),
                        {{"x-ratelimit-limit", "50"},
                         {"x-ratelimit-remaining", absl::StrCat(remaining_.load())},
                         {"x-ratelimit-reset", "1795400000"}});
  }

  // Lets the source know what remains of its limit.
  void LearnLimit(int remaining) {
    remaining_ = remaining;
    answer_[0].Open();
    EXPECT_EQ(Find({"auth0|9"}).missing, 0);
  }

  std::vector<RecordedRequest> searches() const { return RequestsTo(http_, "/api/v2/users?"); }
  // One for the token.
  void WaitForSearches(std::size_t count) { http_.WaitForRequests(count + 1); }

  std::array<Gate, 5> answer_;
  std::atomic<int> searches_ = 0;
  std::atomic<int> remaining_ = 49;
  std::atomic<int> failing_ = -1;
};

TEST_F(ProfileSharingTest, AsksOnceForAUserWhileTheFirstQuestionIsOnItsWay) {
  LearnLimit(49);
  ProfileSource::Answer first;
  ProfileSource::Answer second;
  {
    const std::jthread one([&] { first = Find({"auth0|1", "auth0|2"}); });
    WaitForSearches(2);
    const std::jthread two([&] { second = Find({"auth0|2", "auth0|3"}); });
    WaitForSearches(3);
    answer_[2].Open();
    answer_[1].Open();
  }
  EXPECT_THAT(first.profiles, SizeIs(2));
  EXPECT_THAT(second.profiles, SizeIs(2));
  EXPECT_EQ(first.missing + second.missing, 0);
  ASSERT_THAT(searches(), SizeIs(3));
  EXPECT_EQ(QueryParameter(searches()[1].url, "q"), R"(user_id:("auth0|1" OR "auth0|2"))");
  EXPECT_EQ(QueryParameter(searches()[2].url, "q"), R"(user_id:("auth0|3"))");
}

TEST_F(ProfileSharingTest, AsksItselfWhenTheOtherQuestionFailed) {
  LearnLimit(49);
  failing_ = 1;
  answer_[2].Open();
  ProfileSource::Answer first;
  ProfileSource::Answer second;
  {
    const std::jthread one([&] { first = Find({"auth0|1", "auth0|2"}); });
    WaitForSearches(2);
    const std::jthread two([&] { second = Find({"auth0|2"}); });
    answer_[1].Open();
  }
  EXPECT_EQ(first.missing, 2);
  EXPECT_EQ(second.missing, 0);
  EXPECT_THAT(second.profiles, SizeIs(1));
}

TEST_F(ProfileSharingTest, MakesOneCallAtATimeWhenTheShareMayNotCoverTwo) {
  // The reserve of 10 % and the half of the rest that is not for profiles make 28.
  LearnLimit(29);
  {
    const std::jthread one([&] { EXPECT_EQ(Find({"auth0|1"}).missing, 0); });
    WaitForSearches(2);
    remaining_ = 40;
    std::atomic<bool> asked = false;
    const std::jthread two([&] {
      asked = true;
      EXPECT_EQ(Find({"auth0|2"}).missing, 0);
    });
    while (!asked) std::this_thread::yield();
    EXPECT_THAT(searches(), SizeIs(2));
    answer_[1].Open();
    WaitForSearches(3);
    answer_[2].Open();
  }
  EXPECT_THAT(searches(), SizeIs(3));
  EXPECT_THAT(clock_.sleeps(), IsEmpty());
}

TEST_F(ProfileSharingTest, StopsWaitingForAnothersQuestion) {
  LearnLimit(49);
  std::stop_source stopped;
  ProfileSource::Answer second;
  const std::jthread one([&] { EXPECT_EQ(Find({"auth0|1"}).missing, 0); });
  WaitForSearches(2);
  {
    CallContext context;
    context.stop = stopped.get_token();
    const std::jthread two([&] { second = source_->Find({{.user_id = "auth0|1"}}, context); });
    stopped.request_stop();
  }
  EXPECT_EQ(second.missing, 1);
  EXPECT_THAT(second.last_error, IsFailure(FailureClass::kStopped, FailureReason::kStopped));
  answer_[1].Open();
}

}  // namespace
}  // namespace logexport
