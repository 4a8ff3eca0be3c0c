#include "service/web/web_service.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "service/access/roles.h"
#include "service/web/answers.h"
#include "service/web/incoming_http_call.h"

namespace logexport {
namespace {

bool Reads(const WebRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

}  // namespace

void WebService::Handle(WebExchange& exchange) {
  const absl::string_view path = exchange.request().Path();
  // These do not look at `Host`: probes come by address.
  if (path == "/healthz" || path == "/readyz" || path == "/metrics") {
    if (!Reads(exchange.request())) return exchange.Respond(MethodNotAllowed("GET"));
    if (path == "/healthz") return exchange.Respond(TextAnswer(200, "ok\n"));
    if (path == "/readyz") return ServeReadiness(exchange);
    return ServeMetrics(exchange);
  }
  if (IsForeign(exchange)) return;
  if (path == SessionEndpoint::kPath) return sessions_.Serve(exchange);
  if (absl::StartsWith(path, ConnectCalls::kPrefix)) {
    return calls_.Serve(exchange, path.substr(ConnectCalls::kPrefix.size()));
  }
  if (!Reads(exchange.request())) return exchange.Respond(MethodNotAllowed("GET"));
  exchange.Respond(ConsoleAnswer(content_.console, exchange.request()));
}

bool WebService::IsForeign(WebExchange& exchange) {
  const WebRequest& request = exchange.request();
  absl::Status status = origins_.CheckHost(request);
  // A page of another site may have a link to ours. What it reads so is the same for everybody.
  if (status.ok() && !Reads(request)) {
    // Whom a browser makes known by itself; nobody at all is refused by the gate. Logging in has to
    // be our own page's doing, too, or another site could make somebody work in its session.
    const bool by_browser =
        request.Path() == SessionEndpoint::kPath ||
        (!request.Field("authorization").has_value() &&
         (request.Field("cookie").has_value() || request.certificate.has_value()));
    status = origins_.CheckOrigin(request, by_browser);
  }
  if (status.ok()) return false;
  exchange.Respond(ErrorAnswer(status, ""));
  return true;
}

void WebService::ServeReadiness(WebExchange& exchange) {
  const absl::Status status = content_.ready();
  exchange.Respond(status.ok() ? TextAnswer(200, "ready\n")
                               : TextAnswer(503, absl::StrCat(status.message(), "\n")));
}

void WebService::ServeMetrics(WebExchange& exchange) {
  WebResponse response{.fields = SecurityFields()};
  response.fields.emplace_back("content-type", "text/plain; version=0.0.4; charset=utf-8");
  if (content_.metrics_open) {
    response.body = content_.metrics();
    return exchange.Respond(std::move(response));
  }
  const IncomingCall call = DescribeCall(exchange, kMetricsMethod);
  const CallOutcome outcome = gate_.Pass(call, [&](const Call&) {
    response.body = content_.metrics();
    return absl::OkStatus();
  });
  exchange.Respond(outcome.status.ok() ? std::move(response)
                                       : ErrorAnswer(outcome.status, outcome.request_id));
}

}  // namespace logexport
