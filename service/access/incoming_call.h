#ifndef LOGEXPORT_SERVICE_ACCESS_INCOMING_CALL_H_
#define LOGEXPORT_SERVICE_ACCESS_INCOMING_CALL_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace logexport {

inline constexpr absl::string_view kOverGrpc = "grpc";
inline constexpr absl::string_view kOverHttp = "http";
inline constexpr absl::string_view kFromConsole = "console";

struct ClientCertificate {
  std::string name;   // the one in it that stands for the client
  std::string chain;  // PEM, the client's own certificate first
};

// A call as it arrives, whatever way it comes in, before its request is read. Nothing of it is
// checked yet, except that the transport has verified the certificate.
struct IncomingCall {
  // Which way it comes, as the audit tells it: kOverGrpc, kOverHttp, or kFromConsole, which is HTTP
  // with a session.
  absl::string_view way = kOverGrpc;
  absl::string_view method;  // the name of the RPC: "RunNow"
  // Where the call comes from, as the transport names it: "ipv4:127.0.0.1:40312".
  std::string address;
  // The value of the header or metadata `authorization`.
  std::optional<std::string> authorization;
  // The client certificate that the TLS handshake verified.
  std::optional<ClientCertificate> certificate;
  // The secret of the session in the cookie; empty when there is none. See logins.h.
  std::string session;
  // Who the caller says he is: the header or metadata `logexport-claimed-caller`. Proves nothing.
  std::string claimed_caller;
  // The header or metadata `traceparent` (W3C Trace Context); empty: none.
  std::string traceparent;
  // The client's, on the wall clock; infinite where it has set none.
  absl::Time deadline = absl::InfiniteFuture();
  // Whether the client has given the call up. May be called from any thread while the call lasts.
  std::function<bool()> cancelled;
};

// CANCELLED or DEADLINE_EXCEEDED once the client has given the call up: nobody would learn what a
// late call did.
absl::Status CheckStillWanted(const IncomingCall& call);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_ACCESS_INCOMING_CALL_H_
