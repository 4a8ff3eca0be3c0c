#include "service/web/incoming_http_call.h"

#include <string>

namespace logexport {

IncomingCall DescribeCall(WebExchange& exchange, absl::string_view method) {
  const WebRequest& request = exchange.request();
  IncomingCall call;
  call.method = method;
  call.address = request.address;
  if (const auto value = request.Field("authorization"); value.has_value()) {
    call.authorization = std::string(*value);
  }
  call.certificate = request.certificate;
  call.cancelled = [&exchange] { return exchange.ClientGone(); };
  return call;
}

}  // namespace logexport
