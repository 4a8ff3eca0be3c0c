#ifndef LOGEXPORT_SERVICE_API_PEER_AUTHENTICATOR_H_
#define LOGEXPORT_SERVICE_API_PEER_AUTHENTICATOR_H_

#include "service/api/authenticator.h"

namespace logexport {

// For a service without tokens or client certificates: everybody who can connect may do everything,
// and is known, unverified, by the address he connects from.
class PeerAuthenticator final : public Authenticator {
 public:
  absl::StatusOr<Identity> Identify(const grpc::ServerContext& context) override {
    return Identity{{context.peer(), /*verified=*/false}, v1::ROLE_ADMIN};
  }
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_PEER_AUTHENTICATOR_H_
