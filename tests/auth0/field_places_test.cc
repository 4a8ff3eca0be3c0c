// Where the fields of a log stand (Log::fields), as PageDecoder notes it.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/auth0/page_decoder.h"

namespace logexport {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::vector<std::pair<std::string, std::string>> FieldsOf(const Log& log) {
  std::vector<std::pair<std::string, std::string>> fields;
  for (const FieldPlace& field : log.fields) {
    fields.emplace_back(field.KeyIn(log.raw), field.ValueIn(log.raw));
  }
  return fields;
}

TEST(FieldPlacesTest, NotesTheFieldsOfEachLogWithoutWhiteSpace) {
  const absl::StatusOr<Page> page = PageDecoder().DecodeArray(
      "[ {\"log_id\" : \"1\" , \"n\":-1.5e3\n,\"b\":true,\"z\":null , \"o\" : { \"a\" : [ 1 ] } "
      ",\"e\":{},\"s\":\"a,b\" } , 7, {\"log_id\":\"2\",\"details\":[]}]");
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->logs.size(), 3u);
  EXPECT_THAT(FieldsOf(page->logs[0]),
              ElementsAre(Pair("log_id", "\"1\""), Pair("n", "-1.5e3"), Pair("b", "true"),
                          Pair("z", "null"), Pair("o", "{ \"a\" : [ 1 ] }"), Pair("e", "{}"),
                          Pair("s", "\"a,b\"")));
  EXPECT_THAT(FieldsOf(page->logs[1]), IsEmpty());
  EXPECT_THAT(FieldsOf(page->logs[2]), ElementsAre(Pair("log_id", "\"2\""), Pair("details", "[]")));
}

TEST(FieldPlacesTest, LeavesWhatNeedsACloserLookToTheMapper) {
  for (const char* member :
       {R"("\u0061":1)", R"("a":"\ud800")", R"("a":"\x")", R"("a":01)", R"("a":tru)",
        R"("a":{"b":tru})", R"("a":[1,])", R"("a":{"b" 1})", R"("a":["\n"])",
        R"("a":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]])", R"("details":{"a":"\ud800"})"}) {
    const absl::StatusOr<Page> page =
        PageDecoder().DecodeArray(absl::StrCat(R"([{"log_id":"1",)", member, "}]"));
    ASSERT_TRUE(page.ok()) << member << page.status();
    EXPECT_THAT(FieldsOf(page->logs[0]), IsEmpty()) << member;
  }
}

TEST(FieldPlacesTest, DoesNotLookIntoDetails) {
  for (const char* value : {R"({"a":tru})", R"({"a":"\n"})", R"("\n")", "null", "[[1]]"}) {
    const absl::StatusOr<Page> page = PageDecoder().DecodeArray(
        absl::StrCat(R"([{"log_id":"1","text":"\"","details":)", value, "}]"));
    ASSERT_TRUE(page.ok()) << value << page.status();
    EXPECT_THAT(
        FieldsOf(page->logs[0]),
        ElementsAre(Pair("log_id", "\"1\""), Pair("text", R"("\"")"), Pair("details", value)));
  }
}

TEST(FieldPlacesTest, StayWithTheirLogsWhenTheseAreSorted) {
  absl::StatusOr<PageDecoder::Result> result = PageDecoder().DecodeAfter(
      R"([{"log_id":"3","c":3},{"log_id":"1","a":1},{"log_id":"2","a":tru}])", "0");
  ASSERT_TRUE(result.ok()) << result.status();
  const Page page = std::move(result->page);
  ASSERT_EQ(page.logs.size(), 3u);
  EXPECT_THAT(FieldsOf(page.logs[0]), ElementsAre(Pair("log_id", "\"1\""), Pair("a", "1")));
  EXPECT_THAT(FieldsOf(page.logs[1]), IsEmpty());
  EXPECT_THAT(FieldsOf(page.logs[2]), ElementsAre(Pair("log_id", "\"3\""), Pair("c", "3")));
}

}  // namespace
}  // namespace logexport
