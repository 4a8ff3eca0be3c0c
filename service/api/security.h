#ifndef LOGEXPORT_SERVICE_API_SECURITY_H_
#define LOGEXPORT_SERVICE_API_SECURITY_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include <grpcpp/security/server_credentials.h>

#include "service/api/authenticator.h"

namespace logexport {

struct SecurityOptions {
  std::string listen;    // "host:port"
  std::string tls_cert;  // PEM files, see tls_files.h; certificate chain and key come together
  std::string tls_key;
  std::string tls_client_ca;    // clients must show a certificate of this authority
  std::string auth_token_file;  // see token_authenticator.h
  bool allow_insecure = false;
};

// How callers are told apart and what they may do.
class Security {
 public:
  // INVALID_ARGUMENT for options that contradict each other or would let strangers in: listening
  // beyond loopback without TLS needs allow_insecure. So are files that cannot be used.
  static absl::StatusOr<std::unique_ptr<Security>> Create(const SecurityOptions& options);

  std::shared_ptr<grpc::ServerCredentials> credentials() const { return credentials_; }
  Authenticator& authenticator() { return *authenticator_; }

 private:
  Security(std::shared_ptr<grpc::ServerCredentials> credentials,
           std::unique_ptr<Authenticator> authenticator)
      : credentials_(std::move(credentials)), authenticator_(std::move(authenticator)) {}

  std::shared_ptr<grpc::ServerCredentials> credentials_;
  std::unique_ptr<Authenticator> authenticator_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_SECURITY_H_
