// Profiles that change while they are known.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/auth0/profile_fixture.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ProfileChangeTest : public ProfileSourceTest {
 protected:
  ProfileSource::Answer FindChanged(const std::vector<std::string>& ids, absl::Time changed) {
    std::vector<ProfileSource::Request> users;
    for (const std::string& id : ids) users.push_back({.user_id = id, .changed = changed});
    return source_->Find(users, context_);
  }

  Users users_{&http_};
};

TEST_F(ProfileChangeTest, AProfileOfBeforeTheChangeIsReadAgainAndNotSearched) {
  users_.Add("auth0|a");
  users_.Add("auth0|b");
  Find({"auth0|a", "auth0|b"});
  clock_.Advance(absl::Minutes(1));
  users_.Change("auth0|a", "new@example.com");
  const absl::Time changed = clock_.Now();
  clock_.Advance(absl::Seconds(20));

  // The other one is known.
  const ProfileSource::Answer answer =
      source_->Find({{.user_id = "auth0|b"}, {.user_id = "auth0|a", .changed = changed}}, context_);
  EXPECT_THAT(JsonOf(answer, "auth0|a"), HasSubstr("new@example.com"));
  EXPECT_THAT(JsonOf(answer, "auth0|b"), HasSubstr("auth0|b@example.com"));
  EXPECT_THAT(users_.searches(), SizeIs(1));
  EXPECT_THAT(users_.reads(), SizeIs(1));

  // From then on it is known again, to those who know of the change and to those who do not.
  EXPECT_THAT(JsonOf(FindChanged({"auth0|a"}, changed), "auth0|a"), HasSubstr("new@example.com"));
  EXPECT_THAT(JsonOf(Find({"auth0|a"}), "auth0|a"), HasSubstr("new@example.com"));
  EXPECT_THAT(users_.searches(), SizeIs(1));
  EXPECT_THAT(users_.reads(), SizeIs(1));
}

TEST_F(ProfileChangeTest, WhatTheSearchGaveSoonAfterTheChangeMayBeOfBefore) {
  users_.Add("auth0|a");
  users_.Change("auth0|a", "new@example.com");
  const absl::Time changed = clock_.Now();
  clock_.Advance(absl::Seconds(20));
  EXPECT_THAT(JsonOf(Find({"auth0|a"}), "auth0|a"), HasSubstr("auth0|a@example.com"));
  EXPECT_THAT(JsonOf(FindChanged({"auth0|a"}, changed), "auth0|a"), HasSubstr("new@example.com"));
}

TEST_F(ProfileChangeTest, AUserWhoWasUnknownThenIsLookedForAgain) {
  Find({"auth0|a"});
  users_.Add("auth0|a");
  clock_.Advance(absl::Minutes(1));
  const absl::Time changed = clock_.Now();
  clock_.Advance(absl::Seconds(20));
  EXPECT_THAT(JsonOf(FindChanged({"auth0|a"}, changed), "auth0|a"),
              HasSubstr("auth0|a@example.com"));
}

TEST_F(ProfileChangeTest, ChangesOfLongAgoAreFoundByOneSearch) {
  const std::vector<std::string> ids = users_.Add(100);
  const absl::Time changed = clock_.Now();
  for (const std::string& id : ids) users_.Change(id, absl::StrCat(id, "@new.example.com"));
  users_.Reindex();
  clock_.Advance(absl::Hours(2));
  const ProfileSource::Answer answer = FindChanged(ids, changed);
  EXPECT_THAT(JsonOf(answer, ids[99]), HasSubstr("@new.example.com"));
  EXPECT_THAT(users_.searches(), SizeIs(1));
  EXPECT_THAT(users_.reads(), IsEmpty());
  // And are known then.
  FindChanged(ids, changed);
  EXPECT_THAT(users_.searches(), SizeIs(1));
}

TEST_F(ProfileChangeTest, OfAPageFullOfChangesAFewAreReadAndTheRestIsSearched) {
  const std::vector<std::string> ids = users_.Add(100);
  Find(ids);
  clock_.Advance(absl::Minutes(1));
  for (const std::string& id : ids) users_.Change(id, "new@example.com");
  const ProfileSource::Answer answer = FindChanged(ids, clock_.Now());
  EXPECT_THAT(answer.profiles, SizeIs(100));
  EXPECT_EQ(answer.missing, 0);
  EXPECT_THAT(users_.reads(), SizeIs(10));
  EXPECT_THAT(users_.searches(), SizeIs(2));
}

TEST_F(ProfileChangeTest, AChangedUserWhoCannotBeReadIsMissingAndNotWhatHeWas) {
  users_.Add("auth0|a");
  Find({"auth0|a"});
  clock_.Advance(absl::Minutes(1));
  users_.RefuseReads();
  const ProfileSource::Answer answer = FindChanged({"auth0|a"}, clock_.Now());
  EXPECT_EQ(JsonOf(answer, "auth0|a"), "(missing)");
  EXPECT_EQ(answer.missing, 1);
}

}  // namespace
}  // namespace logexport
