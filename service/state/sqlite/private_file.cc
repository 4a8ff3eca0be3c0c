#include "service/state/sqlite/private_file.h"

#include <cerrno>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include <sys/stat.h>
#include <unistd.h>

#include "service/state/file_error.h"

namespace logexport {
namespace {

absl::Status Refused(const std::string& path, absl::string_view problem, absl::string_view action) {
  return absl::FailedPreconditionError(
      absl::StrCat(path, " ", problem, "; it was left as it is. ", action));
}

absl::Status CheckPrivate(const struct stat& info, const std::string& path) {
  if (!S_ISREG(info.st_mode)) {
    return Refused(path, "is not a regular file", "Remove it, or name another file with --state");
  }
  if (info.st_uid != ::geteuid()) {
    return Refused(path,
                   absl::StrCat("belongs to user ", info.st_uid, ", and this process runs as user ",
                                ::geteuid()),
                   "Run the service as that user, or give the file to this one (chown)");
  }
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Refused(
        path, "can be written by other users",
        absl::StrCat("If nobody has changed it, take that right away: chmod go-w ", path));
  }
  if (info.st_nlink > 1) {
    return Refused(path, "is also reachable under another name (a hard link)",
                   "Remove the other name, or copy the file and use the copy");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckPrivateFile(int fd, const std::string& path) {
  struct stat info;
  if (::fstat(fd, &info) != 0) return FileError(errno, absl::StrCat("cannot look at ", path));
  return CheckPrivate(info, path);
}

absl::Status CheckPrivateFileAt(const std::string& path) {
  struct stat info;
  if (::lstat(path.c_str(), &info) != 0) {
    return errno == ENOENT ? absl::OkStatus()
                           : FileError(errno, absl::StrCat("cannot look at ", path));
  }
  if (S_ISLNK(info.st_mode)) {
    return Refused(path, "is a symbolic link", "Remove it; what it points to is not touched");
  }
  return CheckPrivate(info, path);
}

absl::Status CheckDirectoryOf(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string directory = (parent.empty() ? std::filesystem::path(".") : parent).string();
  struct stat info;
  if (::stat(directory.c_str(), &info) != 0) {
    return FileError(errno, absl::StrCat("cannot open the state store ", path,
                                         ": cannot look at the directory ", directory));
  }
  // Where the sticky bit is set, as in /tmp, only its owner may rename or remove a file.
  if ((info.st_mode & S_IWOTH) != 0 && (info.st_mode & S_ISVTX) == 0) {
    return Refused(directory,
                   "can be written by everybody, who could replace the state store in it",
                   absl::StrCat("Take that right away (chmod o-w ", directory,
                                "), or name a file in another directory with --state"));
  }
  return absl::OkStatus();
}

}  // namespace logexport
