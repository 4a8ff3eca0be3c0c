// What happens before the first call reaches the service.
#include "logexport/connection.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/cli/rpc_call.h"
#include "logexport/client.h"
#include "tests/client/fake_service.h"

namespace logexport::client {
namespace {

using ::testing::HasSubstr;

// A port whose first connection is closed at once, and whose second one reaches the service.
class ServerAtSecondTry {
 public:
  ServerAtSecondTry() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      close(accept(listener_, nullptr, nullptr));
      const int second = accept(listener_, nullptr, nullptr);
      if (second < 0) return;
      fcntl(second, F_SETFL, fcntl(second, F_GETFL) | O_NONBLOCK);
      grpc::AddInsecureChannelFromFd(server_.get(), second);
    });
  }
  ~ServerAtSecondTry() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
    server_->Shutdown(std::chrono::system_clock::now());
  }
  ConnectionOptions options() const {
    ConnectionOptions options;
    options.server = absl::StrCat("127.0.0.1:", port_);
    return options;
  }
  FakeService& service() { return service_; }

 private:
  FakeService service_;
  std::unique_ptr<grpc::Server> server_;
  int listener_ = -1;
  int port_ = 0;
  std::thread thread_;
};

TEST(ConnectionTest, AConnectionThatFailsAtOnceIsMadeAgainBeforeAnyCall) {
  ServerAtSecondTry server;
  RetryPolicy once;
  once.max_attempts = 1;
  auto client = Client::Connect(server.options(), once);
  ASSERT_TRUE(client.ok()) << client.status();
  const auto status = (*client)->Call(&Client::Stub::GetStatus, v1::GetStatusRequest());
  EXPECT_TRUE(status.ok()) << status.status();
}

TEST(ConnectionTest, SoAlsoBeforeAWatch) {
  ServerAtSecondTry server;
  v1::WatchRunResponse last;
  last.set_phase(v1::WATCH_PHASE_FINAL);
  last.mutable_report()->set_run_id("run-1");
  server.service().AddWatch({last});
  const auto connection = Connection::Open(server.options());
  ASSERT_TRUE(connection.ok());
  cli::Caller caller(**connection);
  v1::WatchRunResponse message;
  const grpc::Status status = caller.Stream(
      "/logexport.v1.LogExportService/WatchRun", v1::WatchRunRequest(), absl::Seconds(60), message,
      [] { return true; }, [] { return true; });
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(message.report().run_id(), "run-1");
}

TEST(ConnectionTest, NoProxyStandsBetweenTwoProgramsOfOneMachine) {
  FakeService service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  // Nothing listens on port 1: a client that asked the proxy would fail.
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("grpc_proxy", "http://127.0.0.1:1", 1);
  ConnectionOptions options;
  for (const char* host : {"127.0.0.1", "localhost"}) {
    options.server = absl::StrCat(host, ":", port);
    auto client = Client::Connect(options);
    ASSERT_TRUE(client.ok()) << client.status();
    const auto status = (*client)->Call(&Client::Stub::GetStatus, v1::GetStatusRequest());
    EXPECT_TRUE(status.ok()) << host << ": " << status.status();
  }
  unsetenv("http_proxy");
  unsetenv("grpc_proxy");
}

TEST(ConnectionTest, RefusesWhatCannotWorkBeforeItIsTried) {
  ConnectionOptions options;
  for (const char* server : {"localhost", "localhost:99999", "http://localhost:50051"}) {
    options.server = server;
    EXPECT_EQ(Connection::Open(options).status().code(), absl::StatusCode::kInvalidArgument)
        << server;
  }
  options.server = "127.evil.example:50051";
  options.transport = ConnectionOptions::Transport::kPlaintext;
  options.token_file = "/no/such/token";
  EXPECT_THAT(std::string(Connection::Open(options).status().message()),
              HasSubstr("without encryption"));
}

}  // namespace
}  // namespace logexport::client
