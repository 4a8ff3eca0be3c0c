#ifndef LOGEXPORT_SERVICE_API_CALL_HANDLER_H_
#define LOGEXPORT_SERVICE_API_CALL_HANDLER_H_

#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>
#include <grpcpp/support/sync_stream.h>

#include "service/access/call_gate.h"
#include "service/access/incoming_call.h"

namespace logexport {

// Takes calls from gRPC through the gate. A handler is called when the headers of its call have
// arrived; the request is read only after the gate has admitted the caller, so that a stranger's
// request takes no memory. (The plain handlers that protoc generates are called when gRPC has
// stored the whole request; the "streamed" ones are the same methods on the wire.) Thread-safe.
class CallHandler {
 public:
  // `gate` must outlive it.
  explicit CallHandler(CallGate& gate) : gate_(gate) {}

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
          // Sent together with the status.
          stream.Write(*answer, grpc::WriteOptions().set_last_message());
          return absl::OkStatus();
        });
  }

  // A call that answers a stream: `body(call, request, cancelled, write)` returns a Status.
  template <typename Request, typename Response, typename Body>
  grpc::Status Stream(grpc::ServerContext& context, absl::string_view method,
                      grpc::ServerSplitStreamer<Request, Response>& stream, Body&& body) {
    Request request;
    return Pass(
        context, method, [&] { return stream.Read(&request); }, request,
        [&](const Call& call) {
          return body(
              call, request, [&] { return context.IsCancelled(); },
              [&](const Response& message) { return stream.Write(message); });
        });
  }

 private:
  // `read` fills `request`, or answers false.
  grpc::Status Pass(grpc::ServerContext& context, absl::string_view method,
                    absl::FunctionRef<bool()> read, const google::protobuf::Message& request,
                    absl::FunctionRef<absl::Status(const Call&)> body);

  CallGate& gate_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_CALL_HANDLER_H_
