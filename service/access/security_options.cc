#include "service/access/security_options.h"

#include "absl/strings/str_cat.h"

#include "service/access/certificate_authenticator.h"
#include "service/access/peer_authenticator.h"
#include "service/access/token_authenticator.h"
#include "service/http/url.h"

namespace logexport {

absl::Status CheckSecurity(const SecurityOptions& options) {
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return absl::InvalidArgumentError("--tls-cert and --tls-key come together");
  }
  if (options.tls_cert.empty() && !options.tls_client_ca.empty()) {
    return absl::InvalidArgumentError("--tls-client-ca needs --tls-cert and --tls-key");
  }
  const std::string host = options.listen.substr(0, options.listen.rfind(':'));
  if (IsLoopbackHost(host) || options.allow_insecure) return absl::OkStatus();
  if (options.tls_cert.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "listening on ", options.listen,
        " without TLS would show tokens and settings to the network: give --tls-cert and "
        "--tls-key, listen on 127.0.0.1, or accept it with --allow-insecure"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Authenticator>> MakeAuthenticator(const SecurityOptions& options) {
  if (!options.auth_token_file.empty()) return TokenAuthenticator::Create(options.auth_token_file);
  if (!options.tls_client_ca.empty()) return std::make_unique<CertificateAuthenticator>();
  return std::make_unique<PeerAuthenticator>();
}

}  // namespace logexport
