// Every RPC of the API with everything it can answer, over a real connection to the whole service.
#include <algorithm>
#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "tests/api/api_server.h"
#include "tests/api/rpc_rows.h"
#include "tests/support/await.h"
#include "tests/support/gate.h"

namespace logexport {
namespace {

using grpc::StatusCode;
using ::testing::IsSupersetOf;

std::vector<std::string> Methods() {
  const google::protobuf::ServiceDescriptor* service =
      v1::RunNowRequest::descriptor()->file()->pool()->FindServiceByName(
          "logexport.v1.LogExportService");
  std::vector<std::string> methods;
  for (int n = 0; service != nullptr && n < service->method_count(); ++n) {
    methods.push_back(service->method(n)->name());
  }
  return methods;
}

void SetUpScene(ApiServer& server, Scene scene) {
  const std::vector<std::string> logs = server.sandbox().LogIds();
  server.RefuseLog(logs[3]);
  server.RefuseLog(logs[5]);
  EXPECT_EQ(server.Run().ledger().dead_lettered(), 2);
  server.ClearFaults();
  for (const char* size : {"50", "60"}) {
    server.Get<v1::UpdateConfigResponse>(
        "UpdateConfig", absl::StrCat("config { auth0 { batch_size: ", size, " } }"));
  }
  if (scene == Scene::kRunning) {
    server.HoldAuth0();
    server.Get<v1::RunNowResponse>("RunNow");
  }
}

std::string Filled(ApiServer& server, const char* request) {
  const auto run = server.Get<v1::GetReportsResponse>("GetReports").last_run();
  return absl::StrReplaceAll(
      request,
      {{"$RUN", run.run_id()}, {"$LOG", run.checkpoint_after()}, {"$CONFIG", server.Config()}});
}

// Everything the API can change, in one text.
std::string StateOf(Store& store) {
  std::string state;
  EXPECT_TRUE(store
                  .Read([&](Transaction& tx) -> absl::Status {
                    const auto exporters = tx.ListExporters();
                    if (!exporters.ok()) return exporters.status();
                    for (const ExporterRecord& exporter : *exporters) {
                      const auto checkpoint = tx.GetCheckpoint(exporter.id);
                      RunFilter runs;
                      runs.exporter = exporter.id;
                      DeadLetterFilter letters;
                      letters.exporter = exporter.id;
                      absl::StrAppend(&state, exporter.id, " config ", exporter.config_version,
                                      " paused ", exporter.pause.has_value(), " checkpoint ",
                                      checkpoint->version, " runs ", tx.CountRuns(runs)->value,
                                      " dead letters ", *tx.CountDeadLetters(letters), "\n");
                    }
                    return absl::OkStatus();
                  })
                  .ok());
  return state;
}

class RpcTableTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  static void TearDownTestSuite() { refusing_.reset(); }

  // Refused calls change nothing, so that those of one scene may share a service.
  static ApiServer& Refusing() {
    if (refusing_ == nullptr) {
      refusing_ = std::make_unique<ApiServer>();
      SetUpScene(*refusing_, Scene::kIdle);
    }
    return *refusing_;
  }

 private:
  inline static std::unique_ptr<ApiServer> refusing_;
};

TEST_P(RpcTableTest, AnswersAsTheTableSays) {
  const Row& row = Table()[GetParam()];
  SCOPED_TRACE(absl::StrCat(row.method, " { ", row.request, " }"));
  std::unique_ptr<ApiServer> own;
  if (row.code == StatusCode::OK || row.scene == Scene::kRunning) {
    own = std::make_unique<ApiServer>();
    SetUpScene(*own, row.scene);
  }
  ApiServer& server = own == nullptr ? Refusing() : *own;
  const std::string request = Filled(server, row.request);
  const std::string before = StateOf(server.store());
  const ApiReply reply = server.Call(row.method, request);
  EXPECT_EQ(reply.code, row.code) << reply;
  EXPECT_EQ(reply.reason, row.reason) << reply;
  if (row.code == StatusCode::OK) {
    EXPECT_FALSE(reply.messages.empty());
    return;
  }
  ExpectWellFormedError(reply);
  EXPECT_THAT(reply.fields(), IsSupersetOf(row.fields)) << reply;
  EXPECT_EQ(reply.fields().empty(), row.fields.empty()) << reply;
  EXPECT_TRUE(reply.messages.empty());
  EXPECT_EQ(StateOf(server.store()), before) << "a refused call changed something";
}

INSTANTIATE_TEST_SUITE_P(All, RpcTableTest, ::testing::Range<std::size_t>(0, Table().size()),
                         [](const auto& row) {
                           return absl::StrCat(Table()[row.param].method, "_", row.param);
                         });

TEST(RpcTableCompletenessTest, EveryRpcHasItsRows) {
  const std::vector<std::string> methods = Methods();
  ASSERT_GE(methods.size(), 20U);
  // Take no field that could be wrong.
  const std::set<std::string> cannot_be_wrong = {
      "CancelRun",      "CreateLogin",   "GetCaller",       "GetReport",
      "GetStatus",      "ListMembers",   "PauseExporter",   "ProbeExporter",
      "ResumeExporter", "RotateSecrets", "TestNotification"};
  // Name nothing that has to exist.
  const std::set<std::string> name_nothing = {"GetCaller",     "CreateLogin",    "ListLogTypes",
                                              "ListExporters", "CreateExporter", "ListAudit",
                                              "VerifyAudit",   "RotateSecrets",  "ListMembers"};
  for (const std::string& method : methods) {
    const auto has = [&](Shows shows) {
      return std::any_of(Table().begin(), Table().end(), [&](const Row& row) {
        return row.method == method && row.shows == shows;
      });
    };
    EXPECT_TRUE(has(Shows::kSuccess)) << method;
    EXPECT_NE(has(Shows::kViolation), cannot_be_wrong.contains(method)) << method;
    EXPECT_NE(has(Shows::kNotFound), name_nothing.contains(method)) << method;
  }
  for (const Row& row : Table()) {
    EXPECT_THAT(methods, ::testing::Contains(row.method));
  }
}

// ---- Calls that are given up
// ---------------------------------------------------------------------

const Row& FirstSuccess(const std::string& method) {
  return *std::find_if(Table().begin(), Table().end(), [&](const Row& row) {
    return row.method == method && row.shows == Shows::kSuccess;
  });
}

class GivenUpCallTest : public ::testing::TestWithParam<std::string> {
 protected:
  GivenUpCallTest()
      : server_({.on_call = [this](const IncomingCall& call) {
          if (!armed_.exchange(false)) return;
          arrived_.Open();
          // What the call does comes after the client's decision, which travels. gRPC tells a
          // handler of it only when asked.
          noticed_ = Await([&] { return call.cancelled(); });
          left_.Open();
        }}) {
    SetUpScene(server_, FirstSuccess(GetParam()).scene);
    request_ = Filled(server_, FirstSuccess(GetParam()).request);
    before_ = StateOf(server_.store());
  }

  void ExpectNothingDone() {
    // The handler may outlive the client's call by a moment.
    ASSERT_TRUE(left_.Wait());
    EXPECT_TRUE(noticed_);
    EXPECT_TRUE(server_.Call("GetStatus").ok());
    EXPECT_EQ(StateOf(server_.store()), before_);
  }

  std::atomic<bool> armed_{false};
  std::atomic<bool> noticed_{false};
  Gate arrived_;
  Gate left_;
  ApiServer server_;
  std::string request_;
  std::string before_;
};

TEST_P(GivenUpCallTest, EndsWithItsDeadlineAndDoesNothing) {
  // A busy machine may need longer than the deadline to bring the call to its handler; then there
  // is nothing to see, and the deadline has to be longer.
  for (absl::Duration deadline = absl::Milliseconds(100); !arrived_.is_open(); deadline *= 4) {
    ASSERT_LT(deadline, absl::Minutes(2)) << "the call never reaches its handler";
    armed_ = true;
    const ApiReply reply = server_.Call(GetParam(), request_, {.deadline = deadline});
    EXPECT_EQ(reply.code, StatusCode::DEADLINE_EXCEEDED) << reply;
  }
  ExpectNothingDone();
}

TEST_P(GivenUpCallTest, EndsWhenCancelledAndDoesNothing) {
  armed_ = true;
  grpc::ClientContext context;
  std::thread canceller([&] {
    arrived_.Wait();
    context.TryCancel();
  });
  const ApiReply reply = server_.Call(GetParam(), request_, {.context = &context});
  canceller.join();
  EXPECT_EQ(reply.code, StatusCode::CANCELLED) << reply;
  ExpectNothingDone();
}

INSTANTIATE_TEST_SUITE_P(All, GivenUpCallTest, ::testing::ValuesIn(Methods()),
                         [](const auto& row) { return row.param; });

}  // namespace
}  // namespace logexport
