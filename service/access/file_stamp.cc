#include "service/access/file_stamp.h"

#include "absl/time/time.h"
#include <sys/stat.h>

namespace logexport {

FileStamp StampOf(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return {};
  return {absl::ToInt64Nanoseconds(absl::DurationFromTimespec(info.st_mtim)), info.st_size,
          info.st_ino};
}

}  // namespace logexport
