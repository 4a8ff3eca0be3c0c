// A log whose fields decoding has noted becomes the same bytes as one that the mapper takes apart.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "service/auth0/page_decoder.h"
#include "service/json/json_text.h"
#include "service/json/json_value.h"
#include "service/segment/event_mapper.h"
#include "tests/segment/mapping.h"
#include "tests/segment/random_logs.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

// Puts something odd into `json`, which may stay sound.
void Damage(RandomLogs& random, std::string* json) {
  constexpr absl::string_view kPieces[] = {" ",   ",",    "\"", "\\",  "\\ud800", "{",
                                           "}",   "[",    "]",  ":",   "0",       "\\u0061",
                                           "tru", "null", "\n", "\"\""};
  const std::size_t at = random.Below(json->size());
  const std::size_t length = random.OneIn(2) ? 0 : 1;
  json->replace(at, length, std::string(random.Pick(kPieces)));
}

TEST(NotedFieldsTest, GiveTheSameEvents) {
  RandomLogs random(RandomSeed());
  const MappingOptions options;
  const auto mapper =
      MakeEventMapper(options.segment, options.privacy, options.profile, options.tenant);
  int noted = 0;
  for (int i = 0; i < 5'000; ++i) {
    std::string json = random.Log();
    if (random.OneIn(2)) {
      json =
          absl::StrCat(R"({"log_id":"L1","type":"s","scope":["a", "b"],"user_id":"u","user_id":)",
                       random.Value(1), R"(,"details":)", random.Value(3), R"(,"x":)",
                       random.Value(2), R"(,"connection":"c" , "level":)", random.Number(), "}");
    }
    for (std::uint64_t damages = random.Below(3); damages > 0; --damages) Damage(random, &json);
    const absl::StatusOr<Page> page = PageDecoder().DecodeArray(absl::StrCat("[", json, "]"));
    if (!page.ok()) continue;
    for (const Log& log : page->logs) {
      noted += log.fields.empty() ? 0 : 1;
      Log taken_apart = log;
      taken_apart.fields = {};
      std::string events;
      std::string expected;
      std::vector<std::uint32_t> sizes;
      const MapResult result = mapper->Map(log, nullptr, &events, &sizes);
      const MapResult other = mapper->Map(taken_apart, nullptr, &expected, &sizes);
      ASSERT_EQ(events, expected) << log.raw;
      ASSERT_EQ(result.kind, other.kind) << log.raw;
      ASSERT_EQ(result.reason, other.reason) << log.raw;
      ASSERT_EQ(result.truncated, other.truncated) << log.raw;
    }
  }
  // Otherwise this has tested little.
  EXPECT_GT(noted, 500);
}

TEST(NotedFieldsTest, WhatIsPlainlySoundIsSound) {
  RandomLogs random(RandomSeed());
  int sound = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string json = random.OneIn(2) ? random.Object(3) : absl::StrCat("[", random.Value(2), "]");
    for (std::uint64_t damages = random.Below(3); damages > 0; --damages) Damage(random, &json);
    if (!IsPlainlySound(json)) continue;
    ++sound;
    ASSERT_TRUE(JsonValue::Parse(json).ok()) << json;
  }
  EXPECT_GT(sound, 1000);
}

}  // namespace
}  // namespace logexport
