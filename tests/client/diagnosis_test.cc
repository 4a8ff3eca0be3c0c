#include "logexport/diagnosis.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/client/fake_service.h"
#include "tests/support/tls_identity.h"

namespace logexport::client {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Finding = Diagnosis::Finding;

class GrpcServer {
 public:
  explicit GrpcServer(const std::shared_ptr<grpc::ServerCredentials>& credentials) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
  }
  ~GrpcServer() { server_->Shutdown(std::chrono::system_clock::now()); }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  FakeService service_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

std::shared_ptr<grpc::ServerCredentials> Tls() {
  const TlsIdentity identity = MakeTlsIdentity();
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({identity.key, identity.certificate});
  return grpc::SslServerCredentials(options);
}

// Accepts one connection and sends `answer` on it.
class PlainServer {
 public:
  explicit PlainServer(const std::string& answer) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, answer] {
      const int connection = accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      char request[64];
      // The request is read first: closing with unread bytes would reset the connection.
      EXPECT_GT(recv(connection, request, sizeof(request), 0), 0);
      EXPECT_EQ(send(connection, answer.data(), answer.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(answer.size()));
      close(connection);
    });
  }
  ~PlainServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

Diagnosis Of(const std::string& server,
             ConnectionOptions::Transport transport = ConnectionOptions::Transport::kAuto) {
  ConnectionOptions options;
  options.server = server;
  options.transport = transport;
  return Diagnose(options, absl::Seconds(20));
}

TEST(DiagnosisTest, TellsPlaintextFromTls) {
  const GrpcServer plain(grpc::InsecureServerCredentials());
  EXPECT_EQ(Of(plain.address()).finding, Finding::kSpeaksPlaintext);
  EXPECT_THAT(Of(plain.address()).advice, IsEmpty());
  EXPECT_THAT(Of(plain.address(), ConnectionOptions::Transport::kTls).advice,
              HasSubstr("answers without TLS, and this connection uses TLS"));

  const GrpcServer tls(Tls());
  const Diagnosis diagnosis = Of(tls.address());
  EXPECT_THAT(diagnosis.advice, HasSubstr("--tls-ca"));
  EXPECT_NE(diagnosis.finding, Finding::kSpeaksPlaintext);
}

TEST(DiagnosisTest, RecognisesWhatIsNoGrpcServer) {
  EXPECT_EQ(Of(PlainServer("HTTP/1.1 400 Bad Request\r\n\r\n").address()).finding,
            Finding::kSpeaksHttp);
  EXPECT_EQ(Of(PlainServer("\x15\x03\x01\x00\x02\x02\x16").address()).finding, Finding::kSpeaksTls);
  EXPECT_EQ(Of(PlainServer("").address()).finding, Finding::kClosed);
  EXPECT_EQ(Of(PlainServer("220 mail.example ESMTP\r\n").address()).finding, Finding::kClosed);
}

TEST(DiagnosisTest, SaysWhenNothingIsThere) {
  std::string gone;
  {
    const GrpcServer server(grpc::InsecureServerCredentials());
    gone = server.address();
  }
  EXPECT_EQ(Of(gone).finding, Finding::kRefused);
  EXPECT_THAT(Of(gone).advice, HasSubstr(absl::StrCat("Nothing listens at ", gone)));
  EXPECT_EQ(Of("unix:/no/such/socket").finding, Finding::kRefused);
  EXPECT_EQ(Of("localhost:99999").finding, Finding::kBadAddress);
  EXPECT_EQ(Of("no..such..name:1").finding, Finding::kUnknownHost);
  EXPECT_EQ(Of("unix:" + std::string(200, 'x')).finding, Finding::kBadAddress);
}

TEST(UsesPlaintextTest, IsTheDefaultOnOneMachineOnly) {
  ConnectionOptions options;
  EXPECT_TRUE(UsesPlaintext(options));
  options.server = "127.evil.example:50051";
  EXPECT_FALSE(UsesPlaintext(options));
  options.transport = ConnectionOptions::Transport::kPlaintext;
  EXPECT_TRUE(UsesPlaintext(options));
  options.token_file = "/token";
  EXPECT_THAT(std::string(CheckOptions(options).message()), HasSubstr("without encryption"));
  options.server = "localhost:50051";
  EXPECT_TRUE(CheckOptions(options).ok());
  options.transport = ConnectionOptions::Transport::kAuto;
  options.ca_file = "/ca.pem";
  EXPECT_FALSE(UsesPlaintext(options));
}

}  // namespace
}  // namespace logexport::client
