#include "service/json/json_value.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

JsonValue Parsed(absl::string_view json) {
  auto value = JsonValue::Parse(json);
  EXPECT_THAT(value, IsOk()) << json;
  return value.ok() ? *std::move(value) : JsonValue();
}

TEST(JsonValueTest, EveryKindOfValueIsRead) {
  EXPECT_TRUE(Parsed("null").is_null());
  EXPECT_TRUE(Parsed(" true ").Bool());
  EXPECT_EQ(Parsed("-42").Int(), -42);
  EXPECT_EQ(Parsed("9223372036854775807").Int(), 9223372036854775807);
  EXPECT_DOUBLE_EQ(Parsed("-1.5e3").Double(), -1500);
  EXPECT_DOUBLE_EQ(Parsed("7").Double(), 7);
  EXPECT_EQ(Parsed(R"("a\u0000\n\u00e9\ud83d\ude00")").String(),
            std::string("a\0\n\xc3\xa9\xf0\x9f\x98\x80", 9));

  const JsonValue array = Parsed("[1, [], {}]");
  ASSERT_EQ(array.items().size(), 3u);
  EXPECT_EQ(array.items()[0].Int(), 1);
  EXPECT_TRUE(array.items()[1].is_array());
  EXPECT_TRUE(array.items()[2].is_object());

  const JsonValue object = Parsed(R"({"b": {"c": "d"}, "a": 1, "b": 2})");
  EXPECT_EQ(object["b"].Int(), 2);  // the last of that name, in the place of the first
  EXPECT_EQ(object["a"].Int(), 1);
  ASSERT_EQ(object.members().size(), 2u);
  EXPECT_EQ(object.members()[1].key, "a");
  EXPECT_EQ(Parsed(R"({"b": {"c": "d"}})")["b"]["c"].String(), "d");
}

TEST(JsonValueTest, WhatIsMissingOrOfAnotherKindReadsAsTheFallback) {
  const JsonValue value = Parsed(R"({"text": "5", "number": 5.5, "big": 18446744073709551615})");
  EXPECT_TRUE(value["missing"].is_null());
  EXPECT_TRUE(value["missing"]["deeper"].is_null());
  EXPECT_EQ(value["text"].Int(7), 7);
  EXPECT_EQ(value["number"].Int(7), 7);
  EXPECT_EQ(value["big"].Int(7), 7);
  EXPECT_DOUBLE_EQ(value["big"].Double(), 18446744073709551615.0);
  EXPECT_EQ(value["number"].String("none"), "none");
  EXPECT_TRUE(value["text"].Bool(true));
  EXPECT_DOUBLE_EQ(value["text"].Double(0.5), 0.5);
  EXPECT_THAT(value["text"].items(), IsEmpty());
  EXPECT_THAT(value["text"].members(), IsEmpty());
  EXPECT_TRUE(Parsed("[1]")["0"].is_null());
}

TEST(JsonValueTest, WhatIsNotJsonIsRefusedWithoutBeingQuoted) {
  for (const char* text : {"", " ", "{", "[1,]", "{\"secret\" 1}", "\"secret", "nul", "1 2", "01",
                           "[1] secret", "\"\xff secret\"", "{'secret': 1}", "1,2", "1],[2"}) {
    SCOPED_TRACE(text);
    EXPECT_THAT(JsonValue::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument, Not(HasSubstr("secret"))));
  }
}

TEST(JsonValueTest, NestingIsBounded) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_THAT(JsonValue::Parse(nested(500)), IsOk());
  EXPECT_THAT(JsonValue::Parse(nested(600)), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(JsonValue::Parse(nested(1'000'000)), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(JsonValueTest, ScalarsAreReadAsText) {
  const JsonValue value = Parsed(R"({"t":"a\"b","n":1.50,"b":true,"z":null,"o":{}})");
  EXPECT_EQ(value["t"].ScalarText(), "a\"b");
  EXPECT_EQ(value["n"].ScalarText(), "1.50");
  EXPECT_EQ(value["b"].ScalarText(), "true");
  EXPECT_EQ(value["z"].ScalarText(), "");
  EXPECT_EQ(value["o"].ScalarText(), "");
}

TEST(JsonValueTest, WhatIsNestedTooDeepFoldsIntoText) {
  const auto folded = JsonValue::ParseFolded(R"({"a":[[1, {"b":"c"}]],"d":"\ud800"})", 2);
  ASSERT_THAT(folded, IsOk());
  std::string json;
  AppendJson(*folded, &json);
  EXPECT_EQ(json, R"({"a":["[1, {\"b\":\"c\"}]"],"d":"\ufffd"})");
  EXPECT_TRUE((*folded)["a"].items()[0].deep);
  for (const char* text : {"{} {}", "[1] 2", "{\"a\":1}}", "1"}) {
    EXPECT_THAT(JsonValue::ParseFolded(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

}  // namespace
}  // namespace logexport
