#ifndef LOGEXPORT_SERVICE_WEB_TLS_SERVER_CONTEXT_H_
#define LOGEXPORT_SERVICE_WEB_TLS_SERVER_CONTEXT_H_

#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include <openssl/ssl.h>

#include "service/access/incoming_call.h"
#include "service/access/tls_files.h"

namespace logexport {

struct SslContextDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextDeleter>;

// What a server needs to speak TLS 1.2 and 1.3: its certificate and key, and the authorities whose
// certificates it takes from clients. A client without one gets in, so that probes can: whoever
// needs one checks for it. INVALID_ARGUMENT for material that OpenSSL does not take.
absl::StatusOr<SslContext> MakeServerContext(const TlsMaterial& material);

// The client's certificate, if the handshake verified one: named, like gRPC does, by its first
// subject alternative name, else by its common name.
std::optional<ClientCertificate> VerifiedCertificate(SSL* connection);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_TLS_SERVER_CONTEXT_H_
