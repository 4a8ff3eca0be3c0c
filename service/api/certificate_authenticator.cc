#include "service/api/certificate_authenticator.h"

#include <string>
#include <vector>

#include "service/control/api_error.h"

namespace logexport {

absl::StatusOr<Identity> CertificateAuthenticator::Identify(const grpc::ServerContext& context) {
  const auto auth = context.auth_context();
  if (auth == nullptr || !auth->IsPeerAuthenticated()) {
    ApiError error;
    error.code = absl::StatusCode::kUnauthenticated;
    error.reason = "UNAUTHENTICATED";
    error.message = "a client certificate is needed";
    return MakeApiError(error);
  }
  const std::vector<grpc::string_ref> names = auth->GetPeerIdentity();
  const std::string name =
      names.empty() ? context.peer() : std::string(names.front().data(), names.front().size());
  return Identity{{name, /*verified=*/true}, v1::ROLE_ADMIN};
}

}  // namespace logexport
