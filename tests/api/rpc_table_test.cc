// Every RPC of the API with everything it can answer, over a real connection to the whole service.
#include <algorithm>
#include <chrono>
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

namespace logexport {
namespace {

using grpc::StatusCode;
using ::testing::IsSupersetOf;

// What an answer shows, apart from the cut-off and cancelled calls that every RPC is put through.
enum class Shows { kSuccess, kViolation, kNotFound, kConflict, kRefused };

// What was there before the call: a finished run, three versions of the configuration, two dead
// letters; and with kRunning a run that cannot get on.
enum class Scene { kIdle, kRunning };

struct Row {
  const char* method;
  Shows shows;
  const char* request;  // in text format; $RUN, $LOG and $CONFIG stand for what the scene has
  StatusCode code = StatusCode::OK;
  const char* reason = "";
  std::vector<std::string> fields = {};  // of the violations
  Scene scene = Scene::kIdle;
};

constexpr StatusCode kInvalid = StatusCode::INVALID_ARGUMENT;
constexpr StatusCode kMissing = StatusCode::NOT_FOUND;
constexpr StatusCode kAborted = StatusCode::ABORTED;
constexpr StatusCode kUnmet = StatusCode::FAILED_PRECONDITION;
constexpr char kNobody[] = "EXPORTER_NOT_FOUND";
constexpr char kField[] = "INVALID_FIELD";
constexpr char kToken[] = "INVALID_PAGE_TOKEN";

const std::vector<Row>& Table() {
  static const auto* const rows = new std::vector<Row>{
      {"RunNow", Shows::kSuccess, "reason: 'why'"},
      {"RunNow", Shows::kSuccess, "dry_run: true"},
      {"RunNow", Shows::kSuccess, "window { start { seconds: 1700000000 } }"},
      {"RunNow", Shows::kSuccess, "on_active: ON_ACTIVE_JOIN", {}, "", {}, Scene::kRunning},
      {"RunNow", Shows::kSuccess, "on_active: ON_ACTIVE_QUEUE", {}, "", {}, Scene::kRunning},
      {"RunNow", Shows::kNotFound, "exporter: 'nobody'", kMissing, kNobody},
      {"RunNow", Shows::kConflict, "", kAborted, "RUN_ALREADY_ACTIVE", {}, Scene::kRunning},
      {"RunNow",
       Shows::kConflict,
       "on_active: ON_ACTIVE_JOIN max_logs: 3",
       kAborted,
       "RUN_ALREADY_ACTIVE",
       {},
       Scene::kRunning},
      {"RunNow", Shows::kViolation, "max_logs: -1", kInvalid, kField, {"max_logs"}},
      {"RunNow",
       Shows::kViolation,
       "max_duration { nanos: 5 }",
       kInvalid,
       kField,
       {"max_duration"}},
      {"RunNow", Shows::kViolation, "new_message_ids: true", kInvalid, kField, {"new_message_ids"}},
      {"RunNow", Shows::kViolation, "window { }", kInvalid, kField, {"window.start"}},
      {"RunNow",
       Shows::kViolation,
       "window { start { seconds: 1700000000 } end { seconds: 1600000000 } }",
       kInvalid,
       kField,
       {"window.end"}},
      {"RunNow",
       Shows::kViolation,
       "window { start { seconds: 4000000000 } end { seconds: 4000000001 } }",
       kInvalid,
       kField,
       {"window.start"}},
      {"RunNow",
       Shows::kViolation,
       "dry_run: true max_logs: -1 window { start { seconds: 9 } end { seconds: 8 } }",
       kInvalid,
       kField,
       {"dry_run", "max_logs", "window.end"}},

      {"WatchRun", Shows::kSuccess, "run_id: '$RUN'"},
      {"WatchRun", Shows::kSuccess, ""},
      {"WatchRun", Shows::kNotFound, "run_id: 'no-such-run'", kMissing, "RUN_NOT_FOUND"},
      {"WatchRun", Shows::kNotFound, "exporter: 'nobody'", kMissing, kNobody},
      {"WatchRun", Shows::kViolation, "after_sequence: -1", kInvalid, kField, {"after_sequence"}},

      {"CancelRun", Shows::kSuccess, "reason: 'why'", {}, "", {}, Scene::kRunning},
      {"CancelRun", Shows::kNotFound, "run_id: 'no-such-run'", kMissing, "RUN_NOT_FOUND"},
      {"CancelRun", Shows::kNotFound, "", kMissing, "RUN_NOT_FOUND"},
      {"CancelRun", Shows::kNotFound, "exporter: 'nobody'", kMissing, kNobody},
      {"CancelRun", Shows::kConflict, "run_id: '$RUN'", kUnmet, "RUN_NOT_ACTIVE"},

      {"GetReports", Shows::kSuccess, "page_size: 1"},
      {"GetReports", Shows::kSuccess, "page_size: 2147483647"},
      {"GetReports", Shows::kNotFound, "exporter: 'nobody'", kMissing, kNobody},
      {"GetReports", Shows::kViolation, "page_size: -1", kInvalid, kField, {"page_size"}},
      {"GetReports", Shows::kViolation, "page_token: 'x'", kInvalid, kToken, {"page_token"}},
      {"GetReports",
       Shows::kViolation,
       "min_logs: -1 since { seconds: 9 } until { seconds: 8 } states: RUN_STATE_UNSPECIFIED "
       "triggers: TRIGGER_UNSPECIFIED kinds: RUN_KIND_UNSPECIFIED",
       kInvalid,
       kField,
       {"min_logs", "until", "states", "triggers", "kinds"}},

      {"GetReport", Shows::kSuccess, "run_id: '$RUN'"},
      {"GetReport", Shows::kSuccess, ""},
      {"GetReport", Shows::kNotFound, "run_id: 'no-such-run'", kMissing, "RUN_NOT_FOUND"},
      {"GetReport", Shows::kNotFound, "exporter: 'nobody'", kMissing, kNobody},

      {"SetCheckpoint", Shows::kSuccess, "earliest { }"},
      {"SetCheckpoint", Shows::kSuccess, "run_start: '$RUN' expected: '$LOG'"},
      {"SetCheckpoint", Shows::kSuccess, "latest { } allow_skip: true"},
      {"SetCheckpoint", Shows::kSuccess, "log_id: '$LOG' inclusive: true run_now: true"},
      {"SetCheckpoint", Shows::kSuccess, "earliest { } drain: true", {}, "", {}, Scene::kRunning},
      {"SetCheckpoint", Shows::kNotFound, "exporter: 'nobody' earliest { }", kMissing, kNobody},
      {"SetCheckpoint", Shows::kNotFound, "run_start: 'no-such-run'", kMissing, "RUN_NOT_FOUND"},
      {"SetCheckpoint",
       Shows::kConflict,
       "earliest { }",
       kAborted,
       "RUN_ALREADY_ACTIVE",
       {},
       Scene::kRunning},
      {"SetCheckpoint", Shows::kConflict, "earliest { } expected: 'other'", kAborted,
       "CHECKPOINT_MISMATCH"},
      {"SetCheckpoint", Shows::kConflict, "earliest { } expected_version: 4711", kAborted,
       "CHECKPOINT_MISMATCH"},
      {"SetCheckpoint", Shows::kRefused, "latest { }", kUnmet, "SKIP_NOT_ALLOWED"},
      {"SetCheckpoint", Shows::kViolation, "", kInvalid, kField, {"target"}},
      {"SetCheckpoint", Shows::kViolation, "log_id: 'not an id!'", kInvalid, kField, {"log_id"}},
      {"SetCheckpoint",
       Shows::kViolation,
       "time { seconds: 4000000000 }",
       kInvalid,
       kField,
       {"time"}},
      {"SetCheckpoint",
       Shows::kViolation,
       "earliest { } inclusive: true",
       kInvalid,
       kField,
       {"inclusive"}},

      {"ListCheckpoints", Shows::kSuccess, ""},
      {"ListCheckpoints", Shows::kNotFound, "exporter: 'nobody'", kMissing, kNobody},
      {"ListCheckpoints", Shows::kViolation, "page_size: -1", kInvalid, kField, {"page_size"}},
      {"ListCheckpoints", Shows::kViolation, "page_token: 'x'", kInvalid, kToken, {"page_token"}},

      {"GetConfig", Shows::kSuccess, "version: 1"},
      {"GetConfig", Shows::kNotFound, "exporter: 'nobody'", kMissing, kNobody},
      {"GetConfig", Shows::kNotFound, "version: 4711", kMissing, "CONFIG_VERSION_NOT_FOUND"},
      {"GetConfig", Shows::kViolation, "version: -1", kInvalid, kField, {"version"}},

      {"UpdateConfig", Shows::kSuccess, "config { auth0 { batch_size: 7 } }"},
      {"UpdateConfig", Shows::kSuccess, "config { auth0 { batch_size: 7 } } probe: true"},
      {"UpdateConfig", Shows::kSuccess, "config { start_from: 'earliest' }"},
      {"UpdateConfig", Shows::kNotFound, "exporter: 'nobody' config { }", kMissing, kNobody},
      {"UpdateConfig", Shows::kConflict, "etag: 'stale' config { auth0 { batch_size: 7 } }",
       kAborted, "ETAG_MISMATCH"},
      {"UpdateConfig",
       Shows::kConflict,
       "config { start_from: 'earliest' }",
       kAborted,
       "RUN_ALREADY_ACTIVE",
       {},
       Scene::kRunning},
      {"UpdateConfig", Shows::kRefused, "config { start_from: 'latest' }", kUnmet,
       "SKIP_NOT_ALLOWED"},
      {"UpdateConfig", Shows::kRefused, "config { auth0 { client_secret: 'wrong' } } probe: true",
       kUnmet, "PROBE_FAILED"},
      {"UpdateConfig",
       Shows::kViolation,
       "update_mask { paths: 'auth0.colour' } config { }",
       kInvalid,
       kField,
       {"update_mask"}},
      {"UpdateConfig",
       Shows::kViolation,
       "config { schedule { cron: '99 * * * *' time_zone: 'Mars/Olympus' } auth0 { batch_size: 0 } "
       "}",
       kInvalid,
       kField,
       {"config.schedule.cron", "config.schedule.time_zone", "config.auth0.batch_size"}},
      {"UpdateConfig",
       Shows::kViolation,
       "config { segment { endpoint: 'ftp://x' write_key: 'k' } }",
       kInvalid,
       kField,
       {"config.segment.endpoint"}},
      {"UpdateConfig",
       Shows::kViolation,
       "config { start_from: 'someday' }",
       kInvalid,
       kField,
       {"config.start_from"}},
      {"UpdateConfig",
       Shows::kViolation,
       "config { segment { endpoint: 'EU' } }",
       kInvalid,
       "SECRET_REQUIRED",
       {"config.segment.write_key"}},
      {"UpdateConfig",
       Shows::kViolation,
       "config { segment { write_key: 'file:/etc/passwd' } }",
       kInvalid,
       "SECRET_REFERENCE_NOT_ALLOWED",
       {"config.segment.write_key"}},

      {"ListConfigVersions", Shows::kSuccess, "page_size: 1"},
      {"ListConfigVersions", Shows::kNotFound, "exporter: 'nobody'", kMissing, kNobody},
      {"ListConfigVersions", Shows::kViolation, "page_size: -1", kInvalid, kField, {"page_size"}},
      {"ListConfigVersions",
       Shows::kViolation,
       "page_token: 'x'",
       kInvalid,
       kToken,
       {"page_token"}},

      {"RollbackConfig", Shows::kSuccess, "version: 1"},
      {"RollbackConfig", Shows::kNotFound, "exporter: 'nobody' version: 1", kMissing, kNobody},
      {"RollbackConfig", Shows::kNotFound, "version: 4711", kMissing, "CONFIG_VERSION_NOT_FOUND"},
      {"RollbackConfig", Shows::kConflict, "version: 1 etag: 'stale'", kAborted, "ETAG_MISMATCH"},
      {"RollbackConfig", Shows::kViolation, "", kInvalid, kField, {"version"}},

      {"GetStatus", Shows::kSuccess, ""},
      {"GetStatus", Shows::kSuccess, "", {}, "", {}, Scene::kRunning},
      {"GetStatus", Shows::kNotFound, "exporter: 'nobody'", kMissing, kNobody},

      {"PauseExporter", Shows::kSuccess, "reason: 'why'"},
      {"PauseExporter", Shows::kSuccess, "cancel_active: true", {}, "", {}, Scene::kRunning},
      {"PauseExporter", Shows::kNotFound, "exporter: 'nobody'", kMissing, kNobody},
      {"ResumeExporter", Shows::kSuccess, ""},
      {"ResumeExporter", Shows::kNotFound, "exporter: 'nobody'", kMissing, kNobody},

      {"PreviewExport", Shows::kSuccess, "max_logs: 3"},
      {"PreviewExport", Shows::kSuccess, "config { filter { types: 's' } }"},
      {"PreviewExport", Shows::kNotFound, "exporter: 'nobody'", kMissing, kNobody},
      {"PreviewExport", Shows::kViolation, "max_logs: 101", kInvalid, kField, {"max_logs"}},
      {"PreviewExport",
       Shows::kViolation,
       "after_log_id: 'not an id!'",
       kInvalid,
       kField,
       {"after_log_id"}},
      {"PreviewExport",
       Shows::kViolation,
       "config { auth0 { batch_size: 7 } }",
       kInvalid,
       kField,
       {"config.auth0.batch_size"}},

      {"ListDeadLetters", Shows::kSuccess, "page_size: 1 include_log: true"},
      {"ListDeadLetters", Shows::kNotFound, "exporter: 'nobody'", kMissing, kNobody},
      {"ListDeadLetters", Shows::kViolation, "page_size: -1", kInvalid, kField, {"page_size"}},
      {"ListDeadLetters", Shows::kViolation, "page_token: 'x'", kInvalid, kToken, {"page_token"}},
      {"ListDeadLetters",
       Shows::kViolation,
       "since { seconds: 9 } until { seconds: 8 }",
       kInvalid,
       kField,
       {"until"}},

      {"RedriveDeadLetters", Shows::kSuccess, "all: true"},
      {"RedriveDeadLetters", Shows::kNotFound, "exporter: 'nobody' all: true", kMissing, kNobody},
      {"RedriveDeadLetters", Shows::kNotFound, "log_ids: 'other'", kMissing,
       "DEAD_LETTER_NOT_FOUND"},
      {"RedriveDeadLetters", Shows::kViolation, "", kInvalid, kField, {"all"}},
      {"RedriveDeadLetters",
       Shows::kViolation,
       "all: true max_logs: -1",
       kInvalid,
       kField,
       {"max_logs"}},

      {"PurgeDeadLetters", Shows::kSuccess, "all: true"},
      {"PurgeDeadLetters", Shows::kSuccess, "all: true validate_only: true"},
      {"PurgeDeadLetters", Shows::kNotFound, "exporter: 'nobody' all: true", kMissing, kNobody},
      {"PurgeDeadLetters", Shows::kViolation, "", kInvalid, kField, {"all"}},

      {"TestNotification", Shows::kSuccess, "reason: 'why'"},
      {"TestNotification", Shows::kNotFound, "exporter: 'nobody'", kMissing, kNobody},

      {"ListLogTypes", Shows::kSuccess, "min_level: LOG_LEVEL_ERROR"},
      {"ListLogTypes",
       Shows::kViolation,
       "categories: 'weather'",
       kInvalid,
       kField,
       {"categories"}},

      {"ListExporters", Shows::kSuccess, ""},
      {"ListExporters", Shows::kViolation, "page_size: -1", kInvalid, kField, {"page_size"}},
      {"ListExporters", Shows::kViolation, "page_token: 'x'", kInvalid, kToken, {"page_token"}},

      {"CreateExporter", Shows::kSuccess, "exporter: 'second' config { $CONFIG }"},
      {"CreateExporter", Shows::kSuccess,
       "exporter: 'second' config { $CONFIG } validate_only: true probe: true"},
      {"CreateExporter", Shows::kConflict, "exporter: 'default' config { $CONFIG }",
       StatusCode::ALREADY_EXISTS, "EXPORTER_EXISTS"},
      {"CreateExporter",
       Shows::kViolation,
       "exporter: 'Two Words' config { $CONFIG }",
       kInvalid,
       kField,
       {"exporter"}},
      {"CreateExporter",
       Shows::kViolation,
       "exporter: 'second' config { }",
       kInvalid,
       kField,
       {"config.auth0.domain", "config.auth0.client_id", "config.auth0.client_secret",
        "config.segment.write_key"}},

      {"DeleteExporter", Shows::kSuccess, "exporter: 'default' force: true"},
      {"DeleteExporter",
       Shows::kSuccess,
       "exporter: 'default' force: true",
       {},
       "",
       {},
       Scene::kRunning},
      {"DeleteExporter", Shows::kNotFound, "exporter: 'nobody'", kMissing, kNobody},
      {"DeleteExporter",
       Shows::kConflict,
       "exporter: 'default'",
       kAborted,
       "RUN_ALREADY_ACTIVE",
       {},
       Scene::kRunning},
      {"DeleteExporter", Shows::kRefused, "exporter: 'default'", kUnmet, "DEAD_LETTERS_LEFT"},
      {"DeleteExporter", Shows::kViolation, "", kInvalid, kField, {"exporter"}},
  };
  return *rows;
}

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
                                      " dead letters ", tx.CountDeadLetters(letters)->value, "\n");
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
      "CancelRun", "GetReport", "GetStatus", "PauseExporter", "ResumeExporter", "TestNotification"};
  // Name nothing that has to exist.
  const std::set<std::string> name_nothing = {"ListLogTypes", "ListExporters", "CreateExporter"};
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
      : server_({.on_call = [this](const grpc::ServerContext& context) {
          if (!armed_) return;
          arrived_ = true;
          // The client's decision travels; what the call does comes after it.
          const absl::Time give_up = absl::Now() + absl::Seconds(20);
          while (!context.IsCancelled() && absl::Now() < give_up) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
          }
          noticed_ = context.IsCancelled();
          armed_ = false;
        }}) {
    SetUpScene(server_, FirstSuccess(GetParam()).scene);
    request_ = Filled(server_, FirstSuccess(GetParam()).request);
    before_ = StateOf(server_.store());
  }

  void ExpectNothingDone() {
    // The handler may outlive the client's call by a moment; a later one comes after it.
    while (armed_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_TRUE(noticed_);
    EXPECT_TRUE(server_.Call("GetStatus").ok());
    EXPECT_EQ(StateOf(server_.store()), before_);
  }

  std::atomic<bool> armed_{false};
  std::atomic<bool> arrived_{false};
  std::atomic<bool> noticed_{false};
  ApiServer server_;
  std::string request_;
  std::string before_;
};

TEST_P(GivenUpCallTest, EndsWithItsDeadlineAndDoesNothing) {
  armed_ = true;
  const ApiReply reply = server_.Call(GetParam(), request_, {.deadline = absl::Milliseconds(100)});
  EXPECT_EQ(reply.code, StatusCode::DEADLINE_EXCEEDED) << reply;
  EXPECT_TRUE(arrived_);
  ExpectNothingDone();
}

TEST_P(GivenUpCallTest, EndsWhenCancelledAndDoesNothing) {
  armed_ = true;
  grpc::ClientContext context;
  std::thread canceller([&] {
    while (!arrived_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
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
