#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/server_posix.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "logexport/client.h"
#include "tests/client/fake_service.h"
#include "tests/support/tls_identity.h"

namespace logexport::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class ClientTest : public testing::Test {
 protected:
  ClientTest() {
    std::string pattern = testing::TempDir() + "client_test_XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~ClientTest() override {
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
    std::filesystem::remove_all(directory_);
  }

  void Serve(const std::shared_ptr<grpc::ServerCredentials>& credentials =
                 grpc::InsecureServerCredentials()) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", credentials, &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    options_.server = absl::StrCat("127.0.0.1:", port_);
  }

  std::string WriteFile(const std::string& name, const std::string& contents) {
    std::string path = absl::StrCat(directory_, "/", name);
    std::ofstream(path, std::ios::binary) << contents;
    return path;
  }

  std::unique_ptr<Client> Connect() {
    auto client = Client::Connect(options_);
    EXPECT_TRUE(client.ok()) << client.status();
    return client.ok() ? *std::move(client) : nullptr;
  }

  FakeService service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  ConnectionOptions options_;
  std::string directory_;
};

TEST_F(ClientTest, CallsWithTheTokenAndARequestId) {
  Serve();
  options_.token_file = WriteFile("token", "abc\n");
  const auto client = Connect();
  v1::RunNowRequest request;
  request.set_max_logs(5);
  const auto response = client->Call(&Client::Stub::RunNow, request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->run().run_id(), "run-7");
  EXPECT_EQ(service_.last_run().max_logs(), 5);
  EXPECT_THAT(service_.last_run().request_id(),
              MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_EQ(service_.last_authorization(), "Bearer abc");
}

TEST_F(ClientTest, ReadsTheTokenAgainForEveryCall) {
  Serve();
  options_.token_file = WriteFile("token", "old");
  const auto client = Connect();
  WriteFile("token", "new");
  ASSERT_TRUE(client->Call(&Client::Stub::GetStatus, v1::GetStatusRequest()).ok());
  EXPECT_EQ(service_.last_authorization(), "Bearer new");
}

TEST_F(ClientTest, KeepsARequestIdThatIsThere) {
  Serve();
  v1::RunNowRequest request;
  request.set_request_id("mine");
  ASSERT_TRUE(Connect()->Call(&Client::Stub::RunNow, request).ok());
  EXPECT_EQ(service_.last_run().request_id(), "mine");
}

TEST_F(ClientTest, RepeatsWhatTheServiceIsUnavailableFor) {
  Serve();
  service_.FailNext({grpc::StatusCode::UNAVAILABLE, "restarting"}, 2);
  EXPECT_TRUE(Connect()->Call(&Client::Stub::GetStatus, v1::GetStatusRequest()).ok());
  EXPECT_THAT(service_.calls(), ElementsAre("GetStatus", "GetStatus", "GetStatus"));
}

TEST_F(ClientTest, RepeatsWritesUnderOneRequestId) {
  Serve();
  service_.FailNext({grpc::StatusCode::UNAVAILABLE, "restarting"}, 1);
  EXPECT_TRUE(Connect()->Call(&Client::Stub::RunNow, v1::RunNowRequest()).ok());
  EXPECT_EQ(service_.calls().size(), 2u);
}

TEST_F(ClientTest, RepeatsNothingElse) {
  Serve();
  service_.FailNext({grpc::StatusCode::ABORTED, "busy"}, 1);
  EXPECT_TRUE(
      absl::IsAborted(Connect()->Call(&Client::Stub::RunNow, v1::RunNowRequest()).status()));
  EXPECT_EQ(service_.calls().size(), 1u);
}

TEST_F(ClientTest, RepeatsNothingWhenToldNotTo) {
  Serve();
  service_.FailNext({grpc::StatusCode::UNAVAILABLE, "restarting"}, 1);
  const auto client = Client::Connect(options_, {.max_attempts = 1});
  EXPECT_TRUE(absl::IsUnavailable(
      (*client)->Call(&Client::Stub::GetStatus, v1::GetStatusRequest()).status()));
}

TEST_F(ClientTest, GivesUpOnAServiceThatStaysAway) {
  Serve();
  server_->Shutdown();
  server_.reset();
  const auto status = Connect()->Call(&Client::Stub::GetStatus, v1::GetStatusRequest()).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

// Some round trips across an ocean, or a busy service: the first word comes after a while.
TEST_F(ClientTest, ConnectsOverASlowLine) {
  Serve();
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), length), 0);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), 0);
  ASSERT_EQ(listen(listener, 8), 0);
  options_.server = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  std::thread line([&] {
    const int connection = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
    // Half a second without a word; it ends early only if the client hangs up.
    pollfd line_end{connection, POLLRDHUP, 0};
    EXPECT_EQ(poll(&line_end, 1, 500), 0) << "the client gave the connection up";
    grpc::AddInsecureChannelFromFd(server_.get(), connection);
  });
  const auto client = Client::Connect(options_, {.max_attempts = 1});
  const auto status = (*client)->Call(&Client::Stub::GetStatus, v1::GetStatusRequest()).status();
  EXPECT_TRUE(status.ok()) << status;
  line.join();
  close(listener);
}

TEST_F(ClientTest, ErrorsKeepTheirDetails) {
  Serve();
  google::rpc::ErrorInfo info;
  info.set_reason("RUN_ALREADY_ACTIVE");
  info.set_domain("logexport");
  (*info.mutable_metadata())["run_id"] = "run-3";
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_nanos(500'000'000);
  google::rpc::BadRequest bad_request;
  bad_request.add_field_violations()->set_field("max_logs");
  service_.FailNext(
      FakeService::Error(grpc::StatusCode::ABORTED, "busy", {&info, &retry, &bad_request}));
  const auto status = Connect()->Call(&Client::Stub::RunNow, v1::RunNowRequest()).status();
  EXPECT_TRUE(absl::IsAborted(status));
  EXPECT_EQ(status.message(), "busy");
  const ErrorDetails details = DetailsOf(status);
  EXPECT_EQ(details.reason, "RUN_ALREADY_ACTIVE");
  EXPECT_EQ(details.metadata.at("run_id"), "run-3");
  EXPECT_EQ(details.retry_delay, absl::Milliseconds(500));
  ASSERT_EQ(details.field_violations.size(), 1u);
  EXPECT_EQ(details.field_violations[0].field, "max_logs");
}

TEST_F(ClientTest, ADeadlineEndsACall) {
  Serve();
  service_.AddEndlessWatch({});
  const auto report = Connect()->WaitForRun("", "run-7", absl::Milliseconds(200));
  EXPECT_TRUE(absl::IsDeadlineExceeded(report.status())) << report.status();
}

TEST_F(ClientTest, WaitsForTheEndOfARunAcrossABrokenStream) {
  Serve();
  v1::WatchRunResponse progress;
  progress.set_phase(v1::WATCH_PHASE_PROGRESS);
  progress.set_sequence(5);
  *progress.mutable_report() = FakeService::MakeReport("run-7", v1::RUN_STATE_RUNNING);
  v1::WatchRunResponse last;
  last.set_phase(v1::WATCH_PHASE_FINAL);
  *last.mutable_report() = FakeService::MakeReport("run-7", v1::RUN_STATE_SUCCEEDED);
  service_.AddWatch({progress}, {grpc::StatusCode::UNAVAILABLE, "restarting"});
  service_.AddWatch({last});
  const auto report = Connect()->WaitForRun("", "run-7");
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_EQ(service_.watches().back().after_sequence(), 5);
}

TEST_F(ClientTest, AWatcherMayLeaveEarly) {
  Serve();
  v1::WatchRunResponse progress;
  *progress.mutable_report() = FakeService::MakeReport("run-7", v1::RUN_STATE_RUNNING);
  service_.AddEndlessWatch({progress});
  const auto report = Connect()->Watch({}, [](const v1::WatchRunResponse&) { return false; });
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->run_id(), "run-7");
}

TEST_F(ClientTest, TrustsTheAuthorityItIsGiven) {
  const TlsIdentity identity = MakeTlsIdentity();
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({identity.key, identity.certificate});
  Serve(grpc::SslServerCredentials(tls));
  options_.ca_file = WriteFile("ca.pem", identity.certificate);
  EXPECT_TRUE(Connect()->Call(&Client::Stub::GetStatus, v1::GetStatusRequest()).ok());
}

TEST_F(ClientTest, RefusesACertificateOfSomebodyElse) {
  const TlsIdentity identity = MakeTlsIdentity();
  grpc::SslServerCredentialsOptions tls;
  tls.pem_key_cert_pairs.push_back({identity.key, identity.certificate});
  Serve(grpc::SslServerCredentials(tls));
  options_.ca_file = WriteFile("ca.pem", MakeTlsIdentity().certificate);
  EXPECT_TRUE(absl::IsUnavailable(
      Connect()->Call(&Client::Stub::GetStatus, v1::GetStatusRequest()).status()));
}

TEST_F(ClientTest, ShowsItsOwnCertificate) {
  const TlsIdentity identity = MakeTlsIdentity();
  const TlsIdentity own = MakeTlsIdentity();
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_key_cert_pairs.push_back({identity.key, identity.certificate});
  tls.pem_root_certs = own.certificate;
  Serve(grpc::SslServerCredentials(tls));
  options_.ca_file = WriteFile("ca.pem", identity.certificate);
  EXPECT_FALSE(Connect()->Call(&Client::Stub::GetStatus, v1::GetStatusRequest()).ok());
  options_.cert_file = WriteFile("cert.pem", own.certificate);
  options_.key_file = WriteFile("key.pem", own.key);
  EXPECT_TRUE(Connect()->Call(&Client::Stub::GetStatus, v1::GetStatusRequest()).ok());
}

TEST_F(ClientTest, RefusesOptionsThatMakeNoSense) {
  const auto message = [](const ConnectionOptions& options) {
    return std::string(Client::Connect(options).status().message());
  };
  ConnectionOptions options;
  options.server = "";
  EXPECT_THAT(message(options), HasSubstr("no server"));
  options = {};
  options.cert_file = "/cert.pem";
  EXPECT_THAT(message(options), HasSubstr("belong together"));
  options = {};
  options.transport = ConnectionOptions::Transport::kPlaintext;
  options.ca_file = "/ca.pem";
  EXPECT_THAT(message(options), HasSubstr("plaintext"));
  options = {};
  options.ca_file = "/no/such/file";
  EXPECT_THAT(message(options), HasSubstr("/no/such/file"));
  options = {};
  options.token_file = "/no/such/token";
  EXPECT_THAT(message(options), HasSubstr("/no/such/token"));
  // A directory opens, and only then cannot be read.
  options.token_file = "/usr";
  EXPECT_THAT(message(options), HasSubstr("cannot read"));
  options.token_file = WriteFile("empty", "\n");
  EXPECT_THAT(message(options), HasSubstr("is empty"));
  options.token_file = WriteFile("lines", "one\ntwo\n");
  EXPECT_THAT(message(options), HasSubstr("more than one line"));
}

class CallWithRetryTest : public testing::Test {
 protected:
  grpc::Status Call(const std::vector<grpc::Status>& answers,
                    absl::Duration deadline = absl::Seconds(30)) {
    return CallWithRetry(
        {}, deadline, [&](absl::Duration) { return answers.at(attempts_++); },
        [&](absl::Duration pause) { pauses_.push_back(pause); }, [] { return 0.5; });
  }
  std::size_t attempts_ = 0;
  std::vector<absl::Duration> pauses_;
};

const grpc::Status kAway(grpc::StatusCode::UNAVAILABLE, "away");

TEST_F(CallWithRetryTest, PausesLongerEachTimeAndGivesUpAfterFiveAttempts) {
  EXPECT_EQ(Call(std::vector<grpc::Status>(9, kAway)).error_message(), "away");
  EXPECT_EQ(attempts_, 5u);
  EXPECT_THAT(pauses_, ElementsAre(absl::Milliseconds(50), absl::Milliseconds(100),
                                   absl::Milliseconds(200), absl::Milliseconds(400)));
}

TEST_F(CallWithRetryTest, StopsAtTheFirstOtherAnswer) {
  EXPECT_TRUE(Call({kAway, grpc::Status::OK}).ok());
  EXPECT_EQ(Call({kAway, kAway, {grpc::StatusCode::ABORTED, "busy"}}).error_code(),
            grpc::StatusCode::ABORTED);
}

TEST_F(CallWithRetryTest, DoesNotOutlastTheDeadline) {
  EXPECT_FALSE(Call({kAway}, absl::Milliseconds(40)).ok());
  EXPECT_THAT(pauses_, ElementsAre());
}

TEST_F(CallWithRetryTest, PausesAsLongAsTheServiceAsks) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(3);
  EXPECT_TRUE(
      Call({FakeService::Error(grpc::StatusCode::UNAVAILABLE, "away", {&retry}), grpc::Status::OK})
          .ok());
  EXPECT_THAT(pauses_, ElementsAre(absl::Seconds(3)));
}

TEST_F(CallWithRetryTest, LeavesLongPausesToTheCaller) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(60);
  EXPECT_FALSE(Call({FakeService::Error(grpc::StatusCode::UNAVAILABLE, "away", {&retry})}).ok());
  EXPECT_THAT(pauses_, ElementsAre());
}

TEST(NewRequestIdTest, IsNewEachTime) {
  std::set<std::string> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(NewRequestId());
  EXPECT_EQ(ids.size(), 1000u);
}

}  // namespace
}  // namespace logexport::client
