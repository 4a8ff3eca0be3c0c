#include "service/config/filter_rules.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/config/schema.h"
#include "service/config/validation.h"
#include "tests/config/config_samples.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<LogType>& Table() {
  static const auto* const types = new std::vector<LogType>{
      {"fp", "Failed Login (Incorrect Password)", "", "auth.login.fail", 3},
      {"limit_wc", "Blocked Account", "", "auth.login.fail", 4},
      {"s", "Success Login", "", "auth.login.success", 1},
      {"w", "Warning", "", "other", 2},
  };
  return *types;
}

// What is said of a filter, refusals with a "!".
std::string Found(const std::string& filter) {
  v1::ExporterConfig config = CompleteConfig();
  *config.mutable_filter() = Config(absl::StrCat("filter { ", filter, " }")).filter();
  return absl::StrJoin(CheckFilterTogether(WithDefaults(config), Table()), "\n",
                       [](std::string* out, const FilterFinding& found) {
                         absl::StrAppend(out, found.refused ? "!" : "", found.field, ": ",
                                         found.description);
                       });
}

TEST(FilterRulesTest, WhatLetsSomethingThroughIsRight) {
  for (const char* const filter :
       {"", "types: 's'", "types: 'fp' min_level: LOG_LEVEL_ERROR", "min_level: LOG_LEVEL_CRITICAL",
        "types: 'fp' categories: 'auth.login.fail'", "categories: 'auth.login.fail'",
        "types: 's' types: 'fp' categories: 'auth.login.fail' categories: 'auth.login.success'",
        "client_ids: 'another'"}) {
    EXPECT_EQ(Found(filter), "") << filter;
  }
}

TEST(FilterRulesTest, WhatNeverLetsAnythingThroughIsRefused) {
  EXPECT_EQ(Found("types: 's' min_level: LOG_LEVEL_ERROR"),
            "!filter.types: lets nothing through: no log of type \"s\" passes: its level is below "
            "filter.min_level");
  EXPECT_THAT(Found("types: 's' categories: 'auth.login.fail'"),
              HasSubstr("its category is auth.login.success, which filter.categories leaves out"));
  EXPECT_THAT(Found("types: 's' types: 'w' min_level: LOG_LEVEL_ERROR"),
              HasSubstr("!filter.types"));
  EXPECT_THAT(Found("categories: 'auth.login.success' min_level: LOG_LEVEL_WARNING"),
              HasSubstr("!filter.categories: lets nothing through"));
  const std::string own = CompleteConfig().auth0().client_id();
  EXPECT_THAT(Found(absl::StrCat("client_ids: '", own, "'")), HasSubstr("!filter.client_ids"));
  EXPECT_EQ(Found(absl::StrCat("ignore_own_client: false client_ids: '", own, "'")), "");
  EXPECT_EQ(Found(absl::StrCat("client_ids: 'b' client_ids: '", own, "'")), "");
}

TEST(FilterRulesTest, OneTypeAmongOthersThatNeverPassesIsWarnedOf) {
  const std::string found = Found("types: 'fp' types: 's' min_level: LOG_LEVEL_ERROR");
  EXPECT_THAT(found, HasSubstr("filter.types[1]: no log of type \"s\" passes"));
  EXPECT_THAT(found, Not(HasSubstr("!")));
}

TEST(FilterRulesTest, WhatAuth0MayHaveAddedSinceIsNotRefused) {
  EXPECT_EQ(Found("types: 'brand_new' min_level: LOG_LEVEL_CRITICAL"), "");
  EXPECT_EQ(Found("categories: 'brand.new' min_level: LOG_LEVEL_CRITICAL"), "");
  EXPECT_THAT(Found("types: 'brand_new' types: 's' min_level: LOG_LEVEL_ERROR"),
              Not(HasSubstr("!")));
}

TEST(FilterRulesTest, ACategoryIsNoType) {
  EXPECT_EQ(Found("types: 'auth.login.fail'"),
            "!filter.types[0]: is \"auth.login.fail\", a category; write it in filter.categories");
  EXPECT_EQ(Found("categories: 'fp'"),
            "!filter.categories[0]: is \"fp\", a log type; write it in filter.types");
}

TEST(FilterRulesTest, TheWholeValidationSaysItOnce) {
  v1::ExporterConfig config = CompleteConfig();
  config.mutable_filter()->add_types("auth.login.fail");
  ValidationContext context;
  context.is_known_log_type = [](absl::string_view code) { return code == "fp"; };
  context.is_known_category = [](absl::string_view name) { return name == "auth.login.fail"; };
  context.log_types = &Table();
  const ValidationResult result = ValidateConfig(config, context);
  ASSERT_EQ(result.violations.size(), 1U);
  EXPECT_EQ(result.violations[0].field, "filter.types[0]");
  EXPECT_THAT(absl::StrJoin(result.warnings, "\n"), Not(HasSubstr("filter")));
}

}  // namespace
}  // namespace logexport
