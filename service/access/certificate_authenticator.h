#ifndef LOGEXPORT_SERVICE_ACCESS_CERTIFICATE_AUTHENTICATOR_H_
#define LOGEXPORT_SERVICE_ACCESS_CERTIFICATE_AUTHENTICATOR_H_

#include "service/access/authenticator.h"

namespace logexport {

// For mutual TLS without tokens: whoever shows a certificate of the configured authority may do
// everything, and is known by the name in it.
class CertificateAuthenticator final : public Authenticator {
 public:
  absl::StatusOr<Identity> Identify(const IncomingCall& call) override {
    if (!call.certificate_name.has_value()) {
      return Unauthenticated("a client certificate is needed");
    }
    return Identity{{*call.certificate_name, /*verified=*/true}, v1::ROLE_ADMIN};
  }
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_CERTIFICATE_AUTHENTICATOR_H_
