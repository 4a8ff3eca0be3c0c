#include "service/base/connection_acceptor.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/base/clock.h"
#include "service/base/logging.h"

namespace logexport {
namespace {

constexpr std::size_t kMostConnections = 1024;
// What the service may need beside connections to it.
constexpr std::size_t kOtherDescriptors = 256;
constexpr rlim_t kMostDescriptors = 65536;
constexpr absl::Duration kSweepInterval = absl::Milliseconds(10);
// Until it is tried again to accept with no descriptor left.
constexpr absl::Duration kShortagePause = absl::Milliseconds(100);
constexpr absl::Duration kComplaintInterval = absl::Minutes(1);

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

std::string HostOf(const SocketAddress& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.storage.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address.storage);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
  } else {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address.storage);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
  }
  return text;
}

std::string HostAndPort(const SocketAddress& address) {
  const in_port_t port = address.storage.ss_family == AF_INET6
                             ? reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_port
                             : reinterpret_cast<const sockaddr_in&>(address.storage).sin_port;
  return absl::StrCat(HostOf(address), " ", ntohs(port));
}

// Where a client on this host reaches the listener.
SocketAddress ReachableAddress(int listener) {
  SocketAddress address;
  getsockname(listener, address.get(), &address.size);
  if (address.storage.ss_family == AF_INET6) {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    if (IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr)) v6.sin6_addr = in6addr_loopback;
  } else {
    auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
    if (v4.sin_addr.s_addr == htonl(INADDR_ANY)) v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  return address;
}

SocketAddress WithoutPort(SocketAddress address) {
  if (address.storage.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(address.storage).sin6_port = 0;
  } else {
    reinterpret_cast<sockaddr_in&>(address.storage).sin_port = 0;
  }
  return address;
}

ino_t InodeOf(int fd) {
  struct stat info {};
  return fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode) ? info.st_ino : 0;
}

}  // namespace

ConnectionLimits LimitsForThisProcess() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = 1024;
  const rlim_t wanted = std::min(limit.rlim_max, kMostDescriptors);
  if (limit.rlim_cur < wanted) {
    const rlimit raised{wanted, limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit.rlim_cur = wanted;
  }
  const std::size_t descriptors = limit.rlim_cur;
  const std::size_t left =
      descriptors > 2 * kOtherDescriptors ? descriptors - kOtherDescriptors : descriptors / 2;
  ConnectionLimits limits;
  limits.connections = std::clamp<std::size_t>(left, 8, kMostConnections);
  limits.from_one_address = limits.connections / 2;
  return limits;
}

ConnectionAcceptor::ConnectionAcceptor(ListeningSockets listening, ConnectionLimits limits,
                                       Handler handler)
    : listening_(std::move(listening)),
      limits_(limits),
      handler_(std::move(handler)),
      stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { Run(); }) {}

ConnectionAcceptor::~ConnectionAcceptor() {
  const std::uint64_t one = 1;
  while (write(stop_.get(), &one, sizeof(one)) < 0 && errno == EINTR) {
  }
  thread_.join();
}

void ConnectionAcceptor::Run() {
  std::vector<pollfd> polled;
  for (const OwnedDescriptor& socket : listening_.sockets) {
    polled.push_back({socket.get(), POLLIN, 0});
  }
  polled.push_back({stop_.get(), POLLIN, 0});
  for (;;) {
    if (poll(polled.data(), polled.size(), -1) < 0) continue;
    if (polled.back().revents != 0) return;
    for (const pollfd& listener : polled) {
      if (listener.revents != 0) AcceptAll(listener.fd);
    }
  }
}

void ConnectionAcceptor::AcceptAll(int listener) {
  for (;;) {
    OwnedDescriptor connection(accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection.get() >= 0) {
      Take(listener, std::move(connection));
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    const absl::Duration now = RealClock().Monotonic();
    if (now - complained_ >= kComplaintInterval) {
      complained_ = now;
      LogError("connections cannot be accepted for now; it is tried again until it succeeds",
               {{"error", std::strerror(errno)}});
    }
    // The connection waits in the kernel meanwhile.
    pollfd stop{stop_.get(), POLLIN, 0};
    poll(&stop, 1, static_cast<int>(absl::ToInt64Milliseconds(kShortagePause)));
    return;
  }
}

void ConnectionAcceptor::Take(int listener, OwnedDescriptor connection) {
  SocketAddress peer;
  if (getpeername(connection.get(), peer.get(), &peer.size) != 0) return;
  {
    MutexLock lock(&mutex_);
    if (!probe_.empty() && probe_ == HostAndPort(peer)) {
      probe_.clear();
      probed_.NotifyAll();
      return;
    }
  }
  std::string host = HostOf(peer);
  if (Full(host)) ForgetClosed();
  if (Full(host)) {
    ++turned_away_;
    const absl::Duration now = RealClock().Monotonic();
    if (now - complained_ < kComplaintInterval) return;
    complained_ = now;
    LogWarning("too many connections are open; further ones are closed at once",
               {{"open", static_cast<std::int64_t>(open_.size())},
                {"limit", static_cast<std::int64_t>(limits_.connections)},
                {"limit_per_address", static_cast<std::int64_t>(limits_.from_one_address)},
                {"address", host},
                {"turned_away", static_cast<std::int64_t>(std::exchange(turned_away_, 0))}});
    return;
  }
  const int on = 1;
  setsockopt(connection.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  ++from_[host];
  open_.push_back({connection.get(), InodeOf(connection.get()), std::move(host)});
  handler_(listener, connection.Release());
}

// gRPC closes a connection without telling anybody. What is at its number then is nothing, or
// something with another inode.
void ConnectionAcceptor::ForgetClosed() {
  const absl::Duration now = RealClock().Monotonic();
  if (now - swept_ < kSweepInterval) return;
  swept_ = now;
  const auto closed = [this](const Open& connection) {
    if (InodeOf(connection.fd) == connection.inode) return false;
    const auto from = from_.find(connection.host);
    if (--from->second == 0) from_.erase(from);
    return true;
  };
  open_.erase(std::remove_if(open_.begin(), open_.end(), closed), open_.end());
}

bool ConnectionAcceptor::Full(const std::string& host) const {
  if (open_.size() >= limits_.connections) return true;
  const auto from = from_.find(host);
  return from != from_.end() && from->second >= limits_.from_one_address;
}

bool ConnectionAcceptor::Reachable(absl::Duration limit) {
  SocketAddress target = ReachableAddress(listening_.sockets.front().get());
  SocketAddress source = WithoutPort(target);
  const OwnedDescriptor probe(
      socket(target.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  if (probe.get() < 0 || bind(probe.get(), source.get(), source.size) != 0 ||
      getsockname(probe.get(), source.get(), &source.size) != 0) {
    return false;
  }
  const absl::Duration deadline = RealClock().Monotonic() + limit;
  MutexLock lock(&mutex_);
  probe_ = HostAndPort(source);
  if (connect(probe.get(), target.get(), target.size) != 0 && errno != EINPROGRESS) return false;
  while (!probe_.empty()) {
    const absl::Duration left = deadline - RealClock().Monotonic();
    if (left <= absl::ZeroDuration()) break;
    probed_.WaitFor(&mutex_, left);
  }
  const bool reached = probe_.empty();
  probe_.clear();
  return reached;
}

}  // namespace logexport
