#include "logexport/address.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include <arpa/inet.h>
#include <netinet/in.h>

namespace logexport::client {
namespace {

constexpr int kLargestPort = 65535;

absl::Status Refused(absl::string_view server, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("the server address '", absl::CHexEscape(server), "' ", why));
}

// Splits at the colon before the port. False where there is none.
bool SplitPort(absl::string_view server, absl::string_view& host, absl::string_view& port) {
  if (absl::StartsWith(server, "[")) {
    const auto bracket = server.find(']');
    if (bracket == absl::string_view::npos) return false;
    host = server.substr(1, bracket - 1);
    port = server.substr(bracket + 1);
    return absl::ConsumePrefix(&port, ":");
  }
  const auto colon = server.rfind(':');
  if (colon == absl::string_view::npos) return false;
  host = server.substr(0, colon);
  port = server.substr(colon + 1);
  return true;
}

bool IsLoopbackHost(const std::string& host) {
  if (absl::EqualsIgnoreCase(host, "localhost")) return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  if (inet_pton(AF_INET6, host.c_str(), &v6) != 1) return false;
  return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

}  // namespace

absl::StatusOr<ServerAddress> ParseServerAddress(absl::string_view server) {
  ServerAddress address;
  absl::string_view path = server;
  if (absl::ConsumePrefix(&path, "unix:")) {
    if (path.empty()) return Refused(server, "names no socket; write unix:PATH");
    address.path = std::string(path);
    return address;
  }
  if (server.empty()) return absl::InvalidArgumentError("no server address is given");
  if (const auto scheme = server.find("://"); scheme != absl::string_view::npos) {
    absl::string_view rest = server.substr(scheme + 3);
    rest = rest.substr(0, rest.find('/'));
    return Refused(
        server,
        absl::StrCat("is a URL; write HOST:PORT without ", server.substr(0, scheme + 3),
                     absl::StrContains(rest, ':') ? absl::StrCat(", here ", rest) : std::string()));
  }
  for (const char c : server) {
    if (absl::ascii_isspace(static_cast<unsigned char>(c)) || c == '/' || c == '"' || c == '\'' ||
        c == '@' || c == ',') {
      return Refused(server, "holds a character that no address has; write HOST:PORT");
    }
  }
  absl::string_view host;
  absl::string_view port;
  if (!SplitPort(server, host, port)) {
    return Refused(server, absl::StrCat("has no port; write HOST:PORT, e.g. ", server, ":50051"));
  }
  if (absl::StrContains(host, ':') && !absl::StartsWith(server, "[")) {
    return Refused(server, "is an IPv6 address without brackets; write [ADDRESS]:PORT");
  }
  if (host.empty()) return Refused(server, "has no host; write HOST:PORT");
  if (!absl::SimpleAtoi(port, &address.port) || address.port < 1 || address.port > kLargestPort) {
    return Refused(server, absl::StrCat("has the port '", absl::CHexEscape(port),
                                        "'; a port is a number from 1 to ", kLargestPort));
  }
  address.host = std::string(host);
  return address;
}

bool IsLoopback(absl::string_view server) {
  if (absl::StartsWith(server, "unix:")) return true;
  absl::string_view host = server;
  absl::string_view port;
  in6_addr v6{};
  const bool bare_v6 = inet_pton(AF_INET6, std::string(server).c_str(), &v6) == 1;
  if (!bare_v6) SplitPort(server, host, port);
  return IsLoopbackHost(std::string(host));
}

}  // namespace logexport::client
