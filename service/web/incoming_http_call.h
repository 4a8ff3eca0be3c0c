#ifndef LOGEXPORT_SERVICE_WEB_INCOMING_HTTP_CALL_H_
#define LOGEXPORT_SERVICE_WEB_INCOMING_HTTP_CALL_H_

#include "absl/strings/string_view.h"

#include "service/access/incoming_call.h"
#include "service/web/web_exchange.h"

namespace logexport {

// What the gate is told of a request: `method` is the RPC, or what HTTP serves beside the RPCs (see
// roles.h). Refers to both, which must outlive it.
IncomingCall DescribeCall(WebExchange& exchange, absl::string_view method);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_INCOMING_HTTP_CALL_H_
