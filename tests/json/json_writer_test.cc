#include "service/json/json_writer.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <simdjson.h>

#include "service/base/quoted_text.h"
#include "service/base/utf8.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

std::string JsonString(absl::string_view text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}

TEST(JsonStringTest, EscapesWhatMustBeEscapedAndNothingElse) {
  EXPECT_EQ(JsonString(""), R"("")");
  EXPECT_EQ(JsonString("plain"), R"("plain")");
  EXPECT_EQ(JsonString("a\"b\\c/d"), R"("a\"b\\c/d")");
  EXPECT_EQ(JsonString("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(JsonString(absl::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
  EXPECT_EQ(JsonString("caf\xC3\xA9 \xF0\x9F\x98\x80"), "\"caf\xC3\xA9 \xF0\x9F\x98\x80\"");
}

TEST(JsonStringTest, AppendsToWhatIsThere) {
  std::string out = "[";
  AppendJsonString("a", &out);
  AppendJsonEscaped("\n", &out);
  EXPECT_EQ(out, "[\"a\"\\n");
}

RC_GTEST_PROP(JsonStringPropertyTest, AParserReadsBackWhatWasWritten, (const std::string& bytes)) {
  const std::string text = ReplaceInvalidUtf8(bytes);
  simdjson::dom::parser parser;
  std::string_view read;
  RC_ASSERT(parser.parse("[" + JsonString(text) + "]").at(0).get_string().get(read) ==
            simdjson::SUCCESS);
  RC_ASSERT(read == text);
}

TEST(JsonWriterTest, PlacesCommasInNestedValues) {
  JsonWriter json;
  json.BeginObject();
  json.Key("string").String("x\"y");
  json.Key("int").Int(-5);
  json.Key("bools").BeginArray().Bool(true).Bool(false).EndArray();
  json.Key("null").Null();
  json.Key("raw").Raw(R"({"as":"is"})");
  json.Key("empty").BeginObject().EndObject();
  json.Key("list").BeginArray().BeginObject().Key("a").Int(1).EndObject().Int(2).EndArray();
  json.EndObject();
  EXPECT_EQ(json.text(),
            R"({"string":"x\"y","int":-5,"bools":[true,false],"null":null,"raw":{"as":"is"},)"
            R"("empty":{},"list":[{"a":1},2]})");
}

TEST(JsonWriterTest, EscapesKeys) {
  JsonWriter json;
  json.BeginObject().Key("a\"b").Int(1).EndObject();
  EXPECT_EQ(std::move(json).Take(), R"({"a\"b":1})");
}

TEST(JsonWriterTest, WritesEveryInteger) {
  JsonWriter json;
  json.BeginArray();
  json.Int(std::numeric_limits<std::int64_t>::min()).Int(std::numeric_limits<std::int64_t>::max());
  json.EndArray();
  EXPECT_EQ(json.text(), "[-9223372036854775808,9223372036854775807]");
}

}  // namespace
}  // namespace logexport
