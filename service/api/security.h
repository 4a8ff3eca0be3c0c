#ifndef LOGEXPORT_SERVICE_API_SECURITY_H_
#define LOGEXPORT_SERVICE_API_SECURITY_H_

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include <grpcpp/security/server_credentials.h>

#include "service/access/authenticator.h"
#include "service/access/security_options.h"

namespace logexport {

// How gRPC callers connect, and how they are told apart.
class Security {
 public:
  // INVALID_ARGUMENT as CheckSecurity, and for files that cannot be used.
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
