#ifndef LOGEXPORT_TESTS_LAYOUT_SOURCE_TREE_H_
#define LOGEXPORT_TESTS_LAYOUT_SOURCE_TREE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace logexport {

// The source tree itself, not the copy of it in which Bazel runs tests.
std::string SourceTree();

// The text of a file of the tree; fails the test and is empty where there is none.
std::string ReadSource(absl::string_view path);

// The files of our own with that name or ending (".cc"), as paths within the tree, sorted: those in
// proto/, service/, client/ and tests/, without what npm installed there.
std::vector<std::string> SourceFiles(absl::string_view ending);

// "service/http" of "service/http/url.cc"; empty for a file at the root.
std::string FolderOf(absl::string_view path);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_LAYOUT_SOURCE_TREE_H_
