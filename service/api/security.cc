#include "service/api/security.h"

#include <utility>

#include "absl/strings/str_cat.h"

#include "service/api/certificate_authenticator.h"
#include "service/api/peer_authenticator.h"
#include "service/api/tls_credentials.h"
#include "service/api/token_authenticator.h"
#include "service/base/status_macros.h"
#include "service/http/url.h"

namespace logexport {
namespace {

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeCredentials(
    const SecurityOptions& options) {
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return absl::InvalidArgumentError("--tls-cert and --tls-key come together");
  }
  if (options.tls_cert.empty()) {
    if (!options.tls_client_ca.empty()) {
      return absl::InvalidArgumentError("--tls-client-ca needs --tls-cert and --tls-key");
    }
    const std::string host = options.listen.substr(0, options.listen.rfind(':'));
    if (!IsLoopbackHost(host) && !options.allow_insecure) {
      return absl::InvalidArgumentError(absl::StrCat(
          "listening on ", options.listen,
          " without TLS would show tokens and settings to the network: give --tls-cert and "
          "--tls-key, listen on 127.0.0.1, or accept it with --allow-insecure"));
    }
    return grpc::InsecureServerCredentials();
  }
  return MakeTlsCredentials(
      std::make_unique<TlsFiles>(options.tls_cert, options.tls_key, options.tls_client_ca));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Security>> Security::Create(const SecurityOptions& options) {
  ASSIGN_OR_RETURN(std::shared_ptr<grpc::ServerCredentials> credentials, MakeCredentials(options));
  std::unique_ptr<Authenticator> authenticator;
  if (!options.auth_token_file.empty()) {
    ASSIGN_OR_RETURN(authenticator, TokenAuthenticator::Create(options.auth_token_file));
  } else if (!options.tls_client_ca.empty()) {
    authenticator = std::make_unique<CertificateAuthenticator>();
  } else {
    authenticator = std::make_unique<PeerAuthenticator>();
  }
  return std::unique_ptr<Security>(new Security(std::move(credentials), std::move(authenticator)));
}

}  // namespace logexport
