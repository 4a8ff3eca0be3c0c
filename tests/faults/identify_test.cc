// What becomes known of users through whole runs, while profiles change and the search for users is
// behind.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/time_text.h"
#include "tests/auth0/tenant.h"
#include "tests/faults/whole_export.h"

namespace logexport {
namespace {

using sandbox::Endpoint;
using sandbox::FaultRule;
using testing::ElementsAre;
using testing::HasSubstr;

class IdentifyTest : public testing::Test {
 protected:
  IdentifyTest() : export_(WholeExport::Tenant(0)) {
    export_.settings.segment.identify = true;
    export_.settings.profile.enabled = true;
    export_.Reconfigure();
  }

  // A log of now, exported a minute later.
  void ExportLog(absl::string_view type) {
    const absl::Time now = export_.clock().Now();
    const std::string line =
        absl::StrCat(R"({"log_id":")", IdAt(now), R"(","date":")", FormatTimestamp(now),
                     R"(","user_id":"auth0|a","type":")", type, "\"}\n");
    ASSERT_EQ(export_.sandbox().AddLogs(line).added, 1u);
    export_.clock().Advance(absl::Minutes(1));
    const RunRecord run = export_.Run();
    EXPECT_EQ(run.ledger.logs.accepted, 1);
    EXPECT_THAT(WarningsOf(run), testing::IsEmpty());
  }

  void AnswerUsers(Endpoint endpoint, std::string body) {
    FaultRule rule;
    rule.endpoints = endpoint;
    rule.status = 200;
    rule.body = std::move(body);
    export_.sandbox().AddFault(rule);
  }

  std::vector<std::string> Identifies() {
    std::vector<std::string> raw;
    for (const auto& event : export_.sandbox().AcceptedEvents()) {
      if (event.type == "identify") raw.push_back(event.raw);
    }
    return raw;
  }

  std::uint64_t RequestsTo(Endpoint endpoint) {
    return export_.sandbox().stats().endpoints[endpoint].requests;
  }

  WholeExport export_;
};

TEST_F(IdentifyTest, AChangeIsToldWithTheChangedProfile) {
  constexpr char kOld[] = R"({"user_id":"auth0|a","email":"old@example.com"})";
  constexpr char kNew[] = R"({"user_id":"auth0|a","email":"new@example.com"})";
  // The search goes on giving what was.
  AnswerUsers(Endpoint::kUsersSearch, absl::StrCat("[", kOld, "]"));
  AnswerUsers(Endpoint::kUsersRead, kNew);
  ExportLog("s");
  EXPECT_EQ(RequestsTo(Endpoint::kUsersRead), 0u);
  for (const absl::string_view change : {"sce", "scu", "scpn", "sv"}) ExportLog(change);
  EXPECT_THAT(Identifies(),
              ElementsAre(HasSubstr("new@example.com"), HasSubstr("new@example.com"),
                          HasSubstr("new@example.com"), HasSubstr("new@example.com")));
  EXPECT_EQ(RequestsTo(Endpoint::kUsersSearch), 1u);
  EXPECT_EQ(RequestsTo(Endpoint::kUsersRead), 4u);

  // The next log of the user finds the changed profile known.
  ExportLog("s");
  EXPECT_THAT(export_.sandbox().AcceptedEvents().back().raw, HasSubstr("new@example.com"));
  EXPECT_EQ(RequestsTo(Endpoint::kUsersSearch) + RequestsTo(Endpoint::kUsersRead), 5u);
}

}  // namespace
}  // namespace logexport
