#ifndef LOGEXPORT_SERVICE_HTTP_CURL_TRANSPORT_H_
#define LOGEXPORT_SERVICE_HTTP_CURL_TRANSPORT_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "service/http/curl_options.h"
#include "service/http/transport.h"

namespace logexport {

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
