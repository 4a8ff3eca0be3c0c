#ifndef LOGEXPORT_SERVICE_HTTP_TRUSTED_AUTHORITIES_H_
#define LOGEXPORT_SERVICE_HTTP_TRUSTED_AUTHORITIES_H_

#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include <openssl/ssl.h>

namespace logexport {

// The certificate authorities that outgoing TLS trusts: the system's, wherever OpenSSL looks for
// them (SSL_CERT_FILE and SSL_CERT_DIR included), and those of a file. One set for all connections:
// left to itself, curl reads the system's whole bundle for each of them, tens of milliseconds and
// megabytes, and takes a file of one's own in the bundle's place. Thread-safe.
class TrustedAuthorities {
 public:
  // Adds those of the PEM file `ca_file` unless it is empty. INVALID_ARGUMENT if it cannot be read
  // or holds no certificate.
  static absl::StatusOr<std::unique_ptr<TrustedAuthorities>> Load(const std::string& ca_file);

  // Makes connections of `context` trust these and no others.
  void UseIn(SSL_CTX* context);

 private:
  struct FreeStore {
    void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  };

  TrustedAuthorities() = default;

  std::unique_ptr<X509_STORE, FreeStore> store_;
  std::once_flag system_added_;  // only when first needed: not at start-up, never for plain HTTP
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_TRUSTED_AUTHORITIES_H_
