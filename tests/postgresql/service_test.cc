// The real service with its state in PostgreSQL: what it exports, and what it does when the
// database or the process itself fails. For several processes see members_test.cc.

#include <csignal>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "client/logexport/client.h"
#include "logexport/v1/service.pb.h"
#include "tests/e2e/installation.h"
#include "tests/postgresql/postgresql_server.h"
#include "tests/support/await.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kLogs = 20'000;

class ServiceOnPostgresqlTest : public ::testing::Test {
 protected:
  ServiceOnPostgresqlTest()
      : sandbox_({"--generate", absl::StrCat(kLogs), "--latency", "logs=20", "--latency",
                  "segment=20"}) {
    WriteFile(key_file_, "key-1 MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n");
    chmod(key_file_.c_str(), 0600);
  }

  // A service on this database, beside others.
  absl::StatusOr<std::unique_ptr<ServiceProcess>> StartOn(const std::string& url) {
    return ServiceProcess::Start(url, sandbox_.environment(), {"--secret-key-file", key_file_});
  }
  // The end of one that is to be refused, or has nothing to serve.
  ProgramEnd RunOn(const std::string& url, std::vector<std::string> more = {}) {
    std::vector<std::string> flags = {"--listen", "127.0.0.1:0",       "--state",
                                      url,        "--secret-key-file", key_file_};
    flags.insert(flags.end(), more.begin(), more.end());
    return RunService(flags, sandbox_.environment());
  }

  static std::unique_ptr<client::Client> Connect(ServiceProcess& service) {
    client::ConnectionOptions options;
    options.server = service.address();
    return *client::Client::Connect(options);
  }
  static std::string RunNow(ServiceProcess& service) {
    const absl::StatusOr<v1::RunNowResponse> started =
        Connect(service)->Call(&Stub::RunNow, v1::RunNowRequest());
    EXPECT_THAT(started, IsOk());
    return started.ok() ? started->run().run_id() : "";
  }
  static v1::Report Await(ServiceProcess& service, const std::string& run_id) {
    const absl::StatusOr<v1::Report> report =
        Connect(service)->WaitForRun("", run_id, absl::Minutes(2));
    EXPECT_THAT(report, IsOk()) << service.process().ErrorOutput();
    return report.ok() ? *report : v1::Report();
  }
  static v1::Report Stored(ServiceProcess& service, const std::string& run_id) {
    v1::GetReportRequest request;
    request.set_run_id(run_id);
    const absl::StatusOr<v1::GetReportResponse> stored =
        Connect(service)->Call(&Stub::GetReport, request);
    EXPECT_THAT(stored, IsOk());
    return stored.ok() ? stored->report() : v1::Report();
  }

  void AwaitAccepted(int events) {
    EXPECT_TRUE(logexport::Await([&] {
      return sandbox_.sandbox().Stat({"segment", "events_accepted"}) >= events;
    }));
  }

  // Every log has arrived, and whatever came twice came under one id.
  void ExpectAllArrivedUnderOneId() {
    EXPECT_EQ(sandbox_.Missing(), 0);
    const std::multimap<std::string, ArrivedEvent> events = ArrivedEvents(sandbox_.sandbox());
    std::set<std::string> logs;
    std::set<std::string> ids;
    for (const auto& [log_id, event] : events) {
      logs.insert(log_id);
      ids.insert(event.message_id);
    }
    EXPECT_EQ(logs.size(), static_cast<std::size_t>(kLogs));
    EXPECT_EQ(ids.size(), logs.size());
  }

  TempDirectory directory_;
  const std::string key_file_ = directory_.File("keys");
  Installation sandbox_;  // of which only the sandbox is used
  const std::string url_ = PostgresqlServer::Shared().UrlOfFreshSchema();
};

TEST_F(ServiceOnPostgresqlTest, ExportsEverythingAndKeepsItOverARestart) {
  std::string run_id;
  {
    ASSERT_OK_AND_ASSIGN(const auto service, StartOn(url_));
    run_id = RunNow(*service);
    EXPECT_EQ(Await(*service, run_id).state(), v1::RUN_STATE_SUCCEEDED);
    service->process().Signal(SIGTERM);
    EXPECT_EQ(service->process().Wait(absl::Seconds(10)), 0);
    EXPECT_THAT(service->process().ErrorOutput(),
                AllOf(HasSubstr("state=postgresql://"), Not(HasSubstr("error "))));
  }
  // It has left its place: the next one waits for nothing.
  ASSERT_OK_AND_ASSIGN(const auto service, StartOn(url_));
  EXPECT_EQ(Stored(*service, run_id).ledger().accepted(), kLogs);
  const v1::Report again = Await(*service, RunNow(*service));
  EXPECT_EQ(again.state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_EQ(again.ledger().fetched(), 0);
  ExpectAllArrivedUnderOneId();
}

TEST_F(ServiceOnPostgresqlTest, ADatabaseThatDiesInTheMiddleOfARunCostsNothing) {
  ASSERT_OK_AND_ASSIGN(const auto server, PostgresqlServer::Start());
  ASSERT_OK_AND_ASSIGN(const auto service, StartOn(server->Url()));
  const std::string run_id = RunNow(*service);
  AwaitAccepted(kLogs / 4);
  server->Kill();
  ASSERT_THAT(server->Restart(), IsOk());
  const v1::Report report = Await(*service, run_id);
  EXPECT_EQ(report.state(), v1::RUN_STATE_SUCCEEDED) << report.DebugString();
  EXPECT_EQ(report.ledger().accepted(), kLogs);
  ExpectAllArrivedUnderOneId();
}

TEST_F(ServiceOnPostgresqlTest, RunOnceWorksAndLeavesItsPlace) {
  for (int i = 0; i < 2; ++i) {
    const ProgramEnd end = RunOn(url_, {"--run-once"});
    EXPECT_EQ(end.exit_status, 0) << end.error_output;
    EXPECT_THAT(end.output, HasSubstr("RUN_STATE_SUCCEEDED"));
  }
  ExpectAllArrivedUnderOneId();
}

struct BadStart {
  const char* name;
  std::string url;
  int exit_status;
  const char* says;
};

TEST_F(ServiceOnPostgresqlTest, AStartThatCannotWorkSaysWhatToDo) {
  PostgresqlServer& server = PostgresqlServer::Shared();
  const std::vector<BadStart> starts = {
      {"nobody listens", "postgresql://me:hunter2@127.0.0.1:1/db", 3, "check host and port"},
      {"no such database", server.Url("nowhere"), 2, "createdb"},
      {"wrong password", server.TcpUrl("owner", "hunter2"), 2, "PGPASSWORD"},
      {"no URI", "postgresql://me:hunter2@[/db", 2, "postgresql://USER@HOST"},
  };
  for (const BadStart& start : starts) {
    SCOPED_TRACE(start.name);
    const ProgramEnd end = RunOn(start.url);
    EXPECT_EQ(end.exit_status, start.exit_status) << end.error_output;
    EXPECT_THAT(end.error_output, AllOf(HasSubstr(start.says), Not(HasSubstr("hunter2"))));
  }
  const ProgramEnd keyless =
      RunService({"--listen", "127.0.0.1:0", "--state", url_}, sandbox_.environment());
  EXPECT_EQ(keyless.exit_status, 2);
  EXPECT_THAT(keyless.error_output, HasSubstr("--secret-key-file"));
}

}  // namespace
}  // namespace logexport
