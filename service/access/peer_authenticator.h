#ifndef LOGEXPORT_SERVICE_ACCESS_PEER_AUTHENTICATOR_H_
#define LOGEXPORT_SERVICE_ACCESS_PEER_AUTHENTICATOR_H_

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

#include "service/access/authenticator.h"

namespace logexport {

// For a service without tokens or client certificates: everybody who can connect may do everything,
// and is known, unverified, by the name he claims, USER@HOST, or by the address he connects from.
class PeerAuthenticator final : public Authenticator {
 public:
  absl::StatusOr<Identity> Identify(const IncomingCall& call) override {
    return Identity{{IsUserAtHost(call.claimed_caller) ? call.claimed_caller : call.address,
                     /*verified=*/false},
                    v1::ROLE_ADMIN};
  }

  // Nobody has shown anything, so that only a name that proves nothing is still good.
  absl::StatusOr<Identity> IdentifyAgain(const Caller& caller,
                                         const Credential& credential) override {
    if (caller.verified || !credential.token_hash.empty() || credential.certificate.has_value()) {
      return Unauthenticated("the login was made with a token or certificate; neither counts now");
    }
    return Identity{caller, v1::ROLE_ADMIN};
  }

 private:
  // Nothing that could be taken for an address or that a reader cannot see.
  static bool IsUserAtHost(absl::string_view claim) {
    return claim.size() <= 100 && std::count(claim.begin(), claim.end(), '@') == 1 &&
           claim.front() != '@' && claim.back() != '@' &&
           std::all_of(claim.begin(), claim.end(), [](char c) {
             return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                    absl::string_view("@._-$").find(c) != absl::string_view::npos;
           });
  }
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_PEER_AUTHENTICATOR_H_
