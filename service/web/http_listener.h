#ifndef LOGEXPORT_SERVICE_WEB_HTTP_LISTENER_H_
#define LOGEXPORT_SERVICE_WEB_HTTP_LISTENER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/access/tls_files.h"
#include "service/web/web_exchange.h"

namespace logexport {

// What one client may take of the listener.
struct HttpLimits {
  std::size_t head_bytes = 8 << 10;  // request line and fields
  // Bodies up to this are taken in before the handler is called, longer ones when it asks for them.
  std::size_t small_body_bytes = 16 << 10;
  std::size_t connections = 512;  // fewer where the process may open few files
  // Handlers at a time. One for each connection, so that a client whose calls wait, of which a
  // caller may have as many as half the connections, keeps no other waiting.
  std::size_t threads = 512;
  std::size_t waiting = 256;  // requests that wait for a thread
  absl::Duration handshake = absl::Seconds(10);
  // From the end of the last answer, or the connection's begin, to the end of a request's head.
  absl::Duration head = absl::Seconds(30);
  absl::Duration small_body = absl::Seconds(10);
  absl::Duration write = absl::Seconds(20);  // of an answer, or of a piece of a stream
};

// Serves HTTP/1.1, with and without TLS. It is for whoever can connect: what is malformed, too
// large or too slow is refused or dropped here, for little; what reaches the handler has a valid
// head. One thread does all input and output, others run the handlers.
class HttpListener {
 public:
  // Listens on `address` ("host:port", port 0 picks one). With `tls` the files are followed as they
  // change. UNAVAILABLE when the address is taken or not ours; INVALID_ARGUMENT for files that
  // cannot be used. The handler is called from then on, until Shutdown has returned.
  static absl::StatusOr<std::unique_ptr<HttpListener>> Listen(const std::string& address,
                                                              std::unique_ptr<TlsFiles> tls,
                                                              WebHandler handler,
                                                              HttpLimits limits = {});
  // As Shutdown without grace.
  ~HttpListener();

  // host:port, with the port that was picked.
  const std::string& address() const { return address_; }

  // Takes no more requests, gives those in progress until `grace`, then cuts their connections off
  // and waits for their handlers.
  void Shutdown(absl::Duration grace);

 private:
  class Server;
  HttpListener();

  std::string address_;
  std::unique_ptr<Server> server_;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_HTTP_LISTENER_H_
