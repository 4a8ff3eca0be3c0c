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
         {std::pair("", v1::ROLE_UNSPECIFIED), std::pair("wrong", v1::ROLE_UNSPECIFIED),
          std::pair("v-token", v1::ROLE_VIEWER), std::pair("o-token", v1::ROLE_OPERATOR),
          std::pair("a-token", v1::ROLE_ADMIN)}) {
      // Of an exporter that does not exist, so that nothing happens where it is allowed.
      const bool names_one =
          service->method(n)->input_type()->FindFieldByName("exporter") != nullptr;
      const std::string text = names_one ? "exporter: 'nobody'" : "";
      const ApiReply reply = Call(token, method, text);
      if (role == v1::ROLE_UNSPECIFIED) {
        // Guessing is slowed down after a while.
        EXPECT_TRUE(reply.reason == "UNAUTHENTICATED" || reply.reason == "TOO_MANY_FAILED_LOGINS")
            << method << " " << token << " " << reply;
        ExpectWellFormedError(reply);
        continue;
      }
      if (role >= needed) {
        EXPECT_NE(reply.code, StatusCode::UNAUTHENTICATED) << method << " " << token;
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

TEST(ListenTest, BeyondLoopbackTlsAloneLetsNobodyIn) {
  SecurityOptions options;
  options.listen = "0.0.0.0:0";
  options.tls_cert = "cert";
  options.tls_key = "key";
  EXPECT_THAT(CheckSecurity(options),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("--auth-token-file")));
  options.tls_client_ca = "ca";
  EXPECT_THAT(CheckSecurity(options), IsOk());
  EXPECT_EQ(OpenToStrangers(options), "");
  options.tls_client_ca.clear();
  options.auth_token_file = "tokens";
  EXPECT_THAT(CheckSecurity(options), IsOk());
  options.auth_token_file.clear();
  options.allow_insecure = true;
  EXPECT_THAT(CheckSecurity(options), IsOk());
  EXPECT_THAT(OpenToStrangers(options), HasSubstr("everybody who can connect may do everything"));
  options.listen = "127.0.0.1:0";
  EXPECT_EQ(OpenToStrangers(options), "") << "nobody beyond this machine can connect";
}

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() {
    options_.tls_cert = File("server.pem", server_identity_.certificate);
    options_.tls_key = File("server.key", server_identity_.key);
  }

  std::string File(const std::string& name, const std::string& content) {
    WriteFile(directory_.File(name), content);
    return directory_.File(name);
  }

  void Start() {
    ApiServerOptions options;
    options.security = options_;
    server_ = std::make_unique<ApiServer>(options);
  }

  // A call over a connection of its own, by a caller that trusts the server shown as `server` only.
  ApiReply CallAs(const TlsIdentity& client, const TlsIdentity& server) {
    return CallOver(Connect(client, server));
  }
  ApiReply CallAs(const TlsIdentity& client) { return CallAs(client, server_identity_); }

  std::shared_ptr<grpc::Channel> Connect(const TlsIdentity& client, const TlsIdentity& server) {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = server.certificate;
    tls.pem_cert_chain = client.certificate;
    tls.pem_private_key = client.key;
    return grpc::CreateChannel(server_->address(), grpc::SslCredentials(tls));
  }
  static ApiReply CallOver(const std::shared_ptr<grpc::Channel>& channel) {
    return CallApi(channel, "GetStatus", "", {.deadline = absl::Seconds(5)});
  }

  TempDirectory directory_;
  const TlsIdentity server_identity_ = MakeTlsIdentity();
  SecurityOptions options_;
  std::unique_ptr<ApiServer> server_;
};

TEST_F(TlsTest, OnlyAValidCertificateOfTheAuthorityGetsIn) {
  const TlsIdentity trusted = MakeTlsIdentity();
  const TlsIdentity expired = MakeTlsIdentity({.names = {"localhost"},
                                               .not_before = absl::Now() - absl::Hours(48),
                                               .not_after = absl::Now() - absl::Hours(24)});
  options_.tls_client_ca = File("clients.pem", trusted.certificate + expired.certificate);
  Start();
  const ApiReply known = CallAs(trusted);
  EXPECT_TRUE(known.ok()) << known;
  EXPECT_EQ(CallAs(expired).code, StatusCode::UNAVAILABLE);
  EXPECT_EQ(CallAs(MakeTlsIdentity()).code, StatusCode::UNAVAILABLE);
  EXPECT_EQ(CallAs({}).code, StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, ARenewedCertificateIsShownAtOnceAndHalfARenewalNotAtAll) {
  Start();
  const std::shared_ptr<grpc::Channel> standing = Connect({}, server_identity_);
  ASSERT_TRUE(CallOver(standing).ok());
  const TlsIdentity renewed = MakeTlsIdentity();

  File("server.pem", renewed.certificate);
  EXPECT_TRUE(CallAs({}).ok()) << "the key is still the old one's";
  EXPECT_FALSE(CallAs({}, renewed).ok());

  File("server.key", renewed.key);
  const ApiReply reply = CallAs({}, renewed);
  EXPECT_TRUE(reply.ok()) << reply;
  EXPECT_FALSE(CallAs({}).ok());
  EXPECT_TRUE(CallOver(standing).ok());
}

TEST_F(TlsTest, WhoLeavesTheListOfAuthoritiesIsOutAtOnce) {
  const TlsIdentity stays = MakeTlsIdentity();
  const TlsIdentity leaves = MakeTlsIdentity();
  options_.tls_client_ca = File("clients.pem", stays.certificate + leaves.certificate);
  Start();
  ASSERT_TRUE(CallAs(leaves).ok());
  File("clients.pem", stays.certificate);
  EXPECT_EQ(CallAs(leaves).code, StatusCode::UNAVAILABLE);
  EXPECT_TRUE(CallAs(stays).ok());
}

TEST_F(TlsTest, WhoLeavesTheListOfAuthoritiesIsOutOverOpenConnectionsToo) {
  const TlsIdentity stays = MakeTlsIdentity();
  const TlsIdentity leaves = MakeTlsIdentity();
  options_.tls_client_ca = File("clients.pem", stays.certificate + leaves.certificate);
  Start();
  const std::shared_ptr<grpc::Channel> out = Connect(leaves, server_identity_);
  const std::shared_ptr<grpc::Channel> in = Connect(stays, server_identity_);
  ASSERT_TRUE(CallOver(out).ok());
  ASSERT_TRUE(CallOver(in).ok());
  File("clients.pem", stays.certificate);
  const ApiReply reply = CallOver(out);
  EXPECT_EQ(reply.code, StatusCode::UNAUTHENTICATED);
  ExpectWellFormedError(reply);
  EXPECT_TRUE(CallOver(in).ok());
}

TEST_F(TlsTest, ACertificateThatExpiresIsOutOverOpenConnectionsToo) {
  const TlsIdentity brief = MakeTlsIdentity({.not_after = absl::Now() + absl::Seconds(4)});
  options_.tls_client_ca = File("clients.pem", brief.certificate);
  Start();
  const std::shared_ptr<grpc::Channel> open = Connect(brief, server_identity_);
  ASSERT_TRUE(CallOver(open).ok());
  const absl::Time give_up = absl::Now() + absl::Seconds(20);
  ApiReply reply;
  do {
    reply = CallOver(open);
  } while (reply.ok() && absl::Now() < give_up);
  EXPECT_EQ(reply.code, StatusCode::UNAUTHENTICATED) << reply;
}

// `openssl genpkey -algorithm ED25519 -aes-256-cbc -pass pass:secret`
constexpr char kKeyWithPassword[] = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAi0S5sbt/Ja7QICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEIj9Gj3M/xqLYlPaNhV0ETcEQFIL
c9h1+1JnTNSMBq48OAAl6sCLNYkINfXFerR3z3Imv9t/M13COAU6SIvm5Vrv6YcS
3rQmkoBg1wbGMrrsPss=
-----END ENCRYPTED PRIVATE KEY-----
)";

TEST_F(TlsTest, FilesThatCannotServeAreRefusedAtTheStart) {
  options_.listen = "127.0.0.1:0";
  options_.tls_client_ca = File("clients.pem", server_identity_.certificate);
  const struct {
    const char* file;
    std::string content;
    const char* message;
  } rows[] = {
      {"server.pem", "", "--tls-cert: cannot read"},
      {"server.pem", "certificate", "--tls-cert: "},
      {"server.pem", MakeTlsIdentity().certificate, "is not the key of the certificate"},
      {"server.key", "", "--tls-key: cannot read"},
      {"server.key", server_identity_.certificate, "holds no private key"},
      {"server.key", kKeyWithPassword, "takes a password off"},
      {"clients.pem", server_identity_.key, "--tls-client-ca: "},
  };
  for (const auto& row : rows) {
    const std::string before = ReadFile(directory_.File(row.file));
    File(row.file, row.content);
    EXPECT_THAT(Security::Create(options_).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(row.message)));
    File(row.file, before);
  }
}

}  // namespace
}  // namespace logexport
