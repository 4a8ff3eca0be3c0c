#ifndef LOGEXPORT_SERVICE_WEB_SESSION_COOKIE_H_
#define LOGEXPORT_SERVICE_WEB_SESSION_COOKIE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/web/web_exchange.h"

namespace logexport {

// The cookie that holds a session's secret. No script can read it, no request from another site
// carries it, and over TLS no other host can set it (its name begins with __Host-).

// The secret in the request's cookie; empty when there is none, or more than one: a page that could
// set a second one would choose whose session it is.
std::string SessionOf(const WebRequest& request);

// The value of set-cookie that begins a session of at most `life`, or ends it.
std::string SessionCookie(const WebRequest& request, absl::string_view secret, absl::Duration life);
std::string NoSessionCookie(const WebRequest& request);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_SESSION_COOKIE_H_
