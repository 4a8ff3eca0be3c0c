// All of Boost.Beast and Asio: their headers take longer to compile than the rest of the room.
#include "service/web/http_listener.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <future>
#include <limits>
#include <memory>
#include <optional>
#include <thread>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "service/base/clock.h"
#include "service/base/connection_acceptor.h"
#include "service/base/listening_socket.h"
#include "service/base/logging.h"
#include "service/base/mutex.h"
#include "service/base/status_macros.h"
#include "service/web/tls_server_context.h"
#include "service/web/worker_pool.h"

namespace logexport {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;
using TlsContext = net::ssl::context;

// What may have arrived of a connection without having been looked at.
constexpr std::size_t kMostReadAhead = 64 << 10;
// A client that is refused may still be sending; it gets a moment to see the answer.
constexpr absl::Duration kLinger = absl::Seconds(2);
constexpr std::size_t kMostLingering = 256 << 10;

// An address as IncomingCall has it.
std::string AddressText(const tcp::endpoint& peer) {
  net::ip::address address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6());
  }
  return address.is_v4() ? absl::StrCat("ipv4:", address.to_string(), ":", peer.port())
                         : absl::StrCat("ipv6:[", address.to_string(), "]:", peer.port());
}

// What is wrong with a head that Beast takes; 0 when nothing is.
int Objection(const http::request_parser<http::string_body>& parser, const WebRequest& request,
              bool expects_continue) {
  const auto& head = parser.get();
  if (head.version() != 10 && head.version() != 11) return 505;
  // An answer to another host's request, or to one whose host is not sure, is nobody's.
  if (request.target.empty() || request.target.front() != '/') return 400;
  if (request.Repeated("host") || (head.version() == 11 && !request.Field("host").has_value())) {
    return 400;
  }
  // Two readers of one request must not disagree about where it ends.
  for (const char* const once : {"transfer-encoding", "content-length", "content-type", "origin",
                                 "authorization", "cookie"}) {
    if (request.Repeated(once)) return 400;
  }
  if (const auto length = request.Field("content-length");
      length.has_value() && !std::all_of(length->begin(), length->end(), absl::ascii_isdigit)) {
    return 400;
  }
  if (const auto coding = request.Field("transfer-encoding"); coding.has_value()) {
    if (head.version() != 11 || request.Field("content-length").has_value()) return 400;
    if (!absl::EqualsIgnoreCase(*coding, "chunked")) return 501;
  }
  if (request.Field("expect").has_value() && !expects_continue) return 417;
  return 0;
}

// What is open, as the server knows it. Used by the thread of input and output.
class OpenConnection {
 public:
  virtual ~OpenConnection() = default;
  virtual void CloseIfIdle() = 0;
  // Ends all that is waited for on it.
  virtual void Abort() = 0;
};

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

namespace {

// One connection: reads a request, lets a worker answer it, and so on. All but the methods of
// WebExchange run on the thread of input and output; those run on the worker while a handler is
// called, when the other thread does only what they ask it for.
template <typename Stream, typename Server>
class Connection final : public OpenConnection,
                         public WebExchange,
                         public std::enable_shared_from_this<Connection<Stream, Server>> {
 public:
  static constexpr bool kTls = !std::is_same_v<Stream, beast::tcp_stream>;

  Connection(Server& server, Stream stream, std::shared_ptr<TlsContext> tls, std::string address)
      : server_(server),
        tls_(std::move(tls)),
        stream_(std::move(stream)),
        fd_(beast::get_lowest_layer(stream_).socket().native_handle()),
        address_(std::move(address)) {
    server_.Add(this);
  }
  ~Connection() override { server_.Remove(this); }

  void Start() {
    if constexpr (kTls) {
      ExpireAfter(server_.limits().handshake);
      stream_.async_handshake(
          TlsStreamBase::server, [self = this->shared_from_this()](const error_code& error) {
            if (error) return;
            self->certificate_ = VerifiedCertificate(self->stream_.native_handle());
            self->ReadHead();
          });
    } else {
      ReadHead();
    }
  }

  void CloseIfIdle() override {
    if (idle_) Abort();
  }
  // The descriptor stays: ClientGone may be looking at it.
  void Abort() override {
    if (beast::get_lowest_layer(stream_).socket().is_open()) ::shutdown(fd_, SHUT_RDWR);
  }

  // ---- for the handler

  const WebRequest& request() const override { return request_; }

  absl::StatusOr<std::string> ReadBody(std::size_t most, absl::Duration limit) override {
    if (!parser_->is_done()) {
      const auto length = parser_->content_length();
      if (length.has_value() && *length > most) {
        return absl::ResourceExhaustedError("the body is too long");
      }
      if (const error_code error = AwaitRest(most, limit); error) return WhyUnread(error);
    }
    if (parser_->get().body().size() > most) {
      return absl::ResourceExhaustedError("the body is too long");
    }
    return std::move(parser_->get().body());
  }

  void Respond(WebResponse response) override { response_ = std::move(response); }

  bool StartStream(WebResponse head) override {
    if (request_.version_1_0) return false;
    streaming_ = true;
    http::response<http::empty_body> message = Head<http::empty_body>(head);
    message.chunked(true);
    http::response_serializer<http::empty_body> serializer(message);
    stream_broken_ = Failed(Await([&](auto done) {
      ExpireAfter(server_.limits().write);
      http::async_write_header(stream_, serializer, std::move(done));
    }));
    return !stream_broken_;
  }

  bool Write(absl::string_view bytes) override {
    if (stream_broken_ || bytes.empty()) return !stream_broken_;
    const auto chunk = http::make_chunk(net::const_buffer(bytes.data(), bytes.size()));
    stream_broken_ = Failed(Await([&](auto done) {
      ExpireAfter(server_.limits().write);
      net::async_write(stream_, chunk, std::move(done));
    }));
    return !stream_broken_;
  }

  bool ClientGone() override {
    if (gone_) return true;
    pollfd polled{fd_, POLLRDHUP, 0};
    return ::poll(&polled, 1, 0) > 0 && (polled.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
  }

 private:
  using TlsStreamBase = net::ssl::stream_base;

  static bool Failed(const error_code& error) { return static_cast<bool>(error); }

  void ExpireAfter(absl::Duration limit) {
    beast::get_lowest_layer(stream_).expires_after(absl::ToChronoNanoseconds(limit));
  }

  // ---- reading

  void ReadHead() {
    if (server_.stopping()) return Close();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(server_.limits().head_bytes));
    // It is compared with the length in the head before anybody has asked for the body.
    parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
    request_ = WebRequest();
    response_.reset();
    streaming_ = stream_broken_ = false;
    idle_ = true;
    ExpireAfter(server_.limits().head);
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = this->shared_from_this()](const error_code& error, std::size_t) {
          self->idle_ = false;
          self->TakeHead(error);
        });
  }

  void TakeHead(const error_code& error) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) {
      return Refuse(431);
    }
    // The client is done, or gone, or too slow.
    const bool malformed = error.category() == make_error_code(http::error::bad_method).category();
    if (error == http::error::end_of_stream || (error && !malformed)) return Close();
    if (error) return Refuse(400);

    const auto& head = parser_->get();
    request_.method = std::string(head.method_string());
    request_.target = std::string(head.target());
    for (const auto& field : head) {
      request_.fields.emplace_back(absl::AsciiStrToLower(std::string(field.name_string())),
                                   std::string(field.value()));
    }
    request_.address = address_;
    request_.tls = kTls;
    request_.version_1_0 = head.version() == 10;
    request_.certificate = certificate_;
    expects_continue_ =
        absl::EqualsIgnoreCase(request_.Field("expect").value_or(""), "100-continue");
    if (const int status = Objection(*parser_, request_, expects_continue_); status != 0) {
      return Refuse(status);
    }
    const auto length = parser_->content_length();
    if (!parser_->is_done() && !expects_continue_ && length.has_value() &&
        *length <= server_.limits().small_body_bytes) {
      ExpireAfter(server_.limits().small_body);
      return http::async_read(
          stream_, buffer_, *parser_,
          [self = this->shared_from_this()](const error_code& failed, std::size_t) {
            if (!failed) self->Dispatch();
          });
    }
    Dispatch();
  }

  // For a worker: reads what is missing of the body.
  error_code AwaitRest(std::size_t most, absl::Duration limit) {
    if (expects_continue_) {
      static constexpr absl::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      const error_code error = Await([&](auto done) {
        ExpireAfter(limit);
        net::async_write(stream_, net::const_buffer(kContinue.data(), kContinue.size()),
                         std::move(done));
      });
      if (error) return error;
    }
    return Await([&](auto done) {
      parser_->body_limit(most);
      ExpireAfter(limit);
      http::async_read(stream_, buffer_, *parser_, std::move(done));
    });
  }

  static absl::Status WhyUnread(const error_code& error) {
    if (error == http::error::body_limit) {
      return absl::ResourceExhaustedError("the body is too long");
    }
    if (error == beast::error::timeout) return absl::DeadlineExceededError("the body is not here");
    if (error.category() == make_error_code(http::error::bad_method).category() &&
        error != http::error::partial_message && error != http::error::end_of_stream) {
      return absl::InvalidArgumentError("the body is malformed");
    }
    return absl::CancelledError("the client is gone");
  }

  // Lets `start` begin an operation on the other thread and blocks until it calls back.
  template <typename Start>
  error_code Await(Start start) {
    const auto done = std::make_shared<std::promise<error_code>>();
    std::future<error_code> result = done->get_future();
    net::post(server_.io(), [&start, done] {
      start([done](const error_code& error, std::size_t) { done->set_value(error); });
    });
    const error_code error = result.get();
    // What has run out of time is closed.
    if (error) gone_ = true;
    return error;
  }

  // ---- answering

  void Dispatch() {
    beast::get_lowest_layer(stream_).expires_never();
    const bool taken = server_.pool().Submit([self = this->shared_from_this()]() mutable {
      // Nothing of ours throws; a library that does must not take the process down.
      try {
        self->server_.handler()(*self);
      } catch (const std::exception& e) {
        LogError("an HTTP request failed by a defect", {{"error", e.what()}});
      }
      // The other thread lets go of the connection last.
      net::io_context& io = self->server_.io();
      net::post(io, [self = std::move(self)] { self->Finish(); });
    });
    if (!taken) Refuse(503);
  }

  void Finish() {
    if (streaming_) return EndStream();
    const bool keep = parser_->is_done() && parser_->keep_alive() && !server_.stopping();
    if (!response_.has_value()) response_ = WebResponse{.status = 500};
    Send(keep);
  }

  void EndStream() {
    if (stream_broken_) return Close();
    ExpireAfter(server_.limits().write);
    net::async_write(stream_, http::make_chunk_last(),
                     [self = this->shared_from_this()](const error_code& error, std::size_t) {
                       if (error || !self->parser_->is_done() || !self->parser_->keep_alive()) {
                         return self->Close();
                       }
                       self->ReadHead();
                     });
  }

  // Answers what does not reach a handler. The connection ends with it: what comes next on it may
  // be anything.
  void Refuse(int status) {
    response_ = WebResponse{
        .status = status,
        .fields = {{"content-type", "text/plain; charset=utf-8"}, {"cache-control", "no-store"}},
        .body = absl::StrCat(status, " ",
                             std::string(http::obsolete_reason(static_cast<http::status>(status))),
                             "\n")};
    Send(/*keep=*/false);
  }

  template <typename Body>
  http::response<Body> Head(const WebResponse& response) {
    http::response<Body> message(static_cast<http::status>(response.status),
                                 request_.version_1_0 ? 10 : 11);
    message.set(http::field::date,
                absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::Now(), absl::UTCTimeZone()));
    // nginx's; it has no name in Beast.
    if (response.status == 499) message.reason("Client Closed Request");
    for (const auto& [name, value] : response.fields) message.insert(name, value);
    return message;
  }

  void Send(bool keep) {
    const absl::string_view body =
        response_->fixed_body.empty() ? absl::string_view(response_->body) : response_->fixed_body;
    if (request_.method == "HEAD") {
      SendMessage(Head<http::empty_body>(*response_), body.size(), keep);
      return;
    }
    auto message = Head<http::span_body<const char>>(*response_);
    message.body() = beast::span<const char>(body.data(), body.size());
    SendMessage(std::move(message), body.size(), keep);
  }

  template <typename Body>
  void SendMessage(http::response<Body> made, std::size_t length, bool keep) {
    const auto message = std::make_shared<http::response<Body>>(std::move(made));
    message->content_length(length);
    message->keep_alive(keep);
    ExpireAfter(server_.limits().write);
    http::async_write(
        stream_, *message,
        [self = this->shared_from_this(), message, keep](const error_code& error, std::size_t) {
          if (error) return self->Close();
          if (keep) return self->ReadHead();
          self->Linger();
        });
  }

  // ---- the end

  // Closing with unread input makes the kernel reset the connection, and the client may lose the
  // answer. So the client is told that nothing more comes, and what it still sends is thrown away.
  void Linger() {
    ExpireAfter(kLinger);
    if constexpr (kTls) {
      stream_.async_shutdown([self = this->shared_from_this()](const error_code&) {});
    } else {
      error_code ignored;
      stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
      Discard();
    }
  }

  void Discard() {
    if (discarded_ > kMostLingering) return Close();
    buffer_.clear();
    stream_.async_read_some(
        buffer_.prepare(kMostReadAhead / 2),
        [self = this->shared_from_this()](const error_code& error, std::size_t bytes) {
          if (error) return;
          self->discarded_ += bytes;
          if constexpr (!kTls) self->Discard();
        });
  }

  // The connection ends when nothing refers to it any more.
  void Close() { beast::get_lowest_layer(stream_).cancel(); }

  Server& server_;
  const std::shared_ptr<TlsContext> tls_;
  Stream stream_;
  const int fd_;
  const std::string address_;
  std::optional<ClientCertificate> certificate_;
  beast::flat_buffer buffer_{kMostReadAhead};
  std::optional<http::request_parser<http::string_body>> parser_;
  WebRequest request_;
  std::optional<WebResponse> response_;
  bool idle_ = false;
  bool expects_continue_ = false;
  bool streaming_ = false;
  bool stream_broken_ = false;
  std::atomic<bool> gone_{false};
  std::size_t discarded_ = 0;
};

}  // namespace

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
    using Plain = Connection<beast::tcp_stream, Server>;
    std::make_shared<Plain>(*this, beast::tcp_stream(std::move(socket)), nullptr, AddressText(peer))
        ->Start();
    return;
  }
  using Secure = Connection<beast::ssl_stream<beast::tcp_stream>, Server>;
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
