#ifndef LOGEXPORT_TESTS_SANDBOX_HTTP_LISTENER_H_
#define LOGEXPORT_TESTS_SANDBOX_HTTP_LISTENER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "tests/sandbox/http/http_connection.h"

struct ssl_ctx_st;

namespace logexport::sandbox {

// A listening TCP socket, with TLS if given a certificate. Never blocks.
class Listener {
 public:
  struct Options {
    std::string host = "127.0.0.1";
    int port = 0;  // 0 picks a free one
    // Files in PEM; both or none.
    std::string tls_certificate;
    std::string tls_key;
  };

  static absl::StatusOr<std::unique_ptr<Listener>> Open(const Options& options);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // The next connection waiting, or null.
  std::unique_ptr<HttpConnection> Accept();

  int fd() const { return fd_; }
  int port() const { return port_; }

 private:
  Listener() = default;
  absl::Status LoadTls(const Options& options);
  absl::Status Bind(const Options& options);

  int fd_ = -1;
  int port_ = 0;
  ssl_ctx_st* tls_ = nullptr;
};

}  // namespace logexport::sandbox

#endif  // LOGEXPORT_TESTS_SANDBOX_HTTP_LISTENER_H_
