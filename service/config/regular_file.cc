#include "service/config/regular_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ios>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace logexport {

absl::StatusOr<std::string> ReadRegularFile(const std::string& path, std::size_t max_bytes) {
  std::error_code error;
  const std::filesystem::file_type type = std::filesystem::status(path, error).type();
  if (type == std::filesystem::file_type::not_found) {
    return absl::NotFoundError("does not exist");
  }
  if (!error && type != std::filesystem::file_type::regular) {
    return absl::InvalidArgumentError("is not a regular file");
  }
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::PermissionDeniedError(absl::StrCat("cannot be opened: ", std::strerror(errno)));
  }
  std::string content(max_bytes + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (file.bad()) return absl::PermissionDeniedError("cannot be read");
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (content.size() > max_bytes) {
    return absl::InvalidArgumentError(absl::StrCat("is larger than ", max_bytes, " bytes"));
  }
  return content;
}

}  // namespace logexport
