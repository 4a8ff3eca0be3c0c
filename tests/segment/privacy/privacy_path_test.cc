#include "service/segment/privacy/privacy_path.h"

#include <vector>

#include <gtest/gtest.h>

namespace logexport {
namespace {

using Keys = std::vector<absl::string_view>;

TEST(PrivacyPathTest, TellsHowAPatternRelatesToAPlace) {
  struct Case {
    const char* pattern;
    Keys keys;
    PathRelation relation;
  };
  const std::vector<Case> cases = {
      {"ip", {"ip"}, PathRelation::kNames},
      {"ip", {"ips"}, PathRelation::kUnrelated},
      {"ip", {"i"}, PathRelation::kUnrelated},
      {"ip", {"IP"}, PathRelation::kUnrelated},
      {"details", {"details", "a", "b"}, PathRelation::kContains},
      {"details.request.ip", {"details"}, PathRelation::kLeadsTo},
      {"details.request.ip", {"details", "request"}, PathRelation::kLeadsTo},
      {"details.request.ip", {"details", "request", "ip"}, PathRelation::kNames},
      {"details.request.ip", {"details", "request", "ip", "v4"}, PathRelation::kContains},
      {"details.request.ip", {"details", "response"}, PathRelation::kUnrelated},
      {"details.*.ip", {"details", "request", "ip"}, PathRelation::kNames},
      {"details.*.ip", {"details", "ip"}, PathRelation::kLeadsTo},
      {"details.*.ip", {"details", "a", "b", "ip"}, PathRelation::kUnrelated},
      {"*", {"anything"}, PathRelation::kNames},
      {"*", {"anything", "below"}, PathRelation::kContains},
      {"*.*", {"a"}, PathRelation::kLeadsTo},
      {"a*", {"ab"}, PathRelation::kUnrelated},
      {"profile.app_metadata.https://example.com/roles",
       {"profile", "app_metadata", "https://example.com/roles"},
       PathRelation::kNames},
      {"a.b", {"a.b"}, PathRelation::kNames},
      {"a.b", {"a"}, PathRelation::kLeadsTo},
      {"", {"a"}, PathRelation::kUnrelated},
      {"a", {}, PathRelation::kLeadsTo},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Relate(c.pattern, c.keys), c.relation)
        << c.pattern << " and " << ::testing::PrintToString(c.keys);
  }
}

}  // namespace
}  // namespace logexport
