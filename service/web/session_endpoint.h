#ifndef LOGEXPORT_SERVICE_WEB_SESSION_ENDPOINT_H_
#define LOGEXPORT_SERVICE_WEB_SESSION_ENDPOINT_H_

#include "service/access/call_gate.h"
#include "service/access/logins.h"
#include "service/web/web_exchange.h"

namespace logexport {

// Logging in and out of the console. POST with {"token": …} or {"code": …} answers 200, whom it has
// logged in, and the session's cookie; DELETE ends the session. Errors look like those of calls.
// Thread-safe.
class SessionEndpoint {
 public:
  static constexpr absl::string_view kPath = "/session";

  // Both must outlive it.
  SessionEndpoint(CallGate& gate, Logins& logins) : gate_(gate), logins_(logins) {}

  // Answers a request whose origin is in order.
  void Serve(WebExchange& exchange);

 private:
  void LogIn(WebExchange& exchange);
  void LogOut(WebExchange& exchange);

  CallGate& gate_;
  Logins& logins_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_SESSION_ENDPOINT_H_
