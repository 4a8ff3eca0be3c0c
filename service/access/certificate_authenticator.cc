#include "service/access/certificate_authenticator.h"

#include "service/base/status_macros.h"

namespace logexport {

absl::StatusOr<Identity> CertificateAuthenticator::Identify(const IncomingCall& call) {
  if (!call.certificate.has_value()) return Unauthenticated("a client certificate is needed");
  RETURN_IF_ERROR(certificates_->Check(call.certificate->chain));
  if (tokens_ != nullptr) return tokens_->Identify(call);
  return Identity{{call.certificate->name, /*verified=*/true}, v1::ROLE_ADMIN};
}

}  // namespace logexport
