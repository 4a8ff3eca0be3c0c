#include "tests/layout/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "tests/support/paths.h"

namespace logexport {

namespace fs = std::filesystem;

std::string SourceTree() {
  // Bazel gives the test links to the files.
  static const auto* const tree =
      new std::string(fs::canonical(SourcePath("WORKSPACE")).parent_path().string());
  return *tree;
}

std::string ReadSource(absl::string_view path) {
  std::ifstream file(absl::StrCat(SourceTree(), "/", path), std::ios::binary);
  EXPECT_TRUE(file.good()) << path << " cannot be read";
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

std::vector<std::string> SourceFiles(absl::string_view ending) {
  std::vector<std::string> files;
  for (const char* const top : {"proto", "service", "client", "tests"}) {
    auto entry = fs::recursive_directory_iterator(fs::path(SourceTree()) / top);
    for (; entry != fs::recursive_directory_iterator(); ++entry) {
      if (entry->path().filename() == "node_modules") entry.disable_recursion_pending();
      const std::string path = fs::relative(entry->path(), SourceTree()).string();
      if (entry->is_regular_file() && absl::EndsWith(path, ending)) files.push_back(path);
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string FolderOf(absl::string_view path) {
  return fs::path(std::string(path)).parent_path().string();
}

}  // namespace logexport
