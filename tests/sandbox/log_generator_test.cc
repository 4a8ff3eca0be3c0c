#include "tests/sandbox/auth0/log_generator.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/time_text.h"
#include "service/json/json_value.h"
#include "tests/sandbox/auth0/log_store.h"
#include "tests/sandbox/auth0/user_directory.h"
#include "tests/support/status_matchers.h"

namespace logexport::sandbox {
namespace {

constexpr std::size_t kLogs = 20'000;

class LogGeneratorTest : public ::testing::Test {
 protected:
  void Generate(LogStore* store, std::uint64_t seed = 1) {
    LogGenerator generator({.seed = seed, .odd_rate = 0.01}, users_, store);
    generator.AddMany(kLogs, start_, span_);
  }

  const absl::Time start_ = absl::FromUnixSeconds(1'790'000'000);
  const absl::Duration span_ = absl::Hours(6);
  const UserDirectory users_{1, 500, 50};
};

TEST_F(LogGeneratorTest, IdsAre56DigitsWithTheirTimeAscendingAndDistinct) {
  LogStore store;
  Generate(&store);
  ASSERT_EQ(store.size(), kLogs);
  for (std::size_t i = 0; i < store.size(); ++i) {
    const absl::string_view id = store.at(i).id;
    ASSERT_EQ(id.size(), 56);
    ASSERT_TRUE(absl::StartsWith(id, "900"));
    ASSERT_EQ(id.find_first_not_of("0123456789"), absl::string_view::npos);
    const absl::Time time = TimeInLogId(id);
    ASSERT_GE(time, start_ - absl::Microseconds(1));
    ASSERT_LT(time, start_ + span_);
    ASSERT_TRUE(i == 0 || store.at(i - 1).id < id);
  }
}

TEST_F(LogGeneratorTest, EveryLogIsJsonThatHoldsItsIdAndADateShortlyBeforeIt) {
  LogStore store;
  Generate(&store);
  std::size_t bytes = 0;
  std::size_t backwards = 0;
  absl::Time last_date = absl::InfinitePast();
  std::map<std::string, int> types;
  for (std::size_t i = 0; i < store.size(); ++i) {
    const LogStore::Log log = store.at(i);
    ASSERT_OK_AND_ASSIGN(const JsonValue json, JsonValue::Parse(log.json));
    ASSERT_EQ(json["log_id"].String(json["_id"].String()), log.id);
    ASSERT_EQ(json["type"].String(), log.type);
    const auto date = ParseTimestamp(json["date"].String());
    ASSERT_TRUE(date.has_value()) << log.json;
    const absl::Duration delay = TimeInLogId(log.id) - *date;
    ASSERT_GE(delay, absl::ZeroDuration());
    ASSERT_LE(delay, absl::Seconds(5.5));
    backwards += *date < last_date ? 1 : 0;
    last_date = *date;
    bytes += log.json.size();
    ++types[std::string(log.type)];
  }
  EXPECT_GT(bytes / kLogs, 1'300);
  EXPECT_LT(bytes / kLogs, 1'700);
  EXPECT_GT(backwards, kLogs / 10) << "dates must not be in the order of the ids";
  EXPECT_GT(types.size(), 20);
  EXPECT_GT(types["s"], types["ss"]);
  EXPECT_GT(types["zz_not_a_known_code"], 0);
}

TEST_F(LogGeneratorTest, TheSameSeedMakesTheSameLogs) {
  LogStore first;
  LogStore second;
  LogStore other;
  Generate(&first);
  Generate(&second);
  Generate(&other, 2);
  bool differs = false;
  for (std::size_t i = 0; i < kLogs; ++i) {
    ASSERT_EQ(first.at(i).json, second.at(i).json);
    differs = differs || first.at(i).json != other.at(i).json;
  }
  EXPECT_TRUE(differs);
}

TEST_F(LogGeneratorTest, LogsInRareShapesAreAmongThem) {
  LogStore store;
  Generate(&store);
  std::set<std::string> shapes;
  for (std::size_t i = 0; i < store.size(); ++i) {
    const JsonValue json = *JsonValue::Parse(store.at(i).json);
    if (json["log_id"].is_null()) shapes.insert("only _id");
    if (json["details"].is_string()) shapes.insert("details is text");
    if (json["details"].is_array()) shapes.insert("details is an array");
    if (json["scope"].is_array()) shapes.insert("scope is an array");
    if (json["scope"].is_string()) shapes.insert("scope is text");
    if (json["user_id"].is_string() && json["user_id"].String().empty()) shapes.insert("no user");
    if (store.at(i).json.size() > 32'000) shapes.insert("larger than an event");
  }
  EXPECT_THAT(shapes, ::testing::SizeIs(7));
}

TEST_F(LogGeneratorTest, PagesAreFewSlices) {
  LogStore store;
  Generate(&store);
  for (std::size_t i = 0; i + 100 <= store.size(); i += 100) {
    EXPECT_LE(store.Slices(i, i + 100).size(), 4);
  }
}

TEST_F(LogGeneratorTest, LateLogsBecomeVisibleInTimeAndOutOfOrder) {
  LogStore store;
  LogGenerator generator({.late_rate = 0.01, .late_by = absl::Hours(40)}, users_, &store);
  generator.AddMany(kLogs, start_, span_);
  EXPECT_GT(store.hidden(), kLogs / 200);
  EXPECT_LT(store.hidden(), kLogs / 50);
  EXPECT_EQ(store.size() + store.hidden(), kLogs);

  store.Show(start_ + absl::Hours(20));
  const std::size_t halfway = store.size();
  EXPECT_GT(store.hidden(), 0u);
  store.Show(start_ + span_ + absl::Hours(40));
  EXPECT_EQ(store.size(), kLogs);
  EXPECT_GT(store.size(), halfway);
  for (std::size_t i = 1; i < store.size(); ++i) ASSERT_LT(store.at(i - 1).id, store.at(i).id);
}

}  // namespace
}  // namespace logexport::sandbox
