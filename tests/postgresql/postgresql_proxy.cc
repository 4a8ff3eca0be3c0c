#include "tests/postgresql/postgresql_proxy.h"

#include <utility>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/postgresql/loopback.h"

namespace logexport {
namespace {

// How often a connection looks whether it is to end.
constexpr int kLookMilliseconds = 10;

bool SendAll(int fd, const std::string& piece) {
  std::size_t sent = 0;
  while (sent < piece.size()) {
    const ssize_t count = ::send(fd, piece.data() + sent, piece.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

PostgresqlProxy::PostgresqlProxy(int server_port, Rules rules)
    : server_port_(server_port), rules_(std::move(rules)) {
  const LoopbackListener listener = ListenOnLoopback();
  listener_ = listener.fd;
  port_ = listener.port;
  accepting_ = std::jthread([this](const std::stop_token& stop) { Accept(stop); });
}

PostgresqlProxy::~PostgresqlProxy() {
  accepting_ = {};
  serving_.clear();
  ::close(listener_);
}

void PostgresqlProxy::Accept(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd poll{listener_, POLLIN, 0};
    if (::poll(&poll, 1, kLookMilliseconds) <= 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    if (refuse_) {
      ::close(client);
      continue;
    }
    ++connections_;
    serving_.emplace_back([this, client](const std::stop_token& ended) { Serve(client, ended); });
  }
}

void PostgresqlProxy::Serve(int client, const std::stop_token& stop) {
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = LoopbackAddress(server_port_);
  bool open = ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  const int generation = generation_;
  bool holding = false;
  while (open && !stop.stop_requested() && generation == generation_) {
    pollfd polls[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (::poll(polls, 2, kLookMilliseconds) <= 0) continue;
    for (int side = 0; side < 2 && open; ++side) {
      if (polls[side].revents == 0) continue;
      std::string piece(1 << 16, '\0');
      const ssize_t count = ::recv(polls[side].fd, piece.data(), piece.size(), 0);
      if (count <= 0) {
        open = false;
        break;
      }
      piece.resize(static_cast<std::size_t>(count));
      if (holding) continue;
      const auto& rule = side == 0 ? rules_.from_client : rules_.from_server;
      const Fate fate = rule ? rule(piece) : Fate::kForward;
      if (fate == Fate::kForward) {
        open = SendAll(polls[1 - side].fd, piece);
      } else if (fate == Fate::kCut) {
        open = false;
      } else {
        holding = true;
      }
    }
  }
  ::close(client);
  ::close(server);
}

}  // namespace logexport
