#ifndef LOGEXPORT_TESTS_AUTH0_SHARED_DATA_H_
#define LOGEXPORT_TESTS_AUTH0_SHARED_DATA_H_

#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"

#include "tests/support/paths.h"

namespace logexport {

// Public sample logs and the list of log types they were compared with are not ours to ship. The
// tests that use them look for them where LOGEXPORT_SHARED_DATA says, else in shared/data beside
// the source tree.

inline std::string SharedDataDirectory() {
  if (const char* const directory = std::getenv("LOGEXPORT_SHARED_DATA")) return directory;
  return SourcePath("../shared/data");
}

// The path of the file, or an empty text when it is not there.
inline std::string SharedDataFile(const std::string& name) {
  const std::string path = absl::StrCat(SharedDataDirectory(), "/", name);
  return std::filesystem::exists(path) ? path : "";
}

inline std::string SharedDataIsMissing(const std::string& name) {
  return absl::StrCat("NOT TESTED: ", SharedDataDirectory(), "/", name,
                      " is missing; set LOGEXPORT_SHARED_DATA to the directory that holds it.");
}

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_AUTH0_SHARED_DATA_H_
