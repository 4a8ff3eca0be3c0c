// What holds for every event, whatever the log it was made of: Segment's own rules, above all.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "service/base/utf8.h"
#include "service/json/json_value.h"
#include "service/segment/event_limits.h"
#include "service/segment/event_mapper.h"
#include "tests/sandbox/segment/segment_rules.h"
#include "tests/segment/mapping.h"
#include "tests/segment/random_logs.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

// What of Segment's rules the events break, in words.
std::string BrokenRules(const std::vector<std::string>& events, MappingKind mapping) {
  std::string body = R"({"writeKey":"k","sentAt":"2026-11-23T00:00:00.000Z","batch":[)";
  for (const std::string& event : events)
    absl::StrAppend(&body, events[0] == event ? "" : ",", event);
  body += "]}";
  body.reserve(body.size() + 64);
  sandbox::BatchReader reader(kMaxEventBytes, /*numeric_ids=*/false);
  const sandbox::BatchFacts& facts = reader.Read(body);
  std::string broken;
  if (!facts.valid_json) broken += "not JSON; ";
  for (const sandbox::EventFacts& event : facts.events) {
    for (std::size_t i = 0; i < sandbox::kViolations; ++i) {
      const auto violation = static_cast<sandbox::Violation>(i);
      // What the extension sent stays as it was, whatever the user's metadata call their own.
      if (violation == sandbox::Violation::kReservedType && mapping == MappingKind::kExtension) {
        continue;
      }
      if (event.violations.Contains(violation)) {
        absl::StrAppend(&broken, sandbox::ViolationName(violation), "; ");
      }
    }
  }
  return broken;
}

MappingOptions RandomOptions(RandomLogs& random) {
  MappingOptions options;
  constexpr DetailsForm kForms[] = {DetailsForm::kJsonString, DetailsForm::kObject,
                                    DetailsForm::kOmit};
  constexpr AnonymousIdSource kSources[] = {AnonymousIdSource::kClient, AnonymousIdSource::kTenant,
                                            AnonymousIdSource::kDrop};
  options.segment.details = random.Pick(kForms);
  options.segment.anonymous_id = random.Pick(kSources);
  options.segment.identify = random.OneIn(2);
  if (random.OneIn(4)) options.segment.mapping = MappingKind::kExtension;
  if (random.OneIn(4)) {
    options.privacy.standard_preset = true;
    options.privacy.hash_key = "k";
    options.privacy.hash_key_id = "1";
  }
  if (random.OneIn(5)) options.privacy.rules = {{"details.name", PrivacyAction::kMask}};
  if (random.OneIn(8)) options.privacy.allow_only = {"user_id", "details.name", "description"};
  return options;
}

TEST(MapperPropertyTest, EveryEventKeepsSegmentsRulesAndIsTheSameEachTime) {
  RandomLogs random(RandomSeed());
  int mapped_logs = 0;
  for (int i = 0; i < 3000; ++i) {
    MappingOptions options = RandomOptions(random);
    options.profile.enabled = random.OneIn(2);
    const std::string log = random.Log();
    std::optional<std::string> profile;
    if (random.OneIn(2)) profile = random.OneIn(4) ? random.Object(4) : random.Profile();
    if (random.OneIn(20)) profile = "";
    SCOPED_TRACE(absl::StrCat(log.substr(0, 3000), "\nprofile: ", profile.value_or("none")));
    const Mapped mapped = MapLog(log, options, profile);
    if (mapped.result.kind == MapResult::Kind::kRejected) {
      EXPECT_EQ(mapped.result.reason, "EVENT_TOO_LARGE");
      EXPECT_GT(log.size() + profile.value_or("").size(), 10'000u);
      continue;
    }
    if (mapped.result.kind == MapResult::Kind::kFiltered) continue;
    ++mapped_logs;
    ASSERT_EQ(BrokenRules(mapped.events, options.segment.mapping), "") << mapped.events[0];
    bool any_truncated = false;
    for (const std::string& event : mapped.events) {
      ASSERT_TRUE(IsValidUtf8(event));
      const bool truncated =
          At(event, "properties/truncated") == "true" || At(event, "context/truncated") == "true";
      any_truncated |= truncated;
    }
    ASSERT_TRUE(any_truncated || !mapped.result.truncated);
    ASSERT_EQ(MapLog(log, options, profile).events, mapped.events);
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(mapped_logs, 1000);
}

TEST(MapperPropertyTest, NumbersArriveAsTheyWereWritten) {
  RandomLogs random(RandomSeed());
  for (int i = 0; i < 200; ++i) {
    const std::string number = random.Number();
    const std::string event = MapToEvent(
        absl::StrCat(R"({"log_id":"1","type":"s","user_id":"u","serial":)", number,
                     R"(,"nested":{"x":[)", number, R"(]},"details":{"n":)", number, "}}"));
    EXPECT_EQ(At(event, "properties/serial"), number);
    EXPECT_EQ(At(event, "properties/nested"), absl::StrCat("{\"x\":[", number, "]}"));
    EXPECT_EQ(At(event, "properties/details"), absl::StrCat(R"("{\"n\":)", number, "}\""));
  }
}

TEST(MapperPropertyTest, DamagedLogsAreRejectedOrBecomeSoundEvents) {
  RandomLogs random(RandomSeed());
  LogType type{.code = "ss", .name = "Success Signup", .extension_name = "", .category = "c"};
  for (int i = 0; i < 5000; ++i) {
    std::string raw = random.Log();
    if (raw.size() > 20'000) continue;
    const std::uint64_t damages = 1 + random.Below(3);
    for (std::uint64_t d = 0; d < damages && !raw.empty(); ++d) {
      const std::size_t at = random.Below(raw.size());
      constexpr char kBytes[] = "{}[]\",:\\0 \n\x80\xff";
      switch (random.Below(3)) {
        case 0:
          raw.erase(at, 1 + random.Below(4));
          break;
        case 1:
          raw[at] = kBytes[random.Below(sizeof(kBytes) - 1)];
          break;
        default:
          raw.insert(at, 1, kBytes[random.Below(sizeof(kBytes) - 1)]);
      }
    }
    raw.reserve(raw.size() + 64);
    Log log;
    log.raw = raw;
    log.id = "L1";
    log.type = &type;
    const MappingOptions options = RandomOptions(random);
    const auto mapper = MakeEventMapper(options.segment, options.privacy, {}, options.tenant);
    std::string out;
    std::vector<std::uint32_t> sizes;
    const MapResult result = mapper->Map(log, nullptr, &out, &sizes);
    ASSERT_EQ(result.kind == MapResult::Kind::kMapped, !out.empty());
    if (result.kind != MapResult::Kind::kMapped) continue;
    ASSERT_TRUE(JsonValue::ParseFolded(absl::StrCat("[", out, "]"), kMaxJsonDepth + 5).ok())
        << raw << "\n"
        << out;
  }
}

}  // namespace
}  // namespace logexport
