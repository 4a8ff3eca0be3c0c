#ifndef LOGEXPORT_SERVICE_ACCESS_CERTIFICATE_AUTHENTICATOR_H_
#define LOGEXPORT_SERVICE_ACCESS_CERTIFICATE_AUTHENTICATOR_H_

#include <memory>
#include <utility>

#include "service/access/authenticator.h"
#include "service/access/client_certificates.h"

namespace logexport {

// For mutual TLS: only callers with a certificate of the configured authorities are let in. Without
// tokens each may do everything and is known by the name in the certificate; with tokens it is the
// token that tells who he is.
class CertificateAuthenticator final : public Authenticator {
 public:
  // `tokens` may be null.
  CertificateAuthenticator(std::unique_ptr<ClientCertificates> certificates,
                           std::unique_ptr<Authenticator> tokens)
      : certificates_(std::move(certificates)), tokens_(std::move(tokens)) {}

  absl::StatusOr<Identity> Identify(const IncomingCall& call) override;
  absl::StatusOr<Identity> IdentifyAgain(const Caller& caller,
                                         const Credential& credential) override;

 private:
  const std::unique_ptr<ClientCertificates> certificates_;
  const std::unique_ptr<Authenticator> tokens_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_CERTIFICATE_AUTHENTICATOR_H_
