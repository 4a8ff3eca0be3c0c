#include "tests/support/paths.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace logexport {
namespace {

std::string Under(const char* variable, absl::string_view compiled_in, absl::string_view name) {
  const char* const directory = std::getenv(variable);
  return absl::StrCat(directory != nullptr ? absl::string_view(directory) : compiled_in, "/", name);
}

}  // namespace

std::string SourcePath(absl::string_view relative) {
  return Under("LOGEXPORT_SOURCE_DIR", LOGEXPORT_SOURCE_DIR, relative);
}

std::string BinaryPath(absl::string_view name) {
  return Under("LOGEXPORT_BIN_DIR", LOGEXPORT_BIN_DIR, name);
}

}  // namespace logexport
