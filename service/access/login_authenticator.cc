#include "service/access/login_authenticator.h"

#include <optional>
#include <string>
#include <utility>

#include "service/access/bearer_token.h"
#include "service/access/roles.h"
#include "service/base/status_macros.h"

namespace logexport {

absl::StatusOr<Identity> LoginAuthenticator::IdentifyLogin(absl::string_view secret,
                                                           Logins::Kind kind) {
  ASSIGN_OR_RETURN(LoginRecord login, logins_.Find(secret, kind));
  Credential credential;
  credential.token_hash = std::move(login.token_hash);
  if (!login.certificate.empty()) {
    credential.certificate =
        ClientCertificate{std::move(login.certificate_name), std::move(login.certificate)};
  }
  // The token may be gone by now, or have another role.
  ASSIGN_OR_RETURN(Identity identity,
                   callers_.IdentifyAgain({login.caller, login.verified}, credential));
  identity.by_login = true;
  return identity;
}

absl::StatusOr<Identity> LoginAuthenticator::Identify(const IncomingCall& call) {
  if (call.way == kOverGrpc) return callers_.Identify(call);
  if (call.authorization.has_value()) {
    ASSIGN_OR_RETURN(const absl::string_view token, BearerTokenOf(call));
    const std::optional<Logins::Kind> kind = Logins::KindOf(token);
    if (kind == Logins::Kind::kToken) return IdentifyLogin(token, *kind);
    // A code is for logging in, once. A session is for browsers, which keep it from scripts.
    if (kind == Logins::Kind::kCode && call.method == kLoginMethod) {
      return IdentifyLogin(token, *kind);
    }
  } else if (!call.session.empty()) {
    return IdentifyLogin(call.session, Logins::Kind::kSession);
  }
  if (tells_callers_apart_) return callers_.Identify(call);
  return Unauthenticated(
      "over HTTP a login is needed also on this machine: `logexportctl open-console` opens the "
      "console, `logexportctl create-login --bearer` makes a token to send as `authorization: "
      "Bearer TOKEN`");
}

}  // namespace logexport
