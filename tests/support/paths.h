#ifndef LOGEXPORT_TESTS_SUPPORT_PATHS_H_
#define LOGEXPORT_TESTS_SUPPORT_PATHS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// Where tests find their data and our programs. Compiled in from the build; the variables
// LOGEXPORT_SOURCE_DIR and LOGEXPORT_BIN_DIR override it, for trees that were moved.

// The path of a file or folder of the source tree: "tests/slack/golden".
std::string SourcePath(absl::string_view relative);

// The path of one of our programs: "logexportd".
std::string BinaryPath(absl::string_view name);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SUPPORT_PATHS_H_
