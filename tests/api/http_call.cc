#include "tests/api/http_call.h"

#include <cstdint>
#include <map>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "logexport/v1/login.pb.h"
#include "service/json/json_value.h"

namespace logexport {
namespace {

using google::protobuf::Message;

const google::protobuf::MethodDescriptor* Method(const std::string& name) {
  return google::protobuf::DescriptorPool::generated_pool()
      ->FindServiceByName("logexport.v1.LogExportService")
      ->FindMethodByName(name);
}

std::unique_ptr<Message> New(const google::protobuf::Descriptor* type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

// The test has its own reading and writing of what the service is tested to read and write.
std::string Write(const Message& message, HttpCodec codec) {
  if (codec == HttpCodec::kBinary) return message.SerializeAsString();
  std::string json;
  EXPECT_TRUE(google::protobuf::util::MessageToJsonString(message, &json).ok());
  return json;
}

std::string ToBinary(const std::string& bytes, const google::protobuf::Descriptor* type,
                     HttpCodec codec) {
  if (codec == HttpCodec::kBinary) return bytes;
  const std::unique_ptr<Message> message = New(type);
  const auto read = google::protobuf::util::JsonStringToMessage(bytes, message.get());
  EXPECT_TRUE(read.ok()) << bytes;
  return message->SerializeAsString();
}

std::string Wrap(const std::string& message) {
  std::string envelope(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) {
    envelope.push_back(static_cast<char>((message.size() >> shift) & 0xff));
  }
  return envelope + message;
}

struct Piece {
  std::uint8_t flags;
  std::string message;
};
std::vector<Piece> Pieces(const std::string& body) {
  std::vector<Piece> pieces;
  std::size_t at = 0;
  while (at + 5 <= body.size()) {
    std::size_t size = 0;
    for (std::size_t i = at + 1; i < at + 5; ++i) {
      size = size << 8 | static_cast<std::uint8_t>(body[i]);
    }
    pieces.push_back({static_cast<std::uint8_t>(body[at]), body.substr(at + 5, size)});
    at += 5 + size;
  }
  EXPECT_EQ(at, body.size()) << "something is left that is no envelope";
  return pieces;
}

grpc::StatusCode CodeOf(const std::string& name) {
  static const auto* const codes = new std::map<std::string, grpc::StatusCode>{
      {"canceled", grpc::StatusCode::CANCELLED},
      {"invalid_argument", grpc::StatusCode::INVALID_ARGUMENT},
      {"deadline_exceeded", grpc::StatusCode::DEADLINE_EXCEEDED},
      {"not_found", grpc::StatusCode::NOT_FOUND},
      {"already_exists", grpc::StatusCode::ALREADY_EXISTS},
      {"permission_denied", grpc::StatusCode::PERMISSION_DENIED},
      {"resource_exhausted", grpc::StatusCode::RESOURCE_EXHAUSTED},
      {"failed_precondition", grpc::StatusCode::FAILED_PRECONDITION},
      {"aborted", grpc::StatusCode::ABORTED},
      {"unimplemented", grpc::StatusCode::UNIMPLEMENTED},
      {"internal", grpc::StatusCode::INTERNAL},
      {"unavailable", grpc::StatusCode::UNAVAILABLE},
      {"unauthenticated", grpc::StatusCode::UNAUTHENTICATED}};
  const auto code = codes->find(name);
  EXPECT_TRUE(code != codes->end()) << name;
  return code == codes->end() ? grpc::StatusCode::UNKNOWN : code->second;
}

void ReadError(const JsonValue& error, ApiReply* reply) {
  reply->code = CodeOf(error["code"].String());
  reply->message = error["message"].String();
  for (const JsonValue& detail : error["details"].items()) {
    std::string bytes;
    EXPECT_TRUE(absl::Base64Unescape(detail["value"].String(), &bytes));
    google::protobuf::Any any;
    any.set_type_url("type.googleapis.com/" + detail["type"].String());
    any.set_value(bytes);
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    google::rpc::RequestInfo request;
    google::rpc::RetryInfo retry;
    if (any.UnpackTo(&info)) {
      reply->domain = info.domain();
      reply->reason = info.reason();
      reply->metadata = {info.metadata().begin(), info.metadata().end()};
      EXPECT_EQ(detail["debug"]["reason"].String(), info.reason());
    } else if (any.UnpackTo(&bad)) {
      for (const auto& violation : bad.field_violations()) {
        reply->violations.push_back(absl::StrCat(violation.field(), ": ", violation.description()));
      }
    } else if (any.UnpackTo(&request)) {
      reply->request_id = request.request_id();
    } else if (any.UnpackTo(&retry)) {
      reply->has_retry = true;
    }
  }
}

void ReadErrorText(const std::string& text, ApiReply* reply) {
  const absl::StatusOr<JsonValue> json = JsonValue::Parse(text);
  ASSERT_TRUE(json.ok()) << text;
  ReadError(*json, reply);
}

}  // namespace

HttpReply PostTo(const std::string& address, const std::string& path, const std::string& body,
                 const HttpRequestOptions& options) {
  HttpHeaders headers = options.headers;
  if (!options.host.empty()) headers["Host"] = options.host;
  return HttpPost("http://" + address, path, body, options.content_type, headers);
}

HttpApiReply CallHttp(const std::string& address, const std::string& method,
                      const std::string& request, HttpCodec codec, const HttpHeaders& headers) {
  const google::protobuf::MethodDescriptor* const descriptor = Method(method);
  const bool stream = descriptor->server_streaming();
  const std::unique_ptr<Message> message = New(descriptor->input_type());
  EXPECT_TRUE(message->ParseFromString(request));
  const std::string body = Write(*message, codec);
  const std::string type = absl::StrCat("application/", stream ? "connect+" : "",
                                        codec == HttpCodec::kJson ? "json" : "proto");
  const HttpReply raw =
      PostTo(address, absl::StrCat("/logexport.v1.LogExportService/", method),
             stream ? Wrap(body) : body, {.headers = headers, .content_type = type});
  HttpApiReply answer;
  answer.status = raw.status;
  if (!stream) {
    if (raw.status != 200) {
      EXPECT_EQ(raw.headers.at("content-type"), "application/json");
      ReadErrorText(raw.body, &answer.reply);
      return answer;
    }
    EXPECT_EQ(raw.headers.at("content-type"), type);
    answer.reply.messages.push_back(ToBinary(raw.body, descriptor->output_type(), codec));
    return answer;
  }
  EXPECT_EQ(raw.status, 200) << raw.body;
  const std::vector<Piece> pieces = Pieces(raw.body);
  EXPECT_FALSE(pieces.empty());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const bool last = i + 1 == pieces.size();
    EXPECT_EQ(pieces[i].flags, last ? 2 : 0);
    if (!last) {
      answer.reply.messages.push_back(
          ToBinary(pieces[i].message, descriptor->output_type(), codec));
      continue;
    }
    const absl::StatusOr<JsonValue> end = JsonValue::Parse(pieces[i].message);
    EXPECT_TRUE(end.ok()) << pieces[i].message;
    if (end.ok() && !(*end)["error"].is_null()) ReadError((*end)["error"], &answer.reply);
  }
  return answer;
}

HttpHeaders Bearer(const std::string& token) { return {{"authorization", "Bearer " + token}}; }

std::string LoginToken(ApiServer& server, const ApiCallOptions& options) {
  return server.Call("CreateLogin", "bearer: true", options).As<v1::CreateLoginResponse>().token();
}

std::string LoginCode(ApiServer& server, const ApiCallOptions& options) {
  const std::string url =
      server.Call("CreateLogin", "", options).As<v1::CreateLoginResponse>().url();
  const std::string mark = "/#code=";
  EXPECT_NE(url.find(mark), std::string::npos) << url;
  return url.substr(url.find(mark) + mark.size());
}

}  // namespace logexport
