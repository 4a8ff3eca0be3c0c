// The privacy rules as they are applied give byte for byte what they give when every text is
// searched for every value, one after the other.
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include <gtest/gtest.h>

#include "service/auth0/page_decoder.h"
#include "service/base/quoted_text.h"
#include "service/segment/privacy/log_redactor.h"
#include "tests/segment/made_logs.h"
#include "tests/segment/random_logs.h"
#include "tests/segment/reference_redactor.h"
#include "tests/support/paths.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

constexpr absl::string_view kTenant = "harbour.eu.auth0.com";

// Texts that are covered, or are nearly covered, by rules and shapes.
constexpr absl::string_view kTexts[] = {"Mara Lind",
                                        "mara@example.com",
                                        "auth0|6740f1c2",
                                        "Al",
                                        "203.0.113.7",
                                        "samlp|corp|x y",
                                        "+46 70",
                                        "Zoë",
                                        "x%41y1",
                                        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_",
                                        "eyJ",
                                        "",
                                        "example",
                                        "line\nbreak",
                                        "back\\slash",
                                        "12345",
                                        "harbour"};
constexpr absl::string_view kKeys[] = {
    "user_name",  "user_id", "ip",         "email", "name",        "address", "code",   "to",
    "Given Name", "details", "connection", "body",  "description", "user",    "cookie", "x",
    "isMobile",   "profile", "client_id",  "scope", "hostname",    "-sub-",   "_",      "prompts"};

std::string JsonString(absl::string_view text) {
  std::string json;
  AppendJsonString(text, &json);
  return json;
}

std::string Text(RandomLogs& random) {
  std::string text(random.Pick(kTexts));
  switch (random.Below(9)) {
    case 0:
      return absl::AsciiStrToUpper(text);
    case 1:
      return absl::StrReplaceAll(text, {{" ", "+"}, {"@", "%40"}, {"|", "%7C"}});
    case 2:
      return absl::StrCat("/users/", absl::StrReplaceAll(text, {{"|", "%257c"}}), "/x");
    case 3:
      return absl::StrCat("{\"body\":", JsonString(text), "}");
    case 4:
      return absl::StrCat("for ", text, ".");
    case 5:
      return absl::StrCat(random.Pick(kTexts), text, random.Pick(kTexts));
    default:
      return text;
  }
}

std::string Object(int depth, RandomLogs& random);

std::string Value(int depth, RandomLogs& random) {
  if (depth > 0 && random.OneIn(4)) return Object(depth - 1, random);
  if (depth > 0 && random.OneIn(6)) {
    return absl::StrCat("[", Value(depth - 1, random), ",", Value(depth - 1, random), "]");
  }
  if (random.OneIn(10)) return random.Value(2);
  if (random.OneIn(10)) return random.Pick({"12345", "true", "null", "1234", "-0.5e7"});
  return JsonString(Text(random));
}

std::string Object(int depth, RandomLogs& random) {
  std::string object = "{";
  // Now and then so many that their keys are indexed, and many of them twice.
  const std::uint64_t members = random.OneIn(20) ? 60 : random.Below(6);
  for (std::uint64_t i = 0; i < members; ++i) {
    std::string key(random.Pick(kKeys));
    if (random.OneIn(8)) key = Text(random);
    if (random.OneIn(3)) absl::StrAppend(&key, random.Below(30));
    absl::StrAppend(&object, i == 0 ? "" : ",", random.OneIn(9) ? " " : "", JsonString(key), ":",
                    Value(depth, random));
  }
  return object + "}";
}

PrivacySettings Settings(RandomLogs& random) {
  constexpr PrivacyAction kActions[] = {PrivacyAction::kDrop, PrivacyAction::kMask,
                                        PrivacyAction::kHash};
  constexpr absl::string_view kPaths[] = {
      "user_name", "ip",           "details.*", "user_id",   "client_id", "details.body.name",
      "scope",     "profile.name", "details",   "profile.*", "profile"};
  PrivacySettings settings;
  settings.standard_preset = !random.OneIn(3);
  if (!random.OneIn(4)) settings.hash_key = "k";
  for (std::uint64_t rules = random.Below(4); rules > 0; --rules) {
    settings.rules.push_back({std::string(random.Pick(kPaths)), random.Pick(kActions)});
  }
  if (random.OneIn(8)) settings.allow_only = {"user_id", "details.name", "description", "ip"};
  return settings;
}

std::string AsText(const std::vector<JsonField>& fields) {
  std::string json = "{";
  for (const JsonField& field : fields) {
    absl::StrAppend(&json, json.size() > 1 ? "," : "", JsonString(field.key), ":",
                    field.value.text);
  }
  return json + "}";
}

// `redactor` is used for one log after the other, as a mapper does.
void ExpectTheSame(const PrivacySettings& settings, LogRedactor& redactor, const Log& log,
                   absl::string_view profile) {
  const std::optional<ReferenceResult> expected = RedactPlainly(settings, log, profile, kTenant);
  const RedactedLog* const redacted = redactor.Redact(log, profile, kTenant);
  ASSERT_EQ(redacted != nullptr, expected.has_value()) << log.raw;
  if (redacted == nullptr) return;
  ASSERT_EQ(AsText(redacted->fields), expected->log) << log.raw;
  ASSERT_EQ(redacted->profile, expected->profile) << log.raw << "\n" << profile;
  ASSERT_EQ(redacted->tenant, expected->tenant) << log.raw;
  ASSERT_EQ(redacted->mended, expected->mended) << log.raw;
  ASSERT_EQ(redacted->hashed, expected->hashed) << log.raw;
}

void ExpectTheSame(const PrivacySettings& settings, LogRedactor& redactor, const std::string& log,
                   absl::string_view profile) {
  const absl::StatusOr<Page> page = PageDecoder().DecodeArray(absl::StrCat("[", log, "]"));
  if (!page.ok() || page->logs.size() != 1) return;
  ExpectTheSame(settings, redactor, page->logs[0], profile);
}

TEST(PrivacyReferenceTest, RandomLogsBecomeTheSameBytes) {
  RandomLogs random(RandomSeed());
  for (int i = 0; i < 150; ++i) {
    const PrivacySettings settings = Settings(random);
    LogRedactor redactor(settings);
    for (int log = 0; log < 20; ++log) {
      std::string json = random.OneIn(5) ? random.Log() : Object(4, random);
      json = absl::StrCat(R"({"log_id":"L1","type":"s","details":)", Object(3, random), ",",
                          json.size() > 2 ? json.substr(1) : "\"a\":1}");
      std::string profile;
      if (random.OneIn(2)) profile = random.OneIn(3) ? random.Profile() : Object(2, random);
      if (random.OneIn(30)) profile = "[\"Mara Lind\",{\"email\":\"mara@example.com\"}]";
      if (random.OneIn(30)) profile += "}";
      ASSERT_NO_FATAL_FAILURE(ExpectTheSame(settings, redactor, json, profile));
    }
  }
}

TEST(PrivacyReferenceTest, TheGoldenLogsBecomeTheSameBytes) {
  std::vector<std::string> logs;
  for (const auto& entry : std::filesystem::directory_iterator(SourcePath("tests/segment/logs"))) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    logs.push_back(text.str());
  }
  for (const std::string& name : MadeLogNames()) logs.push_back(*MadeLog(name));
  ASSERT_FALSE(logs.empty());
  RandomLogs random(RandomSeed());
  for (int i = 0; i < 5; ++i) {
    PrivacySettings settings = Settings(random);
    if (i == 0) {
      settings = PrivacySettings();
      settings.standard_preset = true;
      settings.hash_key = "k";
    }
    LogRedactor redactor(settings);
    for (const std::string& log : logs) {
      ASSERT_NO_FATAL_FAILURE(ExpectTheSame(settings, redactor, log, random.Profile()));
    }
  }
}

}  // namespace
}  // namespace logexport
