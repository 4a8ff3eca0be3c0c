#include "service/auth0/young_logs.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/auth0/page_decoder.h"
#include "service/base/time_text.h"
#include "tests/auth0/tenant.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const absl::Time kHorizon = absl::FromUnixSeconds(1'795'392'000);
const absl::Time kNow = kHorizon + absl::Seconds(10);

std::string At(absl::Duration offset) { return FormatTimestamp(kHorizon + offset); }
std::string IdAround(absl::Duration offset) { return IdAt(kHorizon + offset); }

Page Settle(const std::vector<std::string>& logs) {
  PageDecoder decoder;
  absl::StatusOr<PageDecoder::Result> result = decoder.DecodeAfter(JsonArray(logs), "");
  EXPECT_THAT(result, IsOk());
  MarkDatedAhead(kNow, &result->page);
  LeaveOutYoungLogs(kHorizon, kNow, &result->page);
  return std::move(result->page);
}

TEST(SettleTest, KeepsAPageOfOldLogs) {
  const Page page = Settle({LogJson(IdAround(-absl::Seconds(5)), At(-absl::Seconds(8))),
                            LogJson(IdAround(absl::ZeroDuration()), At(-absl::Seconds(1)))});
  EXPECT_EQ(page.logs.size(), 2u);
  EXPECT_FALSE(page.left_out_young);
  EXPECT_EQ(page.last_id, IdAround(absl::ZeroDuration()));
}

TEST(SettleTest, LeavesOutTheFirstYoungLogAndAllAfterIt) {
  const std::string old = IdAround(-absl::Seconds(1));
  const Page page = Settle({LogJson(old, At(-absl::Seconds(2))),
                            LogJson(IdAround(absl::Microseconds(1)), At(-absl::Hours(1))),
                            LogJson(IdAround(absl::Seconds(2)), At(-absl::Hours(1)))});
  EXPECT_THAT(IdsOf(page), ElementsAre(old));
  EXPECT_TRUE(page.left_out_young);
  EXPECT_EQ(page.last_id, old);
}

TEST(SettleTest, GoesByTheTimeInTheIdNotByTheDate) {
  const std::string id = IdAround(-absl::Seconds(1));
  const Page page = Settle({LogJson(id, At(absl::Hours(1)))});
  EXPECT_THAT(IdsOf(page), ElementsAre(id));
  EXPECT_FALSE(page.left_out_young);
}

TEST(SettleTest, GoesByTheDateWhereIdsCarryNoTime) {
  const Page page =
      Settle({LogJson("49a", At(-absl::Seconds(2))), LogJson("49b", At(absl::Seconds(1))),
              LogJson("49c", At(-absl::Seconds(1)))});
  EXPECT_THAT(IdsOf(page), ElementsAre("49a"));
  EXPECT_TRUE(page.left_out_young);
}

TEST(SettleTest, ADateAheadOfTheSourcesTimeTellsNothing) {
  const Page page =
      Settle({LogJson("49a", At(-absl::Seconds(2))), LogJson("49b", At(absl::Hours(40'000))),
              LogJson("49c", At(absl::Seconds(30))), LogJson("49d", At(-absl::Seconds(1)))});
  EXPECT_THAT(IdsOf(page), ElementsAre("49a", "49b", "49c", "49d"));
  EXPECT_FALSE(page.left_out_young);
  EXPECT_TRUE(page.logs[1].date.has_value());
  EXPECT_FALSE(page.logs[1].credible_date().has_value());
  EXPECT_TRUE(page.logs[3].credible_date().has_value());
}

TEST(SettleTest, TellsOfAnIdAheadOfTheSourcesTime) {
  const std::string old = IdAround(-absl::Seconds(1));
  const Page page = Settle({LogJson(old), LogJson(IdAround(absl::Hours(1)))});
  EXPECT_THAT(IdsOf(page), ElementsAre(old));
  EXPECT_EQ(page.left_out_ahead, absl::Hours(1) - (kNow - kHorizon));
  EXPECT_EQ(Settle({LogJson(IdAround(absl::Seconds(1)))}).left_out_ahead, absl::ZeroDuration());
}

TEST(SettleTest, FindsAYoungLogOfTheOldKindBeforeAnOldOneOfTheNewKind) {
  const Page page = Settle({LogJson("49a", At(absl::Seconds(1))),
                            LogJson(IdAround(-absl::Seconds(9)), At(-absl::Seconds(9)))});
  EXPECT_THAT(page.logs, IsEmpty());
  EXPECT_TRUE(page.left_out_young);
}

TEST(SettleTest, TakesLogsWithoutAnyTimeForOld) {
  const Page page = Settle({LogJson("49a"), LogJson("49b", "someday")});
  EXPECT_THAT(IdsOf(page), ElementsAre("49a", "49b"));
}

TEST(SettleTest, LeavesNothingOfAPageOfYoungLogs) {
  const Page page = Settle({LogJson(IdAround(absl::Seconds(1)))});
  EXPECT_THAT(page.logs, IsEmpty());
  EXPECT_TRUE(page.left_out_young);
  EXPECT_EQ(page.last_id, "");
}

TEST(SettleTest, LeavesLogsWithoutAnIdWithTheYoungLogTheyPrecede) {
  const std::string old = IdAround(-absl::Seconds(1));
  const Page page = Settle({LogJson(old), R"({"n":1})", "7", LogJson(IdAround(absl::Seconds(1)))});
  EXPECT_THAT(IdsOf(page), ElementsAre(old));
  EXPECT_EQ(page.last_id, old);
}

}  // namespace
}  // namespace logexport
