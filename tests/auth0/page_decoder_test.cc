#include "service/auth0/page_decoder.h"

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/hash.h"
#include "service/base/time_text.h"
#include "tests/auth0/shared_data.h"
#include "tests/auth0/tenant.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Page MustDecode(std::string body) {
  PageDecoder decoder;
  absl::StatusOr<Page> page = decoder.DecodeArray(std::move(body));
  EXPECT_THAT(page, IsOk());
  return page.ok() ? *std::move(page) : Page();
}

// The only log of a page, with the page that holds it.
struct Single {
  Page page;
  const Log& log() const { return page.logs.at(0); }
};
Single MustDecodeLog(absl::string_view members) {
  return {MustDecode(absl::StrCat("[{", members, "}]"))};
}

TEST(PageDecoderTest, ReadsTheFieldsThePipelineNeedsAndKeepsTheLogAsItWasSent) {
  const std::string raw =
      R"({"date":"2026-11-23T00:51:02.123Z","type":"fp","description":"Wrong password.",)"
      R"("connection":"Users","connection_id":"con_1","client_id":"abc","client_name":"App",)"
      R"("ip":"203.0.113.7","user_id":"auth0|1","user_name":"u@example.com",)"
      R"("details":{"n":[1,{"log_id":"inner","type":"inner"}]},)"
      R"("log_id":"900A","_id":"900B","isMobile":false})";
  const Single single{MustDecode("[" + raw + "]")};
  const Log& log = single.log();
  EXPECT_EQ(log.raw, raw);
  EXPECT_EQ(log.id, "900A");
  EXPECT_EQ(log.type->code, "fp");
  EXPECT_EQ(log.type->name, "Failed Login (Incorrect Password)");
  ASSERT_TRUE(log.date.has_value());
  EXPECT_EQ(FormatTimestamp(*log.date), "2026-11-23T00:51:02.123Z");
  EXPECT_EQ(log.user_id, "auth0|1");
  EXPECT_EQ(log.client_id, "abc");
  EXPECT_EQ(log.connection, "Users");
  EXPECT_EQ(log.defect, Log::Defect::kNone);
  EXPECT_FALSE(log.mended);
}

TEST(PageDecoderTest, KeepsWhiteSpaceInsideALogAndNoneAroundIt) {
  const Page page =
      MustDecode(" [\n { \"log_id\" : \"1\" ,\n\"n\": 1 } ,\r\n\t{\"log_id\":\"2\"}\n ]\n");
  ASSERT_THAT(page.logs, SizeIs(2));
  EXPECT_EQ(page.logs[0].raw, "{ \"log_id\" : \"1\" ,\n\"n\": 1 }");
  EXPECT_EQ(page.logs[1].raw, "{\"log_id\":\"2\"}");
}

TEST(PageDecoderTest, KeepsNumbersAsTheyAreWritten) {
  const Single single = MustDecodeLog(
      R"("log_id":"1","details":{"big":123456789012345678901234567890,"e":1e400,"x":0.10})");
  EXPECT_THAT(std::string(single.log().raw), AllOf(HasSubstr("123456789012345678901234567890"),
                                                   HasSubstr("1e400"), HasSubstr("0.10")));
}

TEST(PageDecoderTest, ThePageMayBeMoved) {
  Page page = MustDecode(R"([{"log_id":"1","user_id":"a\u00e9","type":"brand_new"}])");
  const Page moved = std::move(page);
  EXPECT_EQ(moved.logs[0].id, "1");
  EXPECT_EQ(moved.logs[0].user_id, "a\xC3\xA9");
  EXPECT_EQ(moved.logs[0].type->name, "Brand New");
  EXPECT_EQ(moved.logs[0].raw, R"({"log_id":"1","user_id":"a\u00e9","type":"brand_new"})");
}

struct TextCase {
  const char* json;
  const char* text;
};
class FieldTextTest : public testing::TestWithParam<TextCase> {};
TEST_P(FieldTextTest, IsReadWhateverTheFieldHolds) {
  for (const char* const field : {"user_id", "client_id", "connection"}) {
    const Single single =
        MustDecodeLog(absl::StrCat(R"("log_id":"1",")", field, R"(":)", GetParam().json));
    const Log& log = single.log();
    const absl::string_view text = absl::string_view(field) == "user_id"     ? log.user_id
                                   : absl::string_view(field) == "client_id" ? log.client_id
                                                                             : log.connection;
    EXPECT_EQ(text, GetParam().text) << field << ": " << GetParam().json;
  }
}
INSTANTIATE_TEST_SUITE_P(
    OddShapes, FieldTextTest,
    testing::Values(TextCase{R"("auth0|1")", "auth0|1"}, TextCase{R"("")", ""},
                    TextCase{"null", ""}, TextCase{"12345678901234567890", "12345678901234567890"},
                    TextCase{"-1.50", "-1.50"}, TextCase{"true", ""}, TextCase{R"(["a"])", ""},
                    TextCase{R"({"a":"b"})", ""}, TextCase{R"("a\"b\\c\/d")", "a\"b\\c/d"},
                    TextCase{R"("\u00e9\ud83d\ude00")", "\xC3\xA9\xF0\x9F\x98\x80"},
                    TextCase{R"("\ud800x")", R"(\ud800x)"},  // no character: left as written
                    TextCase{"\"\xC3\xA9\"", "\xC3\xA9"}));

struct IdCase {
  const char* members;
  const char* id;  // "" for a log without an id
};
class LogIdTest : public testing::TestWithParam<IdCase> {};
TEST_P(LogIdTest, IsLogIdOrElseUnderscoreId) {
  const Single single = MustDecodeLog(GetParam().members);
  const Log& log = single.log();
  if (*GetParam().id == '\0') {
    EXPECT_EQ(log.defect, Log::Defect::kNoId);
    EXPECT_EQ(log.id, "sha256:" + Sha256Hex(log.raw));
    EXPECT_FALSE(log.has_id());
  } else {
    EXPECT_EQ(log.defect, Log::Defect::kNone);
    EXPECT_EQ(log.id, GetParam().id);
  }
}
INSTANTIATE_TEST_SUITE_P(
    OddShapes, LogIdTest,
    testing::Values(
        IdCase{R"("log_id":"a","_id":"b")", "a"}, IdCase{R"("_id":"b")", "b"},
        IdCase{R"("_id":"b","log_id":"a")", "a"}, IdCase{R"("log_id":null,"_id":"b")", "b"},
        IdCase{R"("log_id":"","_id":"b")", "b"}, IdCase{R"("log_id":90020261123)", "90020261123"},
        IdCase{R"("log_id":"first","log_id":"last")", "last"},
        IdCase{R"("log_id":"first","log_id":null)", ""}, IdCase{R"("log_id":{"$oid":"x"})", ""},
        IdCase{R"("log_id":"")", ""}, IdCase{R"("type":"s")", ""}, IdCase{"", ""},
        IdCase{R"("details":{"log_id":"inner"})", ""}, IdCase{R"("log_idx":"a","id":"c")", ""}));

struct DateCase {
  const char* json;
  const char* date;  // "" for none
};
class LogDateTest : public testing::TestWithParam<DateCase> {};
TEST_P(LogDateTest, IsReadFromTextOrObject) {
  const Single single = MustDecodeLog(absl::StrCat(R"("log_id":"1","date":)", GetParam().json));
  const std::optional<absl::Time>& date = single.log().date;
  EXPECT_EQ(date ? FormatTimestamp(*date) : "", GetParam().date) << GetParam().json;
}
INSTANTIATE_TEST_SUITE_P(
    OddShapes, LogDateTest,
    testing::Values(DateCase{R"("2026-11-23T00:51:02.123Z")", "2026-11-23T00:51:02.123Z"},
                    DateCase{R"("1970-01-01T00:00:00.000Z")", "1970-01-01T00:00:00.000Z"},
                    DateCase{R"("2024-02-29T23:59:59.999Z")", "2024-02-29T23:59:59.999Z"},
                    DateCase{R"("2026-11-23T00:51:02Z")", "2026-11-23T00:51:02.000Z"},
                    DateCase{R"("2026-11-23T01:51:02.5+01:00")", "2026-11-23T00:51:02.500Z"},
                    DateCase{R"({"$date":"2026-11-23T00:51:02.123Z"})", "2026-11-23T00:51:02.123Z"},
                    DateCase{R"({"$date":1795395062123})", "2026-11-23T00:51:02.123Z"},
                    DateCase{R"("0000-06-01T00:00:00.000Z")", ""},
                    DateCase{R"("10000-01-01T00:00:00Z")", ""},
                    DateCase{R"("-2026-01-01T00:00:00Z")", ""},
                    DateCase{R"("0001-01-01T00:00:00.000+01:00")", ""},
                    DateCase{R"({"$date":-62135596800001})", ""},
                    DateCase{R"({"$date":253402300800000})", ""},
                    DateCase{R"({"$date":9223372036854775807})", ""},
                    DateCase{R"({"$date":253402300799999})", "9999-12-31T23:59:59.999Z"},
                    DateCase{R"("2016-12-31T23:59:60.000Z")", "2017-01-01T00:00:00.000Z"},
                    DateCase{R"({"date":"2026-11-23T00:51:02.123Z"})", ""}, DateCase{R"({})", ""},
                    DateCase{R"("2023-02-29T00:00:00.000Z")", ""},
                    DateCase{R"("2026-13-01T00:00:00.000Z")", ""},
                    DateCase{R"("2026-11-23T24:00:00.000Z")", ""}, DateCase{R"("yesterday")", ""},
                    DateCase{R"("infinite-future")", ""}, DateCase{R"("")", ""},
                    DateCase{"1795395062123", ""}, DateCase{"null", ""}, DateCase{"[]", ""}));

TEST(PageDecoderTest, TakesTheLastOfRepeatedKeys) {
  const Single single =
      MustDecodeLog(R"("log_id":"1","type":"f","user_id":"a","date":"2026-11-23T00:51:02.123Z",)"
                    R"("type":"s","user_id":null,"date":"later")");
  EXPECT_EQ(single.log().type->code, "s");
  EXPECT_EQ(single.log().user_id, "");
  EXPECT_FALSE(single.log().date.has_value());
}

TEST(PageDecoderTest, PassesUnknownAndMissingTypesThrough) {
  const Page page =
      MustDecode(R"([{"log_id":"1","type":"fnew"},{"log_id":"2","type":"fnew"},{"log_id":"3"},)"
                 R"({"log_id":"4","type":7},{"log_id":"5","type":{"a":1}}])");
  ASSERT_THAT(page.logs, SizeIs(5));
  EXPECT_EQ(page.logs[0].type->code, "fnew");
  EXPECT_EQ(page.logs[0].type->level, 3);
  EXPECT_EQ(page.logs[0].type, page.logs[1].type);
  EXPECT_EQ(page.logs[2].type->code, "");
  EXPECT_EQ(page.logs[3].type->code, "7");
  EXPECT_EQ(page.logs[4].type->code, "");
}

TEST(PageDecoderTest, GivesLogsForElementsThatAreNoObjects) {
  const Page page = MustDecode(R"([1,"x",null,[1,[2]],{"log_id":"1"},true])");
  ASSERT_THAT(page.logs, SizeIs(6));
  const std::vector<std::string> raws = {"1",   "\"x\"", "null", "[1,[2]]", R"({"log_id":"1"})",
                                         "true"};
  for (std::size_t i = 0; i < raws.size(); ++i) {
    EXPECT_EQ(page.logs[i].raw, raws[i]);
    if (i == 4) continue;
    EXPECT_EQ(page.logs[i].defect, Log::Defect::kNotObject);
    EXPECT_EQ(page.logs[i].id, "sha256:" + Sha256Hex(raws[i]));
  }
}

TEST(PageDecoderTest, AcceptsTheWrapperOfIncludeTotals) {
  const Page page = MustDecode(
      R"({"start":0,"limit":100,"length":2,"logs":[{"log_id":"1"},{"log_id":"2"}],"total":2})");
  EXPECT_THAT(IdsOf(page), ElementsAre("1", "2"));
  EXPECT_EQ(page.logs[1].raw, R"({"log_id":"2"})");
}

TEST(PageDecoderTest, ReplacesInvalidUtf8AndMarksOnlyTheLogsThatHadIt) {
  const Page page = MustDecode(
      "[{\"log_id\":\"1\",\"user_id\":\"\xC3\xA9\"},{\"log_id\":\"2\",\"user_id\":\"a\xFF\xC3z\"},"
      "{\"log_id\":\"3\",\"user_id\":\"\xEF\xBF\xBD\"},{\"log_id\":\"4\",\"d\":\"\xE2\x82\"}]");
  ASSERT_THAT(page.logs, SizeIs(4));
  EXPECT_EQ(page.logs[1].user_id, "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(page.logs[3].raw, "{\"log_id\":\"4\",\"d\":\"\xEF\xBF\xBD\"}");
  std::vector<bool> mended;
  for (const Log& log : page.logs) mended.push_back(log.mended);
  EXPECT_THAT(mended, ElementsAre(false, true, false, true));
}

TEST(PageDecoderTest, TakesLogsOfAMegabyteAndDeepNestingAndDollarKeys) {
  const std::string large(1 << 20, 'x');
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += R"({"a":[)";
  for (int i = 0; i < 1000; ++i) deep += "]}";
  const Page page = MustDecode(absl::StrCat(
      R"([{"details":")", large, R"(","log_id":"1"},{"details":)", deep, R"(,"log_id":"2"},)",
      R"({"$event_schema":{"version":"1.0.0"},"$id":"x","log_id":"3"}])"));
  EXPECT_THAT(IdsOf(page), ElementsAre("1", "2", "3"));
  EXPECT_EQ(page.logs[0].raw.size(), large.size() + 27);
  EXPECT_EQ(page.logs[1].raw.size(), deep.size() + 25);
}

TEST(PageDecoderTest, GoesOnAfterALargePageAndAfterABadOne) {
  PageDecoder decoder;
  const std::string large(3 << 20, 'x');
  EXPECT_THAT(decoder.DecodeArray(absl::StrCat(R"([{"log_id":"1","d":")", large, R"("}])")),
              IsOk());
  EXPECT_THAT(decoder.DecodeArray("[{"), Not(IsOk()));
  ASSERT_OK_AND_ASSIGN(const Page page, decoder.DecodeArray(R"([{"log_id":"2"}])"));
  EXPECT_THAT(IdsOf(page), ElementsAre("2"));
}

struct BadCase {
  const char* body;
  const char* words;
};
class NoPageTest : public testing::TestWithParam<BadCase> {};
TEST_P(NoPageTest, IsAnErrorInWordsWithoutItsContent) {
  PageDecoder decoder;
  EXPECT_THAT(decoder.DecodeArray(GetParam().body),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr(GetParam().words), Not(HasSubstr("SECRET")))));
  EXPECT_THAT(decoder.DecodeAfter(GetParam().body, "9"), Not(IsOk()));
}
INSTANTIATE_TEST_SUITE_P(
    Bodies, NoPageTest,
    testing::Values(BadCase{"", "is empty"}, BadCase{"   ", "is empty"},
                    BadCase{"<html><body>SECRET</body></html>", "no well-formed JSON"},
                    BadCase{"SECRET", "no"}, BadCase{R"("SECRET")", "no array of logs"},
                    BadCase{"null", "no array of logs"}, BadCase{"7", "no array of logs"},
                    BadCase{R"({"statusCode":500,"message":"SECRET"})", "no array of logs"},
                    BadCase{R"({"logs":"SECRET"})", "no array of logs"},
                    BadCase{R"([{"log_id":"SECRET"},{"log_id":)", "cut short"},
                    BadCase{R"([{"log_id":"SECRET"}, )", "cut short"},
                    BadCase{R"([{"log_id":"SECR)", "cut short"},
                    BadCase{R"([{"log_id":"SECRET"}]])", "goes on after the end"},
                    BadCase{R"([{"log_id":"SECRET"}] [])", "goes on after the end"},
                    BadCase{R"([{"log_id" "SECRET"}])", "no well-formed JSON"},
                    BadCase{"[{\"log_id\":\"SEC\nRET\"}]", "no well-formed JSON"}));

TEST(DecodeAfterTest, NamesTheHighestIdAsTheLast) {
  PageDecoder decoder;
  ASSERT_OK_AND_ASSIGN(const PageDecoder::Result result,
                       decoder.DecodeAfter(R"([{"log_id":"b"},{"_id":"c"},{"log_id":"d"}])", "a"));
  EXPECT_THAT(IdsOf(result.page), ElementsAre("b", "c", "d"));
  EXPECT_EQ(result.page.last_id, "d");
  EXPECT_EQ(result.repeated, 0);
}

TEST(DecodeAfterTest, AnEmptyPageHasNoLastId) {
  PageDecoder decoder;
  ASSERT_OK_AND_ASSIGN(const PageDecoder::Result result, decoder.DecodeAfter("[]", "a"));
  EXPECT_THAT(result.page.logs, IsEmpty());
  EXPECT_EQ(result.page.last_id, "");
}

TEST(DecodeAfterTest, DropsWhatIsNotAfterTheIdAskedForAndWhatIsThereTwice) {
  PageDecoder decoder;
  ASSERT_OK_AND_ASSIGN(const PageDecoder::Result result,
                       decoder.DecodeAfter(R"([{"log_id":"a"},{"log_id":"m"},{"log_id":"p","n":1},)"
                                           R"({"log_id":"p","n":2},{"log_id":"q"},{"log_id":"B"}])",
                                           "m"));
  EXPECT_THAT(IdsOf(result.page), ElementsAre("p", "q"));
  EXPECT_THAT(std::string(result.page.logs[0].raw), HasSubstr("\"n\":1"));
  EXPECT_EQ(result.repeated, 4);
  EXPECT_EQ(result.page.last_id, "q");
}

TEST(DecodeAfterTest, TellsOfIdsThatCannotBeCompared) {
  PageDecoder decoder;
  ASSERT_OK_AND_ASSIGN(const PageDecoder::Result same,
                       decoder.DecodeAfter(R"([{"log_id":"aa"},{"log_id":"mz"}])", "mm"));
  EXPECT_EQ(same.other_form, "");
  ASSERT_OK_AND_ASSIGN(const PageDecoder::Result other,
                       decoder.DecodeAfter(R"([{"log_id":"mz"},{"log_id":"aaaa"}])", "mm"));
  EXPECT_EQ(other.other_form, "aaaa");
  ASSERT_OK_AND_ASSIGN(const PageDecoder::Result above,
                       decoder.DecodeAfter(R"([{"log_id":"mz"},{"log_id":"zzzz"}])", "mm"));
  EXPECT_EQ(above.other_form, "");
}

TEST(DecodeAfterTest, BringsLogsIntoTheOrderOfTheirIds) {
  PageDecoder decoder;
  ASSERT_OK_AND_ASSIGN(
      const PageDecoder::Result result,
      decoder.DecodeAfter(R"([{"log_id":"c"},{"n":1},{"log_id":"b"},{"log_id":"d"}])", "a"));
  ASSERT_THAT(result.page.logs, SizeIs(4));
  EXPECT_FALSE(result.page.logs[0].has_id());
  EXPECT_EQ(result.page.logs[1].id, "b");
  EXPECT_EQ(result.page.logs[3].id, "d");
  EXPECT_EQ(result.repeated, 0);
}

TEST(DecodeAfterTest, LeavesLogsWithoutAnIdAtTheEndForTheNextRead) {
  PageDecoder decoder;
  ASSERT_OK_AND_ASSIGN(const PageDecoder::Result result,
                       decoder.DecodeAfter(R"([{"n":1},{"log_id":"b"},{"n":2},3])", "a"));
  ASSERT_THAT(result.page.logs, SizeIs(2));
  EXPECT_EQ(result.page.logs[0].raw, R"({"n":1})");
  EXPECT_EQ(result.page.last_id, "b");
}

TEST(DecodeAfterTest, KeepsAPageThatHoldsOnlyLogsWithoutAnId) {
  PageDecoder decoder;
  ASSERT_OK_AND_ASSIGN(const PageDecoder::Result result,
                       decoder.DecodeAfter(R"([{"n":1},{"n":2}])", "a"));
  EXPECT_THAT(result.page.logs, SizeIs(2));
  EXPECT_EQ(result.page.last_id, "");
}

TEST(DecodeOneTest, ReadsASingleLog) {
  PageDecoder decoder;
  ASSERT_OK_AND_ASSIGN(const Page page, decoder.DecodeOne(" {\"log_id\":\"1\",\"type\":\"s\"} \n"));
  EXPECT_THAT(IdsOf(page), ElementsAre("1"));
  EXPECT_EQ(page.logs[0].raw, R"({"log_id":"1","type":"s"})");
  EXPECT_EQ(page.last_id, "1");
}

TEST(DecodeOneTest, RefusesAnythingElse) {
  PageDecoder decoder;
  for (const char* const body : {"[]", "", "{", "{}{}", "7", "<html>", "[{\"log_id\":\"1\"}]"}) {
    EXPECT_THAT(decoder.DecodeOne(body), Not(IsOk())) << body;
  }
}

std::vector<std::string> PublicSamples() {
  std::vector<std::string> samples;
  std::ifstream file(SharedDataFile("auth0-log-events.ndjson"));
  std::string line;
  while (std::getline(file, line)) samples.push_back(line);
  return samples;
}

TEST(PageDecoderTest, DecodesEveryPublicSampleUnchanged) {
  const std::vector<std::string> samples = PublicSamples();
  if (samples.empty()) GTEST_SKIP() << SharedDataIsMissing("auth0-log-events.ndjson");
  const Page page = MustDecode(JsonArray(samples));
  ASSERT_EQ(page.logs.size(), samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Log& log = page.logs[i];
    EXPECT_EQ(log.raw, samples[i]);
    EXPECT_EQ(log.defect, Log::Defect::kNone) << samples[i];
    EXPECT_TRUE(log.date.has_value()) << samples[i];
    EXPECT_THAT(samples[i], HasSubstr(absl::StrCat("\"type\":\"", log.type->code, "\"")));
  }
}

}  // namespace
}  // namespace logexport
