#ifndef LOGEXPORT_SERVICE_ACCESS_SECURITY_OPTIONS_H_
#define LOGEXPORT_SERVICE_ACCESS_SECURITY_OPTIONS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "service/access/authenticator.h"

namespace logexport {

// How a listener is protected, as the flags of the service say.
struct SecurityOptions {
  std::string flag = "--listen";  // the one that names the address, for messages
  std::string listen;             // "host:port"
  std::string tls_cert;  // PEM files, see tls_files.h; certificate chain and key come together
  std::string tls_key;
  std::string tls_client_ca;    // clients must show a certificate of this authority
  std::string auth_token_file;  // see token_authenticator.h
  bool allow_insecure = false;
};

// Whether callers must show a token or a certificate.
bool TellsCallersApart(const SecurityOptions& options);

// INVALID_ARGUMENT for options that contradict each other or would let strangers in: beyond
// loopback both TLS and a way to tell callers apart are needed, unless allow_insecure is set. Reads
// no file.
absl::Status CheckSecurity(const SecurityOptions& options);

// What a stranger on the network can do with these options, as a sentence for the log at each
// start; empty when he can do nothing.
std::string OpenToStrangers(const SecurityOptions& options);

// The authenticator that the options ask for: client certificates, tokens, both, or neither.
// INVALID_ARGUMENT for files that cannot be used.
absl::StatusOr<std::unique_ptr<Authenticator>> MakeAuthenticator(const SecurityOptions& options);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_SECURITY_OPTIONS_H_
