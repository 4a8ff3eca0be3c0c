#include "service/json/plain_json.h"

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "service/base/utf8.h"
#include "service/json/json_slice_reader.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

// A copy that ends where its memory ends, but for the 64 bytes asked for. What is in those must not
// matter: it goes on as the text might.
class Padded {
 public:
  explicit Padded(absl::string_view text) : size_(text.size()), copy_(text.begin(), text.end()) {
    const std::string behind =
        R"("}]},"a":1,"b":"}]},"a":"c"}]}1111111111111111111111111111111111)";
    copy_.insert(copy_.end(), behind.begin(), behind.begin() + 64);
  }
  absl::string_view text() const { return {copy_.data(), size_}; }

 private:
  std::size_t size_;
  std::vector<char> copy_;
};

bool IsPlainObject(absl::string_view text) {
  const Padded padded(text);
  PlainJson json(padded.text());
  return json.TakeObject([](absl::string_view, const JsonSlice&) { return true; }) && json.AtEnd();
}

TEST(PlainJsonTest, TakesWhatLogsAreMadeOf) {
  for (const char* const plain : {
           R"({})",
           R"({"a":1})",
           R"( { "a" : -0.5e+10 , "b" : [ ] , "c" : { } , "" : [ 1 , "x" ] } )",
           R"({"a":0,"b":10,"c":123456789012345678901234567890,"d":1E5,"e":-7,"f":1e5})",
           R"({"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00","b":{"\u0061":true}})",
           R"({"a":"fifteen bytes..","b":"sixteen bytes ..","c":"seventeen bytes ."})",
           R"({"a":[[[{"b":[null,true,false]}]]]})",
           "{\"a\":\"\xC3\xA9\",\n\r\t\"b\":1}",
       }) {
    EXPECT_TRUE(IsPlainObject(plain)) << plain;
  }
}

TEST(PlainJsonTest, LeavesEverythingElseToOthers) {
  for (const char* const other : {
           "",
           "{",
           "}",
           "[]",
           "1",
           "\"a\"",
           "null",
           R"({"a")",
           R"({"a":)",
           R"({"a":1)",
           R"({"a":"b)",
           R"({"a":"b\)",
           R"({"a":1,})",
           R"({,"a":1})",
           R"({"a":1}})",
           R"({"a":1} x)",
           R"({"a":1 "b":2})",
           R"({"a" 1})",
           R"({"a":})",
           R"({a:1})",
           R"({"a":01})",
           R"({"a":1.})",
           R"({"a":.5})",
           R"({"a":+1})",
           R"({"a":1e})",
           R"({"a":-})",
           R"({"a":0x1})",
           R"({"a":1a})",
           R"({"a":1234567890123456a})",
           R"({"a":tru})",
           R"({"a":True})",
           R"({"a":nulll})",
           R"({"a":NaN})",
           R"({"a":"\q"})",
           R"({"a":"\u00g0"})",
           R"({"a":"\ud800"})",
           R"({"a":"\udc00\ud800"})",
           R"({"\u0061":1})",
           R"({"a":["b":1]})",
           R"({"a":{"b"}})",
           R"({"a":{"b""c":1}})",
           R"({"a":[1,]})",
           R"({"a":[,1]})",
           R"({"a":[1 2]})",
           R"({"a":[1}})",
           R"({"a":{"b":1]})",
           R"({"a":"b":1})",
           R"({"a":'b'})",
           R"({"a":1}{)",
           "{\"a\":\"line\nbreak\"}",
           "{\"a\":\f1}",
           "{\"a\":1}\v",
           "\xEF\xBB\xBF{}",
       }) {
    EXPECT_FALSE(IsPlainObject(other)) << other;
  }
  EXPECT_FALSE(IsPlainObject(absl::string_view("{\"a\":\"\0\"}", 9)));
  EXPECT_FALSE(IsPlainObject(absl::string_view("{\"a\":1}\0", 8)));
  EXPECT_FALSE(IsPlainObject(absl::string_view("{\"a\":1\0}", 8)));
}

TEST(PlainJsonTest, LeavesWhatIsNestedDeepToOthers) {
  const auto nested = [](std::size_t levels) {
    return absl::StrCat("{\"a\":", std::string(levels, '['), std::string(levels, ']'), "}");
  };
  EXPECT_TRUE(IsPlainObject(nested(20)));
  EXPECT_FALSE(IsPlainObject(nested(100)));
  EXPECT_FALSE(IsPlainObject(nested(1'000'000)));
}

// Every prefix, so that each kind of text ends behind each of its bytes.
TEST(PlainJsonTest, NoTextThatIsCutOffIsPlainWhateverStandsBehindIt) {
  const std::string text =
      R"({"key":"value","n":-12.5e3,"w":[true,false,null,""],"o":{"k":{}},"e":"\u00e9\\","z":17})";
  ASSERT_TRUE(IsPlainObject(text));
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(IsPlainObject(text.substr(0, size))) << size;
  }
}

// Makes up JSON, some of it damaged.
class RandomJson {
 public:
  explicit RandomJson(std::uint64_t seed) : random_(seed) {}

  std::string Object(int depth) {
    std::string json = absl::StrCat("{", Space());
    for (std::size_t i = 0, count = 1 + Below(6); i < count; ++i) {
      absl::StrAppend(&json, i == 0 ? "" : ",", Space(), Key(), Space(), ":", Space(),
                      Value(depth - 1), Space());
    }
    return json + "}";
  }

  std::string Damaged(std::string json) {
    constexpr char kBytes[] = "{}[]\",:\\0 \n\f\x80\xff+e.uda1";
    for (std::size_t damages = Below(3); damages > 0 && json.size() > 2; --damages) {
      const std::size_t at = 1 + Below(json.size() - 1);
      const char byte = kBytes[Below(sizeof(kBytes))];  // the terminating zero, too
      switch (Below(3)) {
        case 0:
          json.erase(at, 1 + Below(3));
          break;
        case 1:
          json[at] = byte;
          break;
        default:
          json.insert(at, 1, byte);
      }
    }
    return json;
  }

 private:
  std::size_t Below(std::size_t limit) { return random_() % limit; }

  std::string Space() { return Below(12) == 0 ? " \n" : ""; }

  std::string Key() {
    constexpr const char* kKeys[] = {"\"a\"", "\"details\"", "\"\"", "\"k\\u0061\"", "\"log_id\""};
    return Below(3) == 0 ? String() : kKeys[Below(20) == 0 ? 3 : Below(3)];
  }

  std::string String() {
    constexpr const char* kPieces[] = {"a",       "some text of more bytes than a block",
                                       "\\n",     "\\\"",
                                       "\\\\",    "\xC3\xA9",
                                       "\\u00e9", "\\ud83d\\ude00",
                                       "{",       ":",
                                       ",",       "]",
                                       "\\ud800"};
    std::string text = "\"";
    for (std::size_t i = Below(5); i > 0; --i) text += kPieces[Below(Below(9) == 0 ? 13 : 12)];
    return text + "\"";
  }

  std::string Value(int depth) {
    constexpr const char* kScalars[] = {
        "0",    "-1", "12345678901234567", "1.50", "1e400", "true", "false",
        "null", "-0", "9007199254"};
    if (depth > 0 && Below(4) == 0) return Object(depth);
    if (depth > 0 && Below(4) == 0) {
      std::string json = "[";
      for (std::size_t i = 0, count = Below(4); i < count; ++i) {
        absl::StrAppend(&json, i == 0 ? "" : ",", Space(), Value(depth - 1));
      }
      return json + Space() + "]";
    }
    if (Below(150) == 0) {
      const std::size_t levels = 1 + Below(300);
      return absl::StrCat(std::string(levels, '['), std::string(levels, ']'));
    }
    return Below(2) == 0 ? String() : kScalars[Below(10)];
  }

  std::mt19937_64 random_;
};

struct Read {
  JsonReader::Outcome outcome = JsonReader::Outcome::kBroken;
  std::vector<std::string> fields;

  bool operator==(const Read&) const = default;
};

Read ReadWith(JsonReader& reader, absl::string_view json, absl::string_view unchecked_key) {
  const Padded padded(json);
  std::vector<JsonField> fields;
  Read read;
  read.outcome = reader.ReadObject(padded.text(), &fields, unchecked_key);
  if (read.outcome != JsonReader::Outcome::kRead) return read;
  for (const JsonField& field : fields) {
    read.fields.push_back(absl::StrCat(field.key, "|", field.value.text, "|",
                                       static_cast<int>(field.value.kind), field.value.deep));
  }
  read.fields.push_back(absl::StrCat("mended: ", reader.mended()));
  return read;
}

// A first key with an escape has all of the object read by simdjson: that is the reference.
Read ReadBySimdjson(JsonReader& reader, absl::string_view object, absl::string_view unchecked_key) {
  Read read = ReadWith(reader, absl::StrCat(R"({"\u0001":0,)", object.substr(1)), unchecked_key);
  if (read.outcome == JsonReader::Outcome::kRead) read.fields.erase(read.fields.begin());
  return read;
}

TEST(PlainJsonTest, ObjectsAreReadAsSimdjsonReadsThem) {
  RandomJson random(RandomSeed());
  JsonReader reader;
  JsonReader reference;
  int plain = 0;
  int other = 0;
  int broken = 0;
  for (int i = 0; i < 60'000; ++i) {
    const std::string json = random.Damaged(random.Object(4));
    // With nothing in it, the reference would have a comma before the bracket.
    const std::size_t first = json.find_first_not_of(" \n\f", 1);
    if (json[0] != '{' || first == std::string::npos || json[first] == '}') continue;
    const absl::string_view unchecked = i % 2 == 0 ? "details" : "";
    const Read expected = ReadBySimdjson(reference, json, unchecked);
    const Read read = ReadWith(reader, json, unchecked);
    ASSERT_EQ(read.outcome, expected.outcome) << json;
    ASSERT_EQ(read.fields, expected.fields) << json;
    broken += read.outcome == JsonReader::Outcome::kRead ? 0 : 1;
    (IsPlainObject(json) && IsValidUtf8(json) ? plain : other) += 1;
  }
  EXPECT_GT(plain, 5000);
  EXPECT_GT(other, 5000);
  EXPECT_GT(broken, 5000);
}

}  // namespace
}  // namespace logexport
