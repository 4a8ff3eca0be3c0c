#include "tests/sandbox/http/listener.h"

#include <cerrno>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/base/status_macros.h"

namespace logexport::sandbox {
namespace {

// One page of 100 logs fits, so that it is handed to the kernel in one call.
constexpr int kSendBuffer = 512 * 1024;

absl::Status ErrnoError(absl::string_view what) {
  return absl::UnavailableError(absl::StrCat(what, ": ", std::strerror(errno)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(const Options& options) {
  std::unique_ptr<Listener> listener(new Listener());
  if (!options.tls_certificate.empty() || !options.tls_key.empty()) {
    RETURN_IF_ERROR(listener->LoadTls(options));
  }
  RETURN_IF_ERROR(listener->Bind(options));
  return listener;
}

Listener::~Listener() {
  if (fd_ >= 0) {
    close(fd_);
  }
  SSL_CTX_free(tls_);
}

absl::Status Listener::LoadTls(const Options& options) {
  tls_ = SSL_CTX_new(TLS_server_method());
  if (tls_ == nullptr ||
      SSL_CTX_use_certificate_chain_file(tls_, options.tls_certificate.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(tls_, options.tls_key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return absl::InvalidArgumentError(absl::StrCat("cannot load the certificate '",
                                                   options.tls_certificate, "' with the key '",
                                                   options.tls_key, "'"));
  }
  SSL_CTX_set_mode(tls_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Fewer, larger reads: without it each record costs two.
  SSL_CTX_set_read_ahead(tls_, 1);
  SSL_CTX_set_default_read_buffer_len(tls_, 128 * 1024);
  return absl::OkStatus();
}

absl::Status Listener::Bind(const Options& options) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(options.port));
  if (inet_pton(AF_INET, options.host.c_str(), &address.sin_addr) != 1) {
    return absl::InvalidArgumentError(absl::StrCat("not an IPv4 address: '", options.host, "'"));
  }
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) {
    return ErrnoError("cannot create a socket");
  }
  const int one = 1;
  setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
  setsockopt(fd_, SOL_SOCKET, SO_SNDBUF, &kSendBuffer, sizeof(kSendBuffer));
  socklen_t size = sizeof(address);
  if (bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd_, SOMAXCONN) != 0 ||
      getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return ErrnoError(absl::StrCat("cannot listen on ", options.host, ":", options.port));
  }
  port_ = ntohs(address.sin_port);
  return absl::OkStatus();
}

std::unique_ptr<HttpConnection> Listener::Accept() {
  const int fd = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) {
    return nullptr;
  }
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
  SSL* tls = nullptr;
  if (tls_ != nullptr) {
    tls = SSL_new(tls_);
    SSL_set_fd(tls, fd);
    SSL_set_accept_state(tls);
  }
  return std::make_unique<HttpConnection>(fd, tls);
}

}  // namespace logexport::sandbox
