#ifndef LOGEXPORT_SERVICE_ACCESS_BEARER_TOKEN_H_
#define LOGEXPORT_SERVICE_ACCESS_BEARER_TOKEN_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/access/incoming_call.h"

namespace logexport {

// The token in the call's `authorization`. UNAUTHENTICATED, saying what to send, when there is
// none. The view is of the call.
absl::StatusOr<absl::string_view> BearerTokenOf(const IncomingCall& call);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_BEARER_TOKEN_H_
