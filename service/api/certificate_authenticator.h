#ifndef LOGEXPORT_SERVICE_API_CERTIFICATE_AUTHENTICATOR_H_
#define LOGEXPORT_SERVICE_API_CERTIFICATE_AUTHENTICATOR_H_

#include "service/api/authenticator.h"

namespace logexport {

// For mutual TLS without tokens: whoever shows a certificate of the configured authority may do
// everything, and is known by the name in it.
class CertificateAuthenticator final : public Authenticator {
 public:
  absl::StatusOr<Identity> Identify(const grpc::ServerContext& context) override;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_CERTIFICATE_AUTHENTICATOR_H_
