#include "tests/api/api_call.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include "logexport/v1/errors.pb.h"
#include "logexport/v1/service.pb.h"

namespace logexport {
namespace {

constexpr char kService[] = "logexport.v1.LogExportService";

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return {};
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

void ReadDetails(const grpc::Status& status, ApiReply* reply) {
  reply->code = status.error_code();
  reply->message = status.error_message();
  reply->detail_bytes = status.error_details().size();
  google::rpc::Status wire;
  if (!wire.ParseFromString(status.error_details())) return;
  for (const google::protobuf::Any& detail : wire.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    google::rpc::RequestInfo request;
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&info)) {
      reply->domain = info.domain();
      reply->reason = info.reason();
      reply->metadata = {info.metadata().begin(), info.metadata().end()};
    } else if (detail.UnpackTo(&bad)) {
      for (const auto& violation : bad.field_violations()) {
        reply->violations.push_back(absl::StrCat(violation.field(), ": ", violation.description()));
      }
    } else if (detail.UnpackTo(&request)) {
      reply->request_id = request.request_id();
    } else if (detail.UnpackTo(&retry)) {
      reply->has_retry = true;
    }
  }
}

}  // namespace

std::vector<std::string> ApiReply::fields() const {
  std::vector<std::string> fields;
  for (const std::string& violation : violations) {
    fields.push_back(violation.substr(0, violation.find(": ")));
  }
  return fields;
}

void ApiReply::Complain() const { ADD_FAILURE() << "no such answer: " << *this; }

std::ostream& operator<<(std::ostream& os, const ApiReply& reply) {
  return os << "code " << static_cast<int>(reply.code) << " " << reply.reason << ", "
            << reply.messages.size() << " messages: " << reply.message << " ["
            << absl::StrJoin(reply.violations, "; ") << "]";
}

ApiReply CallApi(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                 const std::string& request, const ApiCallOptions& options) {
  grpc::ClientContext own_context;
  grpc::ClientContext& context = options.context == nullptr ? own_context : *options.context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + options.deadline));
  if (!options.token.empty()) context.AddMetadata("authorization", "Bearer " + options.token);
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel);
  const auto call = stub.PrepareCall(&context, absl::StrCat("/", kService, "/", method), &queue);
  // One operation at a time: each is waited for before the next begins.
  const auto done = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  call->StartCall(nullptr);
  ApiReply reply;
  if (done()) {
    const grpc::Slice slice(request);
    call->WriteLast(grpc::ByteBuffer(&slice, 1), {}, nullptr);
    done();
    for (;;) {
      grpc::ByteBuffer message;
      call->Read(&message, nullptr);
      if (!done()) break;
      reply.messages.push_back(BytesOf(message));
      if (options.on_message && !options.on_message(static_cast<int>(reply.messages.size()))) {
        context.TryCancel();
      }
    }
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  done();
  queue.Shutdown();
  done();
  ReadDetails(status, &reply);
  return reply;
}

std::string RequestOf(const std::string& method, const std::string& text) {
  const google::protobuf::ServiceDescriptor* service =
      v1::RunNowRequest::descriptor()->file()->pool()->FindServiceByName(kService);
  if (service == nullptr || service->FindMethodByName(method) == nullptr) {
    ADD_FAILURE() << "there is no method " << method;
    return {};
  }
  google::protobuf::DynamicMessageFactory factory(service->file()->pool());
  const std::unique_ptr<google::protobuf::Message> request(
      factory.GetPrototype(service->FindMethodByName(method)->input_type())->New());
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, request.get())) << text;
  return request->SerializeAsString();
}

void ExpectWellFormedError(const ApiReply& reply) {
  EXPECT_EQ(reply.domain, "logexport") << reply;
  v1::ErrorReason reason;
  EXPECT_TRUE(v1::ErrorReason_Parse("ERROR_REASON_" + reply.reason, &reason))
      << "no documented reason: " << reply;
  EXPECT_NE(reply.code, grpc::StatusCode::INTERNAL) << reply;
  EXPECT_NE(reply.code, grpc::StatusCode::UNKNOWN) << reply;
  EXPECT_FALSE(reply.request_id.empty()) << reply;
  EXPECT_FALSE(reply.message.empty()) << reply;
  EXPECT_LE(reply.detail_bytes, 4096U) << reply;
}

}  // namespace logexport
