#ifndef LOGEXPORT_SERVICE_STATE_SQLITE_PRIVATE_FILE_H_
#define LOGEXPORT_SERVICE_STATE_SQLITE_PRIVATE_FILE_H_

#include <string>

#include "absl/status/status.h"

namespace logexport {

// Whoever can write a file of the store decides what is exported and where to, and a file with a
// second name is changed by whoever writes that one. FAILED_PRECONDITION, naming the file and what
// to do, if the open file `fd`, which is at `path`, is
//   - not a regular file
//   - owned by another user than this process's
//   - writable by its group or by everybody
//   - reachable under another name, too (a hard link)
absl::Status CheckPrivateFile(int fd, const std::string& path);

// The same for the file at `path`, and also if that is a symbolic link. OK if there is no file.
absl::Status CheckPrivateFileAt(const std::string& path);

// FAILED_PRECONDITION if everybody may rename the files of the directory that `path` is in.
absl::Status CheckDirectoryOf(const std::string& path);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_STATE_SQLITE_PRIVATE_FILE_H_
