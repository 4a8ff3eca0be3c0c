// Callers who show nothing of themselves.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/attack/attacked_service.h"
#include "tests/support/service_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"
#include "tests/support/tls_identity.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;

class OpenListenerTest : public ::testing::Test {
 protected:
  OpenListenerTest() {
    const TlsIdentity identity = MakeTlsIdentity();
    WriteFile(directory_.File("cert"), identity.certificate);
    WriteFile(directory_.File("key"), identity.key);
  }
  std::vector<std::string> TlsFlags() {
    return {"--tls-cert", directory_.File("cert"), "--tls-key", directory_.File("key")};
  }
  TempDirectory directory_;
};

TEST_F(OpenListenerTest, TlsAloneDoesNotOpenTheServiceToTheNetwork) {
  std::vector<std::string> flags = {"--listen", "0.0.0.0:0", "--state",
                                    "sqlite:" + directory_.File("state.db")};
  for (const std::string& flag : TlsFlags()) flags.push_back(flag);
  const ProgramEnd end = RunService(flags, {});
  EXPECT_EQ(end.exit_status, 2);
  EXPECT_THAT(end.error_output, HasSubstr("--auth-token-file"));
}

TEST_F(OpenListenerTest, AnOpenServiceSaysSoAtEachStart) {
  for (int start = 0; start < 2; ++start) {
    // The last --listen counts.
    std::vector<std::string> flags = TlsFlags();
    flags.insert(flags.end(), {"--allow-insecure", "--listen", "0.0.0.0:0"});
    const absl::StatusOr<std::unique_ptr<ServiceProcess>> service =
        ServiceProcess::Start(directory_.File("state.db"), {}, flags);
    ASSERT_THAT(service, IsOk());
    EXPECT_THAT((*service)->process().ErrorOutput(), HasSubstr("THE API IS OPEN TO THE NETWORK"));
  }
}

}  // namespace
}  // namespace logexport
