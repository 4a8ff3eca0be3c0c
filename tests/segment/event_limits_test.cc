#include "service/segment/event_limits.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "service/base/utf8.h"
#include "service/json/json_value.h"
#include "tests/segment/mapping.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

std::string Event(absl::string_view details, absl::string_view description) {
  return absl::StrCat(R"({"type":"track","event":"e","userId":"u","messageId":"m-t",)",
                      R"("timestamp":"2026-11-23T00:00:00.000Z","context":{"userAgent":"a"},)",
                      R"("properties":{"type":"s","log_id":"l","details":")", details,
                      R"(","description":")", description, R"("}})");
}

TEST(EventLimitsTest, CutsNoMoreThanNeeded) {
  const std::string event = Event(std::string(500, 'd'), std::string(300, 'x'));
  for (const std::size_t limit : {1000u, 800u, 600u}) {
    const auto shortened = ShortenEvent(event, limit);
    ASSERT_TRUE(shortened.has_value()) << limit;
    EXPECT_LE(shortened->size(), limit);
    EXPECT_GT(shortened->size(), std::min<std::size_t>(limit, event.size()) - 4) << limit;
  }
}

TEST(EventLimitsTest, WhatIdentifiesAnEventIsNeverCut) {
  const std::string log_id(3000, 'l');
  const std::string event =
      absl::StrCat(R"({"type":"track","event":"e","userId":"u","messageId":"m",)",
                   R"("properties":{"type":"s","log_id":")", log_id, R"(","category":"c"}})");
  EXPECT_FALSE(ShortenEvent(event, 2000).has_value());
  const auto shortened = ShortenEvent(event, 4000);
  ASSERT_TRUE(shortened.has_value());
  EXPECT_EQ(At(*shortened, "properties/log_id").size(), 3002u);
}

TEST(EventLimitsTest, GivesUpRatherThanLeavingOnlyStumps) {
  std::string members;
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&members, i == 0 ? "" : ",", "\"k", i, "\":\"", std::string(100, 'x'), "\"");
  }
  const std::string event = absl::StrCat(R"({"properties":{)", members, "}}");
  EXPECT_TRUE(ShortenEvent(event, 8000).has_value());
  EXPECT_FALSE(ShortenEvent(event, 6000).has_value());
}

TEST(EventLimitsTest, MarksAnEventThatSaidOtherwise) {
  const auto shortened = ShortenEvent(
      absl::StrCat(R"({"properties":{"truncated":[1],"a":")", std::string(500, 'x'), R"("}})"),
      300);
  ASSERT_TRUE(shortened.has_value());
  EXPECT_EQ(At(*shortened, "properties/truncated"), "true");
}

TEST(EventLimitsTest, NoEventOfTheLargestSizeHasTooManyProperties) {
  constexpr std::size_t kMostProperties = 10'000;
  constexpr absl::string_view kShortestProperty = R"("":1,)";
  EXPECT_LT(kMaxEventBytes / kShortestProperty.size(), kMostProperties);
}

TEST(EventLimitsTest, OfSeveralEventsOnlyThoseAreCutThatAreLarge) {
  const std::string small = Event("d", "small");
  const std::string large = Event(std::string(3000, 'd'), "large");
  const std::string larger = Event(std::string(9000, 'd'), "larger");
  const std::size_t limit = small.size() + 2 * 2000 + 2;
  const auto shortened = ShortenEvents(absl::StrCat(larger, ",", small, ",", large), limit);
  ASSERT_TRUE(shortened.has_value());
  EXPECT_LE(shortened->size(), limit);
  EXPECT_GT(shortened->size(), limit - 8);
  const absl::StatusOr<JsonValue> list = JsonValue::ParseFolded(absl::StrCat("[", *shortened, "]"));
  ASSERT_TRUE(list.ok());
  ASSERT_EQ(list->children.size(), 3u);
  std::string texts[3];
  for (int i = 0; i < 3; ++i) AppendJson(list->children[static_cast<std::size_t>(i)], &texts[i]);
  EXPECT_EQ(At(texts[0], "properties/description"), "\"larger\"");
  EXPECT_EQ(At(texts[0], "properties/truncated"), "true");
  EXPECT_EQ(texts[1], small);
  EXPECT_EQ(At(texts[2], "properties/description"), "\"large\"");
  EXPECT_EQ(At(texts[2], "properties/truncated"), "true");
}

TEST(EventLimitsTest, OneOfSeveralEventsIsCutAsAlone) {
  const std::string event = Event(std::string(500, 'd'), std::string(300, 'x'));
  EXPECT_EQ(ShortenEvents(event, 600), ShortenEvent(event, 600));
  EXPECT_FALSE(ShortenEvents(absl::StrCat(event, ",", event), 300).has_value());
  EXPECT_FALSE(ShortenEvents("", 300).has_value());
}

RC_GTEST_PROP(EventLimitsProperty, AShortenedEventIsSoundSmallEnoughAndSaysSo, ()) {
  const auto part = rc::gen::elementOf(
      std::vector<std::string>{"a", "å", "😀", R"(\n)", R"(\")", R"(\u00e5)", R"(\ud83d\ude00)"});
  const auto text = [&part](std::size_t most) {
    std::string joined;
    const auto parts = *rc::gen::container<std::vector<std::string>>(part);
    const auto repeats = *rc::gen::inRange<std::size_t>(0, most);
    for (std::size_t i = 0; i < repeats; ++i) {
      for (const std::string& p : parts) joined += p;
    }
    return joined;
  };
  const std::string event = Event(text(60), text(60));
  const auto limit = *rc::gen::inRange<std::size_t>(420, 4000);
  const auto shortened = ShortenEvent(event, limit);
  RC_ASSERT(shortened.has_value());
  RC_ASSERT(shortened->size() <= limit);
  RC_ASSERT(IsValidUtf8(*shortened));
  RC_ASSERT(JsonValue::ParseFolded(*shortened).ok());
  RC_ASSERT(At(*shortened, "properties/truncated") == "true");
  RC_ASSERT(At(*shortened, "messageId") == "\"m-t\"");
}

}  // namespace
}  // namespace logexport
