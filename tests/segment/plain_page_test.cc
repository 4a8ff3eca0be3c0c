// Pages that are read in one walk become the same logs, and these the same events, as pages that
// simdjson reads and logs that are taken apart anew when they are mapped.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <gtest/gtest.h>

#include "service/auth0/page_decoder.h"
#include "service/segment/event_mapper.h"
#include "tests/segment/mapping.h"
#include "tests/segment/random_logs.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

// Everything about a log but where its members stand.
std::string Described(const Log& log) {
  return absl::StrCat(log.id, "|", log.raw, "|", log.type->code, "|", log.type->name, "|",
                      log.date.has_value() ? absl::FormatTime(*log.date) : "none", "|", log.user_id,
                      "|", log.client_id, "|", log.connection, "|", static_cast<int>(log.defect),
                      log.mended, log.dated_ahead);
}

std::string MapTo(EventMapper& mapper, const Log& log) {
  std::string out;
  std::vector<std::uint32_t> sizes;
  const MapResult result = mapper.Map(log, nullptr, &out, &sizes);
  return absl::StrCat(static_cast<int>(result.kind), result.reason, result.message, "|",
                      sizes.size(), "|", out);
}

// An array inside an object is always left to simdjson.
absl::StatusOr<Page> DecodeBySimdjson(absl::string_view array) {
  return PageDecoder().DecodeArray(absl::StrCat(R"({"logs":)", array, "}"));
}

constexpr absl::string_view kSpare =
    "                                                                ";

// The log, with spare bytes. Its first key is the same to whoever undoes the escape in it, which
// only simdjson's reading does.
std::string LeftToSimdjson(absl::string_view log) {
  constexpr absl::string_view kBegin = R"({"log_id")";
  if (!absl::StartsWith(log, kBegin)) return absl::StrCat(log, kSpare);
  return absl::StrCat(R"({"log\u005fid")", log.substr(kBegin.size()), kSpare);
}

MappingOptions OptionsFor(RandomLogs& random) {
  MappingOptions options;
  constexpr DetailsForm kForms[] = {DetailsForm::kJsonString, DetailsForm::kObject,
                                    DetailsForm::kOmit};
  options.segment.details = random.Pick(kForms);
  options.segment.identify = random.OneIn(2);
  options.privacy.standard_preset = random.OneIn(6);
  return options;
}

// What decides about a log besides its random members.
std::string OddMembers(RandomLogs& random) {
  constexpr const char* kMembers[] = {
      R"("details":{"a""b":1})",
      R"("details":{"a":"b":"c"})",
      R"("details":{"a":tru})",
      R"("details":{"a":[1,]})",
      R"("details":{"a":{"b":1]})",
      R"("details":{"a":[1}})",
      R"("details":{"a":1)",
      R"("details":{"a":1}})",
      R"("details":{"a":01,"b":"\q"})",
      R"("details":"\ud800")",
      R"("details":{"\ud800":"\udc00"})",
      R"("user_id":"one","user_id":"two")",
      R"("user_id":"a\u0062\n")",
      R"("user\u005fid":"escaped key")",
      R"("userId":"1","user id":"2","user_Id":"3")",
      R"("date":{"$date":"2026-11-23T00:51:02.123Z"})",
      R"("date":{"$date":1764000000123})",
      R"("date":{"$d\u0061te":1764000000123})",
      R"("date":{"$date":"x","$date":1764000000123,"y":[{}]})",
      R"("date":"2026-11-23T00:51:02+01:00")",
      R"("log_id":12345678901234567890)",
      R"("log_id":null,"_id":"other")",
      R"("log_id":"","_id":17)",
      R"("type":"brand_new_type")",
      R"("ip":"::1" , "a" :1,"b": 2,"c":3)",
      "\"description\":\"\xFF\"",
      "\"strategy\":\"a\tb\"",
      R"("":"","a":1e400,"b":-0,"c":123456789012345678901234567890)",
      R"("connection":"\/\ud83d\ude00","client_id":"\ud83d")",
      R"("level":"x","value":{},"truncated":[])",
      "\"strategy\":\f1",
      R"("strategy":+1)",
      R"("strategy":)",
  };
  return random.OneIn(3) ? absl::StrCat(",", random.Pick(kMembers)) : "";
}

std::string RandomPage(RandomLogs& random) {
  std::string page = "[";
  for (std::uint64_t i = 0, logs = 1 + random.Below(3); i < logs; ++i) {
    std::string log = random.Log();
    // Halves of surrogates leave hardly a page to be read in one walk.
    if (!random.OneIn(4)) log = absl::StrReplaceAll(log, {{"\\ud800", "x"}, {"\\udfff", "y"}});
    log.insert(log.size() - 1, OddMembers(random));
    absl::StrAppend(&page, i == 0 ? "" : random.OneIn(9) ? " ,\n" : ",", log);
  }
  page += "]";
  for (std::uint64_t damages = random.OneIn(3) ? 1 + random.Below(3) : 0; damages > 0; --damages) {
    constexpr char kBytes[] = "{}[]\",:\\0 \n\f\x80\xff";
    const std::size_t at = random.Below(page.size());
    const char byte = kBytes[random.Below(sizeof(kBytes))];
    if (random.OneIn(2)) {
      page[at] = byte;
    } else {
      page.insert(at, 1, byte);
    }
  }
  return page;
}

TEST(PlainPageTest, LogsAndEventsAreThoseOfPagesReadBySimdjson) {
  RandomLogs random(RandomSeed());
  int plain_logs = 0;
  int other_pages = 0;
  int dead_letters = 0;
  for (int i = 0; i < 6000; ++i) {
    const std::string array = RandomPage(random);
    SCOPED_TRACE(array.substr(0, 3000));
    const absl::StatusOr<Page> page = PageDecoder().DecodeArray(array);
    const absl::StatusOr<Page> expected = DecodeBySimdjson(array);
    if (page.ok() && !expected.ok()) {
      // A page that was left to simdjson may still be one only without something around it.
      for (const Log& log : page->logs) ASSERT_TRUE(log.members.empty());
    }
    if (!page.ok() || !expected.ok()) continue;
    const MappingOptions options = OptionsFor(random);
    const auto mapper = MakeEventMapper(options.segment, options.privacy, {}, options.tenant);
    for (std::size_t l = 0; l < page->logs.size(); ++l) {
      const Log& log = page->logs[l];
      if (log.members.empty()) {
        ++other_pages;
      } else {
        ++plain_logs;
        ASSERT_EQ(page->logs.size(), expected->logs.size());
        ASSERT_EQ(Described(log), Described(expected->logs[l]));
      }
      Log unread = log;
      const std::string raw = LeftToSimdjson(log.raw);
      unread.raw = absl::string_view(raw).substr(0, raw.size() - kSpare.size());
      unread.members = {};
      const std::string mapped = MapTo(*mapper, log);
      ASSERT_EQ(mapped, MapTo(*mapper, unread));
      if (mapped.find("MALFORMED_LOG") != std::string::npos) ++dead_letters;
    }
  }
  EXPECT_GT(plain_logs, 1000);
  EXPECT_GT(other_pages, 1000);
  EXPECT_GT(dead_letters, 100);
}

// Fields that stand side by side in the log are copied together.
TEST(PlainPageTest, WhiteSpaceBetweenFieldsChangesNoByteOfAnEvent) {
  RandomLogs random(RandomSeed());
  constexpr const char* kMembers[] = {R"("strategy":"auth0")", R"("ip":"192.0.2.1")",
                                      R"("client_id":"c")",    R"("level":3)",
                                      R"("isMobile":false)",   R"("audience":null)",
                                      R"("a":{"b":[1]})",      R"("scope":["x","y"])",
                                      R"("user_name":"n")",    R"("a":2)",
                                      R"("details":{"a":1})"};
  for (int i = 0; i < 3000; ++i) {
    std::string close = R"({"log_id":"1","type":"s")";
    std::string wide = close;
    for (std::uint64_t members = random.Below(9); members > 0; --members) {
      const absl::string_view member = random.Pick(kMembers);
      const std::size_t colon = member.find(':');
      absl::StrAppend(&close, ",", member);
      absl::StrAppend(&wide, random.OneIn(2) ? "," : " , ", member.substr(0, colon),
                      random.OneIn(2) ? ":" : " :\t", member.substr(colon + 1));
    }
    ASSERT_EQ(MapToEvent(close + "}"), MapToEvent(wide + "}")) << wide;
  }
}

TEST(PlainPageTest, LogsAsAuth0SendsThemAreTakenApartOnce) {
  const absl::StatusOr<Page> page = PageDecoder().DecodeArray(
      R"([{"log_id":"1","type":"s","details":{"request":{"qs":{"a":"\"é\n"}},"n":[1,-2.5]}},)"
      R"({"log_id":"2","date":{"$date":1764000000123}}])");
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->logs[0].members.size(), 3u);
  EXPECT_EQ(page->logs[1].members.size(), 2u);
}

TEST(PlainPageTest, PagesWithUnsoundDetailsAreLeftToSimdjson) {
  for (const char* const details : {R"({"a""b":1})", R"({"a":"b":"c"})", R"({"a":tru})", R"([1,])",
                                    R"({"a":01})", R"({"a":"\q"})", R"({"a" 1})"}) {
    const absl::StatusOr<Page> page = PageDecoder().DecodeArray(
        absl::StrCat(R"([{"log_id":"1","type":"s","details":)", details, "}]"));
    if (!page.ok()) continue;
    for (const Log& log : page->logs) EXPECT_TRUE(log.members.empty()) << details;
  }
}

}  // namespace
}  // namespace logexport
