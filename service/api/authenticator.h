#ifndef LOGEXPORT_SERVICE_API_AUTHENTICATOR_H_
#define LOGEXPORT_SERVICE_API_AUTHENTICATOR_H_

#include "absl/status/statusor.h"
#include <grpcpp/server_context.h>

#include "logexport/v1/options.pb.h"
#include "service/control/caller.h"

namespace logexport {

// A caller and what he may do.
struct Identity {
  Caller caller;
  v1::Role role = v1::ROLE_UNSPECIFIED;
};

// Tells who makes a call. Thread-safe.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // UNAUTHENTICATED (with the API's error details) when the caller is nobody this one knows.
  virtual absl::StatusOr<Identity> Identify(const grpc::ServerContext& context) = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_AUTHENTICATOR_H_
