#ifndef LOGEXPORT_SERVICE_WEB_BEAST_CONNECTION_H_
#define LOGEXPORT_SERVICE_WEB_BEAST_CONNECTION_H_

#include <atomic>
#include <cstdint>
#include <exception>
#include <future>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
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
#include <sys/socket.h>

#include "service/base/logging.h"
#include "service/web/request_head.h"
#include "service/web/tls_server_context.h"
#include "service/web/web_exchange.h"

// For http_listener.cc alone: the headers of Beast take longer to compile than the rest of the
// room.
namespace logexport {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;
using TlsContext = net::ssl::context;

// What may have arrived of a connection without having been looked at.
inline constexpr std::size_t kMostReadAhead = 64 << 10;
// A client that is refused may still be sending; it gets a moment to see the answer.
inline constexpr absl::Duration kLinger = absl::Seconds(2);
inline constexpr std::size_t kMostLingering = 8 << 20;

// What is open, as the server knows it. Used by the thread of input and output.
class OpenConnection {
 public:
  virtual ~OpenConnection() = default;
  virtual void CloseIfIdle() = 0;
  // Ends all that is waited for on it.
  virtual void Abort() = 0;
};

// One connection: reads a request, lets a worker answer it, and so on. All but the methods of
// WebExchange run on the thread of input and output; those run on the worker while a handler is
// called, when the other thread does only what they ask it for.
template <typename Stream, typename Server>
class BeastConnection final : public OpenConnection,
                              public WebExchange,
                              public std::enable_shared_from_this<BeastConnection<Stream, Server>> {
 public:
  static constexpr bool kTls = !std::is_same_v<Stream, beast::tcp_stream>;

  BeastConnection(Server& server, Stream stream, std::shared_ptr<TlsContext> tls,
                  std::string address)
      : server_(server),
        tls_(std::move(tls)),
        stream_(std::move(stream)),
        fd_(beast::get_lowest_layer(stream_).socket().native_handle()),
        address_(std::move(address)) {
    server_.Add(this);
  }
  ~BeastConnection() override { server_.Remove(this); }

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
    if (const int status = CheckHead(request_, head.version()); status != 0) {
      return Refuse(status);
    }
    const auto length = parser_->content_length();
    if (!parser_->is_done() && !ExpectsContinue(request_) && length.has_value() &&
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
    if (ExpectsContinue(request_)) {
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
    if (message->result_int() != 304) message->content_length(length);
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
  bool streaming_ = false;
  bool stream_broken_ = false;
  std::atomic<bool> gone_{false};
  std::size_t discarded_ = 0;
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_BEAST_CONNECTION_H_
