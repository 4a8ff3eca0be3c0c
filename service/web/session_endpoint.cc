#include "service/web/session_endpoint.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "logexport/v1/login.pb.h"
#include "service/access/roles.h"
#include "service/base/status_macros.h"
#include "service/control/api_error.h"
#include "service/json/json_value.h"
#include "service/json/json_writer.h"
#include "service/web/answers.h"
#include "service/web/connect_protocol.h"
#include "service/web/incoming_http_call.h"
#include "service/web/session_cookie.h"

namespace logexport {
namespace {

constexpr std::size_t kLongestBody = 8 << 10;

absl::Status Invalid(std::string what) { return InvalidFields({{"", std::move(what)}}); }

// What somebody shows to be logged in.
struct Shown {
  std::string token;
  std::string code;
};

// Takes no body that has not arrived with its head: whoever sends it is not known yet.
absl::StatusOr<Shown> ReadShown(WebExchange& exchange) {
  const WebRequest& request = exchange.request();
  if (CodecOf(request.Field("content-type").value_or(""), /*stream=*/false) != Codec::kJson) {
    return Invalid("the content-type is to be application/json");
  }
  if (request.Field("transfer-encoding").has_value() || request.Field("expect").has_value()) {
    return Invalid("the body is to have a content-length");
  }
  ASSIGN_OR_RETURN(const std::string body, exchange.ReadBody(kLongestBody, absl::ZeroDuration()));
  const absl::StatusOr<JsonValue> json = JsonValue::Parse(body);
  if (!json.ok() || !json->is_object()) return Invalid("the body is to be a JSON object");
  Shown shown{(*json)["token"].String(), (*json)["code"].String()};
  if (shown.token.empty() == shown.code.empty()) {
    return Invalid("the body is to hold either a token or a code");
  }
  return shown;
}

WebResponse JsonAnswer(std::string body) {
  WebResponse response{.fields = SecurityFields(), .body = std::move(body)};
  response.fields.emplace_back("content-type", "application/json");
  return response;
}

}  // namespace

void SessionEndpoint::Serve(WebExchange& exchange) {
  if (exchange.request().method == "POST") return LogIn(exchange);
  if (exchange.request().method == "DELETE") return LogOut(exchange);
  exchange.Respond(MethodNotAllowed("POST, DELETE"));
}

void SessionEndpoint::LogIn(WebExchange& exchange) {
  const absl::StatusOr<Shown> shown = ReadShown(exchange);
  if (!shown.ok()) {
    const bool too_long = absl::IsResourceExhausted(shown.status());
    return exchange.Respond(ErrorAnswer(
        too_long ? Invalid("the body is too long for a token or a code") : shown.status(), ""));
  }
  IncomingCall call = DescribeCall(exchange, kLoginMethod);
  call.authorization = absl::StrCat("Bearer ", shown->token.empty() ? shown->code : shown->token);
  // Whoever was logged in before is replaced, also when somebody else has planted that session.
  const std::string earlier = std::exchange(call.session, "");
  WebResponse response;
  const CallOutcome outcome = gate_.Pass(call, [&](const Call& admitted) -> absl::Status {
    ASSIGN_OR_RETURN(const Logins::Session session,
                     logins_.BeginSession(admitted, shown->code, earlier));
    JsonWriter json;
    json.BeginObject().Key("caller").BeginObject();
    json.Key("name").String(admitted.caller.name);
    json.Key("verified").Bool(admitted.caller.verified).EndObject();
    json.Key("role").String(v1::Role_Name(admitted.role)).EndObject();
    response = JsonAnswer(std::move(json).Take());
    response.fields.emplace_back(
        "set-cookie", SessionCookie(exchange.request(), session.secret, Logins::kSessionLife));
    return absl::OkStatus();
  });
  exchange.Respond(outcome.status.ok() ? std::move(response)
                                       : ErrorAnswer(outcome.status, outcome.request_id));
}

void SessionEndpoint::LogOut(WebExchange& exchange) {
  const IncomingCall call = DescribeCall(exchange, kLogoutMethod);
  const CallOutcome outcome = gate_.Pass(
      call, [&](const Call& admitted) { return logins_.EndSession(admitted, call.session); });
  // A session that has ended already is what was asked for.
  const bool out = outcome.status.ok() || absl::IsUnauthenticated(outcome.status);
  WebResponse response = out ? JsonAnswer("{}") : ErrorAnswer(outcome.status, outcome.request_id);
  response.fields.emplace_back("set-cookie", NoSessionCookie(exchange.request()));
  exchange.Respond(std::move(response));
}

}  // namespace logexport
