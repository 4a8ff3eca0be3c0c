#ifndef LOGEXPORT_TESTS_LAYOUT_BUILD_FILES_H_
#define LOGEXPORT_TESTS_LAYOUT_BUILD_FILES_H_

#include <map>
#include <set>
#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// What CMakeLists.txt and BUILD files say, as far as the two have to say the same. Both are read as
// text: neither build system is needed.

struct BuildTarget {
  std::string kind;                    // library, binary, bench, test, script (a test)
  std::set<std::string> sources;       // .cc files, as paths within the tree; no generated ones
  std::set<std::string> dependencies;  // names of targets of ours

  friend bool operator==(const BuildTarget&, const BuildTarget&) = default;
};

// By name, which is unique in the tree.
using BuildTargets = std::map<std::string, BuildTarget>;

// The targets of one file that lies in `folder`. Targets of generated sources only are left out,
// and dependencies on them.
BuildTargets ReadCMake(absl::string_view text, const std::string& folder);
BuildTargets ReadBazel(absl::string_view text, const std::string& folder);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_LAYOUT_BUILD_FILES_H_
