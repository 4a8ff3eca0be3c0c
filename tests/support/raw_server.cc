#include "tests/support/raw_server.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace logexport {
namespace {

constexpr absl::string_view kEndOfHead = "\r\n\r\n";

// A listening socket on a free loopback port, or the end of the test program.
int Listen(int backlog, int* port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (fd < 0 || bind(fd, generic, size) != 0 || listen(fd, backlog) != 0 ||
      getsockname(fd, generic, &size) != 0) {
    std::perror("could not listen on loopback");
    std::abort();
  }
  *port = ntohs(address.sin_port);
  return fd;
}

}  // namespace

absl::string_view RawRequest::Line() const {
  return absl::string_view(head).substr(0, head.find("\r\n"));
}

absl::string_view RawRequest::Header(absl::string_view name) const {
  for (const absl::string_view line : absl::StrSplit(head, "\r\n")) {
    const std::size_t colon = line.find(':');
    if (colon != absl::string_view::npos && absl::EqualsIgnoreCase(line.substr(0, colon), name)) {
      return absl::StripAsciiWhitespace(line.substr(colon + 1));
    }
  }
  return {};
}

struct RawServer::TlsContext {
  explicit TlsContext(const TlsIdentity& identity) : context(SSL_CTX_new(TLS_server_method())) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    BIO* const certificate_pem = BIO_new_mem_buf(identity.certificate.data(), -1);
    BIO* const key_pem = BIO_new_mem_buf(identity.key.data(), -1);
    X509* const certificate = PEM_read_bio_X509(certificate_pem, nullptr, nullptr, nullptr);
    EVP_PKEY* const key = PEM_read_bio_PrivateKey(key_pem, nullptr, nullptr, nullptr);
    EXPECT_EQ(SSL_CTX_use_certificate(context, certificate), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context, key), 1);
    EVP_PKEY_free(key);
    X509_free(certificate);
    BIO_free(key_pem);
    BIO_free(certificate_pem);
  }
  ~TlsContext() { SSL_CTX_free(context); }

  SSL_CTX* const context;
};

class RawServer::Connection final : public RawConnection {
 public:
  Connection(int fd, RawServer* server) : fd_(fd), server_(server) {}
  ~Connection() override { Close(); }

  // True when TLS is not spoken here, too.
  bool ShakeHands() {
    if (server_->tls_ == nullptr) return true;
    ssl_ = SSL_new(server_->tls_->context);
    SSL_set_fd(ssl_, fd_);
    if (Retry([this] { return SSL_accept(ssl_); }) != 1) return false;
    MutexLock lock(&server_->mutex_);
    server_->resumed_sessions_ += SSL_session_reused(ssl_);
    return true;
  }

  std::optional<RawRequest> ReadRequest() override {
    std::size_t head_size = 0;
    while ((head_size = unread_.find(kEndOfHead.data())) == std::string::npos) {
      if (!ReadMore()) return std::nullopt;
    }
    RawRequest request;
    request.head = Take(head_size + kEndOfHead.size());
    std::size_t body_size = 0;
    if (!absl::SimpleAtoi(request.Header("Content-Length"), &body_size)) body_size = 0;
    while (unread_.size() < body_size) {
      if (!ReadMore()) return std::nullopt;
    }
    request.body = Take(body_size);
    server_->Record(request);
    return request;
  }

  bool Send(absl::string_view bytes) override {
    while (!bytes.empty()) {
      const int sent = Retry([this, bytes] {
        return ssl_ != nullptr
                   ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                   : static_cast<int>(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
      });
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  void WaitForPeerToClose() override {
    while (ReadMore()) unread_.clear();
  }

  bool Pause(absl::Duration duration) override {
    pollfd stop{server_->stop_event_, POLLIN, 0};
    return poll(&stop, 1, static_cast<int>(absl::ToInt64Milliseconds(duration))) == 0;
  }

  void Close() override {
    if (fd_ < 0) return;
    if (ssl_ != nullptr) SSL_shutdown(ssl_);
    CloseSocket();
  }

  void Reset() override {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    CloseSocket();
  }

 private:
  void CloseSocket() {
    SSL_free(std::exchange(ssl_, nullptr));
    close(std::exchange(fd_, -1));
  }

  // Calls `operation` until it does not have to wait for the peer. Its result, or 0 when the server
  // is being destroyed.
  template <typename Operation>
  int Retry(Operation operation) {
    while (fd_ >= 0) {
      ERR_clear_error();
      const int result = operation();
      if (result > 0) return result;
      std::array<pollfd, 2> fds{{{fd_, 0, 0}, {server_->stop_event_, POLLIN, 0}}};
      if (ssl_ != nullptr) {
        const int error = SSL_get_error(ssl_, result);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return -1;
        fds[0].events = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
      } else {
        if (result == 0 || (errno != EAGAIN && errno != EINTR)) return result;
        fds[0].events = reading_ ? POLLIN : POLLOUT;
      }
      poll(fds.data(), fds.size(), -1);
      if (fds[1].revents != 0) return 0;
    }
    return 0;
  }

  bool ReadMore() {
    std::array<char, 64 << 10> chunk;
    reading_ = true;
    const int got = Retry([&] {
      return ssl_ != nullptr ? SSL_read(ssl_, chunk.data(), static_cast<int>(chunk.size()))
                             : static_cast<int>(recv(fd_, chunk.data(), chunk.size(), 0));
    });
    reading_ = false;
    if (got <= 0) return false;
    unread_.append(chunk.data(), static_cast<std::size_t>(got));
    return true;
  }

  std::string Take(std::size_t size) {
    std::string taken = unread_.substr(0, size);
    unread_.erase(0, size);
    return taken;
  }

  int fd_;
  RawServer* const server_;
  SSL* ssl_ = nullptr;
  bool reading_ = false;
  std::string unread_;
};

RawServer::RawServer(RawScript script, std::optional<TlsIdentity> identity)
    : script_(std::move(script)),
      tls_(identity.has_value() ? std::make_unique<TlsContext>(*identity) : nullptr),
      listener_(Listen(/*backlog=*/128, &port_)),
      stop_event_(eventfd(0, EFD_CLOEXEC)),
      acceptor_([this] { Accept(); }) {}

RawServer::~RawServer() {
  eventfd_write(stop_event_, 1);
  acceptor_.join();
  std::vector<std::thread> players;
  {
    MutexLock lock(&mutex_);
    players.swap(players_);
  }
  for (std::thread& player : players) player.join();
  close(listener_);
  close(stop_event_);
}

std::string RawServer::Url(absl::string_view path) const {
  return absl::StrCat(tls_ != nullptr ? "https://localhost:" : "http://127.0.0.1:", port_, path);
}

int RawServer::connections() const {
  MutexLock lock(&mutex_);
  return connections_;
}

int RawServer::resumed_sessions() const {
  MutexLock lock(&mutex_);
  return resumed_sessions_;
}

std::vector<RawRequest> RawServer::requests() const {
  MutexLock lock(&mutex_);
  return requests_;
}

void RawServer::StopRecording() {
  MutexLock lock(&mutex_);
  recording_ = false;
}

void RawServer::WaitForRequests(std::size_t count) const {
  const absl::Time give_up = absl::Now() + absl::Minutes(1);
  MutexLock lock(&mutex_);
  while (requests_.size() < count) {
    const absl::Duration left = give_up - absl::Now();
    if (left <= absl::ZeroDuration()) {
      ADD_FAILURE() << "waited a minute for " << count << " requests, there were "
                    << requests_.size();
      return;
    }
    requested_.WaitFor(&mutex_, left);
  }
}

void RawServer::Accept() {
  while (true) {
    std::array<pollfd, 2> fds{{{listener_, POLLIN, 0}, {stop_event_, POLLIN, 0}}};
    poll(fds.data(), fds.size(), -1);
    if (fds[1].revents != 0) return;
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) continue;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    MutexLock lock(&mutex_);
    players_.emplace_back([this, fd, index = connections_] { Play(fd, index); });
    ++connections_;
  }
}

void RawServer::Play(int fd, int index) {
  Connection connection(fd, this);
  if (connection.ShakeHands()) script_(connection, index);
}

void RawServer::Record(const RawRequest& request) {
  MutexLock lock(&mutex_);
  if (!recording_) return;
  requests_.push_back(request);
  requested_.NotifyAll();
}

FullListener::FullListener() : sockets_{Listen(/*backlog=*/0, &port_)} {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  // A queue of length 0 holds one connection; whether a second fits, too, is up to the kernel.
  for (int i = 0; i < 4; ++i) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    sockets_.push_back(fd);
  }
}

FullListener::~FullListener() {
  for (const int fd : sockets_) close(fd);
}

int UnusedPort() {
  int port = 0;
  close(Listen(/*backlog=*/1, &port));
  return port;
}

}  // namespace logexport
