#include "service/access/security_options.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "service/access/certificate_authenticator.h"
#include "service/access/peer_authenticator.h"
#include "service/access/token_authenticator.h"
#include "service/base/status_macros.h"
#include "service/http/url.h"

namespace logexport {
namespace {

bool BeyondLoopback(const SecurityOptions& options) {
  return !IsLoopbackHost(options.listen.substr(0, options.listen.rfind(':')));
}

constexpr int kLargestPort = 65535;

// HOST:PORT or [IPV6]:PORT. gRPC would only say that it cannot listen there.
absl::Status CheckListenAddress(const std::string& flag, const std::string& listen) {
  const auto refused = [&](absl::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat(flag, " ", listen, ": ", why, "; write HOST:PORT, e.g. 127.0.0.1:50051"));
  };
  if (absl::StrContains(listen, "://")) return refused("this is a URL");
  const auto colon = listen.rfind(':');
  if (colon == std::string::npos || (listen.front() == '[' && listen[colon - 1] != ']')) {
    return refused("there is no port");
  }
  const std::string host = listen.substr(0, colon);
  if (host.empty()) return refused("there is no host");
  if (host.front() != '[' && absl::StrContains(host, ':')) {
    return refused("an IPv6 address stands in brackets");
  }
  int port = -1;
  if (!absl::SimpleAtoi(listen.substr(colon + 1), &port) || port < 0 || port > kLargestPort) {
    return refused(absl::StrCat("a port is a number up to ", kLargestPort, ", 0 to pick one"));
  }
  return absl::OkStatus();
}

}  // namespace

bool TellsCallersApart(const SecurityOptions& options) {
  return !options.auth_token_file.empty() || !options.tls_client_ca.empty();
}

absl::Status CheckSecurity(const SecurityOptions& options) {
  RETURN_IF_ERROR(CheckListenAddress(options.flag, options.listen));
  if (options.tls_cert.empty() != options.tls_key.empty()) {
    return absl::InvalidArgumentError("--tls-cert and --tls-key come together");
  }
  if (options.tls_cert.empty() && !options.tls_client_ca.empty()) {
    return absl::InvalidArgumentError("--tls-client-ca needs --tls-cert and --tls-key");
  }
  if (!BeyondLoopback(options) || options.allow_insecure) return absl::OkStatus();
  if (options.tls_cert.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "listening on ", options.listen,
        " without TLS would show tokens and settings to the network: give --tls-cert and "
        "--tls-key, listen on 127.0.0.1, or accept it with --allow-insecure"));
  }
  if (!TellsCallersApart(options)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "listening on ", options.listen,
        " without telling callers apart would make everybody on the network an admin: give "
        "--auth-token-file or --tls-client-ca, listen on 127.0.0.1, or accept it with "
        "--allow-insecure"));
  }
  return absl::OkStatus();
}

std::string OpenToStrangers(const SecurityOptions& options) {
  if (!BeyondLoopback(options)) return "";
  if (!TellsCallersApart(options)) {
    return "--allow-insecure: everybody who can connect may do everything, deleting exporters "
           "included; give --auth-token-file or --tls-client-ca";
  }
  if (options.tls_cert.empty()) {
    return "--allow-insecure: tokens, settings and logs can be read on the network; "
           "give --tls-cert and --tls-key";
  }
  return "";
}

absl::StatusOr<std::unique_ptr<Authenticator>> MakeAuthenticator(const SecurityOptions& options) {
  std::unique_ptr<Authenticator> tokens;
  if (!options.auth_token_file.empty()) {
    ASSIGN_OR_RETURN(tokens, TokenAuthenticator::Create(options.auth_token_file));
  }
  if (!options.tls_client_ca.empty()) {
    ASSIGN_OR_RETURN(std::unique_ptr<ClientCertificates> certificates,
                     ClientCertificates::Create(options.tls_client_ca));
    return std::make_unique<CertificateAuthenticator>(std::move(certificates), std::move(tokens));
  }
  if (tokens != nullptr) return tokens;
  return std::make_unique<PeerAuthenticator>();
}

}  // namespace logexport
