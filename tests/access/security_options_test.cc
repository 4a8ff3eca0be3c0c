#include "service/access/security_options.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;

SecurityOptions ListeningOn(const std::string& listen) {
  SecurityOptions options;
  options.listen = listen;
  return options;
}

TEST(SecurityOptionsTest, TakesAddressesOfThisMachine) {
  for (const char* listen : {"127.0.0.1:50051", "localhost:0", "[::1]:65535"}) {
    EXPECT_THAT(CheckSecurity(ListeningOn(listen)), IsOk()) << listen;
  }
}

TEST(SecurityOptionsTest, SaysWhatIsWrongWithAnAddress) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"127.0.0.1:99999", "a port is a number up to 65535"},
      {"127.0.0.1:-1", "a port is a number"},
      {"127.0.0.1:", "a port is a number"},
      {"127.0.0.1:grpc", "a port is a number"},
      {"127.0.0.1", "there is no port"},
      {"[::1]", "there is no port"},
      {"", "there is no port"},
      {":50051", "there is no host"},
      {"::1:50051", "an IPv6 address stands in brackets"},
      {"http://127.0.0.1:50051", "this is a URL"},
  };
  for (const auto& [listen, message] : cases) {
    EXPECT_THAT(CheckSecurity(ListeningOn(listen)),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)))
        << listen;
  }
}

}  // namespace
}  // namespace logexport
