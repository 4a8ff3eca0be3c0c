#ifndef LOGEXPORT_SERVICE_ACCESS_AUTHENTICATOR_H_
#define LOGEXPORT_SERVICE_ACCESS_AUTHENTICATOR_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "logexport/v1/options.pb.h"
#include "service/access/incoming_call.h"
#include "service/control/caller.h"

namespace logexport {

// What proves who a caller is, in a form that may be stored. Empty where nothing is asked for.
struct Credential {
  std::string token_hash;  // SHA-256 of a token of the token file, in hex
  std::optional<ClientCertificate> certificate;
};

// A caller and what he may do.
struct Identity {
  Caller caller;
  v1::Role role = v1::ROLE_UNSPECIFIED;
  Credential credential = {};
  // Whether he came in by a login that was made with the credential, not with it itself.
  bool by_login = false;
};

// Tells who makes a call. Thread-safe.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // UNAUTHENTICATED (with the API's error details) when the caller is nobody this one knows.
  virtual absl::StatusOr<Identity> Identify(const IncomingCall& call) = 0;
  // The same for a caller who once showed this credential, and is taken by it: what he may do now.
  // UNAUTHENTICATED when it counts no more.
  virtual absl::StatusOr<Identity> IdentifyAgain(const Caller& caller,
                                                 const Credential& credential) = 0;
};

// The error that Identify answers; `message` says what to send instead.
absl::Status Unauthenticated(absl::string_view message);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_AUTHENTICATOR_H_
