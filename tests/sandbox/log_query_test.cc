#include "tests/sandbox/auth0/log_query.h"

#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sandbox/auth0/log_store.h"
#include "tests/support/status_matchers.h"

namespace logexport::sandbox {
namespace {

// The ids of the logs that match, in their order.
std::string Matching(absl::string_view text) {
  LogStore store;
  store.AddNdjson(
      R"({"log_id":"1","type":"s","date":"2026-01-01T10:00:00.000Z","user_id":"auth0|1"})"
      "\n"
      R"({"log_id":"2","type":"fp","date":"2026-01-02T00:00:00.000Z","ip":"192.0.2.7"})"
      "\n"
      R"({"log_id":"3","type":"ss","date":"2026-01-03T00:00:00.000Z"})");
  const absl::StatusOr<LogQuery> query = LogQuery::Parse(text);
  if (!query.ok()) {
    return std::string(query.status().message());
  }
  std::string ids;
  for (std::size_t i = 0; i < store.size(); ++i) {
    if (query->Matches(store.at(i))) {
      absl::StrAppend(&ids, store.at(i).id);
    }
  }
  return ids;
}

TEST(LogQueryTest, SelectsWhatAuth0Would) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "123"},
      {"  ", "123"},
      {"type:s", "1"},
      {"type:\"s\"", "1"},
      {"type:S", ""},
      {"type:s OR type:ss", "13"},
      {"type:(s OR ss)", "13"},
      {"type:(\"s\" \"fp\")", "12"},
      {"NOT type:s", "23"},
      {"type:s type:ss", ""},
      {"type:s AND user_id:\"auth0|1\"", "1"},
      {"type:s AND user_id:\"auth0|2\"", ""},
      {"(type:s OR type:fp) AND ip:192.0.2.7", "2"},
      {"date:[2026-01-02 TO *]", "23"},
      {"date:{2026-01-02 TO *]", "3"},
      {"date:[* TO 2026-01-02}", "1"},
      {"date:[2026-01-01T10:00:00.000Z TO 2026-01-02T00:00:00Z]", "12"},
      {"date:[\"2026-01-01T09:00:00+00:00\" TO \"2026-01-01T11:00:00Z\"]", "1"},
      {"log_id:[2 TO *]", "23"},
      {"log_id:{2 TO *]", "3"},
      {"log_id:[* TO 2]", "12"},
  };
  for (const auto& [query, ids] : cases) {
    EXPECT_EQ(Matching(query), ids) << query;
  }
}

TEST(LogQueryTest, SaysWhereAQueryIsWrong) {
  for (const char* query : {"type", "type:", "(type:s", "type:s)", "date:[a TO", "date:[a b]",
                            "type:\"s", "type:(s", "date:[a TO b", ":", "\"s\""}) {
    EXPECT_THAT(LogQuery::Parse(query),
                StatusIs(absl::StatusCode::kInvalidArgument, ::testing::StartsWith("query: '")))
        << query;
  }
  EXPECT_THAT(
      LogQuery::Parse(std::string(1000, '(')),
      StatusIs(absl::StatusCode::kInvalidArgument, ::testing::HasSubstr("nested too deeply")));
}

}  // namespace
}  // namespace logexport::sandbox
