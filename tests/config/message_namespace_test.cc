#include "service/config/message_namespace.h"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config/resolved_settings.h"
#include "tests/config/config_samples.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::MatchesRegex;

TEST(MessageNamespaceTest, Is16HexDigitsThatNeverChange) {
  EXPECT_THAT(MessageNamespace("https://api.segment.io", "key", "acme.auth0.com", "default"),
              MatchesRegex("[0-9a-f]{16}"));
  // Pinned: another value would make Segment take every event sent again for a new one.
  EXPECT_EQ(MessageNamespace("https://api.segment.io", "key", "acme.auth0.com", "default"),
            "c7feb98711ab7125");
}

TEST(MessageNamespaceTest, DiffersWithEveryPartAndWhereItEnds) {
  const std::set<std::string> all = {
      MessageNamespace("a", "b", "c", "d"),   MessageNamespace("x", "b", "c", "d"),
      MessageNamespace("a", "x", "c", "d"),   MessageNamespace("a", "b", "x", "d"),
      MessageNamespace("a", "b", "c", "x"),   MessageNamespace("ab", "", "c", "d"),
      MessageNamespace("", "ab", "c", "d"),   MessageNamespace("a", "b", "cd", ""),
      MessageNamespace("a,1:b", "", "c", "d")};
  EXPECT_EQ(all.size(), 9u);
}

TEST(MessageNamespaceTest, FollowsFromTheSettings) {
  const absl::StatusOr<ExporterSettings> resolved =
      ResolveSettings("acme", CompleteConfig(), {}, SecretResolver(Environment({})));
  ASSERT_THAT(resolved, IsOk());
  EXPECT_THAT(NewMessageNamespace(*resolved),
              IsOkAndHolds(MessageNamespace("https://events.eu1.segmentapis.com",
                                            "0123456789abcdefghijklmnopqrstuv", "acme.eu.auth0.com",
                                            "acme")));
}

TEST(MessageNamespaceTest, OnlyAnotherPlaceNeedsANewOne) {
  v1::ExporterConfig assumed = CompleteConfig();
  assumed.mutable_segment()->clear_endpoint();
  for (const char* text : {"US", "us", "https://api.segment.io", "https://API.segment.io:443/"}) {
    v1::ExporterConfig written = CompleteConfig();
    written.mutable_segment()->set_endpoint(text);
    EXPECT_TRUE(SameEventDestination(assumed, written)) << text;
  }
  EXPECT_FALSE(SameEventDestination(assumed, CompleteConfig()));
  v1::ExporterConfig rotated = CompleteConfig();
  rotated.mutable_segment()->set_write_key("another");
  EXPECT_TRUE(SameEventDestination(CompleteConfig(), rotated));
}

}  // namespace
}  // namespace logexport
