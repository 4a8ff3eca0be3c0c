#include "service/access/bearer_token.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

#include "service/access/authenticator.h"

namespace logexport {

absl::StatusOr<absl::string_view> BearerTokenOf(const IncomingCall& call) {
  if (!call.authorization.has_value()) {
    return Unauthenticated("no token was sent; send `authorization: Bearer TOKEN`");
  }
  const absl::string_view value = *call.authorization;
  constexpr absl::string_view kScheme = "bearer ";
  if (!absl::StartsWithIgnoreCase(value, kScheme)) {
    return Unauthenticated("the authorization is not of the form `Bearer TOKEN`");
  }
  const absl::string_view token = absl::StripAsciiWhitespace(value.substr(kScheme.size()));
  if (token.empty()) return Unauthenticated("the token is empty");
  return token;
}

}  // namespace logexport
