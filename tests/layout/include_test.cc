// The direction of dependencies: which folder may include which, and where the headers of a library
// may appear. ARCHITECTURE.md says why.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/layout/source_tree.h"

namespace logexport {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A folder → the folders of ours whose headers it may include beside its own. What is directly in
// service/ puts everything together.
const std::map<std::string, std::set<std::string>>& AllowedFolders() {
  static const auto* const allowed = new std::map<std::string, std::set<std::string>>{
      {"service/base", {}},
      {"service/json", {"service/base"}},
      {"service/http", {"service/base"}},
      {"service/schedule", {"service/base"}},
      {"service/state", {"service/base", "service/json"}},
      {"service/export", {"service/base", "service/state"}},
      {"service/auth0",
       {"service/base", "service/json", "service/http", "service/state", "service/export"}},
      {"service/segment/privacy", {"service/base", "service/json", "service/export"}},
      {"service/segment",
       {"service/base", "service/json", "service/http", "service/state", "service/export",
        "service/segment/privacy"}},
      {"service/slack",
       {"service/base", "service/json", "service/http", "service/state", "service/export"}},
      {"service/config",
       {"service/base", "service/json", "service/http", "service/state", "service/schedule",
        "service/export"}},
      {"service/runs",
       {"service/base", "service/json", "service/state", "service/schedule", "service/export",
        "service/config", "service/control"}},
      {"service/control",
       {"service/base", "service/json", "service/http", "service/state", "service/schedule",
        "service/export", "service/config", "service/runs"}},
      {"service/api",
       {"service/base", "service/http", "service/state", "service/schedule", "service/export",
        "service/control", "service/runs", "service/config"}},
      {"service",
       {"service/base", "service/http", "service/state", "service/schedule", "service/export",
        "service/auth0", "service/segment", "service/slack", "service/control", "service/api",
        "service/config", "service/runs"}},
      {"client/logexport", {}},
      {"client/lib", {"client/logexport"}},
      {"client/cli", {"client/logexport", "proto", "service/base"}},
      {"client/examples/cpp", {"client/logexport"}},
      {"proto", {}},
      // A simulator that shared the product's code would share its mistakes.
      {"tests/sandbox/base", {}},
      {"tests/sandbox/http", {"service/base"}},
      {"tests/sandbox/auth0",
       {"service/base", "service/json", "tests/sandbox/base", "tests/sandbox/http"}},
      {"tests/sandbox/segment",
       {"service/base", "service/json", "tests/sandbox/base", "tests/sandbox/http"}},
      {"tests/sandbox/slack",
       {"service/base", "service/json", "tests/sandbox/base", "tests/sandbox/http"}},
      {"tests/sandbox",
       {"service/base", "service/json", "tests/support", "tests/sandbox/base", "tests/sandbox/http",
        "tests/sandbox/auth0", "tests/sandbox/segment", "tests/sandbox/slack"}},
  };
  return *allowed;
}

// The start of a header's name → the folders that may include it. Headers named nowhere here may be
// included anywhere.
struct LibraryRule {
  const char* prefix;
  std::set<std::string> folders;
};

const std::vector<LibraryRule>& LibraryRules() {
  static const auto* const rules = new std::vector<LibraryRule>{
      {"grpcpp/", {"service/api", "service", "client/logexport", "client/lib", "client/cli"}},
      {"grpc/", {"service/api", "service", "client/logexport", "client/lib", "client/cli"}},
      {"logexport/v1/service.grpc.pb.h",
       {"service/api", "service", "client/logexport", "client/lib", "client/cli"}},
      {"curl/", {"service/http"}},
      {"soci/", {"service/state"}},
      {"sqlite3", {"service/state"}},
      {"simdjson", {"service/json", "service/auth0"}},
      {"spdlog/", {"service/base"}},
      {"CLI/", {"service", "client/cli"}},
      {"yaml-cpp/", {"service/config", "client/cli"}},
      {"zlib", {"service/http", "service/segment"}},
      {"google/protobuf/",
       {"service/config", "service/runs", "service/control", "service/api", "service",
        "client/logexport", "client/lib", "client/cli"}},
  };
  return *rules;
}

// What stands between the quotes or brackets of #include lines.
std::vector<std::string> IncludesOf(const std::string& text) {
  std::vector<std::string> includes;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!absl::ConsumePrefix(&line, "#include ") || line.size() < 2) continue;
    const std::size_t end = line.find_first_of(">\"", 1);
    if (end != absl::string_view::npos) includes.emplace_back(line.substr(1, end - 1));
  }
  return includes;
}

// What is wrong with a file's including a header, or nothing.
std::string Objection(const std::string& folder, const std::string& header) {
  // client/ is an include folder itself, so that users write what an installed library has.
  const bool of_client = absl::StartsWith(header, "logexport/") && !absl::EndsWith(header, ".pb.h");
  const std::string from = of_client ? "client/logexport" : FolderOf(header);
  const bool ours = of_client || absl::StartsWith(header, "service/") ||
                    absl::StartsWith(header, "client/") || absl::StartsWith(header, "tests/") ||
                    absl::StartsWith(header, "proto/");
  if (ours && from != folder) {
    const auto allowed = AllowedFolders().find(folder);
    if (allowed == AllowedFolders().end()) {
      return absl::StrCat("is in a folder that include_test.cc does not know: ", folder);
    }
    if (!allowed->second.contains(from)) return absl::StrCat(folder, " may not use ", from);
  }
  for (const LibraryRule& rule : LibraryRules()) {
    if (absl::StartsWith(header, rule.prefix) && !rule.folders.contains(folder)) {
      return absl::StrCat(rule.prefix, " is not for ", folder);
    }
  }
  return "";
}

// Tests may use everything; the rules are for what is shipped, and for the sandbox's programs.
bool HasRules(const std::string& path) {
  if (absl::StartsWith(path, "tests/")) {
    return absl::StartsWith(path, "tests/sandbox/") && !absl::StrContains(path, "_test.cc") &&
           !absl::StrContains(path, "sandbox_client");
  }
  return path != "proto/embed_file.cc";
}

std::vector<std::string> ShippedFiles() {
  std::vector<std::string> files = SourceFiles(".h");
  const std::vector<std::string> sources = SourceFiles(".cc");
  files.insert(files.end(), sources.begin(), sources.end());
  files.erase(std::remove_if(files.begin(), files.end(),
                             [](const std::string& path) { return !HasRules(path); }),
              files.end());
  return files;
}

TEST(IncludeTest, FoldersUseOnlyWhatIsBelowThem) {
  std::vector<std::string> objections;
  std::size_t includes = 0;
  for (const std::string& path : ShippedFiles()) {
    for (const std::string& header : IncludesOf(ReadSource(path))) {
      ++includes;
      // The sandbox is a program of its own: the rules about libraries are the service's.
      const std::string objection =
          absl::StartsWith(path, "tests/") && !absl::StartsWith(header, "service/")
              ? ""
              : Objection(FolderOf(path), header);
      if (!objection.empty()) {
        objections.push_back(absl::StrCat(path, " includes ", header, ": ", objection));
      }
    }
  }
  EXPECT_THAT(objections, IsEmpty());
  EXPECT_GT(includes, 1000u) << "the tree was not read";
}

TEST(IncludeTest, WhatIsWrongIsSeen) {
  EXPECT_EQ(Objection("service/base", "service/http/url.h"),
            "service/base may not use service/http");
  EXPECT_EQ(Objection("service/export", "service/auth0/management_api.h"),
            "service/export may not use service/auth0");
  EXPECT_EQ(Objection("service/control", "grpcpp/grpcpp.h"), "grpcpp/ is not for service/control");
  EXPECT_EQ(Objection("service/auth0", "curl/curl.h"), "curl/ is not for service/auth0");
  EXPECT_EQ(Objection("service/segment", "tests/support/paths.h"),
            "service/segment may not use tests/support");
  EXPECT_EQ(Objection("service/api", "logexport/client.h"),
            "service/api may not use client/logexport");
  EXPECT_EQ(Objection("service/new", "service/base/clock.h"),
            "is in a folder that include_test.cc does not know: service/new");
  EXPECT_EQ(Objection("service/api", "logexport/v1/service.grpc.pb.h"), "");
  EXPECT_THAT(IncludesOf("#include <curl/curl.h>\n// #include \"x.h\"\n#include \"a/b.h\"  // c\n"),
              ElementsAre("curl/curl.h", "a/b.h"));
}

TEST(IncludeTest, SqlIsWrittenOnlyInState) {
  for (const std::string& path : ShippedFiles()) {
    if (FolderOf(path) == "service/state" || absl::StartsWith(path, "tests/")) continue;
    const std::string text = ReadSource(path);
    for (const char* const words :
         {"\"SELECT ", "\"INSERT ", "\"UPDATE ", "\"DELETE FROM", "\"CREATE TABLE", "\"PRAGMA "}) {
      EXPECT_FALSE(absl::StrContains(text, words)) << path << " has SQL: " << words;
    }
  }
  EXPECT_THAT(ReadSource("service/state/migrations.cc"), HasSubstr("CREATE TABLE"));
}

TEST(IncludeTest, FilesStayReadable) {
  // "About 400 lines": what is past this has a second subject.
  constexpr std::ptrdiff_t kMost = 450;
  std::vector<std::string> files = SourceFiles(".h");
  const std::vector<std::string> sources = SourceFiles(".cc");
  files.insert(files.end(), sources.begin(), sources.end());
  for (const std::string& path : files) {
    const std::string text = ReadSource(path);
    EXPECT_LE(std::count(text.begin(), text.end(), '\n'), kMost) << path << " is too long";
    for (const char* const word : {"manager", "helper", "util"}) {
      EXPECT_FALSE(absl::StrContains(path.substr(path.rfind('/') + 1), word))
          << path << ": a name that says nothing";
    }
  }
}

}  // namespace
}  // namespace logexport
