#include "service/web/connect_calls.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "service/access/wire_error.h"
#include "service/base/status_macros.h"
#include "service/control/api_error.h"
#include "service/json/json_writer.h"
#include "service/web/answers.h"
#include "service/web/incoming_http_call.h"

namespace logexport {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

// As over gRPC.
constexpr absl::Duration kLongestRead = absl::Seconds(10);

const MethodDescriptor* FindMethod(absl::string_view method) {
  const auto* const service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "logexport.v1.LogExportService");
  return service == nullptr ? nullptr : service->FindMethodByName(std::string(method));
}

std::unique_ptr<Message> NewRequest(const MethodDescriptor& method) {
  return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()
                                      ->GetPrototype(method.input_type())
                                      ->New());
}

// The answer to what is no call: there is nothing that the log could say more about it.
WebResponse Refusal(const ConnectRefusal& refusal) {
  google::rpc::Status error;
  error.set_code(static_cast<int>(refusal.code));
  error.set_message(refusal.message);
  WebResponse response{
      .status = refusal.http_status, .fields = SecurityFields(), .body = ErrorJson(error)};
  response.fields.emplace_back("content-type", "application/json");
  return response;
}

absl::Status TooSlow() {
  ApiError error;
  error.code = absl::StatusCode::kDeadlineExceeded;
  error.reason = "DEADLINE_EXCEEDED";
  error.message =
      absl::StrCat("the request was not complete after ", absl::FormatDuration(kLongestRead));
  return MakeApiError(error);
}

// Reads the body of an admitted call; an envelope is taken off.
absl::Status ReadRequest(WebExchange& exchange, const Call& call, Codec codec, bool stream,
                         Message& request) {
  const std::size_t most = kLargestRequest + (stream ? kEnvelopeHead : 0);
  absl::StatusOr<std::string> body = exchange.ReadBody(most, kLongestRead);
  if (absl::IsResourceExhausted(body.status())) return RequestTooLarge();
  if (absl::IsDeadlineExceeded(body.status())) return TooSlow();
  if (absl::IsInvalidArgument(body.status())) return RequestUnreadable();
  RETURN_IF_ERROR(body.status());
  absl::string_view message = *body;
  if (stream) {
    ASSIGN_OR_RETURN(message, Unwrap(*body));
  }
  RETURN_IF_ERROR(Decode(codec, message, request));
  return call.take(request);
}

// The last envelope of a stream.
std::string EndOfStream(const absl::Status& status, absl::string_view request_id) {
  if (status.ok()) return Envelope(kEndOfStream, "{}");
  JsonWriter json;
  json.BeginObject().Key("error").Raw(ErrorJson(ToWireError(status, request_id))).EndObject();
  return Envelope(kEndOfStream, json.text());
}

// What is asked several times while a stream lasts.
absl::Status CheckStream(const IncomingCall& incoming, const Call& call) {
  if (incoming.deadline <= absl::Now()) {
    return absl::DeadlineExceededError("the deadline of the call has passed");
  }
  return incoming.cancelled() ? absl::CancelledError("the client ended the call") : call.recheck();
}

// One call, from its head to its answer.
class ConnectCall {
 public:
  ConnectCall(WebExchange& exchange, const MethodDescriptor& method, const Rpc& rpc,
              const ConnectRequest& head)
      : exchange_(exchange), rpc_(rpc), codec_(head.codec), request_(NewRequest(method)) {
    incoming_ = DescribeCall(exchange, method.name());
    incoming_.deadline = absl::Now() + head.timeout;
    incoming_.cancelled = [this] {
      return exchange_.ClientGone() || incoming_.deadline <= absl::Now();
    };
  }

  void AnswerOne(CallGate& gate) {
    WebResponse response{.fields = SecurityFields()};
    const CallOutcome outcome = gate.Pass(incoming_, [&](const Call& call) -> absl::Status {
      RETURN_IF_ERROR(ReadRequest(exchange_, call, codec_, /*stream=*/false, *request_));
      RETURN_IF_ERROR(CheckStillWanted(incoming_));
      ASSIGN_OR_RETURN(const std::unique_ptr<Message> answer, rpc_.answer(call, *request_));
      ASSIGN_OR_RETURN(response.body, Encode(codec_, *answer));
      return absl::OkStatus();
    });
    if (!outcome.status.ok()) {
      return exchange_.Respond(ErrorAnswer(outcome.status, outcome.request_id));
    }
    response.fields.emplace_back("content-type", std::string(ContentTypeOf(codec_, false)));
    response.fields.emplace_back("x-request-id", outcome.request_id);
    exchange_.Respond(std::move(response));
  }

  void AnswerStream(CallGate& gate) {
    const CallOutcome outcome = gate.Pass(incoming_, [&](const Call& call) -> absl::Status {
      RETURN_IF_ERROR(ReadRequest(exchange_, call, codec_, /*stream=*/true, *request_));
      RETURN_IF_ERROR(CheckStillWanted(incoming_));
      return rpc_.stream(
          call, *request_, [&] { return CheckStream(incoming_, call); },
          [&](const Message& message) {
            const absl::StatusOr<std::string> bytes = Encode(codec_, message);
            return bytes.ok() && Begin(call.request_id) && exchange_.Write(Envelope(0, *bytes));
          });
    });
    if (Begin(outcome.request_id)) {
      exchange_.Write(EndOfStream(outcome.status, outcome.request_id));
    }
  }

 private:
  // A stream answers 200, also when it is nothing but an error.
  bool Begin(const std::string& request_id) {
    if (std::exchange(begun_, true)) return true;
    WebResponse head{.fields = SecurityFields()};
    head.fields.emplace_back("content-type", std::string(ContentTypeOf(codec_, true)));
    head.fields.emplace_back("x-request-id", request_id);
    return exchange_.StartStream(std::move(head));
  }

  WebExchange& exchange_;
  const Rpc& rpc_;
  const Codec codec_;
  const std::unique_ptr<Message> request_;
  IncomingCall incoming_;
  bool begun_ = false;
};

}  // namespace

void ConnectCalls::Serve(WebExchange& exchange, absl::string_view method) {
  const MethodDescriptor* const descriptor = FindMethod(method);
  const Rpc* const rpc = rpcs_.Find(method);
  if (descriptor == nullptr || rpc == nullptr) {
    return exchange.Respond(
        Refusal({404, absl::StatusCode::kUnimplemented, "the service has no method of this name"}));
  }
  const bool stream = descriptor->server_streaming();
  if (exchange.request().method != "POST") return exchange.Respond(MethodNotAllowed("POST"));
  if (stream && exchange.request().version_1_0) {
    return exchange.Respond(
        Refusal({505, absl::StatusCode::kUnimplemented, "a stream needs HTTP/1.1"}));
  }
  const ConnectHead head = ReadConnectHead(exchange.request(), stream);
  if (head.refusal.has_value()) {
    WebResponse response = Refusal(*head.refusal);
    if (response.status == 415) {
      response.fields.emplace_back("accept-post", std::string(AcceptedTypes(stream)));
    }
    return exchange.Respond(std::move(response));
  }
  ConnectCall call(exchange, *descriptor, *rpc, head.request);
  if (stream) {
    call.AnswerStream(gate_);
  } else {
    call.AnswerOne(gate_);
  }
}

}  // namespace logexport
