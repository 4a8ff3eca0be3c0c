#include "service/base/snake_case.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "service/base/utf8.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

TEST(SnakeCaseTest, WritesAnyNameInSnakeCase) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"user_name", "user_name"},
      {"isMobile", "is_mobile"},
      {"is_mobile", "is_mobile"},
      {"userID", "user_id"},
      {"HTTPServer", "http_server"},
      {"IPv6Address", "i_pv6_address"},
      {"aB", "a_b"},
      {"A", "a"},
      {"ABC", "abc"},
      {"oauth2Client", "oauth2_client"},
      {"$event_schema", "event_schema"},
      {"_id", "id"},
      {"x-request-id", "x_request_id"},
      {"https://example.com/Roles", "https_example_com_roles"},
      {"__a__b__", "a_b"},
      {"a.b c", "a_b_c"},
      {"größe", "größe"},
      {"\"quoted\\\"", "quoted"},
      {"", "unnamed"},
      {"$", "unnamed"},
      {"___", "unnamed"},
  };
  for (const auto& [key, name] : cases) EXPECT_EQ(SnakeCase(key), name) << key;
}

TEST(SnakeCaseTest, IsNeverTooLong) {
  const std::string name = SnakeCase(std::string(199, 'a') + "ååå");
  EXPECT_EQ(name, std::string(199, 'a'));
  EXPECT_EQ(SnakeCase(std::string(5000, 'B')).size(), 200u);
}

RC_GTEST_PROP(SnakeCaseProperty, ANameIsItsOwnName, ()) {
  const auto key = ReplaceInvalidUtf8(*rc::gen::string<std::string>());
  const std::string name = SnakeCase(key);
  RC_ASSERT(SnakeCase(name) == name);
  RC_ASSERT(!name.empty());
  RC_ASSERT(IsValidUtf8(name));
  RC_ASSERT(name.find_first_of("\"\\\n\t ") == std::string::npos);
}

RC_GTEST_PROP(SnakeCaseProperty, WhatIsANameAlreadyStaysAsItIs, ()) {
  const auto key = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("abz09__A-")));
  RC_ASSERT(!IsSnakeCase(key) || SnakeCase(key) == key);
  RC_ASSERT(IsSnakeCase(SnakeCase(key)));
}

}  // namespace
}  // namespace logexport
