#include "service/access/certificate_authenticator.h"

#include "service/base/status_macros.h"

namespace logexport {

absl::StatusOr<Identity> CertificateAuthenticator::Identify(const IncomingCall& call) {
  if (!call.certificate.has_value()) return Unauthenticated("a client certificate is needed");
  RETURN_IF_ERROR(certificates_->Check(call.certificate->chain));
  Identity identity{{call.certificate->name, /*verified=*/true}, v1::ROLE_ADMIN};
  if (tokens_ != nullptr) {
    ASSIGN_OR_RETURN(identity, tokens_->Identify(call));
  }
  identity.credential.certificate = call.certificate;
  return identity;
}

absl::StatusOr<Identity> CertificateAuthenticator::IdentifyAgain(const Caller& caller,
                                                                 const Credential& credential) {
  if (!credential.certificate.has_value()) {
    return Unauthenticated("the login was made without a client certificate, which is needed now");
  }
  RETURN_IF_ERROR(certificates_->Check(credential.certificate->chain));
  Identity identity{caller, v1::ROLE_ADMIN};
  if (tokens_ != nullptr) {
    ASSIGN_OR_RETURN(identity, tokens_->IdentifyAgain(caller, credential));
  } else if (!caller.verified || caller.name != credential.certificate->name) {
    return Unauthenticated("the login was made with a token; none counts now");
  }
  identity.credential.certificate = credential.certificate;
  return identity;
}

}  // namespace logexport
