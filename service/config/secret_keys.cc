#include "service/config/secret_keys.h"

#include <cerrno>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/base/status_macros.h"
#include "service/config/regular_file.h"
#include "service/state/file_error.h"

namespace logexport {
namespace {

constexpr std::size_t kLargestKeyFile = 64 * 1024;

// Writes all of the text at once, and to the disk.
absl::Status WriteFile(const std::string& path, int flags, const std::string& text,
                       absl::string_view failure) {
  const int file = ::open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC | flags, 0600);
  if (file < 0) return FileError(errno, absl::StrCat(failure, path));
  const ssize_t written = ::write(file, text.data(), text.size());
  const bool good = written == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  const int error = errno;
  ::close(file);
  if (good) return absl::OkStatus();
  // Half a file would keep the next start from making a whole one.
  if ((flags & O_CREAT) != 0) ::unlink(path.c_str());
  return FileError(error, absl::StrCat(failure, path));
}

absl::Status WriteNewFile(const std::string& path, const std::string& text) {
  struct stat info;
  if (::lstat(path.c_str(), &info) == 0) {
    return absl::AlreadyExistsError(absl::StrCat("the key file ", path, " exists already"));
  }
  return WriteFile(path, O_CREAT | O_EXCL, text, "cannot make the key file ");
}

// A key that is lost with the power takes every secret along, so its name must be durable, too.
void SyncFolderOf(const std::string& path) {
  const std::string::size_type cut = path.rfind('/');
  const std::string folder = cut == std::string::npos ? "." : path.substr(0, cut + 1);
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  ::fsync(file);
  ::close(file);
}

}  // namespace

SecretKeys::SecretKeys(std::string path)
    : path_(std::move(path)), ring_(std::make_shared<const KeyRing>()) {}

std::shared_ptr<const KeyRing> SecretKeys::ring() const {
  MutexLock lock(&mutex_);
  return ring_;
}

absl::Status SecretKeys::Load() {
  ASSIGN_OR_RETURN(KeyRing ring, Read());
  Use(std::move(ring));
  return absl::OkStatus();
}

void SecretKeys::Use(KeyRing ring) {
  MutexLock lock(&mutex_);
  ring_ = std::make_shared<const KeyRing>(std::move(ring));
}

absl::StatusOr<KeyRing> SecretKeys::Read() const {
  const auto refuse = [this](absl::StatusCode code, absl::string_view why) {
    return absl::Status(code, absl::StrCat("the key file ", path_, " ", why));
  };
  const absl::StatusOr<std::string> text = ReadRegularFile(path_, kLargestKeyFile);
  if (absl::IsNotFound(text.status())) {
    return refuse(absl::StatusCode::kNotFound, text.status().message());
  }
  if (!text.ok()) return refuse(absl::StatusCode::kFailedPrecondition, text.status().message());
  struct stat info;
  if (::stat(path_.c_str(), &info) == 0 && (info.st_mode & (S_IROTH | S_IWOTH | S_IWGRP)) != 0) {
    return refuse(absl::StatusCode::kFailedPrecondition,
                  "may be read or changed by others; take that right away with chmod 600");
  }
  absl::StatusOr<KeyRing> ring = KeyRing::Parse(*text);
  if (!ring.ok()) {
    return refuse(absl::StatusCode::kFailedPrecondition, ring.status().message());
  }
  return ring;
}

absl::Status SecretKeys::Create() {
  ASSIGN_OR_RETURN(const std::string key, NewKeyLine());
  ASSIGN_OR_RETURN(const std::string audit_key, NewAuditKeyLine());
  RETURN_IF_ERROR(WriteNewFile(path_, absl::StrCat(key, audit_key)));
  SyncFolderOf(path_);
  return Load();
}

absl::Status SecretKeys::AddAuditKey() {
  ASSIGN_OR_RETURN(const std::string line, NewAuditKeyLine());
  // The last line may lack its end.
  RETURN_IF_ERROR(
      WriteFile(path_, O_APPEND, absl::StrCat("\n", line), "cannot add a key to the key file "));
  return Load();
}

std::string KeyFileBeside(absl::string_view state_url) {
  absl::ConsumePrefix(&state_url, "sqlite:");
  return absl::StrCat(state_url, ".key");
}

}  // namespace logexport
