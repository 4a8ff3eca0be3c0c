#include "service/api/security.h"

#include "service/access/tls_files.h"
#include "service/api/tls_credentials.h"
#include "service/base/status_macros.h"

namespace logexport {

absl::StatusOr<std::unique_ptr<Security>> Security::Create(const SecurityOptions& options) {
  RETURN_IF_ERROR(CheckSecurity(options));
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  if (!options.tls_cert.empty()) {
    ASSIGN_OR_RETURN(credentials, MakeTlsCredentials(std::make_unique<TlsFiles>(
                                      options.tls_cert, options.tls_key, options.tls_client_ca)));
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Authenticator> authenticator, MakeAuthenticator(options));
  return std::unique_ptr<Security>(new Security(std::move(credentials), std::move(authenticator)));
}

}  // namespace logexport
