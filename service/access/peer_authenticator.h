#ifndef LOGEXPORT_SERVICE_ACCESS_PEER_AUTHENTICATOR_H_
#define LOGEXPORT_SERVICE_ACCESS_PEER_AUTHENTICATOR_H_

#include "service/access/authenticator.h"

namespace logexport {

// For a service without tokens or client certificates: everybody who can connect may do everything,
// and is known, unverified, by the address he connects from.
class PeerAuthenticator final : public Authenticator {
 public:
  absl::StatusOr<Identity> Identify(const IncomingCall& call) override {
    return Identity{{call.address, /*verified=*/false}, v1::ROLE_ADMIN};
  }
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_PEER_AUTHENTICATOR_H_
