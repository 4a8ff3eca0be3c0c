#ifndef LOGEXPORT_SERVICE_CONFIG_SECRET_KEYS_H_
#define LOGEXPORT_SERVICE_CONFIG_SECRET_KEYS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/base/mutex.h"
#include "service/config/key_ring.h"

namespace logexport {

// The key file of the process: read at start, and again when keys are rotated. Thread-safe.
class SecretKeys {
 public:
  // Reads nothing yet: the ring is empty.
  explicit SecretKeys(std::string path);

  const std::string& path() const { return path_; }
  std::shared_ptr<const KeyRing> ring() const;

  // Reads the file; the ring stays as it is when that fails. NOT_FOUND when there is none;
  // FAILED_PRECONDITION when it is malformed, or others than its owner may read or change it.
  // Errors name the file.
  absl::Status Load();

  // Reads the file without using it yet. Errors as Load.
  absl::StatusOr<KeyRing> Read() const;
  void Use(KeyRing ring);

  // Makes a file with a new key for secrets and one for the audit that only this user can read, and
  // loads it. ALREADY_EXISTS when there is one; other errors as FileError gives them.
  absl::Status Create();
  // Adds a new key for the audit to the file and loads it.
  absl::Status AddAuditKey();

 private:
  const std::string path_;
  mutable Mutex mutex_;
  std::shared_ptr<const KeyRing> ring_ ABSL_GUARDED_BY(mutex_);
};

// Where the key file of a store lies when none is named: PATH.key for sqlite:PATH.
std::string KeyFileBeside(absl::string_view state_url);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONFIG_SECRET_KEYS_H_
