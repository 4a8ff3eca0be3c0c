#ifndef LOGEXPORT_SERVICE_ACCESS_ROLES_H_
#define LOGEXPORT_SERVICE_ACCESS_ROLES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "logexport/v1/options.pb.h"
#include "service/control/audited_call.h"

namespace logexport {

// What HTTP serves beside the RPCs, as the gate and its log name it: this, kLoginMethod and
// kLogoutMethod. A viewer may have it.
inline constexpr char kMetricsMethod[] = "Metrics";

// The least role that may call the RPC of this name, as its option in the proto says. ADMIN for a
// method without the option, and for one that does not exist.
v1::Role RoleNeededFor(absl::string_view method);

// Whether the RPC of this name answers a stream.
bool AnswersAStream(absl::string_view method);

// Whether calls of the method stand in the audit: it changes something, shows logs as Auth0 gave
// them, or begins or ends a session.
bool IsAudited(absl::string_view method);

// The role's name without its prefix: "VIEWER". Empty for none.
std::string RoleName(v1::Role role);

// PERMISSION_DENIED / ROLE_REQUIRED unless `role` is at least `needed`. `what` is named in the
// message: a method, or what is asked of a method beyond what its own role allows ("include_log").
absl::Status RequireRole(v1::Role role, v1::Role needed, absl::string_view what);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_ROLES_H_
