#include "client/cli/rpc_call.h"

#include <chrono>
#include <memory>

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

namespace logexport::cli {
namespace {

using Message = google::protobuf::Message;

constexpr std::chrono::milliseconds kIdleInterval{100};

grpc::Status Prepare(const client::Connection& connection, grpc::ClientContext& context,
                     absl::Duration deadline) {
  const absl::Status status = connection.Prepare(context, deadline);
  if (status.ok()) return grpc::Status::OK;
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message())};
}

grpc::ByteBuffer Encode(const Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

grpc::Status Decode(grpc::ByteBuffer& buffer, Message& message) {
  grpc::ProtoBufferReader reader(&buffer);
  if (message.ParseFromZeroCopyStream(&reader)) return grpc::Status::OK;
  return {grpc::StatusCode::INTERNAL, "the answer is not what the API says it is"};
}

// Waits for the operation just started; calls `idle` meanwhile, and once that is false, cancels the
// call, which ends the operation. Answers whether the operation succeeded.
bool Await(grpc::CompletionQueue& queue, grpc::ClientContext& context,
           absl::FunctionRef<bool()> idle, bool& cancelled) {
  void* tag = nullptr;
  bool ok = false;
  while (queue.AsyncNext(&tag, &ok, std::chrono::system_clock::now() + kIdleInterval) ==
         grpc::CompletionQueue::TIMEOUT) {
    if (!cancelled && !idle()) {
      cancelled = true;
      context.TryCancel();
    }
  }
  return ok;
}

// A queue must be empty when it is destroyed.
void Drain(grpc::CompletionQueue& queue) {
  queue.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok)) {
  }
}

}  // namespace

grpc::Status Caller::Unary(const std::string& path, const Message& request, absl::Duration deadline,
                           Message& response) {
  connection_.ConnectFirst(deadline);
  grpc::ClientContext context;
  if (grpc::Status status = Prepare(connection_, context, deadline); !status.ok()) return status;
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(connection_.channel());
  const auto call = stub.PrepareUnaryCall(&context, path, Encode(request), &queue);
  grpc::Status status;
  grpc::ByteBuffer answer;
  call->StartCall();
  call->Finish(&answer, &status, nullptr);
  bool cancelled = false;
  Await(
      queue, context, [] { return true; }, cancelled);
  Drain(queue);
  return status.ok() ? Decode(answer, response) : status;
}

grpc::Status Caller::Stream(const std::string& path, const Message& request,
                            absl::Duration deadline, Message& message,
                            absl::FunctionRef<bool()> on_message, absl::FunctionRef<bool()> idle) {
  connection_.ConnectFirst(deadline);
  grpc::ClientContext context;
  if (grpc::Status status = Prepare(connection_, context, deadline); !status.ok()) return status;
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(connection_.channel());
  const auto call = stub.PrepareCall(&context, path, &queue);
  bool cancelled = false;
  bool wanted = true;
  call->StartCall(nullptr);
  bool alive = Await(queue, context, idle, cancelled);
  if (alive) {
    call->WriteLast(Encode(request), grpc::WriteOptions(), nullptr);
    alive = Await(queue, context, idle, cancelled);
  }
  grpc::Status decoded;
  while (alive && wanted) {
    grpc::ByteBuffer buffer;
    call->Read(&buffer, nullptr);
    alive = Await(queue, context, idle, cancelled);
    if (!alive) break;
    decoded = Decode(buffer, message);
    wanted = decoded.ok() && on_message();
  }
  if (!wanted) context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  bool finishing = true;  // already ending: nothing left to cancel
  Await(
      queue, context, [] { return true; }, finishing);
  Drain(queue);
  return wanted ? status : decoded;
}

}  // namespace logexport::cli
