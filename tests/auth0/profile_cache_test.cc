#include "service/auth0/profile_cache.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace logexport {
namespace {

using testing::IsNull;
using testing::NotNull;

std::shared_ptr<const Profile> Holding(std::string json) {
  return std::make_shared<const Profile>(Profile{std::move(json)});
}

TEST(ProfileCacheTest, KeepsAProfileForItsTime) {
  ProfileCache cache(absl::Seconds(10), 10000);
  cache.Put("a", Holding("{}"), absl::Seconds(100));
  ASSERT_THAT(cache.Find("a", absl::Seconds(109)), NotNull());
  EXPECT_EQ(cache.Find("a", absl::Seconds(109))->json, "{}");
  EXPECT_THAT(cache.Find("a", absl::Seconds(110)), IsNull());
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(ProfileCacheTest, TakesTheNewerProfile) {
  ProfileCache cache(absl::Seconds(10), 10000);
  cache.Put("a", Holding("old"), absl::Seconds(0));
  cache.Put("a", Holding("new"), absl::Seconds(5));
  ASSERT_THAT(cache.Find("a", absl::Seconds(14)), NotNull());
  EXPECT_EQ(cache.Find("a", absl::Seconds(14))->json, "new");
}

TEST(ProfileCacheTest, DropsTheLeastRecentlyUsedWhenItIsFull) {
  ProfileCache cache(absl::Hours(1), 1000);
  for (const char* const id : {"a", "b", "c"}) cache.Put(id, Holding("{}"), absl::ZeroDuration());
  EXPECT_THAT(cache.Find("a", absl::ZeroDuration()), NotNull());
  for (const char* const id : {"d", "e"}) cache.Put(id, Holding("{}"), absl::ZeroDuration());
  EXPECT_THAT(cache.Find("a", absl::ZeroDuration()), NotNull());
  EXPECT_THAT(cache.Find("b", absl::ZeroDuration()), IsNull());
}

TEST(ProfileCacheTest, StaysWithinItsLimitWhateverIsPut) {
  ProfileCache cache(absl::Hours(1), 5000);
  for (int i = 0; i < 1000; ++i) {
    cache.Put(absl::StrCat("user", i % 37), Holding(std::string(static_cast<std::size_t>(i), 'x')),
              absl::Seconds(i));
    EXPECT_LE(cache.bytes(), 5000u);
  }
  cache.Put("large", Holding(std::string(6000, 'x')), absl::Seconds(1000));
  EXPECT_THAT(cache.Find("large", absl::Seconds(1000)), IsNull());
  EXPECT_EQ(cache.bytes(), 0u);
}

}  // namespace
}  // namespace logexport
