#include "logexport/address.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace logexport::client {
namespace {

using ::testing::HasSubstr;

TEST(ServerAddressTest, ReadsHostAndPort) {
  struct Case {
    std::string server;
    std::string host;
    int port;
  };
  for (const Case& test :
       {Case{"127.0.0.1:50051", "127.0.0.1", 50051},
        Case{"exporter.example:443", "exporter.example", 443}, Case{"[::1]:1", "::1", 1},
        Case{"[2001:db8::1]:65535", "2001:db8::1", 65535}}) {
    const auto address = ParseServerAddress(test.server);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(address->host, test.host);
    EXPECT_EQ(address->port, test.port);
  }
  EXPECT_EQ(ParseServerAddress("unix:/run/logexport.sock")->path, "/run/logexport.sock");
}

TEST(ServerAddressTest, SaysWhatIsWrongAndHowToWriteIt) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "no server address is given"},
      {"localhost", "has no port; write HOST:PORT, e.g. localhost:50051"},
      {"127.0.0.1", "has no port"},
      {"localhost:", "has the port ''"},
      {"localhost:0", "a port is a number from 1 to 65535"},
      {"localhost:99999", "has the port '99999'"},
      {"localhost:-1", "has the port '-1'"},
      {"localhost:grpc", "has the port 'grpc'"},
      {"localhost:50051x", "has the port '50051x'"},
      {"localhost:4294967297", "has the port '4294967297'"},
      {":50051", "has no host"},
      {"http://localhost:50051", "is a URL; write HOST:PORT without http://, here localhost:50051"},
      {"https://exporter.example/api", "is a URL; write HOST:PORT without https://"},
      {"grpc://localhost:50051/", "here localhost:50051"},
      {"::1:50051", "is an IPv6 address without brackets"},
      {"[::1]", "has no port"},
      {"[::1", "has no port"},
      {"local host:1", "holds a character that no address has"},
      {"'localhost:1'", "holds a character that no address has"},
      {"root@localhost:1", "holds a character that no address has"},
      {"localhost:1,localhost:2", "holds a character that no address has"},
      {"localhost:50051/", "holds a character that no address has"},
      {"unix:", "names no socket"},
  };
  for (const auto& [server, message] : cases) {
    const auto address = ParseServerAddress(server);
    EXPECT_EQ(address.status().code(), absl::StatusCode::kInvalidArgument) << server;
    EXPECT_THAT(std::string(address.status().message()), HasSubstr(message));
  }
}

TEST(IsLoopbackTest, IsNotTakenInByNames) {
  for (const char* server :
       {"127.0.0.1:50051", "127.8.8.8:1", "localhost:1", "LocalHost:1", "localhost", "[::1]:1",
        "unix:/run/socket", "::1", "[::ffff:127.0.0.1]:1", "127.255.255.254"}) {
    EXPECT_TRUE(IsLoopback(server)) << server;
  }
  for (const char* server :
       {"127.evil.example:1", "127.0.0.1.evil.example:1", "127.1:1", "127.0.0.256:1",
        "localhost.example:1", "evil-localhost:1", "10.0.0.1:1", "0.0.0.0:1", "[2001:db8::1]:1",
        "[::ffff:10.0.0.1]:1", "[::]:1", ""}) {
    EXPECT_FALSE(IsLoopback(server)) << server;
  }
}

}  // namespace
}  // namespace logexport::client
