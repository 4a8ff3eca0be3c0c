#ifndef LOGEXPORT_SERVICE_ACCESS_TLS_FILES_H_
#define LOGEXPORT_SERVICE_ACCESS_TLS_FILES_H_

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/access/file_stamp.h"

namespace logexport {

// What the server shows of itself and whom it believes, all in PEM form.
struct TlsMaterial {
  std::string certificate_chain;
  std::string private_key;
  std::string client_ca;                            // empty: clients need no certificate
  absl::Time valid_until = absl::InfiniteFuture();  // of the server's own certificate
  // Of the one among client_ca that expires first.
  absl::Time client_ca_valid_until = absl::InfiniteFuture();
};

// The files of --tls-cert, --tls-key and --tls-client-ca (empty when not given), which may be
// replaced while the service runs. Not thread-safe.
class TlsFiles {
 public:
  TlsFiles(std::string cert, std::string key, std::string client_ca)
      : paths_{std::move(cert), std::move(key), std::move(client_ca)} {}

  // Whether a file has changed since the last Read.
  bool Changed() const { return stamps_ != Stamps(); }

  // INVALID_ARGUMENT names the flag and what to do: a file that cannot be read or holds no
  // certificate or key, a key with a password, or one that is not the certificate's.
  absl::StatusOr<TlsMaterial> Read();

 private:
  using StampArray = std::array<FileStamp, 3>;
  StampArray Stamps() const;

  const std::array<std::string, 3> paths_;
  std::optional<StampArray> stamps_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_TLS_FILES_H_
