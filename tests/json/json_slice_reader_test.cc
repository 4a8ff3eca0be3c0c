#include "service/json/json_slice_reader.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using Outcome = JsonReader::Outcome;

// Reads a copy that ends where its memory ends, but for the 64 bytes asked for.
class JsonReaderTest : public ::testing::Test {
 protected:
  Outcome Object(absl::string_view json, absl::string_view unchecked = {}) {
    Copy(json);
    return reader_.ReadObject(text(), &fields_, unchecked);
  }
  Outcome Array(absl::string_view json) {
    Copy(json);
    return reader_.ReadArray(text(), &fields_);
  }

  std::vector<std::pair<std::string, std::string>> Fields() const {
    std::vector<std::pair<std::string, std::string>> fields;
    for (const JsonField& field : fields_) {
      fields.emplace_back(std::string(field.key), std::string(field.value.text));
    }
    return fields;
  }

  JsonReader reader_;
  std::vector<JsonField> fields_;

 private:
  void Copy(absl::string_view json) {
    size_ = json.size();
    copy_.assign(json.begin(), json.end());
    copy_.resize(json.size() + 64, ' ');
  }
  absl::string_view text() const { return {copy_.data(), size_}; }

  std::vector<char> copy_;
  std::size_t size_ = 0;
};

TEST_F(JsonReaderTest, HandsOutOneLevelAsItStands) {
  ASSERT_EQ(Object(R"({"a":1.50,"b":"x\"y","c":{"d":[1, 2]} ,"e":[],"f":true,"g":null})"),
            Outcome::kRead);
  EXPECT_THAT(Fields(),
              ElementsAre(Pair("a", "1.50"), Pair("b", R"("x\"y")"), Pair("c", R"({"d":[1, 2]})"),
                          Pair("e", "[]"), Pair("f", "true"), Pair("g", "null")));
  EXPECT_EQ(fields_[0].value.kind, JsonKind::kNumber);
  EXPECT_EQ(fields_[1].value.content(), R"(x\"y)");
  EXPECT_EQ(fields_[2].value.kind, JsonKind::kObject);
  EXPECT_EQ(fields_[3].value.kind, JsonKind::kArray);
  EXPECT_EQ(fields_[4].value.kind, JsonKind::kBool);
  EXPECT_TRUE(fields_[5].value.is_null());
}

TEST_F(JsonReaderTest, WhiteSpaceAroundKeysAndValuesIsNoPartOfThem) {
  ASSERT_EQ(Object("\n { \"a\" :\t1 ,\r\n \"b\"\n:\n\"x\" , \"c\" : [ 1 ] \n } "), Outcome::kRead);
  EXPECT_THAT(Fields(), ElementsAre(Pair("a", "1"), Pair("b", "\"x\""), Pair("c", "[ 1 ]")));
}

TEST_F(JsonReaderTest, KeysAreUnescaped) {
  ASSERT_EQ(Object(R"({"a\u0062\"":1,"\\":2,"\ud800":3,"":4})"), Outcome::kRead);
  EXPECT_THAT(Fields(), ElementsAre(Pair("ab\"", "1"), Pair("\\", "2"), Pair("\xEF\xBF\xBD", "3"),
                                    Pair("", "4")));
}

TEST_F(JsonReaderTest, ReadsArrays) {
  ASSERT_EQ(Array(R"(["a",{"b":1},[2],null])"), Outcome::kRead);
  EXPECT_THAT(Fields(), ElementsAre(Pair("", "\"a\""), Pair("", R"({"b":1})"), Pair("", "[2]"),
                                    Pair("", "null")));
  ASSERT_EQ(Array("[]"), Outcome::kRead);
  EXPECT_TRUE(fields_.empty());
}

TEST_F(JsonReaderTest, OtherKindsOfValuesAreTold) {
  EXPECT_EQ(Object("[1]"), Outcome::kOtherKind);
  EXPECT_EQ(Array("{}"), Outcome::kOtherKind);
  EXPECT_NE(Object("17"), Outcome::kRead);
  EXPECT_NE(Object("\"x\""), Outcome::kRead);
}

TEST_F(JsonReaderTest, FindsWhatIsBrokenAtAnyDepth) {
  for (const char* broken : {"",
                             "{",
                             R"({"a")",
                             R"({"a":})",
                             R"({"a":1)",
                             R"({"a" 1})",
                             R"({"a":1 "b":2})",
                             R"({"a":01})",
                             "{\"a\":\f}",
                             "{\"a\":{\"b\":\v}}",
                             R"({"a":"b":"c"})",
                             R"({"a":["b":1],"c":2})",
                             R"({"a":"\\n","b":[["c":"d"],"e":1}})",
                             R"({"a":tru})",
                             R"({"a":"\q"})",
                             R"({"\q":1})",
                             R"({"a":{"b":nul}})",
                             R"({"a":[1,2 3]})",
                             R"({"a":[{"b":[+1]}]})",
                             R"({"a":{"b" 1}})",
                             R"({"a":{1:2}})",
                             R"({"a":{"\x":2}})",
                             "{\"a\":\"line\nbreak\"}",
                             "{\"a\":\"\xff\"}",
                             R"({"a":["\u00"]})"}) {
    EXPECT_EQ(Object(broken), Outcome::kBroken) << broken;
  }
}

TEST_F(JsonReaderTest, DoesNotLookIntoTheUncheckedKey) {
  ASSERT_EQ(Object(R"({"a":1,"u":{"b":tru,"c":[01]},"d":2})", "u"), Outcome::kRead);
  EXPECT_THAT(Fields(),
              ElementsAre(Pair("a", "1"), Pair("u", R"({"b":tru,"c":[01]})"), Pair("d", "2")));
  EXPECT_EQ(Object(R"({"a":1,"v":{"b":tru},"d":2})", "u"), Outcome::kBroken);
}

TEST_F(JsonReaderTest, MendsLoneSurrogatesEverywhere) {
  ASSERT_EQ(Object(R"({"a":"x\ud800","b":{"k\udc00":["\ud800\n"]},"c":"\ud83d\ude00",)"
                   R"("u":{"v":"\ud800"}})",
                   "u"),
            Outcome::kRead);
  EXPECT_THAT(Fields(),
              ElementsAre(Pair("a", R"("x\ufffd")"), Pair("b", R"({"k\ufffd":["\ufffd\n"]})"),
                          Pair("c", R"("\ud83d\ude00")"), Pair("u", R"({"v":"\ufffd"})")));
}

TEST_F(JsonReaderTest, TellsWhatIsNestedTooDeep) {
  const auto nested = [](int levels) {
    return absl::StrCat("{\"a\":", std::string(static_cast<std::size_t>(levels), '['), "1",
                        std::string(static_cast<std::size_t>(levels), ']'), ",\"b\":2}");
  };
  ASSERT_EQ(Object(nested(kMaxJsonDepth)), Outcome::kRead);
  EXPECT_FALSE(fields_[0].value.deep);
  for (const int levels : {kMaxJsonDepth + 1, 1000, 20'000}) {
    ASSERT_EQ(Object(nested(levels)), Outcome::kRead) << levels;
    ASSERT_EQ(fields_.size(), 2u);
    EXPECT_TRUE(fields_[0].value.deep);
    EXPECT_EQ(fields_[0].value.text.size(), 2u * static_cast<std::size_t>(levels) + 1);
    EXPECT_EQ(fields_[1].value.text, "2");
  }
}

TEST_F(JsonReaderTest, ReadsSmallTextsAfterLargeOnes) {
  const std::string large = absl::StrCat(R"({"a":")", std::string(1 << 20, 'x'), R"("})");
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(Object(large), Outcome::kRead);
    EXPECT_EQ(fields_[0].value.content().size(), std::size_t{1} << 20);
    ASSERT_EQ(Object(R"({"a":1})"), Outcome::kRead);
    EXPECT_THAT(Fields(), ElementsAre(Pair("a", "1")));
  }
}

TEST_F(JsonReaderTest, OfRepeatedKeysTheLastStaysInThePlaceOfTheFirst) {
  ASSERT_EQ(Object(R"({"a":1,"b":2,"a":3,"c":4,"b":5,"a":6})"), Outcome::kRead);
  KeepLastOfEachKey(&fields_);
  EXPECT_THAT(Fields(), ElementsAre(Pair("a", "6"), Pair("b", "5"), Pair("c", "4")));
}

TEST_F(JsonReaderTest, RepeatedKeysAreFoundAmongManyToo) {
  for (const int count : {10, 63, 64, 65, 5000}) {
    std::string json = "{";
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < count; ++i) {
        absl::StrAppend(&json, json.size() > 1 ? "," : "", "\"key", i, "\":", round * count + i);
      }
    }
    json += "}";
    ASSERT_EQ(Object(json), Outcome::kRead);
    KeepLastOfEachKey(&fields_);
    ASSERT_EQ(fields_.size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      ASSERT_EQ(fields_[static_cast<std::size_t>(i)].key, absl::StrCat("key", i));
      ASSERT_EQ(fields_[static_cast<std::size_t>(i)].value.text, absl::StrCat(count + i));
    }
  }
}

}  // namespace
}  // namespace logexport
