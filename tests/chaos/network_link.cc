#include "tests/chaos/network_link.h"

#include <cerrno>
#include <cstdlib>
#include <functional>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/postgresql/loopback.h"

namespace logexport {
namespace {

// What PostgreSQL answers to a COMMIT.
constexpr absl::string_view kCommitted("COMMIT\0", 7);

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

NetworkLink::NetworkLink(int server_port) : server_port_(server_port) {
  const LoopbackListener listener = ListenOnLoopback(SOCK_NONBLOCK);
  listener_ = listener.fd;
  port_ = listener.port;
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) std::abort();
  thread_ = std::jthread([this](const std::stop_token& stop) { Carry(stop); });
}

NetworkLink::~NetworkLink() {
  thread_.request_stop();
  Order([] {});
  thread_.join();
  for (const Connection& connection : connections_) Close(connection);
  ::close(listener_);
  ::close(wake_);
}

void NetworkLink::Order(const std::function<void()>& change) {
  change();
  const std::uint64_t one = 1;
  if (::write(wake_, &one, sizeof(one)) < 0 && !WouldBlock()) std::abort();
}

void NetworkLink::LeadTo(int server_port) {
  Order([&] {
    MutexLock lock(&mutex_);
    server_port_ = server_port;
    cut_ = true;
  });
}

void NetworkLink::Hold(Way way, bool hold) {
  Order([&] {
    MutexLock lock(&mutex_);
    held_[way == Way::kToServer ? kClient : kServer] = hold;
  });
}

void NetworkLink::Cut() {
  Order([&] {
    MutexLock lock(&mutex_);
    cut_ = true;
  });
}

void NetworkLink::LoseCommitAnswers(int number) {
  MutexLock lock(&mutex_);
  answers_to_lose_ = number;
}

int NetworkLink::commit_answers_to_lose() const {
  MutexLock lock(&mutex_);
  return answers_to_lose_;
}

bool NetworkLink::Held(std::size_t side) const {
  MutexLock lock(&mutex_);
  return held_[side];
}

short NetworkLink::Wanted(const Connection& connection, std::size_t side) const {
  const std::size_t other = 1 - side;
  short events = 0;
  if (!Held(side) && connection.read[side].empty() && !connection.ended[side]) events |= POLLIN;
  if (!Held(other) && !connection.read[other].empty()) events |= POLLOUT;
  return events;
}

void NetworkLink::Carry(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      MutexLock lock(&mutex_);
      for (Connection& connection : connections_) connection.broken |= cut_;
      cut_ = false;
    }
    std::erase_if(connections_, [](const Connection& connection) {
      if (connection.broken) Close(connection);
      return connection.broken;
    });
    std::vector<pollfd> polls = {{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const Connection& connection : connections_) {
      for (std::size_t side = 0; side < 2; ++side) {
        // A side that nothing is wanted of would say again and again that it has ended.
        const short wanted = Wanted(connection, side);
        polls.push_back({wanted == 0 ? -1 : connection.fds[side], wanted, 0});
      }
    }
    if (::poll(polls.data(), polls.size(), -1) <= 0) continue;
    std::uint64_t woken = 0;
    if (polls[0].revents != 0 && ::read(wake_, &woken, sizeof(woken)) < 0 && !WouldBlock()) return;
    std::size_t next = 2;
    for (Connection& connection : connections_) {
      const bool ready = polls[next].revents != 0 || polls[next + 1].revents != 0;
      next += 2;
      for (std::size_t side = 0; side < 2 && ready; ++side) Move(connection, side);
    }
    if (polls[1].revents != 0) Accept();
  }
}

void NetworkLink::Accept() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  int port = 0;
  {
    MutexLock lock(&mutex_);
    port = server_port_;
  }
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = LoopbackAddress(port);
  Connection connection;
  connection.fds = {client, server};
  if (port == 0 ||
      ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    Close(connection);
    return;
  }
  connections_.push_back(std::move(connection));
}

void NetworkLink::Move(Connection& connection, std::size_t side) {
  if (Held(side) || connection.broken) return;
  std::string& read = connection.read[side];
  if (read.empty() && !connection.ended[side]) {
    read.resize(1 << 16);
    const ssize_t count = ::recv(connection.fds[side], read.data(), read.size(), MSG_DONTWAIT);
    connection.ended[side] = count == 0 || (count < 0 && !WouldBlock());
    read.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    if (side == kServer && absl::StrContains(read, kCommitted)) {
      MutexLock lock(&mutex_);
      if (answers_to_lose_ > 0) {
        --answers_to_lose_;
        connection.broken = true;
        return;
      }
    }
  }
  if (!read.empty()) {
    const ssize_t count =
        ::send(connection.fds[1 - side], read.data(), read.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0) read.erase(0, static_cast<std::size_t>(count));
    connection.broken |= count < 0 && !WouldBlock();
  }
  connection.broken |= connection.ended[side] && read.empty();
}

void NetworkLink::Close(const Connection& connection) {
  for (const int fd : connection.fds) {
    if (fd >= 0) ::close(fd);
  }
}

}  // namespace logexport
