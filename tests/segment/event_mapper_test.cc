#include "service/segment/event_mapper.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/auth0/page_decoder.h"
#include "service/base/hash.h"
#include "service/json/json_text.h"
#include "service/segment/event_limits.h"
#include "tests/segment/mapping.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string LogWith(absl::string_view members) {
  return absl::StrCat(R"({"log_id":"90020261123005102000001000000000000000000000000000000001",)"
                      R"("date":"2026-11-23T00:51:02.123Z","type":"s")",
                      members.empty() ? "" : ",", members, "}");
}

Log PlainLog(const LogType& type) {
  Log log;
  log.id = "L1";
  log.type = &type;
  log.user_id = "auth0|1";
  return log;
}

TEST(EventMapperTest, AsksForProfilesOnlyWhereTheyAreUsed) {
  LogType type{.code = "s", .name = "Success Login", .extension_name = "", .category = "c"};
  SegmentSettings segment;
  ProfileSettings profile;
  const auto wants = [&](const Log& log) {
    return MakeEventMapper(segment, {}, profile, "t")->WantsProfile(log);
  };
  EXPECT_FALSE(wants(PlainLog(type)));
  profile.enabled = true;
  EXPECT_TRUE(wants(PlainLog(type)));
  Log without_user = PlainLog(type);
  without_user.user_id = "";
  EXPECT_FALSE(wants(without_user));
  Log defective = PlainLog(type);
  defective.defect = Log::Defect::kTooLarge;
  EXPECT_FALSE(wants(defective));

  profile.enabled = false;
  segment.mapping = MappingKind::kExtension;
  EXPECT_TRUE(wants(PlainLog(type)));
  type.code = "fp";
  EXPECT_FALSE(wants(PlainLog(type)));
}

TEST(EventMapperTest, LogsThatCanNeverBecomeEventsAreRejectedWithTheirReason) {
  struct Case {
    const char* body;
    const char* reason;
    const char* words;
  };
  const std::vector<Case> cases = {
      {R"({"type":"s","date":"2026-11-23T00:51:02.123Z"})", "MALFORMED_LOG", "neither log_id nor"},
      {R"({"log_id":null,"_id":"","type":"s"})", "MALFORMED_LOG", "neither log_id nor"},
      {R"(["a log"])", "MALFORMED_LOG", "no JSON object"},
      {R"("a log")", "MALFORMED_LOG", "no JSON object"},
      {"null", "MALFORMED_LOG", "no JSON object"},
  };
  for (const Case& c : cases) {
    const Mapped mapped = MapLog(c.body);
    EXPECT_EQ(mapped.result.kind, MapResult::Kind::kRejected) << c.body;
    EXPECT_EQ(mapped.result.reason, c.reason) << c.body;
    EXPECT_THAT(mapped.result.message, HasSubstr(c.words)) << c.body;
  }
  LogType type{.code = "s", .name = "Success Login", .extension_name = "", .category = "c"};
  Log too_large = PlainLog(type);
  too_large.raw = R"({"log_id":"L1"})";
  too_large.defect = Log::Defect::kTooLarge;
  std::string out;
  std::vector<std::uint32_t> sizes;
  const auto mapper = MakeEventMapper({}, {}, {}, "t");
  EXPECT_EQ(mapper->Map(too_large, nullptr, &out, &sizes).reason, "LOG_TOO_LARGE");
  EXPECT_TRUE(out.empty());
}

TEST(EventMapperTest, ALogThatIsBrokenInsideIsRejectedNotSent) {
  LogType type{.code = "s", .name = "Success Login", .extension_name = "", .category = "c"};
  const auto mapper = MakeEventMapper({}, {}, {}, "t");
  for (const char* broken : {R"({"log_id":"L1","a":tru})", R"({"log_id":"L1","a":{"b" 1}})",
                             R"({"log_id":"L1")", R"({"log_id":"L1","a":"\q"})"}) {
    std::string raw = broken;
    raw.reserve(raw.size() + 64);
    Log log = PlainLog(type);
    log.raw = raw;
    std::string out;
    std::vector<std::uint32_t> sizes;
    const MapResult result = mapper->Map(log, nullptr, &out, &sizes);
    EXPECT_EQ(result.kind, MapResult::Kind::kRejected) << broken;
    EXPECT_EQ(result.reason, "MALFORMED_LOG") << broken;
  }
}

TEST(EventMapperTest, MessageIdsAreShortEnoughAndTellEventsApart) {
  MappingOptions options;
  const auto message_id = [&options](const std::string& log_id) {
    return At(MapToEvent(absl::StrCat(R"({"log_id":")", log_id, R"(","type":"s"})"), options),
              "messageId");
  };
  EXPECT_EQ(message_id("L1"), R"("0123456789abcdef-L1-t")");
  const std::string longest(99 - 16 - 1 - 2, 'x');
  EXPECT_EQ(message_id(longest), absl::StrCat("\"0123456789abcdef-", longest, "-t\""));
  const std::string longer = longest + "x";
  EXPECT_EQ(message_id(longer), absl::StrCat("\"0123456789abcdef-", Sha256Hex(longer), "-t\""));

  options.segment.message_generation = 12;
  EXPECT_EQ(message_id("L1"), R"("0123456789abcdef-g12-L1-t")");
  EXPECT_EQ(message_id(longest),
            absl::StrCat("\"0123456789abcdef-g12-", Sha256Hex(longest), "-t\""));
}

TEST(EventMapperTest, AnonymousIdsAreTheSameForAllLogsOfAClient) {
  const auto anonymous_id = [](absl::string_view members, AnonymousIdSource source) {
    MappingOptions options;
    options.segment.anonymous_id = source;
    return At(MapToEvent(LogWith(members), options), "anonymousId");
  };
  EXPECT_EQ(anonymous_id(R"("client_id":"c1")", AnonymousIdSource::kClient), "\"auth0-client:c1\"");
  EXPECT_EQ(anonymous_id(R"("client_id":"c1","ip":"192.0.2.1")", AnonymousIdSource::kClient),
            "\"auth0-client:c1\"");
  EXPECT_EQ(anonymous_id("", AnonymousIdSource::kClient), "\"auth0-tenant:harbour.eu.auth0.com\"");
  EXPECT_EQ(anonymous_id(R"("client_id":"c1")", AnonymousIdSource::kTenant),
            "\"auth0-tenant:harbour.eu.auth0.com\"");
}

TEST(EventMapperTest, DetailsTooLargeForAnEventAreCutAndStayAString) {
  for (const std::size_t size : {31'000u, 33'000u, 100'000u, 1'000'000u}) {
    const std::string log = LogWith(absl::StrCat(R"("user_id":"u","details":{"a":[")",
                                                 std::string(size, 'x'), R"(å"],"b":"€"})"));
    const Mapped mapped = MapLog(log);
    ASSERT_EQ(mapped.events.size(), 1u);
    const std::string& event = mapped.events[0];
    EXPECT_EQ(event.size() > kMaxEventBytes - 20, size > 31'000u) << size;
    EXPECT_LE(event.size(), kMaxEventBytes) << size;
    EXPECT_EQ(mapped.result.truncated, size > 31'000u) << size;
    EXPECT_EQ(At(event, "properties/truncated"), size > 31'000u ? "true" : "") << size;
    EXPECT_THAT(At(event, "properties/details"), HasSubstr(R"("{\"a\":[\"xxxx)")) << size;
  }
}

TEST(EventMapperTest, DetailsThatCannotBeCutAsAnObjectAreLeftOut) {
  MappingOptions options;
  options.segment.details = DetailsForm::kObject;
  const std::string text(40'000, 'x');
  std::string event = MapToEvent(
      LogWith(absl::StrCat(R"("user_id":"u","details":{"a":{"b":")", text, R"("},"c":"short"})")),
      options);
  EXPECT_LE(event.size(), kMaxEventBytes);
  EXPECT_EQ(At(event, "properties/details/c"), "\"short\"");
  EXPECT_GT(At(event, "properties/details/a/b").size(), 30'000u);
  EXPECT_EQ(At(event, "properties/truncated"), "true");

  std::string numbers;
  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&numbers, i == 0 ? "" : ",", i);
  event = MapToEvent(LogWith(absl::StrCat(R"("user_id":"u","details":{"a":[)", numbers, "]}")),
                     options);
  EXPECT_EQ(At(event, "properties/details"), "");
  EXPECT_EQ(At(event, "properties/truncated"), "true");
}

TEST(EventMapperTest, TheLongestTextsAreCutToTheSameLengthBehindTheDetails) {
  const std::string event = MapToEvent(LogWith(
      absl::StrCat(R"("user_id":"u","details":{"x":")", std::string(5000, 'd'),
                   R"("},"description":")", std::string(60'000, 'a'), R"(","audience":")",
                   std::string(20'000, 'b'), R"(","hostname":")", std::string(300, 'c'), "\"")));
  EXPECT_LE(event.size(), kMaxEventBytes);
  EXPECT_GT(event.size(), kMaxEventBytes - 20);
  EXPECT_EQ(At(event, "properties/details"), "\"\"");
  EXPECT_EQ(At(event, "properties/hostname").size(), 302u);
  EXPECT_EQ(At(event, "properties/description").size(), At(event, "properties/audience").size());
}

TEST(EventMapperTest, AnEventThatCannotBeMadeSmallEnoughIsRejected) {
  std::string numbers;
  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&numbers, i == 0 ? "" : ",", i);
  const Mapped mapped = MapLog(LogWith(absl::StrCat(R"("user_id":"u","numbers":[)", numbers, "]")));
  EXPECT_EQ(mapped.result.kind, MapResult::Kind::kRejected);
  EXPECT_EQ(mapped.result.reason, "EVENT_TOO_LARGE");
  EXPECT_THAT(mapped.result.message, HasSubstr("32000 bytes"));
}

TEST(EventMapperTest, ALogIsRejectedWithAllItsEvents) {
  MappingOptions options;
  options.segment.identify = true;
  std::string numbers;
  for (int i = 0; i < 10'000; ++i) absl::StrAppend(&numbers, i == 0 ? "" : ",", i);
  const Mapped mapped = MapLog(
      absl::StrCat(R"({"log_id":"L1","type":"ss","user_id":"u","user_name":"a@example.com",)",
                   R"("numbers":[)", numbers, "]}"),
      options);
  EXPECT_EQ(mapped.result.reason, "EVENT_TOO_LARGE");
}

TEST(EventMapperTest, ATruncatedIdentifySaysSoInItsContext) {
  MappingOptions options;
  options.segment.identify = true;
  const std::string profile = absl::StrCat(R"({"email":"a@example.com","user_metadata":{"bio":")",
                                           std::string(50'000, 'x'), R"("}})");
  const Mapped mapped = MapLog(R"({"log_id":"L1","type":"ss","user_id":"u"})", options, profile);
  ASSERT_EQ(mapped.events.size(), 2u);
  EXPECT_EQ(At(mapped.events[0], "context/truncated"), "true");
  EXPECT_EQ(At(mapped.events[0], "traits/email"), "\"a@example.com\"");
  EXPECT_EQ(At(mapped.events[0], "traits/truncated"), "");
  EXPECT_EQ(At(mapped.events[1], "properties/truncated"), "true");
  EXPECT_TRUE(mapped.result.truncated);
}

TEST(EventMapperTest, ALogOfMillionsOfValuesIsNotWorthTheMemoryToRedact) {
  std::string numbers = "1";
  for (int i = 0; i < 1'000'000; ++i) numbers += ",1";
  const std::string log = LogWith(absl::StrCat(R"("user_id":"u","details":[)", numbers, "]"));
  MappingOptions options;
  EXPECT_EQ(MapLog(log, options).events.size(), 1u);
  options.privacy.rules = {{"ip", PrivacyAction::kDrop}};
  const Mapped mapped = MapLog(log, options);
  EXPECT_EQ(mapped.result.reason, "EVENT_TOO_LARGE");
  EXPECT_THAT(mapped.result.message, HasSubstr("privacy rules"));
}

TEST(EventMapperTest, MendedTextIsMarked) {
  const std::string event = MapToEvent(LogWith("\"user_id\":\"u\",\"client_name\":\"a\xff\""));
  EXPECT_EQ(At(event, "properties/client_name"), "\"a\xEF\xBF\xBD\"");
  EXPECT_EQ(At(event, "properties/invalid_utf8"), "true");
}

TEST(EventMapperTest, LoneSurrogatesAreMarkedWhereverTheyStand) {
  MappingOptions redacting;
  redacting.privacy.rules = {{"ip", PrivacyAction::kDrop}};
  MappingOptions with_object = redacting;
  with_object.segment.details = DetailsForm::kObject;
  for (const MappingOptions& options : {MappingOptions(), redacting, with_object}) {
    for (const char* members :
         {R"("description":"a\ud800")", R"("client_name":"\udc00b")", R"("k\ud800":1)",
          R"("details":{"a":["\udfff"]})", R"("details":{"\ud800":1})",
          R"("references":{"a":{"b\udc00":1}})"}) {
      const std::string log = LogWith(absl::StrCat(R"("user_id":"u",)", members));
      EXPECT_EQ(At(MapToEvent(log, options), "properties/invalid_utf8"), "true") << members;
    }
    const std::string sound = LogWith(R"("user_id":"u","description":"\ud83d\ude00 \\ud800")");
    EXPECT_EQ(At(MapToEvent(sound, options), "properties/invalid_utf8"), "");
  }
}

TEST(EventMapperTest, ALeapSecondGoesOutAsAnInstantThatExists) {
  const std::string event =
      MapToEvent(R"({"log_id":"L1","type":"s","user_id":"u","date":"2016-12-31T23:59:60.500Z"})");
  EXPECT_EQ(At(event, "timestamp"), "\"2017-01-01T00:00:00.000Z\"");
  EXPECT_EQ(At(event, "properties/timestamp_source"), "");
}

TEST(EventMapperTest, ADateThatSegmentCannotBeToldIsUnreadable) {
  for (const char* date : {"0000-06-01T00:00:00.000Z", "12026-01-01T00:00:00Z"}) {
    const std::string event = MapToEvent(absl::StrCat(
        R"({"log_id":"90020261123005102000001000000000000000000000000000000001","type":"s",)",
        R"("user_id":"u","date":")", date, "\"}"));
    EXPECT_EQ(At(event, "timestamp"), "\"2026-11-23T00:51:02.000Z\"") << date;
    EXPECT_EQ(At(event, "properties/timestamp_source"), "\"log_id\"") << date;
    EXPECT_EQ(At(event, "properties/date"), absl::StrCat("\"", date, "\""));
  }
}

TEST(EventMapperTest, FieldsWhoseNamesMeetAllArrive) {
  const auto properties = [](absl::string_view members) {
    const std::string event = MapToEvent(LogWith(absl::StrCat(R"("user_id":"u",)", members)));
    std::string all;
    for (const char* name : {"foo_bar", "foo_bar_2", "foo_bar_3", "foo_bar_4"}) {
      absl::StrAppend(&all, At(event, absl::StrCat("properties/", name)), " ");
    }
    return all;
  };
  EXPECT_EQ(properties(R"("fooBar":1,"foo_bar":2,"foo bar":3)"), "2 1 3  ");
  EXPECT_EQ(properties(R"("fooBar":1,"foo bar":3,"FooBar":4)"), "1 3 4  ");
  // A name that is the log's own is not taken away from it.
  EXPECT_EQ(properties(R"("fooBar":1,"foo bar":2,"foo_bar_2":3)"), "1 3 2  ");
  // The same key again is the same field, of which the last value counts; null is no value.
  EXPECT_EQ(properties(R"("fooBar":1,"fooBar":2)"), "2    ");
  EXPECT_EQ(properties(R"("fooBar":1,"foo_bar":null)"), "1    ");
}

TEST(EventMapperTest, ThousandsOfFieldsWhoseNamesMeetAllArrive) {
  constexpr int kFields = 300;
  std::string members = R"("user_id":"u")";
  for (int i = 0; i < kFields; ++i) {
    absl::StrAppend(&members, ",\"a", std::string(static_cast<std::size_t>(i) + 1, '-'), "b\":", i);
  }
  const std::string event = MapToEvent(LogWith(members));
  EXPECT_EQ(At(event, "properties/a_b"), "0");
  for (int i = 1; i < kFields; ++i) {
    ASSERT_EQ(At(event, absl::StrCat("properties/a_b_", i + 1)), absl::StrCat(i));
  }
}

TEST(EventMapperTest, OnlyAnAddressStandsWhereDestinationsLookForOne) {
  for (const char* address : {"203.0.113.9", "2001:db8::1", "::ffff:203.0.113.9",
                              "::", "2001:0db8:0000:0000:0000:0000:0000:0001"}) {
    const std::string event =
        MapToEvent(LogWith(absl::StrCat(R"("user_id":"u","ip":")", address, "\"")));
    EXPECT_EQ(At(event, "context/ip"), absl::StrCat("\"", address, "\""));
    EXPECT_EQ(At(event, "properties/ip"), "");
  }
  for (const char* other :
       {"203.0.113.5:443", "[2001:db8::1]", "[2001:db8::1]:443", "abc.def", "1.2.3", "1.2.3.4.5",
        "203.0.113.256", "fe80::1%eth0", "2001:db8::1/64", "a:b", "203.0.113.9, 198.51.100.1",
        "203.0.113.9 ", "203.0.113.0\\u0000", ":", ".", "2001:db8:::1"}) {
    const std::string event =
        MapToEvent(LogWith(absl::StrCat(R"("user_id":"u","ip":")", other, "\"")));
    EXPECT_EQ(At(event, "context/ip"), "") << other;
    EXPECT_EQ(At(event, "properties/ip"), absl::StrCat("\"", other, "\"")) << other;
  }
}

TEST(EventMapperTest, UnknownTypesPassUnderTheirCode) {
  const std::string event = MapToEvent(R"({"log_id":"L1","type":"brand_new","user_id":"u"})");
  EXPECT_EQ(At(event, "event"), "\"Brand New\"");
  EXPECT_EQ(At(event, "properties/type"), "\"brand_new\"");
  const std::string endless = MapToEvent(
      absl::StrCat(R"({"log_id":"L1","user_id":"u","type":")", std::string(5000, 'x'), "\"}"));
  EXPECT_EQ(At(endless, "event").size(), 202u);
}

TEST(EventMapperTest, AProfileThatIsNoObjectIsNone) {
  MappingOptions options;
  options.profile.enabled = true;
  for (const char* profile : {"[]", "17", "{", "\"x\"", R"({"a":tru})"}) {
    const std::string event = MapToEvent(LogWith(R"("user_id":"u")"), options, profile);
    EXPECT_THAT(event, Not(HasSubstr("traits"))) << profile;
  }
}

TEST(EventMapperTest, ProfileFieldsThatBecomeTheSameTraitAllArrive) {
  MappingOptions options;
  options.profile.enabled = true;
  const std::string event = MapToEvent(
      LogWith(R"("user_id":"u")"), options,
      R"({"phone_number":"1","phone":"2","picture":3,"auth0_avatar":4,"given_name":"a","name":""})");
  EXPECT_EQ(At(event, "context/traits"),
            R"({"phone_2":"1","phone":"2","auth0_avatar_2":3,"auth0_avatar":4,"firstName":"a"})");
}

TEST(EventMapperTest, AnEmptyFieldDoesNotHideAnotherThatBecomesTheSameTrait) {
  MappingOptions options;
  options.profile.enabled = true;
  const std::string event = MapToEvent(LogWith(R"("user_id":"u")"), options,
                                       R"({"phone_number":"1","phone":"","nickname":"n"})");
  EXPECT_EQ(At(event, "context/traits"), R"({"phone":"1","nickname":"n"})");
}

TEST(EventMapperTest, TheProfileIsNotUsedForLogsWithoutAUser) {
  MappingOptions options;
  options.profile.enabled = true;
  options.segment.identify = true;
  const Mapped mapped = MapLog(R"({"log_id":"L1","type":"ss","client_id":"c"})", options,
                               R"({"email":"a@example.com"})");
  ASSERT_EQ(mapped.events.size(), 1u);
  EXPECT_THAT(mapped.events[0], Not(HasSubstr("a@example.com")));
}

TEST(EventMapperTest, OneMapperMapsEveryLogAsANewOneWould) {
  PageDecoder decoder;
  const std::vector<std::string> bodies = {
      LogWith(R"("user_id":"u","scope":["a","b"],"isMobile":true,"details":{"a":1})"),
      LogWith(R"("client_id":"c")"),
      LogWith(""),
      LogWith(R"("user_id":5,"xY":"\ud800","date":7)"),
      LogWith(absl::StrCat(R"("details":")", std::string(400'000, 'x'), "\"")),
  };
  MappingOptions options;
  const auto mapper = MakeEventMapper(options.segment, {}, {}, options.tenant);
  for (int round = 0; round < 2; ++round) {
    for (const std::string& body : bodies) {
      const auto page = decoder.DecodeArray(absl::StrCat("[", body, "]"));
      ASSERT_TRUE(page.ok());
      std::string out;
      std::vector<std::uint32_t> sizes;
      mapper->Map(page->logs[0], nullptr, &out, &sizes);
      EXPECT_EQ(out, MapToEvent(body));
    }
  }
}

}  // namespace
}  // namespace logexport
