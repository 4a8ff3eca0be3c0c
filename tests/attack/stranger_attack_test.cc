// Callers who show nothing of themselves.
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/installation.h"
#include "tests/support/await.h"
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
  Installation installation({"--generate", "1"});
  for (int start = 0; start < 2; ++start) {
    std::vector<std::string> flags = TlsFlags();
    flags.insert(flags.end(), {"--allow-insecure", "--listen", "0.0.0.0:0", "--state",
                               "sqlite:" + directory_.File("state.db")});
    const std::unique_ptr<Subprocess> service = StartService(flags, installation.environment());
    ASSERT_NE(service, nullptr);
    EXPECT_TRUE(Await([&] { return !service->Output().empty() || !service->Running(); }));
    EXPECT_THAT(service->Output(), HasSubstr("listening on"));
    EXPECT_THAT(service->ErrorOutput(), HasSubstr("THE API IS OPEN TO THE NETWORK"));
    service->Signal(SIGTERM);
    EXPECT_EQ(service->Wait(absl::Seconds(30)), 0);
  }
}

}  // namespace
}  // namespace logexport
