#ifndef LOGEXPORT_SERVICE_API_CALL_H_
#define LOGEXPORT_SERVICE_API_CALL_H_

#include <cstddef>
#include <stop_token>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include "service/api/authenticator.h"
#include "service/base/clock.h"
#include "service/base/random.h"
#include "service/control/caller.h"

namespace logexport {

// One call, as a handler sees it.
struct Call {
  Caller caller;
  v1::Role role = v1::ROLE_UNSPECIFIED;
  // The client's deadline, but not later than the service's own bound.
  CallLimits limits;
  // Names the call in the service's log and in error details.
  std::string request_id;
};

// For what is asked of a method beyond what its own role allows: PERMISSION_DENIED `ROLE_REQUIRED`
// unless the caller is at least `needed`. `what` is named in the message: "include_log".
absl::Status RequireRole(const Call& call, v1::Role needed, absl::string_view what);

// The largest request that is served. Larger ones are refused with REQUEST_TOO_LARGE, as far as
// gRPC lets them through to us (see grpc_server.cc).
inline constexpr std::size_t kLargestRequest = 4 << 20;

// What every call goes through, whatever it does: who is it, may he, until when; then one line in
// the log and the error in the API's form. A call that its client has given up meanwhile does
// nothing. Thread-safe.
class CallGate {
 public:
  // All must outlive it.
  CallGate(Authenticator& authenticator, Clock& clock, Random& random)
      : authenticator_(authenticator), clock_(clock), random_(random) {}

  // `method` is the name of the RPC; its least role is an option in the proto.
  grpc::Status Pass(grpc::ServerContext& context, absl::string_view method,
                    const google::protobuf::Message& request,
                    absl::FunctionRef<absl::Status(const Call&)> body);

  // The same for a handler that answers a message.
  template <typename Response, typename Body>
  grpc::Status Answer(grpc::ServerContext* context, absl::string_view method,
                      const google::protobuf::Message& request, Response* response, Body&& body) {
    return Pass(*context, method, request, [&](const Call& call) -> absl::Status {
      absl::StatusOr<Response> answer = body(call);
      if (!answer.ok()) return answer.status();
      *response = *std::move(answer);
      return absl::OkStatus();
    });
  }

  // From now on calls are refused with SHUTTING_DOWN, and those that wait for others are stopped:
  // gRPC waits for every handler before it ends.
  void Close() { stop_.request_stop(); }

 private:
  absl::Status Admit(grpc::ServerContext& context, absl::string_view method,
                     const google::protobuf::Message& request, Call* call);

  Authenticator& authenticator_;
  Clock& clock_;
  Random& random_;
  std::stop_source stop_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_CALL_H_
