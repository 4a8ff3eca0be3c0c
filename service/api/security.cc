#include "service/api/security.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"

#include "service/api/certificate_authenticator.h"
#include "service/api/peer_authenticator.h"
#include "service/api/token_authenticator.h"
#include "service/base/status_macros.h"
#include "service/http/url.h"

namespace logexport {
namespace {

absl::StatusOr<std::string> ReadFile(absl::string_view flag, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file || content.str().empty()) {
    return absl::InvalidArgumentError(absl::StrCat(flag, ": cannot read ", path));
  }
  return std::move(content).str();
}

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
  grpc::SslServerCredentialsOptions tls(
      options.tls_client_ca.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                    : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  grpc::SslServerCredentialsOptions::PemKeyCertPair pair;
  ASSIGN_OR_RETURN(pair.private_key, ReadFile("--tls-key", options.tls_key));
  ASSIGN_OR_RETURN(pair.cert_chain, ReadFile("--tls-cert", options.tls_cert));
  tls.pem_key_cert_pairs.push_back(std::move(pair));
  if (!options.tls_client_ca.empty()) {
    ASSIGN_OR_RETURN(tls.pem_root_certs, ReadFile("--tls-client-ca", options.tls_client_ca));
  }
  return grpc::SslServerCredentials(tls);
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
