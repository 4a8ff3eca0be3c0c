#include "service/access/file_stamp.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include <sys/stat.h>

namespace logexport {
namespace {

// File systems count time in steps; two seconds are FAT's, the widest.
constexpr absl::Duration kWidestStep = absl::Seconds(2);

std::int64_t Nanoseconds(const timespec& time) {
  return absl::ToInt64Nanoseconds(absl::DurationFromTimespec(time));
}

}  // namespace

FileStamp StampOf(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return {};
  return {Nanoseconds(info.st_mtim), Nanoseconds(info.st_ctim), info.st_size, info.st_ino,
          info.st_dev};
}

bool MayHideAChange(const FileStamp& stamp) {
  return absl::Now() - absl::FromUnixNanos(stamp.changed_ns) < kWidestStep;
}

}  // namespace logexport
