// CMake and Bazel build the same things: the same targets in the same folders, of the same sources.
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/version.h"
#include "tests/layout/build_files.h"
#include "tests/layout/source_tree.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// In CMake only: libFuzzer's programs, which need clang and are made in a loop.
const std::set<std::string>& CMakeOnlySources() {
  static const auto* const sources = new std::set<std::string>{"tests/fuzz/fuzzer_main.cc"};
  return *sources;
}

// In CMake only: it installs CMake's build.
constexpr char kCMakeOnlyFolder[] = "tests/install";

struct Folder {
  BuildTargets cmake;
  BuildTargets bazel;
};

std::map<std::string, Folder> ReadFolders() {
  std::map<std::string, Folder> folders;
  for (const std::string& path : SourceFiles("/CMakeLists.txt")) {
    if (FolderOf(path) == kCMakeOnlyFolder) continue;
    folders[FolderOf(path)].cmake = ReadCMake(ReadSource(path), FolderOf(path));
  }
  for (const std::string& path : SourceFiles("/BUILD")) {
    folders[FolderOf(path)].bazel = ReadBazel(ReadSource(path), FolderOf(path));
  }
  return folders;
}

// One line for each item that only one of the two has.
void Compare(const std::string& what, const std::set<std::string>& cmake,
             const std::set<std::string>& bazel, std::vector<std::string>& differences) {
  for (const std::string& item : cmake) {
    if (!bazel.contains(item)) {
      differences.push_back(absl::StrCat(what, " ", item, ": in CMakeLists.txt, not in BUILD"));
    }
  }
  for (const std::string& item : bazel) {
    if (!cmake.contains(item)) {
      differences.push_back(absl::StrCat(what, " ", item, ": in BUILD, not in CMakeLists.txt"));
    }
  }
}

std::set<std::string> Names(const BuildTargets& targets) {
  std::set<std::string> names;
  for (const auto& [name, target] : targets) names.insert(absl::StrCat(target.kind, " ", name));
  return names;
}

// Only what both builds make as a target of its own: third-party libraries have other names in
// each.
std::set<std::string> Ours(const std::set<std::string>& names, const std::set<std::string>& ours) {
  std::set<std::string> kept;
  for (const std::string& name : names) {
    if (ours.contains(name)) kept.insert(name);
  }
  return kept;
}

std::vector<std::string> Differences(const std::map<std::string, Folder>& folders) {
  std::set<std::string> ours;
  for (const auto& [path, folder] : folders) {
    for (const auto& [name, target] : folder.cmake) ours.insert(name);
  }
  std::vector<std::string> differences;
  for (const auto& [path, folder] : folders) {
    Compare(absl::StrCat(path, ":"), Names(folder.cmake), Names(folder.bazel), differences);
    for (const auto& [name, cmake] : folder.cmake) {
      const auto bazel = folder.bazel.find(name);
      if (bazel == folder.bazel.end()) continue;
      Compare(absl::StrCat(path, ": ", name, ": source"), cmake.sources, bazel->second.sources,
              differences);
      Compare(absl::StrCat(path, ": ", name, ": dependency"), Ours(cmake.dependencies, ours),
              Ours(bazel->second.dependencies, ours), differences);
    }
  }
  return differences;
}

TEST(TwinBuildsTest, BothHaveTheSameTargetsOfTheSameSources) {
  const std::vector<std::string> differences = Differences(ReadFolders());
  EXPECT_THAT(differences, IsEmpty()) << absl::StrJoin(differences, "\n");
}

TEST(TwinBuildsTest, EverySourceIsBuiltByBoth) {
  std::set<std::string> cmake = CMakeOnlySources();
  std::set<std::string> bazel = CMakeOnlySources();
  for (const auto& [path, folder] : ReadFolders()) {
    for (const auto& [name, target] : folder.cmake) {
      cmake.insert(target.sources.begin(), target.sources.end());
    }
    for (const auto& [name, target] : folder.bazel) {
      bazel.insert(target.sources.begin(), target.sources.end());
    }
  }
  const std::vector<std::string> sources = SourceFiles(".cc");
  EXPECT_GT(sources.size(), 100u) << "the tree was not read";
  for (const std::string& path : sources) {
    EXPECT_TRUE(cmake.contains(path)) << path << " is in no CMakeLists.txt";
    EXPECT_TRUE(bazel.contains(path)) << path << " is in no BUILD";
  }
}

TEST(TwinBuildsTest, BothHaveTheVersionOfTheSources) {
  EXPECT_THAT(ReadSource("CMakeLists.txt"),
              HasSubstr(absl::StrCat("project(logexport VERSION ", kServiceVersion, " ")));
  EXPECT_THAT(ReadSource("bazel/version.bzl"),
              HasSubstr(absl::StrCat("LOGEXPORT_VERSION = \"", kServiceVersion, "\"\n")));
}

TEST(TwinBuildsTest, BothFilesAreReadAsTheirSystemsReadThem) {
  const BuildTargets cmake = ReadCMake(R"cmake(
    # logexport_library(commented SOURCES out.cc)
    function(logexport_bench name)
      logexport_binary(${name} SOURCES ${ARG_SOURCES})
    endfunction()
    logexport_library(one SOURCES a.cc a.h ${generated}/b.cc DEPS two absl::status PRIVATE_DEPS "three")
    logexport_test(one_test SOURCES ../x/a_test.cc DEPS one TIMEOUT 600 DATA_DEPS program)
    add_library(made STATIC ${sources})
    add_library(two STATIC lib/c.cc)
    add_library(alias::two ALIAS two)
    target_link_libraries(two PUBLIC one PRIVATE three)
    logexport_script_test(script SOURCES run.sh TIMEOUT 1))cmake",
                                       "f");
  const BuildTargets bazel = ReadBazel(R"bazel(
    # logexport_library(name = "commented", srcs = ["out.cc"])
    load("//bazel:defs.bzl", "logexport_library")
    logexport_library(
        name = "one",
        srcs = ["a.cc"],  # and its header
        deps = [":two", "//g:three", "@system//:absl"],
    )
    logexport_test(name = "one_test", srcs = ["../x/a_test.cc"], data = glob(["**"]), deps = [":one"])
    cc_library(name = "made", srcs = [p.replace(".proto", ".pb.cc") for p in PROTOS])
    cc_library(name = "two", srcs = ["lib/c.cc"], deps = ["//f:one", "//g/three"])
    logexport_script_test(name = "script", srcs = ["run.sh"]))bazel",
                                       "f");
  for (const BuildTargets& targets : {cmake, bazel}) {
    ASSERT_THAT(targets,
                UnorderedElementsAre(Pair("one", ::testing::_), Pair("two", ::testing::_),
                                     Pair("one_test", ::testing::_), Pair("script", ::testing::_)));
    EXPECT_EQ(targets.at("one").kind, "library");
    EXPECT_THAT(targets.at("one").sources, ElementsAre("f/a.cc"));
    EXPECT_THAT(Ours(targets.at("one").dependencies, {"two", "three"}),
                ElementsAre("three", "two"));
    EXPECT_EQ(targets.at("one_test").kind, "test");
    EXPECT_THAT(targets.at("one_test").sources, ElementsAre("x/a_test.cc"));
    EXPECT_THAT(targets.at("two").dependencies, ElementsAre("one", "three"));
    EXPECT_EQ(targets.at("script").kind, "script");
    EXPECT_THAT(targets.at("script").sources, ElementsAre("f/run.sh"));
  }
}

TEST(TwinBuildsTest, EveryDifferenceIsNamed) {
  Folder folder;
  folder.cmake["lib"] = {"library", {"a.cc", "b.cc"}, {"x"}};
  folder.bazel["lib"] = {"library", {"a.cc", "c.cc"}, {}};
  folder.cmake["x"] = {"library", {"x.cc"}, {}};
  folder.bazel["x"] = {"binary", {"x.cc"}, {}};
  EXPECT_THAT(Differences({{"f", folder}}),
              ElementsAre("f: library x: in CMakeLists.txt, not in BUILD",
                          "f: binary x: in BUILD, not in CMakeLists.txt",
                          "f: lib: source b.cc: in CMakeLists.txt, not in BUILD",
                          "f: lib: source c.cc: in BUILD, not in CMakeLists.txt",
                          "f: lib: dependency x: in CMakeLists.txt, not in BUILD"));
}

}  // namespace
}  // namespace logexport
