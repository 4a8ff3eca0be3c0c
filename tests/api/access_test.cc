// Who may call what.
#include <string>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "service/base/hash.h"
#include "tests/api/api_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/tls_identity.h"

namespace logexport {
namespace {

using grpc::StatusCode;
using ::testing::HasSubstr;

std::string TokenLine(const std::string& name, const std::string& role, const std::string& token) {
  return absl::StrCat(name, " ", role, " ", Sha256Hex(token), "\n");
}

class TokenTest : public ::testing::Test {
 protected:
  TokenTest() {
    WriteFile(file_, TokenLine("vera", "viewer", "v-token") +
                         TokenLine("oscar", "operator", "o-token") +
                         TokenLine("ada", "admin", "a-token"));
    ApiServerOptions options;
    options.security.auth_token_file = file_;
    server_ = std::make_unique<ApiServer>(options);
  }

  ApiReply Call(const std::string& token, const std::string& method, const std::string& text = "") {
    return server_->Call(method, text, {.token = token});
  }

  TempDirectory directory_;
  const std::string file_ = directory_.File("tokens");
  std::unique_ptr<ApiServer> server_;
};

TEST_F(TokenTest, NobodyGetsInWithoutAKnownToken) {
  for (const char* token : {"", "wrong"}) {
    const ApiReply reply = Call(token, "GetStatus");
    EXPECT_EQ(reply.code, StatusCode::UNAUTHENTICATED) << token;
    EXPECT_EQ(reply.reason, "UNAUTHENTICATED") << token;
    ExpectWellFormedError(reply);
  }
}

// The roles are those of the proto, method by method.
TEST_F(TokenTest, EachRpcNeedsTheRoleOfItsOption) {
  const google::protobuf::ServiceDescriptor* service =
      v1::RunNowRequest::descriptor()->file()->pool()->FindServiceByName(
          "logexport.v1.LogExportService");
  for (int n = 0; n < service->method_count(); ++n) {
    const std::string& method = service->method(n)->name();
    const v1::Role needed = service->method(n)->options().GetExtension(v1::role);
    ASSERT_NE(needed, v1::ROLE_UNSPECIFIED) << method;
    for (const auto& [token, role] :
         {std::pair("v-token", v1::ROLE_VIEWER), std::pair("o-token", v1::ROLE_OPERATOR)}) {
      // Of an exporter that does not exist, so that nothing happens where it is allowed.
      const std::string text =
          method == "ListExporters" || method == "ListLogTypes" ? "" : "exporter: 'nobody'";
      const ApiReply reply = Call(token, method, text);
      if (role >= needed) {
        EXPECT_NE(reply.code, StatusCode::PERMISSION_DENIED) << method << " " << token;
        continue;
      }
      EXPECT_EQ(reply.code, StatusCode::PERMISSION_DENIED) << method << " " << token;
      EXPECT_EQ(reply.reason, "ROLE_REQUIRED") << method << " " << token;
      EXPECT_EQ("ROLE_" + reply.metadata.at("role"), v1::Role_Name(needed)) << method;
      ExpectWellFormedError(reply);
    }
  }
}

TEST_F(TokenTest, TheNameOfTheTokenIsKeptWithWhatItDid) {
  ASSERT_TRUE(Call("o-token", "PauseExporter", "reason: 'why'").ok());
  const auto pause = Call("v-token", "GetStatus").As<v1::GetStatusResponse>().pause();
  EXPECT_EQ(pause.paused_by().name(), "oscar");
  EXPECT_TRUE(pause.paused_by().verified());
}

TEST_F(TokenTest, AChangedFileCountsAtOnceAndABrokenOneNotAtAll) {
  ASSERT_TRUE(Call("v-token", "GetStatus").ok());
  WriteFile(file_, TokenLine("vera", "viewer", "another-token"));
  EXPECT_EQ(Call("v-token", "GetStatus").code, StatusCode::UNAUTHENTICATED);
  EXPECT_TRUE(Call("another-token", "GetStatus").ok());
  WriteFile(file_, "vera emperor 00\n");
  EXPECT_TRUE(Call("another-token", "GetStatus").ok());
}

TEST(ListenTest, BeyondLoopbackOnlyWithTlsOrWhenAccepted) {
  SecurityOptions options;
  options.listen = "0.0.0.0:0";
  EXPECT_THAT(Security::Create(options).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--allow-insecure")));
  options.allow_insecure = true;
  EXPECT_THAT(Security::Create(options).status(), IsOk());
}

class ClientCertificateTest : public ::testing::Test {
 protected:
  ClientCertificateTest() {
    ApiServerOptions options;
    options.security.tls_cert = File("server.pem", server_identity_.certificate);
    options.security.tls_key = File("server.key", server_identity_.key);
    options.security.tls_client_ca =
        File("clients.pem", trusted_.certificate + expired_.certificate);
    server_ = std::make_unique<ApiServer>(options);
  }

  std::string File(const std::string& name, const std::string& content) {
    WriteFile(directory_.File(name), content);
    return directory_.File(name);
  }

  ApiReply CallAs(const TlsIdentity& client) {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = server_identity_.certificate;
    tls.pem_cert_chain = client.certificate;
    tls.pem_private_key = client.key;
    return CallApi(grpc::CreateChannel(server_->address(), grpc::SslCredentials(tls)), "GetStatus",
                   "", {.deadline = absl::Seconds(5)});
  }

  TempDirectory directory_;
  const TlsIdentity server_identity_ = MakeTlsIdentity();
  const TlsIdentity trusted_ = MakeTlsIdentity();
  const TlsIdentity expired_ = MakeTlsIdentity({.names = {"localhost"},
                                                .not_before = absl::Now() - absl::Hours(48),
                                                .not_after = absl::Now() - absl::Hours(24)});
  std::unique_ptr<ApiServer> server_;
};

TEST_F(ClientCertificateTest, OnlyAValidCertificateOfTheAuthorityGetsIn) {
  const ApiReply known = CallAs(trusted_);
  EXPECT_TRUE(known.ok()) << known;
  EXPECT_EQ(CallAs(expired_).code, StatusCode::UNAVAILABLE);
  EXPECT_EQ(CallAs(MakeTlsIdentity()).code, StatusCode::UNAVAILABLE);
  EXPECT_EQ(CallAs({}).code, StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace logexport
