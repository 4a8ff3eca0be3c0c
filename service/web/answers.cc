#include "service/web/answers.h"

#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include "service/access/wire_error.h"
#include "service/json/json_writer.h"

namespace logexport {
namespace {

// As Connect spells them.
absl::string_view CodeName(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kCancelled:
      return "canceled";
    case absl::StatusCode::kInvalidArgument:
      return "invalid_argument";
    case absl::StatusCode::kDeadlineExceeded:
      return "deadline_exceeded";
    case absl::StatusCode::kNotFound:
      return "not_found";
    case absl::StatusCode::kAlreadyExists:
      return "already_exists";
    case absl::StatusCode::kPermissionDenied:
      return "permission_denied";
    case absl::StatusCode::kResourceExhausted:
      return "resource_exhausted";
    case absl::StatusCode::kFailedPrecondition:
      return "failed_precondition";
    case absl::StatusCode::kAborted:
      return "aborted";
    case absl::StatusCode::kOutOfRange:
      return "out_of_range";
    case absl::StatusCode::kUnimplemented:
      return "unimplemented";
    case absl::StatusCode::kInternal:
      return "internal";
    case absl::StatusCode::kUnavailable:
      return "unavailable";
    case absl::StatusCode::kDataLoss:
      return "data_loss";
    case absl::StatusCode::kUnauthenticated:
      return "unauthenticated";
    default:
      return "unknown";
  }
}

// What the detail says, as JSON; empty for a type that is not compiled in.
std::string DebugJson(const google::protobuf::Any& detail) {
  const std::string name = detail.type_url().substr(detail.type_url().rfind('/') + 1);
  const google::protobuf::Descriptor* const type =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
  if (type == nullptr) return "";
  const std::unique_ptr<google::protobuf::Message> message(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
  std::string json;
  if (!message->ParseFromString(detail.value()) ||
      !google::protobuf::util::MessageToJsonString(*message, &json).ok()) {
    return "";
  }
  return json;
}

}  // namespace

WebFields SecurityFields() {
  return {{"content-security-policy",
           "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
           "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
           "form-action 'none'; frame-ancestors 'none'"},
          {"x-content-type-options", "nosniff"},
          {"x-frame-options", "DENY"},
          {"referrer-policy", "no-referrer"},
          {"cross-origin-opener-policy", "same-origin"},
          {"cross-origin-resource-policy", "same-origin"},
          {"cache-control", "no-store"}};
}

WebResponse TextAnswer(int status, absl::string_view text) {
  WebResponse response{.status = status, .fields = SecurityFields(), .body = std::string(text)};
  response.fields.emplace_back("content-type", "text/plain; charset=utf-8");
  return response;
}

WebResponse MethodNotAllowed(absl::string_view allowed) {
  WebResponse response = TextAnswer(405, absl::StrCat("this takes ", allowed, " only\n"));
  response.fields.emplace_back("allow", std::string(allowed));
  return response;
}

int HttpStatusOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:
      return 500;
  }
}

std::string ErrorJson(const google::rpc::Status& error) {
  JsonWriter json;
  json.BeginObject().Key("code").String(CodeName(static_cast<absl::StatusCode>(error.code())));
  json.Key("message").String(error.message());
  json.Key("details").BeginArray();
  for (const google::protobuf::Any& detail : error.details()) {
    std::string value = absl::Base64Escape(detail.value());
    value.erase(value.find_last_not_of('=') + 1);
    json.BeginObject();
    json.Key("type").String(detail.type_url().substr(detail.type_url().rfind('/') + 1));
    json.Key("value").String(value);
    if (const std::string debug = DebugJson(detail); !debug.empty()) json.Key("debug").Raw(debug);
    json.EndObject();
  }
  json.EndArray().EndObject();
  return std::move(json).Take();
}

WebResponse ErrorAnswer(const absl::Status& status, absl::string_view request_id) {
  const google::rpc::Status wire = ToWireError(status, request_id);
  WebResponse response{.status = HttpStatusOf(static_cast<absl::StatusCode>(wire.code())),
                       .fields = SecurityFields(),
                       .body = ErrorJson(wire)};
  response.fields.emplace_back("content-type", "application/json");
  response.fields.emplace_back("x-request-id", std::string(request_id));
  // RFC 9110 asks for it.
  if (response.status == 401) response.fields.emplace_back("www-authenticate", "Bearer");
  return response;
}

}  // namespace logexport
