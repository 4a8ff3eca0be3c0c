#include "logexport/diagnosis.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "logexport/address.h"

namespace logexport::client {
namespace {

using Finding = Diagnosis::Finding;

// What an HTTP/2 client says first, followed by an empty SETTINGS frame (RFC 9113, 3.4).
constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
constexpr std::size_t kPrefaceBytes = sizeof(kPreface) - 1;

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int get() const { return descriptor_; }

  // Whether one of the events came before the end.
  bool Wait(short events, absl::Time end) const {
    for (;;) {
      pollfd waiting{descriptor_, events, 0};
      const auto left =
          absl::ToInt64Milliseconds(std::max(end - absl::Now(), absl::ZeroDuration()));
      const int ready = poll(&waiting, 1, static_cast<int>(left));
      if (ready < 0 && errno == EINTR) continue;
      return ready > 0;
    }
  }

 private:
  int descriptor_;
};

// 0, ETIMEDOUT, or why the connection failed.
int Connect(const Socket& socket, const sockaddr* address, socklen_t size, absl::Time end) {
  if (connect(socket.get(), address, size) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (!socket.Wait(POLLOUT, end)) return ETIMEDOUT;
  int error = 0;
  socklen_t length = sizeof(error);
  getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
}

Finding Listen(const Socket& socket, absl::Time end) {
  if (send(socket.get(), kPreface, kPrefaceBytes, MSG_NOSIGNAL) < 0) return Finding::kClosed;
  char answer[16] = {};
  std::size_t have = 0;
  // A frame of HTTP/2 tells its type in its fourth byte.
  while (have < 5 && socket.Wait(POLLIN, end)) {
    const ssize_t read = recv(socket.get(), answer + have, sizeof(answer) - have, 0);
    if (read <= 0) break;
    have += static_cast<std::size_t>(read);
  }
  if (have == 0) return absl::Now() >= end ? Finding::kNoAnswer : Finding::kClosed;
  constexpr char kTlsAlert = 0x15;
  constexpr char kSettingsFrame = 0x04;
  if (answer[0] == kTlsAlert && answer[1] == 0x03) return Finding::kSpeaksTls;
  if (absl::StartsWith(absl::string_view(answer, have), "HTTP/")) return Finding::kSpeaksHttp;
  if (have >= 5 && answer[3] == kSettingsFrame) return Finding::kSpeaksPlaintext;
  return Finding::kClosed;
}

Finding FindingOf(int error) {
  return error == ETIMEDOUT || error == EINPROGRESS ? Finding::kNoAnswer : Finding::kRefused;
}

Finding ProbeUnixSocket(const std::string& path, absl::Time end) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return Finding::kBadAddress;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int error =
      Connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address), end);
  return error == 0 ? Listen(socket, end) : FindingOf(error);
}

Finding ProbeHost(const ServerAddress& server, absl::Time end) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &wanted, &found) != 0) {
    return Finding::kUnknownHost;
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, freeaddrinfo);
  Finding finding = Finding::kRefused;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const Socket socket(
        ::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int error = Connect(socket, address->ai_addr, address->ai_addrlen, end);
    if (error == 0) return Listen(socket, end);
    finding = FindingOf(error);
  }
  return finding;
}

std::string AdviceFor(Finding finding, const ConnectionOptions& options, bool plaintext) {
  const std::string at = absl::StrCat(" at ", options.server);
  switch (finding) {
    case Finding::kBadAddress:
      return absl::StrCat("The path of the socket", at, " is too long.");
    case Finding::kUnknownHost:
      return absl::StrCat("The host name in ", options.server,
                          " cannot be resolved: it is misspelt, or the name server is not "
                          "reachable.");
    case Finding::kRefused:
      return absl::StrCat(
          "Nothing listens", at,
          ": the service is not running, or it listens on another port or address.");
    case Finding::kNoAnswer:
      return absl::StrCat("Nothing answers", at,
                          " in time: a firewall drops the packets, the host is down, or the "
                          "service is overloaded.");
    case Finding::kSpeaksPlaintext:
      return plaintext ? ""
                       : absl::StrCat("The service", at,
                                      " answers without TLS, and this connection uses TLS: give "
                                      "the service a certificate, or use --plaintext without a "
                                      "token.");
    case Finding::kSpeaksTls:
      return !plaintext ? ""
                        : absl::StrCat("The service", at,
                                       " uses TLS, and this connection does not: name the "
                                       "authority of its certificate with --tls-ca and leave out "
                                       "--plaintext.");
    case Finding::kSpeaksHttp:
      return absl::StrCat("What answers", at,
                          " is an HTTP/1.1 server, not the gRPC side of the service: check the "
                          "port.");
    case Finding::kClosed:
      return absl::StrCat("What listens", at, " closes the connection at once: ",
                          plaintext ? "it may use TLS (see --tls-ca), or be" : "it may be",
                          " no gRPC server.");
  }
  return "";
}

}  // namespace

Diagnosis Diagnose(const ConnectionOptions& options, absl::Duration timeout) {
  const absl::Time end = absl::Now() + timeout;
  const absl::StatusOr<ServerAddress> address = ParseServerAddress(options.server);
  if (!address.ok()) {
    return {Finding::kBadAddress, absl::StrCat(address.status().message(), ".")};
  }
  const Finding finding =
      address->path.empty() ? ProbeHost(*address, end) : ProbeUnixSocket(address->path, end);
  return {finding, AdviceFor(finding, options, UsesPlaintext(options))};
}

}  // namespace logexport::client
