#include "tests/slack/payload_check.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "tests/support/paths.h"

namespace logexport {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::string Text(element value) { return std::string(std::string_view(value)); }

void CheckText(const std::string& text, std::size_t limit) {
  EXPECT_FALSE(text.empty());
  EXPECT_LE(text.size(), limit) << text;
  EXPECT_EQ(text.find_first_of("<>"), std::string::npos) << text;
  for (std::size_t at = text.find('&'); at != std::string::npos; at = text.find('&', at + 1)) {
    const std::string rest = text.substr(at, 5);
    EXPECT_TRUE(rest == "&amp;" || rest.substr(0, 4) == "&lt;" || rest.substr(0, 4) == "&gt;")
        << text;
  }
}

// `markup` says whether this may be one of our own bold titles.
void CheckTextObject(element value, std::size_t limit, bool markup) {
  const std::string type = Text(value["type"]);
  const std::string text = Text(value["text"]);
  CheckText(text, limit);
  if (markup && type == "mrkdwn") {
    EXPECT_EQ(text.find_first_not_of("*ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz "),
              std::string::npos)
        << "not one of our titles: " << text;
    return;
  }
  EXPECT_EQ(type, "plain_text");
  EXPECT_FALSE(bool(value["emoji"])) << "an emoji's name in an error would become a picture";
}

void CheckBlock(element block) {
  const std::string type = Text(block["type"]);
  if (type == "header") {
    CheckTextObject(block["text"], 150, false);
  } else if (type == "context") {
    for (const element text : array(block["elements"])) CheckTextObject(text, 2000, false);
  } else if (type == "section") {
    element text;
    if (block["text"].get(text) == simdjson::SUCCESS) {
      CheckTextObject(text, 3000, false);
    } else {
      const array fields = block["fields"];
      EXPECT_LE(fields.size(), 10U);
      for (const element field : fields) CheckTextObject(field, 2000, true);
    }
  } else {
    ADD_FAILURE() << "unknown block type " << type;
  }
}

std::string Indent(const std::string& json) {
  std::string out;
  std::string indent = "\n";
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      out += c;
      if (c == '\\') out += json[++i];
      in_string = c != '"';
    } else if (c == '{' || c == '[') {
      indent += "  ";
      out += c + indent;
    } else if (c == '}' || c == ']') {
      indent.resize(indent.size() - 2);
      out += indent + c;
    } else if (c == ',') {
      out += c + indent;
    } else {
      out += c;
      if (c == ':') out += ' ';
      in_string = c == '"';
    }
  }
  return out + "\n";
}

}  // namespace

void CheckPayload(absl::string_view payload) {
  simdjson::dom::parser parser;
  element root;
  const auto error = parser.parse(payload.data(), payload.size()).get(root);
  ASSERT_FALSE(error) << simdjson::error_message(error) << " in " << payload;
  CheckText(Text(root["text"]), 4000);
  EXPECT_FALSE(bool(root["mrkdwn"]));
  const array blocks = root["blocks"];
  EXPECT_GE(blocks.size(), 1U);
  EXPECT_LE(blocks.size(), 50U);
  for (const element block : blocks) CheckBlock(block);
}

void ExpectGolden(absl::string_view payload, const std::string& name) {
  CheckPayload(payload);
  const std::filesystem::path path = SourcePath("tests/slack/golden/" + name + ".json");
  const std::string actual = Indent(std::string(payload));
  std::ifstream file(path, std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(file), {}};
  if (actual == expected) return;
  const char* update = std::getenv("LOGEXPORT_UPDATE_GOLDEN");
  if (update != nullptr && std::string(update) == "1") {
    std::ofstream(path, std::ios::binary) << actual;
    FAIL() << "wrote " << path << "; look at it and run the test again";
  }
  EXPECT_EQ(actual, expected) << "to accept it, run with LOGEXPORT_UPDATE_GOLDEN=1";
}

}  // namespace logexport
