#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/errors.h"
#include "logexport/v1/service.grpc.pb.h"
#include "tests/client/cli_fixture.h"
#include "tests/client/fake_service.h"

namespace logexport::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class LoginService final : public v1::LogExportService::Service {
 public:
  grpc::Status CreateLogin(grpc::ServerContext*, const v1::CreateLoginRequest* request,
                           v1::CreateLoginResponse* response) override {
    if (off) {
      return FakeService::Error(grpc::StatusCode::FAILED_PRECONDITION,
                                "the service does not serve HTTP", {});
    }
    if (request->bearer()) {
      response->set_token("lxt_1");
    } else {
      response->set_url("http://127.0.0.1:50052/#code=lxc_1");
    }
    return grpc::Status::OK;
  }
  bool off = false;
};

class OpenConsoleTest : public CliFixture {
 protected:
  OpenConsoleTest() { Serve(service_); }
  LoginService service_;
};

TEST_F(OpenConsoleTest, PrintsTheLinkAloneOnStandardOutput) {
  const CliResult result = Run({"open-console"});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_EQ(result.out, "http://127.0.0.1:50052/#code=lxc_1\n");
  EXPECT_THAT(result.err, HasSubstr("works once"));
}

TEST_F(OpenConsoleTest, SaysWhyThereIsNoConsole) {
  service_.off = true;
  const CliResult result = Run({"open-console"});
  EXPECT_EQ(result.code, kExitRpc + grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, HasSubstr("does not serve HTTP"));
}

TEST_F(OpenConsoleTest, TheTokenOfCreateLoginCanBeTakenByScripts) {
  const CliResult result = Run({"create-login", "--bearer", "-o", "json"});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_THAT(result.out, HasSubstr("\"token\": \"lxt_1\""));
}

TEST_F(OpenConsoleTest, TakesNoArgument) {
  EXPECT_EQ(Run({"open-console", "now"}).code, kExitUsage);
}

}  // namespace
}  // namespace logexport::cli
