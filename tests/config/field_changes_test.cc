#include "service/config/field_changes.h"

#include <string>
#include <vector>

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "service/config/schema.h"

namespace logexport {
namespace {

v1::ExporterConfig Config(const std::string& text) {
  v1::ExporterConfig config;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &config)) << text;
  return config;
}

TEST(ConfigChangesTest, ShowsValuesAsTheCommandLineWritesThem) {
  const v1::ExporterConfig before =
      Config("schedule { cron: '@hourly' jitter { seconds: 90 } } filter { types: 's' }");
  const v1::ExporterConfig after = Config(
      "schedule { cron: '@daily' } auth0 { batch_size: 50 } segment { gzip: true } "
      "filter { types: 's' types: 'f' min_level: LOG_LEVEL_ERROR } "
      "privacy { rules { path: 'ip' action: PRIVACY_ACTION_HASH } }");
  std::vector<std::string> rows;
  for (const v1::FieldChange& change :
       ChangesBetween(before, after, ChangedFields(before, after))) {
    rows.push_back(change.field() + ": " + change.old_value() + " -> " + change.new_value());
  }
  EXPECT_EQ(rows, (std::vector<std::string>{
                      "schedule.cron: @hourly -> @daily", "schedule.jitter: 1m30s -> ",
                      "auth0.batch_size:  -> 50", "segment.gzip:  -> true",
                      "filter.types: s -> s,f", "filter.min_level:  -> error",
                      "privacy.rules:  -> {\"path\":\"ip\",\"action\":\"PRIVACY_ACTION_HASH\"}"}));
}

TEST(ConfigChangesTest, NeverShowsASecret) {
  const v1::ExporterConfig before = Config("segment { write_key: 'first-secret' }");
  const v1::ExporterConfig after = Config(
      "segment { write_key: 'second-secret' } "
      "slack { webhook: 'env:LOGEXPORT_SECRET_HOOK' }");
  const auto changes = ChangesBetween(before, after, ChangedFields(before, after));
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].old_value(), "********");
  EXPECT_EQ(changes[0].new_value(), "********");
  EXPECT_EQ(changes[1].old_value(), "");
  EXPECT_EQ(changes[1].new_value(), "env:LOGEXPORT_SECRET_HOOK");
}

TEST(ConfigChangesTest, CutsLongListsAndLeavesOutWhatIsNoSetting) {
  v1::ExporterConfig after;
  for (int i = 0; i < 1000; ++i) after.mutable_filter()->add_client_ids("client");
  const auto changes = ChangesBetween({}, after, {"filter.client_ids", "gone.setting"});
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_LT(changes[0].new_value().size(), 600U);
}

}  // namespace
}  // namespace logexport
