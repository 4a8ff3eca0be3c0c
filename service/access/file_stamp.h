#ifndef LOGEXPORT_SERVICE_ACCESS_FILE_STAMP_H_
#define LOGEXPORT_SERVICE_ACCESS_FILE_STAMP_H_

#include <cstdint>
#include <string>

namespace logexport {

// Tells whether a file has changed since it was read, also when another one has taken its name, and
// when it was written in place and its time of modification set back.
struct FileStamp {
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;  // of content or attributes; nobody can set it
  std::int64_t size = 0;
  std::uint64_t inode = 0;
  std::uint64_t device = 0;

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

// Links are followed. All zero for a file that is not there.
FileStamp StampOf(const std::string& path);

// Whether a change after the stamp was taken could leave the stamp as it is, because the file had
// changed only just before.
bool MayHideAChange(const FileStamp& stamp);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_FILE_STAMP_H_
