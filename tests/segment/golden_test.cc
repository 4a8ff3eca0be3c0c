// Each log in logs/ maps to exactly the events in golden/<variant>/. Run with
// LOGEXPORT_UPDATE_GOLDEN=1 to write those files anew, then look at the diff.
//
// The files differ from the events in line breaks and indentation only, and in the version of the
// service, which is written as VERSION.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <gtest/gtest.h>

#include "service/segment/event_envelope.h"
#include "tests/segment/made_logs.h"
#include "tests/segment/mapping.h"
#include "tests/support/paths.h"

namespace logexport {
namespace {

namespace fs = std::filesystem;

const fs::path& Folder() {
  static const auto* const folder = new fs::path(SourcePath("tests/segment"));
  return *folder;
}

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> AllLogs() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(Folder() / "logs")) {
    names.push_back(entry.path().stem().string());
  }
  for (std::string& made : MadeLogNames()) names.push_back(std::move(made));
  std::sort(names.begin(), names.end());
  return names;
}

std::string ReadLog(const std::string& name) {
  if (std::optional<std::string> made = MadeLog(name); made.has_value()) return *std::move(made);
  return ReadFile(Folder() / "logs" / (name + ".json"));
}

// One line per member down to the properties, so that a change shows as a change of lines.
std::string BreakLines(const std::string& json) {
  constexpr int kLevels = 2;
  std::string broken;
  int depth = 0;
  bool in_string = false;
  const auto line = [&broken](int level) {
    broken.push_back('\n');
    broken.append(static_cast<std::size_t>(level) * 2, ' ');
  };
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      broken.push_back(c);
      if (c == '\\') broken.push_back(json[++i]);
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '}' || c == ']') --depth;
    if ((c == '}' || c == ']') && depth < kLevels && json[i - 1] != '{') line(depth);
    broken.push_back(c);
    in_string = c == '"';
    if (c == '{' || c == '[') ++depth;
    const bool opens = (c == '{' || c == '[') && json[i + 1] != '}' && json[i + 1] != ']';
    if ((opens || c == ',') && depth <= kLevels) line(depth);
  }
  return broken;
}

std::string Describe(const Mapped& mapped) {
  std::string text;
  switch (mapped.result.kind) {
    case MapResult::Kind::kMapped:
      break;
    case MapResult::Kind::kFiltered:
      absl::StrAppend(&text, "filtered: ", mapped.result.reason, "\n");
      break;
    case MapResult::Kind::kRejected:
      absl::StrAppend(&text, "rejected: ", mapped.result.reason, "\n", mapped.result.message, "\n");
      break;
  }
  const std::string version = absl::StrCat(R"("version":")", LibraryVersion(), R"("},)");
  const std::string last_version = absl::StrCat(R"("version":")", LibraryVersion(), R"("}})");
  for (const std::string& event : mapped.events) {
    const std::string neutral = absl::StrReplaceAll(
        event, {{version, R"("version":"VERSION"},)"}, {last_version, R"("version":"VERSION"}})"}});
    absl::StrAppend(&text, BreakLines(neutral), "\n");
  }
  return text;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The lines in which the two differ.
std::string Diff(const std::string& expected, const std::string& actual) {
  const std::vector<std::string> a = Lines(expected);
  const std::vector<std::string> b = Lines(actual);
  // Lengths of the longest common subsequences of the ends.
  std::vector<std::vector<int>> common(a.size() + 1, std::vector<int>(b.size() + 1, 0));
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      common[i][j] =
          a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::string diff;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (i < a.size() && j < b.size() && a[i] == b[j]) {
      ++i;
      ++j;
    } else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
      absl::StrAppend(&diff, "- ", a[i++], "\n");
    } else {
      absl::StrAppend(&diff, "+ ", b[j++], "\n");
    }
  }
  return diff;
}

struct Variant {
  std::string name;
  MappingOptions options;
  std::vector<std::string> logs;  // empty: all
  std::string profile;            // a file in profiles/; empty: none was asked for
};

void PrintTo(const Variant& variant, std::ostream* os) { *os << variant.name; }

MappingOptions Options(void (*change)(MappingOptions&)) {
  MappingOptions options;
  change(options);
  return options;
}

void AddStandardPrivacy(MappingOptions& options) {
  options.privacy.standard_preset = true;
  options.privacy.hash_key = "golden key";
  options.privacy.hash_key_id = "2026-11";
}

std::vector<Variant> Variants() {
  return {
      {.name = "log_event", .options = {}, .logs = {}, .profile = ""},
      {.name = "details_object",
       .options = Options([](MappingOptions& o) { o.segment.details = DetailsForm::kObject; }),
       .logs = {"s", "sapi", "feacft", "limit_wc", "odd_details_string", "odd_details_array",
                "odd_details_number", "odd_details_null", "odd_details_empty", "odd_deep_details",
                "odd_lone_surrogates", "odd_numbers_beyond_double", "odd_white_space",
                "odd_invalid_utf8", "odd_repeated_keys_in_details", "odd_details_of_one_long_text",
                "odd_details_of_many_short_texts", "odd_details_of_thousand_levels"},
       .profile = ""},
      {.name = "details_omitted",
       .options = Options([](MappingOptions& o) { o.segment.details = DetailsForm::kOmit; }),
       .logs = {"s", "odd_details_string"},
       .profile = ""},
      {.name = "anonymous_tenant",
       .options =
           Options([](MappingOptions& o) { o.segment.anonymous_id = AnonymousIdSource::kTenant; }),
       .logs = {"odd_user_id_null", "seccft", "s"},
       .profile = ""},
      {.name = "anonymous_dropped",
       .options =
           Options([](MappingOptions& o) { o.segment.anonymous_id = AnonymousIdSource::kDrop; }),
       .logs = {"odd_user_id_null", "odd_user_id_empty", "odd_user_id_object", "s"},
       .profile = ""},
      {.name = "profile",
       .options = Options([](MappingOptions& o) { o.profile.enabled = true; }),
       .logs = {"s", "fp", "odd_user_id_null"},
       .profile = "full"},
      {.name = "profile_of_odd_types",
       .options = Options([](MappingOptions& o) { o.profile.enabled = true; }),
       .logs = {"s"},
       .profile = "odd_types"},
      {.name = "profile_of_odd_shapes",
       .options = Options([](MappingOptions& o) { o.profile.enabled = true; }),
       .logs = {"s"},
       .profile = "odd_shapes"},
      {.name = "profile_of_nobody",
       .options = Options([](MappingOptions& o) { o.profile.enabled = true; }),
       .logs = {"s"},
       .profile = "nobody"},
      {.name = "identify",
       .options = Options([](MappingOptions& o) { o.segment.identify = true; }),
       .logs = {"ss", "si", "sce", "scu", "scpn", "sv", "s"},
       .profile = "full"},
      {.name = "identify_without_profile",
       .options = Options([](MappingOptions& o) { o.segment.identify = true; }),
       .logs = {"ss", "si", "sce", "scu", "s"},
       .profile = ""},
      {.name = "new_message_ids",
       .options = Options([](MappingOptions& o) {
         o.segment.message_generation = 3;
         o.segment.identify = true;
       }),
       .logs = {"ss", "odd_id_long", "odd_id_with_quotes"},
       .profile = ""},
      {.name = "extension",
       .options = Options([](MappingOptions& o) { o.segment.mapping = MappingKind::kExtension; }),
       .logs = {"s",
                "ss",
                "f",
                "fp",
                "slo",
                "odd_user_id_null",
                "odd_user_id_number",
                "odd_user_id_empty",
                "odd_all_fields_null",
                "odd_all_texts_empty",
                "odd_date_missing_and_opaque_id",
                "odd_description_null",
                "odd_id_null",
                "odd_ids_null",
                "odd_ids_empty",
                "odd_invalid_utf8",
                "odd_invalid_utf8_in_ids",
                "odd_repeated_keys",
                "odd_numbers_beyond_double_in_fields",
                "odd_deep_details",
                "odd_no_object"},
       .profile = "full"},
      {.name = "extension_odd_profile",
       .options = Options([](MappingOptions& o) { o.segment.mapping = MappingKind::kExtension; }),
       .logs = {"s"},
       .profile = "odd_shapes"},
      {.name = "extension_buyer",
       .options = Options([](MappingOptions& o) { o.segment.mapping = MappingKind::kExtension; }),
       .logs = {"s"},
       .profile = "buyer"},
      {.name = "extension_nobody",
       .options = Options([](MappingOptions& o) { o.segment.mapping = MappingKind::kExtension; }),
       .logs = {"s"},
       .profile = "nobody"},
      {.name = "standard_privacy",
       .options = Options(AddStandardPrivacy),
       .logs = {"s",
                "ss",
                "f",
                "fp",
                "fu",
                "fn",
                "cls",
                "sapi",
                "sapi_user_in_path",
                "sapi_members_in_body",
                "svr",
                "sce",
                "scpn",
                "gd_send_sms",
                "limit_mu",
                "pwd_leak",
                "seccft",
                "odd_secret_in_redirect",
                "odd_user_id_of_no_user",
                "odd_deep_details",
                "odd_invalid_utf8",
                "odd_all_fields_null",
                "odd_repeated_keys",
                "odd_repeated_keys_in_details",
                "odd_numbers_beyond_double",
                "odd_details_of_one_long_text",
                "odd_details_of_many_short_texts",
                "odd_details_of_thousand_levels",
                "odd_numbers_of_a_megabyte"},
       .profile = ""},
      {.name = "standard_privacy_identify",
       .options = Options([](MappingOptions& o) {
         AddStandardPrivacy(o);
         o.segment.identify = true;
       }),
       .logs = {"ss", "sce"},
       .profile = "full"},
      {.name = "privacy_rules",
       .options = Options([](MappingOptions& o) {
         o.privacy.rules = {{"user_name", PrivacyAction::kMask},
                            {"ip", PrivacyAction::kDrop},
                            {"details.*.auth.user", PrivacyAction::kDrop},
                            {"details.prompts.identity", PrivacyAction::kDrop},
                            {"no_such.field", PrivacyAction::kDrop},
                            {"client_id", PrivacyAction::kHash}};
         o.privacy.hash_key = "golden key";
       }),
       .logs = {"s", "sapi", "fn", "pwd_leak", "seccft"},
       .profile = ""},
      {.name = "privacy_allow_only",
       .options = Options([](MappingOptions& o) {
         o.privacy.allow_only = {"description", "user_id", "connection", "details.prompts.name",
                                 "details.request"};
       }),
       .logs = {"s", "sapi", "fn", "pwd_leak", "seccft"},
       .profile = "full"},
  };
}

class GoldenTest : public ::testing::TestWithParam<Variant> {};

TEST_P(GoldenTest, MapsEachLogToExactlyTheseEvents) {
  const Variant& variant = GetParam();
  const fs::path folder = Folder() / "golden" / variant.name;
  const bool update = std::getenv("LOGEXPORT_UPDATE_GOLDEN") != nullptr;
  const std::vector<std::string> names = variant.logs.empty() ? AllLogs() : variant.logs;
  if (update) {
    fs::remove_all(folder);
    fs::create_directories(folder);
  }
  std::optional<std::string> profile;
  if (!variant.profile.empty()) {
    profile = ReadFile(Folder() / "profiles" / (variant.profile + ".json"));
  }
  for (const std::string& name : names) {
    SCOPED_TRACE(name);
    const std::string log = ReadLog(name);
    ASSERT_FALSE(log.empty()) << "logs/" << name << ".json is missing";
    const std::string actual = Describe(MapLog(log, variant.options, profile));
    const fs::path golden = folder / (name + ".json");
    if (update) {
      std::ofstream(golden, std::ios::binary) << actual;
      continue;
    }
    const std::string expected = ReadFile(golden);
    if (actual != expected) {
      ADD_FAILURE() << "golden/" << variant.name << "/" << name
                    << ".json is different (LOGEXPORT_UPDATE_GOLDEN=1 rewrites it):\n"
                    << Diff(expected, actual);
    }
  }
  const auto files = std::distance(fs::directory_iterator(folder), fs::directory_iterator());
  EXPECT_EQ(files, static_cast<std::ptrdiff_t>(names.size())) << "a golden file has no log";
}

INSTANTIATE_TEST_SUITE_P(Variants, GoldenTest, ::testing::ValuesIn(Variants()),
                         [](const auto& variant) { return variant.param.name; });

TEST(GoldenTest, CoversMoreThanFortyTypesOfLogs) {
  std::vector<std::string> types;
  for (const std::string& name : AllLogs()) {
    const Mapped mapped = MapLog(ReadLog(name));
    if (!mapped.events.empty()) types.push_back(At(mapped.events.back(), "properties/type"));
  }
  std::sort(types.begin(), types.end());
  types.erase(std::unique(types.begin(), types.end()), types.end());
  EXPECT_GT(types.size(), 40u);
}

}  // namespace
}  // namespace logexport
