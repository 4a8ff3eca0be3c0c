#include "service/base/listening_socket.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace logexport {
namespace {

constexpr int kBacklog = 512;

struct AddressListDeleter {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

absl::Status CannotListen(const std::string& address, absl::string_view why) {
  return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", why));
}

void SetPort(sockaddr* address, int port) {
  const auto value = htons(static_cast<std::uint16_t>(port));
  if (address->sa_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address)->sin6_port = value;
  } else {
    reinterpret_cast<sockaddr_in*>(address)->sin_port = value;
  }
}

int PortOf(int fd) {
  sockaddr_storage own{};
  socklen_t size = sizeof(own);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) return 0;
  return ntohs(own.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&own)->sin6_port
                                         : reinterpret_cast<sockaddr_in*>(&own)->sin_port);
}

OwnedDescriptor Bind(const sockaddr* address, socklen_t size) {
  OwnedDescriptor made(
      socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
  const int on = 1;
  const int off = 0;
  // A port whose last connections have not run out yet can be taken at once after a restart.
  setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (address->sa_family == AF_INET6) {
    const auto* const v6 = reinterpret_cast<const sockaddr_in6*>(address);
    // [::] takes IPv4, too.
    const bool any = IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr);
    setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, any ? &off : &on, sizeof(int));
  }
  if (made.get() < 0 || bind(made.get(), address, size) != 0 || listen(made.get(), kBacklog) != 0) {
    return OwnedDescriptor();
  }
  return made;
}

}  // namespace

OwnedDescriptor::~OwnedDescriptor() {
  // Callers report the error that made them give it up.
  const int error = errno;
  if (fd_ >= 0) close(fd_);
  errno = error;
}

absl::StatusOr<ListeningSockets> ListenOn(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon + 1 == address.size()) {
    return CannotListen(address, "it is not of the form host:port");
  }
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.empty() ? nullptr : host.c_str(),
                                address.substr(colon + 1).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, AddressListDeleter> list(error == 0 ? found : nullptr);
  if (error != 0) return CannotListen(address, gai_strerror(error));
  ListeningSockets listening;
  std::string why = "there is no such address";
  for (addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
    // All addresses of the host get the port that the first one was given.
    if (listening.port != 0) SetPort(entry->ai_addr, listening.port);
    OwnedDescriptor made = Bind(entry->ai_addr, entry->ai_addrlen);
    if (made.get() < 0) {
      why = errno == EADDRINUSE ? "the address is in use" : std::strerror(errno);
      // "localhost" has an IPv6 address in /etc/hosts also where IPv6 is turned off.
      if (errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT) continue;
      return CannotListen(address, why);
    }
    if (listening.port == 0) listening.port = PortOf(made.get());
    listening.sockets.push_back(std::move(made));
  }
  if (listening.sockets.empty()) return CannotListen(address, why);
  return listening;
}

}  // namespace logexport
