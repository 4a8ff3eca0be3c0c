#ifndef LOGEXPORT_SERVICE_ACCESS_AUTHENTICATOR_H_
#define LOGEXPORT_SERVICE_ACCESS_AUTHENTICATOR_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "logexport/v1/options.pb.h"
#include "service/access/incoming_call.h"
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
  virtual absl::StatusOr<Identity> Identify(const IncomingCall& call) = 0;
};

// The error that Identify answers; `message` says what to send instead.
absl::Status Unauthenticated(absl::string_view message);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_AUTHENTICATOR_H_
