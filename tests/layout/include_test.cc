// The direction of dependencies: which folder may include which, and where the headers of a library
// may appear. ARCHITECTURE.md says why.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/layout/include_graph.h"
#include "tests/layout/source_tree.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A folder of the tree and the other folders of ours whose headers it may include.
struct Room {
  std::string folder;
  std::set<std::string> uses;
};

// Each room uses only rooms that stand before it. What is directly in service/ puts everything
// together.
const std::vector<Room>& Rooms() {
  static const auto* const rooms = new std::vector<Room>{
      {"proto", {}},
      {"service/base", {}},
      {"service/json", {"service/base"}},
      {"service/telemetry", {"service/base"}},
      {"service/telemetry/otlp", {"service/base", "service/telemetry"}},
      {"service/http", {"service/base"}},
      {"service/schedule", {"service/base"}},
      {"service/state", {"service/base", "service/json"}},
      {"service/state/sqlite", {"service/base", "service/state"}},
      {"service/state/postgresql", {"service/base", "service/state"}},
      {"service/state/engines",
       {"service/base", "service/state", "service/state/sqlite", "service/state/postgresql"}},
      {"service/export", {"service/base", "service/json", "service/state"}},
      {"service/auth0",
       {"service/base", "service/json", "service/http", "service/state", "service/export"}},
      {"service/segment/privacy", {"service/base", "service/json", "service/export"}},
      {"service/segment",
       {"service/base", "service/json", "service/http", "service/state", "service/export",
        "service/segment/privacy"}},
      {"service/slack",
       {"service/base", "service/json", "service/http", "service/state", "service/export"}},
      {"service/webhook",
       {"service/base", "service/json", "service/http", "service/state", "service/export"}},
      {"service/config",
       {"service/base", "service/json", "service/http", "service/state", "service/schedule",
        "service/export"}},
      {"service/runs",
       {"service/base", "service/json", "service/state", "service/schedule", "service/export",
        "service/config", "service/telemetry"}},
      {"service/control",
       {"service/base", "service/json", "service/http", "service/state", "service/schedule",
        "service/export", "service/config", "service/runs"}},
      {"service/access",
       {"service/base", "service/http", "service/state", "service/config", "service/control"}},
      {"service/api", {"service/base", "service/control", "service/access"}},
      {"service/web",
       {"service/base", "service/json", "service/http", "service/control", "service/access"}},
      {"service",
       {"service/base", "service/http", "service/state", "service/state/engines",
        "service/schedule", "service/export", "service/auth0", "service/segment", "service/slack",
        "service/webhook", "service/config", "service/runs", "service/control", "service/access",
        "service/api", "service/web", "service/telemetry", "service/telemetry/otlp"}},
      {"client/logexport", {}},
      {"client/lib", {"client/logexport"}},
      {"client/cli", {"client/logexport", "proto", "service/base"}},
      {"client/examples/cpp", {"client/logexport"}},
      {"tests/support", {}},
      // A simulator that shared the product's code would share its mistakes: of that it uses only
      // what has no domain words.
      {"tests/sandbox/memory", {}},
      {"tests/sandbox/http", {"service/base"}},
      {"tests/sandbox/faults", {"service/base", "tests/sandbox/http"}},
      {"tests/sandbox/auth0",
       {"service/base", "service/json", "tests/sandbox/memory", "tests/sandbox/http"}},
      {"tests/sandbox/segment",
       {"service/base", "service/json", "tests/sandbox/memory", "tests/sandbox/http"}},
      {"tests/sandbox/slack", {"service/base", "service/json", "tests/sandbox/http"}},
      {"tests/sandbox",
       {"service/base", "service/json", "tests/support", "tests/sandbox/http",
        "tests/sandbox/faults", "tests/sandbox/auth0", "tests/sandbox/segment",
        "tests/sandbox/slack"}},
  };
  return *rooms;
}

// The start of a header's name → the folders that may include it. Headers named nowhere here may be
// included anywhere.
struct LibraryRule {
  const char* prefix;
  std::set<std::string> folders;
};

const std::vector<LibraryRule>& LibraryRules() {
  static const auto* const rules = new std::vector<LibraryRule>{
      {"grpcpp/",
       {"service/api", "service/telemetry/otlp", "service", "client/logexport", "client/lib",
        "client/cli"}},
      {"grpc/", {"service/api", "service", "client/logexport", "client/lib", "client/cli"}},
      {"logexport/v1/service.grpc.pb.h",
       {"service/api", "service", "client/logexport", "client/lib", "client/cli"}},
      {"boost/", {"service/web"}},
      {"curl/", {"service/http"}},
      {"soci/", {"service/state/sqlite"}},
      {"sqlite3", {"service/state/sqlite"}},
      {"postgresql/", {"service/state/postgresql"}},
      // Beside reading JSON it has the check of UTF-8 that service/base gives everybody.
      {"simdjson", {"service/json", "service/auth0", "service/base"}},
      {"spdlog/", {"service/base"}},
      {"prometheus/", {"service/telemetry"}},
      {"CLI/", {"service", "client/cli"}},
      {"yaml-cpp/", {"service/config", "client/cli"}},
      {"zlib", {"service/http", "service/segment"}},
      {"google/protobuf/",
       {"service/config", "service/runs", "service/control", "service/access", "service/api",
        "service/web", "service/telemetry/otlp", "service", "client/logexport", "client/lib",
        "client/cli"}},
  };
  return *rules;
}

// What is wrong with a file's including a header, or nothing.
std::string Objection(const std::string& folder, const std::string& header) {
  const std::string ours = OurHeader(header);
  if (!ours.empty() && FolderOf(ours) != folder) {
    const auto room = std::find_if(Rooms().begin(), Rooms().end(),
                                   [&](const Room& each) { return each.folder == folder; });
    if (room == Rooms().end()) {
      return absl::StrCat("is in a folder that include_test.cc does not know: ", folder);
    }
    if (!room->uses.contains(FolderOf(ours))) {
      return absl::StrCat(folder, " may not use ", FolderOf(ours));
    }
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

TEST(IncludeTest, RoomsStandInOrder) {
  std::set<std::string> before;
  for (const Room& room : Rooms()) {
    for (const std::string& used : room.uses) {
      EXPECT_TRUE(before.contains(used))
          << room.folder << " uses " << used << ", which is above it";
    }
    EXPECT_TRUE(before.insert(room.folder).second) << room.folder << " stands twice";
  }
}

TEST(IncludeTest, WhatIsWrongIsSeen) {
  EXPECT_EQ(Objection("service/base", "service/http/url.h"),
            "service/base may not use service/http");
  EXPECT_EQ(Objection("service/export", "service/auth0/management_api.h"),
            "service/export may not use service/auth0");
  EXPECT_EQ(Objection("service/control", "grpcpp/grpcpp.h"), "grpcpp/ is not for service/control");
  EXPECT_EQ(Objection("service/web", "service/api/grpc_server.h"),
            "service/web may not use service/api");
  EXPECT_EQ(Objection("service/api", "boost/beast/http.hpp"), "boost/ is not for service/api");
  EXPECT_EQ(Objection("service/auth0", "curl/curl.h"), "curl/ is not for service/auth0");
  EXPECT_EQ(Objection("service/access", "grpcpp/grpcpp.h"), "grpcpp/ is not for service/access");
  EXPECT_EQ(Objection("service/access", "service/api/security.h"),
            "service/access may not use service/api");
  EXPECT_EQ(Objection("service/segment", "tests/support/paths.h"),
            "service/segment may not use tests/support");
  EXPECT_EQ(Objection("service/api", "logexport/client.h"),
            "service/api may not use client/logexport");
  EXPECT_EQ(Objection("service/new", "service/base/clock.h"),
            "is in a folder that include_test.cc does not know: service/new");
  EXPECT_EQ(Objection("service/api", "logexport/v1/service.grpc.pb.h"), "");
}

TEST(IncludeTest, SqlIsWrittenOnlyInState) {
  for (const std::string& path : ShippedFiles()) {
    if (absl::StartsWith(path, "service/state/") || absl::StartsWith(path, "tests/")) continue;
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
