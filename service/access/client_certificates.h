#ifndef LOGEXPORT_SERVICE_ACCESS_CLIENT_CERTIFICATES_H_
#define LOGEXPORT_SERVICE_ACCESS_CLIENT_CERTIFICATES_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/access/file_stamp.h"
#include "service/base/mutex.h"

namespace logexport {

// Checks client certificates against the authorities in a file, at every call. The handshake has
// done so once, but a connection outlives it, and a resumed TLS session has none: a certificate
// that expires, or whose authority is taken out of the file, must count no more at once.
// Thread-safe.
class ClientCertificates {
 public:
  // `path` is a PEM file of authorities, followed as it changes. INVALID_ARGUMENT when it cannot be
  // used.
  static absl::StatusOr<std::unique_ptr<ClientCertificates>> Create(const std::string& path);
  ~ClientCertificates();

  // `chain`, in PEM form, begins with the client's own certificate. UNAUTHENTICATED when it does
  // not lead to one of the authorities now.
  absl::Status Check(const std::string& chain);

 private:
  struct Store;
  explicit ClientCertificates(std::string path);
  absl::Status Load() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Follow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  Mutex mutex_;
  FileStamp stamp_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Store> store_ ABSL_GUARDED_BY(mutex_);
  // Until when chains are valid that were found good under `store_`, by their digests.
  absl::flat_hash_map<std::string, absl::Time> good_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_CLIENT_CERTIFICATES_H_
