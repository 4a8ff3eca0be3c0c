#ifndef LOGEXPORT_SERVICE_API_CALL_HANDLER_H_
#define LOGEXPORT_SERVICE_API_CALL_HANDLER_H_

#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>
#include <grpcpp/support/sync_stream.h>

#include "service/access/call_gate.h"
#include "service/access/incoming_call.h"
#include "service/api/stall_guard.h"

namespace logexport {

// Takes calls from gRPC through the gate. A handler is called when the headers of its call have
// arrived; the request is read only after the gate has admitted the caller, so that a stranger's
// request takes no memory. (The plain handlers that protoc generates are called when gRPC has
// stored the whole request; the "streamed" ones are the same methods on the wire.) Thread-safe.
class CallHandler {
 public:
  // How long a client may take to send its request, and to take a message of the answer.
  static constexpr absl::Duration kLongestRead = absl::Seconds(10);
  static constexpr absl::Duration kLongestWrite = absl::Seconds(20);

  // Both must outlive it.
  CallHandler(CallGate& gate, StallGuard& guard) : gate_(gate), guard_(guard) {}

  // A call that answers one message: `body(call, request)` returns a StatusOr<Response>.
  template <typename Request, typename Response, typename Body>
  grpc::Status Answer(grpc::ServerContext& context, absl::string_view method,
                      grpc::ServerUnaryStreamer<Request, Response>& stream, Body&& body) {
    Request request;
    return Pass(
        context, method, [&] { return stream.Read(&request); }, request,
        [&](const Call& call) -> absl::Status {
          absl::StatusOr<Response> answer = body(call, request);
          if (!answer.ok()) return answer.status();
          // Waits until the client has taken it, so that nothing but the status, which takes no
          // room, is left to send.
          const StallGuard::Scope limit(guard_, context, kLongestWrite);
          stream.Write(*answer);
          return absl::OkStatus();
        });
  }

  // A call that answers a stream: `body(call, request, check, write)` returns a Status. `check` is
  // not OK once the client is gone or may not make the call any more.
  template <typename Request, typename Response, typename Body>
  grpc::Status Stream(grpc::ServerContext& context, absl::string_view method,
                      grpc::ServerSplitStreamer<Request, Response>& stream, Body&& body) {
    Request request;
    return Pass(
        context, method, [&] { return stream.Read(&request); }, request,
        [&](const Call& call) {
          return body(
              call, request,
              [&] {
                return context.IsCancelled() ? absl::CancelledError("the client ended the call")
                                             : call.recheck();
              },
              [&](const Response& message) {
                const StallGuard::Scope limit(guard_, context, kLongestWrite);
                return stream.Write(message);
              });
        });
  }

 private:
  // `read` fills `request`, or answers false.
  grpc::Status Pass(grpc::ServerContext& context, absl::string_view method,
                    absl::FunctionRef<bool()> read, const google::protobuf::Message& request,
                    absl::FunctionRef<absl::Status(const Call&)> body);

  CallGate& gate_;
  StallGuard& guard_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_CALL_HANDLER_H_
