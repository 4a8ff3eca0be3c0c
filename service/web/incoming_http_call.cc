#include "service/web/incoming_http_call.h"

#include <string>

#include "service/web/session_cookie.h"

namespace logexport {

IncomingCall DescribeCall(WebExchange& exchange, absl::string_view method) {
  const WebRequest& request = exchange.request();
  IncomingCall call;
  call.method = method;
  call.address = request.address;
  if (const auto value = request.Field("authorization"); value.has_value()) {
    call.authorization = std::string(*value);
  }
  if (const auto trace = request.Field("traceparent"); trace.has_value()) {
    call.traceparent = std::string(*trace);
  }
  // Whoever shows a token means that one.
  if (!call.authorization.has_value()) call.session = SessionOf(request);
  call.way = call.session.empty() ? kOverHttp : kFromConsole;
  call.certificate = request.certificate;
  call.cancelled = [&exchange] { return exchange.ClientGone(); };
  return call;
}

}  // namespace logexport
