#ifndef LOGEXPORT_SERVICE_WEB_REQUEST_HEAD_H_
#define LOGEXPORT_SERVICE_WEB_REQUEST_HEAD_H_

#include "service/web/web_exchange.h"

namespace logexport {

// Whether the client waits to be asked for the body (RFC 9110, 10.1.1).
bool ExpectsContinue(const WebRequest& request);

// Whether a request, whose head the parser has taken, is one that every reader understands alike:
// which host it is for, where it ends, who sends it. Answers the status that it is refused with, or
// 0. `version` is 10 or 11 for HTTP/1.0 and HTTP/1.1.
int CheckHead(const WebRequest& request, unsigned version);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_REQUEST_HEAD_H_
