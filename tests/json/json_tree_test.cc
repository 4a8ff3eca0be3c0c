#include "service/json/json_tree.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "service/json/json_value.h"

namespace logexport {
namespace {

std::string TextOf(JsonTree& tree) {
  std::string text;
  AppendNode(tree.root(), &text);
  return text;
}

std::string Nested(int levels) {
  return absl::StrCat(std::string(static_cast<std::size_t>(levels), '['), "1",
                      std::string(static_cast<std::size_t>(levels), ']'));
}

TEST(JsonTreeTest, ReadsWhatJsonValueReads) {
  std::string many = "{";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&many, "\"k", i % 60, "\":", i, ",");
  many += "\"end\":null}";
  std::string values = "[0";
  for (int i = 0; i < 1000; ++i) values += ",[1,\"x\"]";
  values += "]";
  std::string too_many = "[0";
  for (std::size_t i = 0; i < kMaxJsonNodes; ++i) too_many += ",0";
  too_many += "]";
  const std::vector<std::string> documents = {
      "{}",
      "[]",
      "",
      " ",
      "1",
      "\"a\"",
      R"({"a":1,"b":[true,false,null,"x",-1.5e3],"c":{"d":{}}})",
      R"( { "a" : [ 1 , 2 ] } )",
      R"({"a":1,"b":2,"a":{"c":3}})",
      R"({"a":{"b":1},"a":2})",
      R"({"\u0061":1,"a":2,"\"":3,"\n":4})",
      R"({"a\/b":"c\/d"})",
      R"({"a":"\ud800"})",
      R"({"\udfff":1})",
      R"({"a":"\ud83d\ude00"})",
      R"({"a":"\x"})",
      R"({"\x":1})",
      R"({"a":01})",
      R"({"a":tru})",
      R"({"a":"b":1})",
      R"({"a":"b"x})",
      R"({"a"})",
      R"({"a":})",
      R"([1,])",
      R"([1 2])",
      R"({"a":1)",
      R"({"a":1}})",
      R"({"a":1} x)",
      "{\"a\":\"\xff\"}",
      "{\"a\":\"line\nbreak\"}",
      Nested(99),
      Nested(100),
      Nested(101),
      Nested(300),
      absl::StrCat(R"({"a":)", Nested(120), R"(,"b":"\ud800"})"),
      many,
      values,
      too_many,
      absl::StrCat("{\"a\":\"", std::string(300'000, 'x'), "\"}"),
  };
  JsonTree tree;
  for (const std::string& document : documents) {
    const absl::StatusOr<JsonValue> value = JsonValue::ParseFolded(document);
    ASSERT_EQ(tree.ParseFolded(document), value.ok()) << document.substr(0, 200);
    if (!value.ok()) continue;
    std::string expected;
    AppendJson(*value, &expected);
    EXPECT_EQ(TextOf(tree), expected) << document.substr(0, 200);
    EXPECT_EQ(tree.mended(), value->mended) << document.substr(0, 200);
  }
}

TEST(JsonTreeTest, TellsWhatAScalarStandsFor) {
  JsonTree tree;
  ASSERT_TRUE(tree.ParseFolded(R"({"a":"x\ty","b":"plain","c":12.50,"d":null,"e":true,"f":[1]})"));
  const auto text = [&tree](absl::string_view key) {
    return tree.ScalarText(*tree.root().Find(key));
  };
  EXPECT_EQ(text("a"), "x\ty");
  EXPECT_EQ(text("b"), "plain");
  EXPECT_EQ(text("c"), "12.50");
  EXPECT_EQ(text("d"), "");
  EXPECT_EQ(text("e"), "true");
  EXPECT_EQ(text("f"), "");
  EXPECT_EQ(tree.root().Find("g"), nullptr);
}

TEST(JsonTreeTest, CanBeChanged) {
  JsonTree tree;
  ASSERT_TRUE(tree.ParseFolded(R"({"a":1,"b":[1,2,3],"c":{"d":4},"e":5})"));
  tree.SetString("say \"hi\"", tree.root().Find("a"));
  tree.SetKey("new\nkey", tree.root().Find("c"));
  RemoveChildrenIf(tree.root().Find("b"), [](const JsonNode& node) { return node.text != "2"; });
  RemoveChildrenIf(&tree.root(), [](const JsonNode& node) { return node.key == "e"; });
  EXPECT_EQ(TextOf(tree), R"({"a":"say \"hi\"","b":[2],"new\nkey":{"d":4}})");
  tree.SetString("", tree.root().Find("b"));
  EXPECT_EQ(TextOf(tree), R"({"a":"say \"hi\"","b":"","new\nkey":{"d":4}})");
}

}  // namespace
}  // namespace logexport
