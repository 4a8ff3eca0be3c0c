#include "service/state/sqlite/lock_file.h"

#include <cerrno>
#include <cstdint>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "service/base/status_macros.h"
#include "service/state/file_error.h"
#include "service/state/sqlite/private_file.h"

namespace logexport {
namespace {

std::string DescribeOwner(int fd) {
  char text[32];
  const ssize_t length = ::pread(fd, text, sizeof(text), 0);
  std::int64_t pid = 0;
  if (length <= 0 || !absl::SimpleAtoi(absl::StripAsciiWhitespace(absl::string_view(
                                           text, static_cast<std::size_t>(length))),
                                       &pid)) {
    return "another process that is just starting";
  }
  if (pid == ::getpid()) return absl::StrCat("this process (pid ", pid, ") already");
  return absl::StrCat("the process with pid ", pid);
}

}  // namespace

absl::StatusOr<std::unique_ptr<LockFile>> LockFile::Acquire(const std::string& path) {
  // Not through a link, whose target would lose its content; and without waiting, should it be a
  // pipe.
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd < 0) {
    const int error = errno;
    if (error == ELOOP) RETURN_IF_ERROR(CheckPrivateFileAt(path));
    return FileError(error, absl::StrCat("cannot open the lock file ", path));
  }
  auto lock = absl::WrapUnique(new LockFile(fd));
  RETURN_IF_ERROR(CheckPrivateFile(fd, path));

  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno == EWOULDBLOCK) {
      return absl::AbortedError(absl::StrCat(
          path, " is locked by ", DescribeOwner(fd),
          ": a state store serves one process at a time; stop that process or give this one a "
          "store of its own"));
    }
    return FileError(errno, absl::StrCat("cannot lock ", path));
  }

  const std::string pid = absl::StrCat(::getpid(), "\n");
  if (::ftruncate(fd, 0) != 0 ||
      ::pwrite(fd, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return FileError(errno, absl::StrCat("cannot write the lock file ", path));
  }
  return lock;
}

LockFile::~LockFile() { ::close(fd_); }

}  // namespace logexport
