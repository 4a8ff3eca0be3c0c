#ifndef LOGEXPORT_SERVICE_API_CALL_HANDLER_H_
#define LOGEXPORT_SERVICE_API_CALL_HANDLER_H_

#include <memory>

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
#include "service/access/rpc_table.h"
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

  // All must outlive it.
  CallHandler(CallGate& gate, StallGuard& guard, const RpcTable& rpcs)
      : gate_(gate), guard_(guard), rpcs_(rpcs) {}

  // A call that answers one message.
  template <typename Request, typename Response>
  grpc::Status Answer(grpc::ServerContext& context, absl::string_view method,
                      grpc::ServerUnaryStreamer<Request, Response>& stream) {
    Request request;
    return Pass(
        context, method, [&] { return stream.Read(&request); }, request,
        [&](const Call& call, const Rpc& rpc) -> absl::Status {
          const absl::StatusOr<std::unique_ptr<google::protobuf::Message>> answer =
              rpc.answer(call, request);
          if (!answer.ok()) return answer.status();
          // Waits until the client has taken it, so that nothing but the status, which takes no
          // room, is left to send.
          const StallGuard::Scope limit(guard_, context, kLongestWrite);
          stream.Write(static_cast<const Response&>(**answer));
          return absl::OkStatus();
        });
  }

  // A call that answers a stream.
  template <typename Request, typename Response>
  grpc::Status Stream(grpc::ServerContext& context, absl::string_view method,
                      grpc::ServerSplitStreamer<Request, Response>& stream) {
    Request request;
    return Pass(
        context, method, [&] { return stream.Read(&request); }, request,
        [&](const Call& call, const Rpc& rpc) {
          return rpc.stream(
              call, request,
              [&] {
                return context.IsCancelled() ? absl::CancelledError("the client ended the call")
                                             : call.recheck();
              },
              [&](const google::protobuf::Message& message) {
                const StallGuard::Scope limit(guard_, context, kLongestWrite);
                return stream.Write(static_cast<const Response&>(message));
              });
        });
  }

 private:
  // `read` fills `request`, or answers false.
  grpc::Status Pass(grpc::ServerContext& context, absl::string_view method,
                    absl::FunctionRef<bool()> read, const google::protobuf::Message& request,
                    absl::FunctionRef<absl::Status(const Call&, const Rpc&)> body);

  CallGate& gate_;
  StallGuard& guard_;
  const RpcTable& rpcs_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_CALL_HANDLER_H_
