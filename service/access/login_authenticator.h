#ifndef LOGEXPORT_SERVICE_ACCESS_LOGIN_AUTHENTICATOR_H_
#define LOGEXPORT_SERVICE_ACCESS_LOGIN_AUTHENTICATOR_H_

#include "service/access/authenticator.h"
#include "service/access/logins.h"

namespace logexport {

// Knows callers over HTTP also by their logins, and lets nobody in there without a login, a token
// or a certificate: a page of any site can send a request to this machine. Over gRPC, which no page
// speaks, callers are who `callers` says. Thread-safe.
class LoginAuthenticator final : public Authenticator {
 public:
  // `tells_callers_apart` is false when `callers` lets everybody in. Both references must outlive
  // it.
  LoginAuthenticator(Authenticator& callers, bool tells_callers_apart, Logins& logins)
      : callers_(callers), tells_callers_apart_(tells_callers_apart), logins_(logins) {}

  absl::StatusOr<Identity> Identify(const IncomingCall& call) override;
  absl::StatusOr<Identity> IdentifyAgain(const Caller& caller,
                                         const Credential& credential) override {
    return callers_.IdentifyAgain(caller, credential);
  }

 private:
  absl::StatusOr<Identity> IdentifyLogin(absl::string_view secret, Logins::Kind kind);

  Authenticator& callers_;
  const bool tells_callers_apart_;
  Logins& logins_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_LOGIN_AUTHENTICATOR_H_
