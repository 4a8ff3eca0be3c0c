// No value that a rule covers appears anywhere in what leaves, in whatever form it stood in the
// log.
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/quoted_text.h"
#include "tests/segment/mapping.h"
#include "tests/segment/random_logs.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

// Undoes escapes and percent-encoding until nothing changes, in the simplest way.
std::string Plain(std::string text) {
  for (int layer = 0; layer < 8; ++layer) {
    const std::string before = text;
    text = absl::StrReplaceAll(text, {{"\\\"", "\""}, {"\\\\", "\\"}, {"\\/", "/"}, {"\\n", "\n"}});
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
      unsigned int byte = 0;
      const auto is_digit = [&](std::size_t at) {
        return at < text.size() && absl::ascii_isxdigit(static_cast<unsigned char>(text[at]));
      };
      if (text[i] == '%' && is_digit(i + 1) && is_digit(i + 2)) {
        byte = static_cast<unsigned int>(std::stoul(text.substr(i + 1, 2), nullptr, 16));
        decoded.push_back(static_cast<char>(byte));
        i += 2;
      } else if (text.compare(i, 2, "\\u") == 0 && i + 5 < text.size()) {
        const unsigned long unit = std::stoul(text.substr(i + 2, 4), nullptr, 16);
        if (unit < 0x80) {
          decoded.push_back(static_cast<char>(unit));
        } else {
          decoded.push_back(static_cast<char>(0xC0 | (unit >> 6)));
          decoded.push_back(static_cast<char>(0x80 | (unit & 0x3F)));
        }
        i += 5;
      } else {
        decoded.push_back(text[i]);
      }
    }
    text = decoded;
    if (text == before) break;
  }
  return absl::AsciiStrToLower(text);
}

// Whatever people and machines call each other by; long and odd enough not to be in an event by
// chance.
std::string RandomValue(RandomLogs& random) {
  constexpr absl::string_view kParts[] = {"Zoë", "qvist", "O'Hara", "@", "|",  "x7", " ",
                                          "\"",  "%41",   "9",      "+", "-Ω", "/",  "Kk"};
  std::string value = "Vw";
  const std::uint64_t parts = 3 + random.Below(5);
  for (std::uint64_t i = 0; i < parts; ++i) absl::StrAppend(&value, random.Pick(kParts));
  return value + "zZ";
}

std::string JsonString(absl::string_view text) {
  std::string json;
  AppendJsonString(text, &json);
  return json;
}

std::string PercentEncoded(absl::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      encoded.push_back(c);
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

// A text with `value` in it, in some disguise.
std::string TextWith(const std::string& value, RandomLogs& random) {
  switch (random.Below(8)) {
    case 0:
      return value;
    case 1:
      return absl::StrCat("for ", value, ".");
    case 2:
      return absl::StrCat("for ", absl::AsciiStrToUpper(value), "!");
    case 3:
      return absl::StrCat("/users/", PercentEncoded(value), "?x=1");
    case 4:
      return absl::StrCat("next=", PercentEncoded(absl::StrCat("/u/", PercentEncoded(value))));
    case 5:
      return absl::StrCat("{\"body\":", JsonString(value), "}");
    case 6:
      return absl::StrCat("{\"body\":", JsonString(absl::StrCat("{\"b\":", JsonString(value), "}")),
                          "}");
    default:
      return absl::StrCat(value, value);
  }
}

// JSON in which `value` stands in many places.
std::string JsonWith(const std::string& value, int depth, RandomLogs& random) {
  std::string object = "{";
  const std::uint64_t members = 1 + random.Below(5);
  for (std::uint64_t i = 0; i < members; ++i) {
    const std::string key =
        random.OneIn(6) ? JsonString(TextWith(value, random)) : absl::StrCat("\"m", i, "\"");
    std::string member = JsonString(random.OneIn(3) ? "nothing" : TextWith(value, random));
    if (depth > 0 && random.OneIn(2)) member = JsonWith(value, depth - 1, random);
    if (random.OneIn(4)) member = absl::StrCat("[", member, ",1]");
    absl::StrAppend(&object, i == 0 ? "" : ",", key, ":", member);
  }
  return object + "}";
}

TEST(PrivacyPropertyTest, NoCoveredValueAppearsInAnyEvent) {
  RandomLogs random(RandomSeed());
  constexpr PrivacyAction kActions[] = {PrivacyAction::kDrop, PrivacyAction::kMask,
                                        PrivacyAction::kHash};
  constexpr DetailsForm kForms[] = {DetailsForm::kJsonString, DetailsForm::kObject};
  constexpr absl::string_view kPaths[] = {"user_name",        "user_id",
                                          "client_id",        "covered.deep.inside",
                                          "covered.*.inside", "covered.list",
                                          "profile.email",    "profile.user_metadata.x",
                                          "connection",       "ip"};
  for (int i = 0; i < 4000; ++i) {
    const std::string value = RandomValue(random);
    const std::string path(random.Pick(kPaths));
    const std::string quoted = JsonString(value);
    std::string log = absl::StrCat(
        R"({"log_id":"L1","type":"ss","date":"2026-11-23T00:51:02.123Z","description":)",
        JsonString(TextWith(value, random)), ",\"details\":", JsonWith(value, 3, random),
        ",\"scope\":[", JsonString(TextWith(value, random)), "]");
    std::string profile = "{\"nickname\":" + JsonString(TextWith(value, random));
    if (path == "profile.email") {
      absl::StrAppend(&profile, ",\"email\":", quoted);
    } else if (path == "profile.user_metadata.x") {
      absl::StrAppend(&profile, ",\"user_metadata\":{\"x\":", quoted, "}");
    } else if (path == "covered.list") {
      absl::StrAppend(&log, ",\"covered\":{\"list\":[\"other\",", quoted, "]}");
    } else if (absl::StartsWith(path, "covered")) {
      absl::StrAppend(&log, ",\"covered\":{\"deep\":{\"inside\":", quoted, "}}");
    } else {
      absl::StrAppend(&log, ",\"", path, "\":", quoted);
    }
    if (path != "user_id") {
      absl::StrAppend(
          &log, ",\"user_id\":", JsonString(random.OneIn(2) ? "auth0|1" : TextWith(value, random)));
    }
    log += "}";
    profile += "}";

    MappingOptions options;
    options.privacy.rules = {{path, random.Pick(kActions)}};
    if (!random.OneIn(4)) options.privacy.hash_key = "k";
    options.privacy.standard_preset = random.OneIn(4);
    options.segment.details = random.Pick(kForms);
    options.segment.identify = random.OneIn(2);
    options.profile.enabled = true;
    if (random.OneIn(4)) options.segment.mapping = MappingKind::kExtension;

    const Mapped mapped = MapLog(log, options, profile);
    const std::string hidden = Plain(value);
    for (const std::string& event : mapped.events) {
      ASSERT_FALSE(absl::StrContains(Plain(event), hidden) ||
                   absl::StrContains(absl::AsciiStrToLower(event), absl::AsciiStrToLower(value)))
          << "covered by " << path << ": " << value << "\nlog: " << log << "\nprofile: " << profile
          << "\nevent: " << event;
    }
    ASSERT_THAT(mapped.result.message, ::testing::Not(::testing::HasSubstr(value)));
  }
}

TEST(PrivacyPropertyTest, WithThePresetNoUserIdAppearsInAnyEvent) {
  RandomLogs random(RandomSeed());
  constexpr absl::string_view kProviders[] = {"auth0", "google-oauth2", "samlp", "sms"};
  constexpr absl::string_view kParts[] = {"x7", "@", "Kk.", "|", "-", "9", "+46", "É"};
  for (int i = 0; i < 1000; ++i) {
    std::string id = absl::StrCat(random.Pick(kProviders), "|Vw");
    const std::uint64_t parts = 1 + random.Below(5);
    for (std::uint64_t part = 0; part < parts; ++part) absl::StrAppend(&id, random.Pick(kParts));
    id += "zZ";
    MappingOptions options;
    options.privacy.standard_preset = true;
    options.privacy.hash_key = "k";
    const std::string event =
        MapToEvent(absl::StrCat(R"({"log_id":"L1","type":"sapi","client_id":"c","description":)",
                                JsonString(TextWith(id, random)),
                                ",\"details\":", JsonWith(id, 3, random), "}"),
                   options);
    ASSERT_FALSE(absl::StrContains(Plain(event), Plain(id))) << id << "\nevent: " << event;
  }
}

TEST(PrivacyPropertyTest, WithoutARuleTheSameValuesDoAppear) {
  RandomLogs random(RandomSeed());
  for (int i = 0; i < 200; ++i) {
    const std::string value = RandomValue(random);
    const std::string event =
        MapToEvent(absl::StrCat(R"({"log_id":"L1","type":"ss","user_id":"u","details":{"a":)",
                                JsonString(TextWith(value, random)), "}}"));
    EXPECT_TRUE(absl::StrContains(Plain(event), Plain(value))) << value << "\n" << event;
  }
}

}  // namespace
}  // namespace logexport
