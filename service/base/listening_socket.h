#ifndef LOGEXPORT_SERVICE_BASE_LISTENING_SOCKET_H_
#define LOGEXPORT_SERVICE_BASE_LISTENING_SOCKET_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace logexport {

// A file descriptor that is closed with its owner.
class OwnedDescriptor {
 public:
  OwnedDescriptor() = default;
  explicit OwnedDescriptor(int fd) : fd_(fd) {}
  OwnedDescriptor(OwnedDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OwnedDescriptor& operator=(OwnedDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~OwnedDescriptor();

  int get() const { return fd_; }
  // Gives it to somebody else, who closes it.
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

struct ListeningSockets {
  std::vector<OwnedDescriptor> sockets;  // one for each address that the host has
  int port = 0;                          // of all of them
};

// Listens on `address`, "host:port": a name, an IPv4 address, or an IPv6 address in brackets; port
// 0 picks a free one. Never shares a port with another process. UNAVAILABLE when the address is in
// use, not of this host, or no address at all.
absl::StatusOr<ListeningSockets> ListenOn(const std::string& address);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_BASE_LISTENING_SOCKET_H_
