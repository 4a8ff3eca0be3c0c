#include "tests/sandbox/http/http_server.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <queue>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "service/base/status_macros.h"
#include "tests/sandbox/http/http_connection.h"

namespace logexport::sandbox {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr std::uint64_t kListenerId = 0;
constexpr std::uint64_t kWakeId = 1;

class EpollServer final : public HttpServer {
 public:
  EpollServer(HttpHandler* handler, std::unique_ptr<Listener> listener)
      : handler_(handler), listener_(std::move(listener)) {}
  ~EpollServer() override;

  absl::Status StartThread();

  int port() const override { return listener_->port(); }
  Counters counters() const override {
    return {connections_opened_, open_connections_, bytes_in_, bytes_out_};
  }

 private:
  enum class Phase { kReading, kDelayed, kHanging, kWriting, kDripping };

  struct Client {
    Client(std::uint64_t i, std::unique_ptr<HttpConnection> c) : id(i), connection(std::move(c)) {}

    const std::uint64_t id;
    std::unique_ptr<HttpConnection> connection;
    Phase phase = Phase::kReading;
    bool close_after = false;
    std::uint32_t interest = EPOLLIN | EPOLLRDHUP;
    std::uint64_t timer = 0;  // the only one that still counts for this client
    std::uint64_t seen_in = 0;
    std::uint64_t seen_out = 0;
    HttpResponse waiting;  // while delayed
  };

  struct Timer {
    SteadyTime due;
    std::uint64_t client;
    std::uint64_t id;
    bool operator>(const Timer& other) const { return due > other.due; }
  };

  void Run();
  bool Watch(int fd, std::uint64_t id, std::uint32_t events) const;
  int WaitMilliseconds() const;
  void FireTimers();
  void Accept();
  void OnEvent(Client& client, std::uint32_t events);
  // These return false when they have closed the client, which is gone then.
  bool ReadRequests(Client& client);
  bool Respond(Client& client, HttpResponse response);
  bool Deliver(Client& client, HttpResponse response);
  bool Send(Client& client);
  bool FinishResponse(Client& client);
  bool Close(Client& client, bool reset);
  void SetTimer(Client& client, absl::Duration after);
  void Want(Client& client, std::uint32_t events);
  void Count(Client& client);

  HttpHandler* const handler_;
  const std::unique_ptr<Listener> listener_;
  int epoll_fd_ = -1;
  int wake_fd_ = -1;
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> connections_opened_{0};
  std::atomic<std::uint64_t> open_connections_{0};
  std::atomic<std::uint64_t> bytes_in_{0};
  std::atomic<std::uint64_t> bytes_out_{0};
  std::thread thread_;

  // Of the thread only.
  absl::flat_hash_map<std::uint64_t, std::unique_ptr<Client>> clients_;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::uint64_t last_timer_ = 0;
  // By id and not by socket, which may be a new client's before the old one's events are done.
  std::uint64_t last_client_ = kWakeId;
};

EpollServer::~EpollServer() {
  stopping_ = true;
  if (thread_.joinable()) {
    eventfd_write(wake_fd_, 1);
    thread_.join();
  }
  for (const int fd : {epoll_fd_, wake_fd_}) {
    if (fd >= 0) {
      close(fd);
    }
  }
}

absl::Status EpollServer::StartThread() {
  epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
  wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (!Watch(listener_->fd(), kListenerId, EPOLLIN) || !Watch(wake_fd_, kWakeId, EPOLLIN)) {
    return absl::UnavailableError(absl::StrCat("cannot poll a socket: ", std::strerror(errno)));
  }
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

bool EpollServer::Watch(int fd, std::uint64_t id, std::uint32_t events) const {
  epoll_event event = {};
  event.events = events;
  event.data.u64 = id;
  return epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) == 0;
}

void EpollServer::Run() {
  // TLS writes without MSG_NOSIGNAL; a client that has gone must not end the process.
  sigset_t pipe_signal;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe_signal, nullptr);

  std::array<epoll_event, 64> events;
  while (!stopping_) {
    const int count = epoll_wait(epoll_fd_, events.data(), events.size(), WaitMilliseconds());
    for (int i = 0; i < count; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      // The structure is packed, so that no reference to this may be taken.
      const std::uint64_t id = event.data.u64;
      if (id == kListenerId) {
        Accept();
      } else if (const auto found = clients_.find(id); found != clients_.end()) {
        OnEvent(*found->second, event.events);
      }
    }
    FireTimers();
  }
  while (!clients_.empty()) {
    Close(*clients_.begin()->second, false);
  }
}

int EpollServer::WaitMilliseconds() const {
  if (timers_.empty()) {
    return -1;
  }
  const auto left = timers_.top().due - std::chrono::steady_clock::now();
  return std::max(0, static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count()));
}

void EpollServer::FireTimers() {
  const SteadyTime now = std::chrono::steady_clock::now();
  while (!timers_.empty() && timers_.top().due <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    const auto found = clients_.find(timer.client);
    if (found == clients_.end() || found->second->timer != timer.id) {
      continue;
    }
    Client& client = *found->second;
    switch (client.phase) {
      case Phase::kDelayed:
        if (Deliver(client, std::move(client.waiting)) && client.phase == Phase::kReading) {
          ReadRequests(client);
        }
        break;
      case Phase::kHanging:
        Close(client, client.connection->response().transmission.reset);
        break;
      case Phase::kDripping:
        if (Send(client) && client.phase == Phase::kReading) {
          ReadRequests(client);
        }
        break;
      case Phase::kReading:
      case Phase::kWriting:
        break;
    }
  }
}

void EpollServer::Accept() {
  while (std::unique_ptr<HttpConnection> connection = listener_->Accept()) {
    auto client = std::make_unique<Client>(++last_client_, std::move(connection));
    Watch(client->connection->fd(), client->id, client->interest);
    clients_[client->id] = std::move(client);
    ++connections_opened_;
    ++open_connections_;
  }
}

void EpollServer::OnEvent(Client& client, std::uint32_t events) {
  // While reading, what arrived before the end of the stream still counts; later it means that
  // nobody waits for the response any more.
  if ((events & (EPOLLERR | EPOLLHUP)) != 0 ||
      (client.phase != Phase::kReading && (events & EPOLLRDHUP) != 0)) {
    Close(client, false);
    return;
  }
  if (client.phase == Phase::kWriting && !Send(client)) {
    return;
  }
  if (client.phase == Phase::kReading) {
    ReadRequests(client);
  }
}

bool EpollServer::ReadRequests(Client& client) {
  bool tried = false;
  while (client.phase == Phase::kReading && (!tried || client.connection->HasInput())) {
    tried = true;
    switch (client.connection->ReadRequest()) {
      case HttpConnection::ReadResult::kRequest: {
        client.close_after = !client.connection->request().keep_alive;
        HttpResponse response = handler_->Handle(client.connection->request());
        client.connection->DropRequest();
        Count(client);
        if (!Respond(client, std::move(response))) {
          return false;
        }
        break;
      }
      case HttpConnection::ReadResult::kNeedRead:
        Want(client, EPOLLIN);
        return true;
      case HttpConnection::ReadResult::kNeedWrite:
        Want(client, EPOLLOUT);
        return true;
      case HttpConnection::ReadResult::kClosed:
      case HttpConnection::ReadResult::kMalformed:
        return Close(client, false);
    }
  }
  if (client.phase == Phase::kReading) {
    Want(client, EPOLLIN);
  }
  return true;
}

bool EpollServer::Respond(Client& client, HttpResponse response) {
  if (response.transmission.delay <= absl::ZeroDuration()) {
    return Deliver(client, std::move(response));
  }
  client.phase = Phase::kDelayed;
  Want(client, 0);
  SetTimer(client, response.transmission.delay);
  client.waiting = std::move(response);
  return true;
}

bool EpollServer::Deliver(Client& client, HttpResponse response) {
  using Kind = Transmission::Kind;
  const Transmission& transmission = response.transmission;
  const Kind kind = transmission.kind;
  if (kind == Kind::kGarbage) {
    response.slices.clear();
    response.body = "\x16\x03 this is not HTTP\r\n\r\n";
  }
  const auto body = static_cast<std::int64_t>(response.BodySize());
  const std::int64_t announced = kind == Kind::kEndless ? -1
                                 : kind == Kind::kWrongLength
                                     ? std::max<std::int64_t>(0, body + transmission.length_delta)
                                     : body;
  client.close_after = client.close_after || (kind != Kind::kComplete && kind != Kind::kDrip);
  std::string head;
  if (kind != Kind::kGarbage) {
    const bool announce_close = client.close_after && kind == Kind::kComplete;
    head = RenderResponseHead(response, announced, !announce_close);
  }
  if (kind == Kind::kEndless) {
    response.slices.clear();
    response.body.clear();
  }
  client.connection->SetOutput(std::move(head), std::move(response));
  client.phase = Phase::kWriting;
  HttpConnection& connection = *client.connection;
  switch (kind) {
    case Kind::kHang:
      client.phase = Phase::kHanging;
      Want(client, 0);
      if (connection.response().transmission.hang_for < absl::InfiniteDuration()) {
        SetTimer(client, connection.response().transmission.hang_for);
      }
      return true;
    case Kind::kClose:
      return Close(client, connection.response().transmission.reset);
    case Kind::kCutHeader:
      connection.CutOutput(connection.head_size() / 2);
      break;
    case Kind::kCutBody:
      connection.CutOutput(connection.head_size() + static_cast<std::size_t>(body / 2));
      break;
    case Kind::kComplete:
    case Kind::kDrip:
    case Kind::kWrongLength:
    case Kind::kEndless:
    case Kind::kGarbage:
      break;
  }
  return Send(client);
}

bool EpollServer::Send(Client& client) {
  static const std::string* const kEndlessChunk =
      new std::string("4000\r\n" + std::string(0x4000, ' ') + "\r\n");
  HttpConnection& connection = *client.connection;
  const Transmission& transmission = connection.response().transmission;
  const std::size_t limit =
      transmission.kind == Transmission::Kind::kDrip ? transmission.drip_bytes : SIZE_MAX;
  switch (connection.Write(limit)) {
    case HttpConnection::WriteResult::kDone:
      if (transmission.kind == Transmission::Kind::kEndless) {
        connection.AppendOutput(*kEndlessChunk);
        Want(client, EPOLLOUT);
        return true;
      }
      return FinishResponse(client);
    case HttpConnection::WriteResult::kLimit:
      client.phase = Phase::kDripping;
      Want(client, 0);
      SetTimer(client, transmission.drip_every);
      return true;
    case HttpConnection::WriteResult::kNeedWrite:
      client.phase = Phase::kWriting;
      Want(client, EPOLLOUT);
      return true;
    case HttpConnection::WriteResult::kNeedRead:
      Want(client, EPOLLIN);
      return true;
    case HttpConnection::WriteResult::kClosed:
      break;
  }
  return Close(client, false);
}

bool EpollServer::FinishResponse(Client& client) {
  Count(client);
  if (client.close_after) {
    return Close(client, client.connection->response().transmission.reset);
  }
  handler_->Finished(client.connection->response());
  client.connection->SetOutput({}, {});
  client.phase = Phase::kReading;
  return true;
}

bool EpollServer::Close(Client& client, bool reset) {
  if (client.phase == Phase::kDelayed) {
    handler_->Finished(client.waiting);
  } else if (client.phase != Phase::kReading) {
    handler_->Finished(client.connection->response());
  }
  Count(client);
  if (reset) {
    client.connection->ResetOnClose();
  }
  --open_connections_;
  clients_.erase(client.id);
  return false;
}

void EpollServer::SetTimer(Client& client, absl::Duration after) {
  client.timer = ++last_timer_;
  timers_.push({std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(after), client.id,
                client.timer});
}

void EpollServer::Want(Client& client, std::uint32_t events) {
  events |= EPOLLRDHUP;
  if (client.interest == events) {
    return;
  }
  client.interest = events;
  epoll_event event = {};
  event.events = events;
  event.data.u64 = client.id;
  epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, client.connection->fd(), &event);
}

void EpollServer::Count(Client& client) {
  bytes_in_ +=
      client.connection->bytes_in() - std::exchange(client.seen_in, client.connection->bytes_in());
  bytes_out_ += client.connection->bytes_out() -
                std::exchange(client.seen_out, client.connection->bytes_out());
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const Listener::Options& options,
                                                              HttpHandler* handler) {
  ASSIGN_OR_RETURN(std::unique_ptr<Listener> listener, Listener::Open(options));
  auto server = std::make_unique<EpollServer>(handler, std::move(listener));
  RETURN_IF_ERROR(server->StartThread());
  return server;
}

}  // namespace logexport::sandbox
