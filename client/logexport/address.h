#ifndef LOGEXPORT_CLIENT_ADDRESS_H_
#define LOGEXPORT_CLIENT_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace logexport::client {

// The address of a service, taken apart. Pure functions; no name is looked up.
struct ServerAddress {
  std::string host;  // without the brackets of an IPv6 address; empty for a Unix socket
  int port = 0;      // 1 to 65535; 0 for a Unix socket
  std::string path;  // of a Unix socket
};

// Reads HOST:PORT, [IPV6]:PORT or unix:PATH. INVALID_ARGUMENT says what is wrong and how to write
// it.
absl::StatusOr<ServerAddress> ParseServerAddress(absl::string_view server);

// Whether the address can be reached from this machine only: a Unix socket, `localhost`, or an IP
// address of the loopback network. A name that merely looks like one, such as 127.example.com, is
// not.
bool IsLoopback(absl::string_view server);

}  // namespace logexport::client

#endif  // LOGEXPORT_CLIENT_ADDRESS_H_
