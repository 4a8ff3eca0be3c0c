// The mapping EXTENSION against what the extension is known to have sent, written down again here
// in the plainest way: for types s, ss and f with a user, a track call named after the type with
// Object.assign({}, user_metadata, rest, app_metadata) as its properties, where rest is the profile
// without these two; without properties for users that do not exist any more.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>
#include <simdjson.h>

#include "tests/segment/mapping.h"
#include "tests/segment/random_logs.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

namespace dom = simdjson::dom;

using Members = std::map<std::string, std::string>;  // name → value as compact JSON

void Assign(const dom::object& object, Members* members) {
  for (const dom::key_value_pair member : object) {
    (*members)[std::string(member.key)] = simdjson::minify(member.value);
  }
}

struct Call {
  std::string user_id;
  std::string event;
  Members properties;

  bool operator==(const Call&) const = default;
};

void PrintTo(const Call& call, std::ostream* os) {
  *os << call.user_id << " " << call.event;
  for (const auto& [name, value] : call.properties) *os << "\n  " << name << " = " << value;
}

std::optional<Call> Expected(const std::string& log_json, const std::string& profile_json) {
  dom::parser log_parser;
  const dom::element log = log_parser.parse(log_json);
  const std::string type{std::string_view(log["type"])};
  const std::map<std::string, std::string> names = {
      {"s", "Success Login"}, {"ss", "Success Signup"}, {"f", "Failed Login"}};
  const auto name = names.find(type);
  std::string_view user_id;
  if (name == names.end() || log["user_id"].get(user_id) != simdjson::SUCCESS || user_id.empty()) {
    return std::nullopt;
  }
  Call call{.user_id = std::string(user_id), .event = name->second, .properties = {}};
  if (!profile_json.empty()) {
    dom::parser profile_parser;
    const dom::object profile = profile_parser.parse(profile_json);
    dom::object metadata;
    if (profile["user_metadata"].get(metadata) == simdjson::SUCCESS) {
      Assign(metadata, &call.properties);
    }
    Members rest;
    Assign(profile, &rest);
    rest.erase("user_metadata");
    rest.erase("app_metadata");
    for (const auto& [key, value] : rest) call.properties[key] = value;
    if (profile["app_metadata"].get(metadata) == simdjson::SUCCESS) {
      Assign(metadata, &call.properties);
    }
  }
  return call;
}

std::optional<Call> Actual(const std::string& log_json, const std::string& profile_json) {
  MappingOptions options;
  options.segment.mapping = MappingKind::kExtension;
  const Mapped mapped = MapLog(log_json, options, profile_json);
  if (mapped.events.empty()) {
    EXPECT_EQ(mapped.result.kind, MapResult::Kind::kFiltered);
    return std::nullopt;
  }
  EXPECT_EQ(mapped.events.size(), 1u);
  dom::parser parser;
  const dom::element event = parser.parse(mapped.events[0]);
  EXPECT_EQ(std::string_view(event["type"]), "track");
  EXPECT_EQ(event["anonymousId"].error(), simdjson::NO_SUCH_FIELD);
  // What the extension lacked.
  EXPECT_EQ(event["messageId"].error(), simdjson::SUCCESS);
  EXPECT_EQ(event["timestamp"].error(), simdjson::SUCCESS);
  Call call{.user_id = std::string(std::string_view(event["userId"])),
            .event = std::string(std::string_view(event["event"])),
            .properties = {}};
  Assign(event["properties"], &call.properties);
  return call;
}

// A profile of one of 400 users; some are gone.
std::string ProfileOf(std::uint64_t user, RandomLogs& random) {
  if (user % 17 == 0) return "";
  std::string profile =
      absl::StrCat(R"({"user_id":"auth0|)", user, R"(","email":"user)", user,
                   R"(@example.com","email_verified":)", user % 2 == 0 ? "true" : "false");
  if (user % 3 == 0) absl::StrAppend(&profile, R"(,"name":"N )", user, R"(","nickname":null)");
  if (user % 5 == 0) absl::StrAppend(&profile, R"(,"identities":[{"provider":"auth0"}])");
  const auto metadata = [&](absl::string_view which) {
    absl::StrAppend(&profile, ",\"", which, "\":");
    switch (random.Below(5)) {
      case 0:
        absl::StrAppend(&profile, "null");
        break;
      case 1:
        absl::StrAppend(&profile, "{}");
        break;
      case 2:
        absl::StrAppend(&profile, R"({"plan":"gold","email":"hidden@example.com",)",
                        R"("address":{"city":"Malmö","zip":21100},"name":"From )", which, "\"}");
        break;
      case 3:
        absl::StrAppend(&profile, R"({"roles":["a","b"],"name":null,"nickname":"\u00e5 \"q\"",)",
                        R"("plan":)", random.Below(9), "}");
        break;
      default:
        absl::StrAppend(&profile,
                        R"({"deep":{"er":{"still":[1,2,{"x":null}]}},"user_metadata":1})");
    }
  };
  if (random.OneIn(2)) metadata("user_metadata");
  if (random.OneIn(2)) metadata("app_metadata");
  return profile + "}";
}

TEST(ExtensionTest, AThousandLogsOfFourHundredUsersBecomeWhatTheExtensionSent) {
  RandomLogs random(RandomSeed());
  constexpr std::uint64_t kUsers = 400;
  std::vector<std::string> profiles;
  for (std::uint64_t user = 0; user < kUsers; ++user) profiles.push_back(ProfileOf(user, random));
  int sent = 0;
  for (int i = 0; i < 1000; ++i) {
    constexpr absl::string_view kTypes[] = {"s", "s", "s", "ss", "f", "fp", "fu", "slo", "seacft"};
    const std::uint64_t user = random.Below(kUsers);
    const std::string user_id = random.OneIn(20)   ? R"(,"user_id":"")"
                                : random.OneIn(20) ? R"(,"user_id":null)"
                                : random.OneIn(20)
                                    ? ""
                                    : absl::StrCat(R"(,"user_id":"auth0|)", user, "\"");
    const std::string log =
        absl::StrCat(R"({"log_id":"L)", i, R"(","date":"2026-11-23T00:51:02.123Z","type":")",
                     random.Pick(kTypes), "\"", user_id, R"(,"ip":"192.0.2.1","client_id":"c"})");
    const std::optional<Call> expected = Expected(log, profiles[user]);
    const std::optional<Call> actual = Actual(log, profiles[user]);
    ASSERT_EQ(actual, expected) << log << "\n" << profiles[user];
    sent += actual.has_value() ? 1 : 0;
  }
  EXPECT_GT(sent, 300);
}

TEST(ExtensionTest, WhatTheExtensionLeftOutIsFilteredForAReason) {
  MappingOptions options;
  options.segment.mapping = MappingKind::kExtension;
  EXPECT_EQ(MapLog(R"({"log_id":"1","type":"fp","user_id":"u"})", options).result.reason,
            "TYPE_NOT_IN_EXTENSION");
  EXPECT_EQ(MapLog(R"({"log_id":"1","type":"s","client_id":"c"})", options).result.reason,
            "NO_USER");
}

TEST(ExtensionTest, AProfileThatCouldNotBeReadLeavesThePropertiesEmpty) {
  MappingOptions options;
  options.segment.mapping = MappingKind::kExtension;
  EXPECT_EQ(At(MapToEvent(R"({"log_id":"1","type":"s","user_id":"u"})", options), "properties"),
            "{}");
}

}  // namespace
}  // namespace logexport
