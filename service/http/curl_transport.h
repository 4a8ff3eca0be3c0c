#ifndef LOGEXPORT_SERVICE_HTTP_CURL_TRANSPORT_H_
#define LOGEXPORT_SERVICE_HTTP_CURL_TRANSPORT_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/http/transport.h"

namespace logexport {

struct CurlOptions {
  // A PEM file of authorities to trust in addition to the system's; read once. Empty: none.
  std::string ca_file;
  std::string user_agent = "logexport/0.1.0";
  // Connections kept open between exchanges, over all hosts together.
  std::size_t max_idle_connections = 32;
  absl::Duration dns_ttl = absl::Minutes(1);
  // An older connection is not used for another exchange, so that a host that moves is followed:
  // Segment asks its clients to look its name up again at least once a day.
  absl::Duration connection_max_age = absl::Hours(1);
  // An exchange that moves no byte at all for this long ends with DEADLINE_EXCEEDED, however long
  // its own timeout; whole seconds.
  absl::Duration stall_timeout = absl::Seconds(60);
};

// Prepares the process for HTTP: to be called once by main, before it starts threads. From then on
// a peer that closes a connection being written to is an error of that exchange, not a SIGPIPE.
absl::Status InitHttp();

// A transport over libcurl. HTTP/1.1; TLS 1.2 or later with the peer's certificate and name
// checked; http:// to loopback only; the proxies of HTTPS_PROXY and NO_PROXY, except to loopback.
// Fails when `ca_file` cannot be read or holds no certificate.
//
// An idle connection that the server has closed meanwhile is replaced unnoticed, and a request sent
// on one that closes before any answer is sent once more on a new one, as browsers do. No exchange
// may be under way when the transport is destroyed.
absl::StatusOr<std::unique_ptr<HttpTransport>> MakeCurlTransport(const CurlOptions& options);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_HTTP_CURL_TRANSPORT_H_
