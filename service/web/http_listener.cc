// With beast_connection.h all of Boost.Beast and Asio: their headers take longer to compile than
// the rest of the room.
#include "service/web/http_listener.h"

#include <algorithm>
#include <memory>
#include <thread>
#include <unordered_set>
#include <utility>

#include "absl/strings/str_cat.h"
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/base/clock.h"
#include "service/base/connection_acceptor.h"
#include "service/base/listening_socket.h"
#include "service/base/logging.h"
#include "service/base/mutex.h"
#include "service/base/status_macros.h"
#include "service/web/beast_connection.h"
#include "service/web/tls_server_context.h"
#include "service/web/worker_pool.h"

namespace logexport {
namespace {

// An address as IncomingCall has it.
std::string AddressText(const tcp::endpoint& peer) {
  net::ip::address address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6());
  }
  return address.is_v4() ? absl::StrCat("ipv4:", address.to_string(), ":", peer.port())
                         : absl::StrCat("ipv6:[", address.to_string(), "]:", peer.port());
}

}  // namespace

// What all connections share.
class HttpListener::Server {
 public:
  Server(std::unique_ptr<TlsFiles> tls, WebHandler handler, HttpLimits limits)
      : handler_(std::move(handler)),
        limits_(limits),
        files_(std::move(tls)),
        pool_(std::make_unique<WorkerPool>(limits.threads, limits.waiting)) {}

  absl::Status LoadTls() {
    if (files_ == nullptr) return absl::OkStatus();
    ASSIGN_OR_RETURN(const TlsMaterial material, files_->Read());
    ASSIGN_OR_RETURN(SslContext context, MakeServerContext(material));
    tls_ = std::make_shared<TlsContext>(context.release());
    return absl::OkStatus();
  }

  void Start(ListeningSockets listening) {
    thread_ = std::thread([this] { io_.run(); });
    acceptor_ = std::make_unique<ConnectionAcceptor>(
        std::move(listening), ConnectionBounds(),
        [this](int, int fd) { net::post(io_, [this, fd] { Adopt(fd); }); });
  }

  void Shutdown(absl::Duration grace);

  net::io_context& io() { return io_; }
  const HttpLimits& limits() const { return limits_; }
  bool stopping() const { return stopping_; }
  const WebHandler& handler() const { return handler_; }
  WorkerPool& pool() { return *pool_; }
  void Add(OpenConnection* connection) {
    open_.insert(connection);
    CountOpen();
  }
  void Remove(OpenConnection* connection) {
    open_.erase(connection);
    CountOpen();
  }

 private:
  ConnectionLimits ConnectionBounds() const {
    // gRPC's acceptor has raised the limit of the process before, and leaves this much to others.
    rlimit files{};
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) files.rlim_cur = 1024;
    const std::size_t most = std::clamp<std::size_t>(files.rlim_cur / 8, 4, limits_.connections);
    return {most, std::max<std::size_t>(most / 2, 4)};
  }
  void Adopt(int fd);
  // The context for a new connection: a new one when the files have changed and can be used.
  std::shared_ptr<TlsContext> CurrentTls() {
    if (files_->Changed()) {
      if (const absl::Status loaded = LoadTls(); !loaded.ok()) {
        LogError("the TLS files have changed and cannot be used; those read before stay in use",
                 {{"error", loaded}});
      }
    }
    return tls_;
  }
  void CountOpen() {
    MutexLock lock(&mutex_);
    open_count_ = open_.size();
    closed_.NotifyAll();
  }

  const WebHandler handler_;
  const HttpLimits limits_;
  const std::unique_ptr<TlsFiles> files_;

  // These belong to the thread of input and output.
  std::shared_ptr<TlsContext> tls_;
  std::unordered_set<OpenConnection*> open_;
  bool stopping_ = false;

  Mutex mutex_;
  CondVar closed_;
  std::size_t open_count_ ABSL_GUARDED_BY(mutex_) = 0;

  // Destroyed before the above: connections that are left in it say good-bye.
  net::io_context io_{1};
  net::executor_work_guard<net::io_context::executor_type> work_{io_.get_executor()};

  std::unique_ptr<WorkerPool> pool_;
  std::unique_ptr<ConnectionAcceptor> acceptor_;
  std::thread thread_;
};

void HttpListener::Server::Adopt(int fd) {
  sockaddr_storage own{};
  socklen_t size = sizeof(own);
  getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size);
  tcp::socket socket(io_);
  error_code error;
  socket.assign(own.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), fd, error);
  if (error) {
    ::close(fd);
    return;
  }
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error || stopping_) return;
  if (files_ == nullptr) {
    using Plain = BeastConnection<beast::tcp_stream, Server>;
    std::make_shared<Plain>(*this, beast::tcp_stream(std::move(socket)), nullptr, AddressText(peer))
        ->Start();
    return;
  }
  using Secure = BeastConnection<beast::ssl_stream<beast::tcp_stream>, Server>;
  std::shared_ptr<TlsContext> tls = CurrentTls();
  beast::ssl_stream<beast::tcp_stream> stream(std::move(socket), *tls);
  std::make_shared<Secure>(*this, std::move(stream), std::move(tls), AddressText(peer))->Start();
}

void HttpListener::Server::Shutdown(absl::Duration grace) {
  if (!thread_.joinable()) return;
  const absl::Duration deadline = RealClock().Monotonic() + grace;
  acceptor_.reset();
  net::post(io_, [this] {
    stopping_ = true;
    for (OpenConnection* const connection : open_) connection->CloseIfIdle();
  });
  pool_->AwaitIdle(grace);
  {
    // What was answered is on its way.
    MutexLock lock(&mutex_);
    while (open_count_ > 0) {
      const absl::Duration left = deadline - RealClock().Monotonic();
      if (left <= absl::ZeroDuration()) break;
      closed_.WaitFor(&mutex_, left);
    }
  }
  net::post(io_, [this] {
    for (OpenConnection* const connection : open_) connection->Abort();
  });
  pool_.reset();
  io_.stop();
  thread_.join();
}

HttpListener::HttpListener() = default;
HttpListener::~HttpListener() { Shutdown(absl::ZeroDuration()); }

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Listen(const std::string& address,
                                                                   std::unique_ptr<TlsFiles> tls,
                                                                   WebHandler handler,
                                                                   HttpLimits limits) {
  std::unique_ptr<HttpListener> made(new HttpListener);
  made->server_ = std::make_unique<Server>(std::move(tls), std::move(handler), limits);
  RETURN_IF_ERROR(made->server_->LoadTls());
  ASSIGN_OR_RETURN(ListeningSockets listening, ListenOn(address));
  made->address_ = absl::StrCat(address.substr(0, address.rfind(':')), ":", listening.port);
  made->server_->Start(std::move(listening));
  return made;
}

void HttpListener::Shutdown(absl::Duration grace) {
  if (server_ != nullptr) server_->Shutdown(grace);
}

}  // namespace logexport
