#ifndef LOGEXPORT_SERVICE_STATE_SQLITE_LOCK_FILE_H_
#define LOGEXPORT_SERVICE_STATE_SQLITE_LOCK_FILE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace logexport {

// Makes one process the owner of a file: an flock(2) on a file of its own, held until the object is
// destroyed or the process ends, however it ends. The file holds the owner's process id as text. It
// is never removed: removing it would let two processes lock two files of one name.
class LockFile {
 public:
  // ABORTED when it is held already, by another process or by this one; the message
  // names the owner. FAILED_PRECONDITION when `path` is a symbolic link or no private file
  // (private_file.h); then nothing is written. PERMISSION_DENIED, NOT_FOUND (no such directory),
  // RESOURCE_EXHAUSTED or UNAVAILABLE when the file cannot be opened or written.
  static absl::StatusOr<std::unique_ptr<LockFile>> Acquire(const std::string& path);

  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

 private:
  explicit LockFile(int fd) : fd_(fd) {}

  const int fd_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_SQLITE_LOCK_FILE_H_
