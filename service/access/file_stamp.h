#ifndef LOGEXPORT_SERVICE_ACCESS_FILE_STAMP_H_
#define LOGEXPORT_SERVICE_ACCESS_FILE_STAMP_H_

#include <cstdint>
#include <string>

namespace logexport {

// Tells whether a file has changed since it was read, also when another one has taken its name.
struct FileStamp {
  std::int64_t modified_ns = 0;
  std::int64_t size = 0;
  std::uint64_t inode = 0;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

// Links are followed. All zero for a file that is not there.
FileStamp StampOf(const std::string& path);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_FILE_STAMP_H_
