// What is on record of calls, over a real connection to the whole service.
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "service/base/hash.h"
#include "service/json/json_value.h"
#include "tests/api/audited_server.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class AuditTest : public AuditedServer {
 protected:
  std::int64_t Count() { return Newest().sequence(); }
};

TEST_F(AuditTest, AWriteIsOnRecordWithWhoWhatAndWhy) {
  ASSERT_TRUE(Call("operator", "PauseExporter",
                   "reason: 'maintenance' request_id: '11111111-0000-0000-0000-000000000001'")
                  .ok());
  const v1::AuditEntry entry = Newest();
  EXPECT_EQ(entry.caller().name(), "oscar");
  EXPECT_TRUE(entry.caller().verified());
  EXPECT_EQ(entry.role(), v1::ROLE_OPERATOR);
  EXPECT_THAT(entry.address(), StartsWith("ipv4:127.0.0.1:"));
  EXPECT_EQ(entry.way(), "grpc");
  EXPECT_EQ(entry.method(), "PauseExporter");
  EXPECT_EQ(entry.exporter(), "default");
  EXPECT_EQ(entry.request_id(), "11111111-0000-0000-0000-000000000001");
  EXPECT_THAT(entry.call_id(), Not(IsEmpty()));
  EXPECT_EQ(entry.reason(), "maintenance");
  EXPECT_THAT(Changes(entry), ElementsAre("paused: false > true"));
  EXPECT_EQ(entry.outcome(), v1::AUDIT_OUTCOME_DONE);
  EXPECT_EQ(entry.error_reason(), "");
}

TEST_F(AuditTest, ConfigurationIsOnRecordBeforeAndAfterWithSecretsMasked) {
  ASSERT_TRUE(Call("admin", "UpdateConfig",
                   "config { schedule { cron: '@every 7m' } "
                   "auth0 { client_secret: 'a-new-secret-4711' } }")
                  .ok());
  const v1::AuditEntry entry = Newest();
  EXPECT_THAT(Changes(entry), Contains("schedule.cron: 0 0 0 1 1 * > @every 7m"));
  EXPECT_THAT(Changes(entry), Contains("auth0.client_secret: ******** > ********"));
  EXPECT_THAT(Changes(entry), Contains("version: 1 > 2"));
  EXPECT_THAT(entry.DebugString(), Not(HasSubstr("4711")));
}

// Every RPC that writes: carried out, it is on record once, under its own name.
TEST_F(AuditTest, EveryWriteOfTheApiIsOnRecord) {
  server_->RefuseLog(server_->sandbox().LogIds()[3]);
  ASSERT_TRUE(Call("admin", "RunNow").ok());
  EXPECT_EQ(Newest().method(), "RunNow");
  const std::string run = Newest().changes(0).new_value();
  for (;;) {
    const auto report =
        Get<v1::GetReportResponse>("GetReport", absl::StrCat("run_id: '", run, "'"));
    if (report.report().state() == v1::RUN_STATE_SUCCEEDED) break;
    ASSERT_NE(report.report().state(), v1::RUN_STATE_FAILED) << report.DebugString();
  }
  server_->ClearFaults();
  const std::vector<std::pair<std::string, std::string>> calls = {
      {"SetCheckpoint", "earliest { }"},
      {"UpdateConfig", "config { auth0 { batch_size: 7 } }"},
      {"RollbackConfig", "version: 1"},
      {"ProbeExporter", ""},
      {"PauseExporter", ""},
      {"ResumeExporter", ""},
      {"TestNotification", ""},
      {"PurgeDeadLetters", "all: true"},
      {"CreateExporter", "exporter: 'second' config {" + server_->Config() + "}"},
      {"DeleteExporter", "exporter: 'second'"},
  };
  for (const auto& [method, text] : calls) {
    const std::int64_t before = Count();
    const ApiReply reply = Call("admin", method, text);
    ASSERT_TRUE(reply.ok()) << method << reply;
    const v1::AuditEntry entry = Newest();
    EXPECT_EQ(entry.sequence(), before + 1) << method;
    EXPECT_EQ(entry.method(), method);
    EXPECT_EQ(entry.outcome(), v1::AUDIT_OUTCOME_DONE) << method;
    EXPECT_FALSE(entry.changes().empty()) << method;
  }
  EXPECT_TRUE(Get<v1::VerifyAuditResponse>("VerifyAudit").intact());
}

// Every RPC of the API that a viewer may not call.
TEST_F(AuditTest, EveryCallThatIsRefusedForItsRoleIsOnRecord) {
  const google::protobuf::ServiceDescriptor* service =
      v1::RunNowRequest::descriptor()->file()->pool()->FindServiceByName(
          "logexport.v1.LogExportService");
  for (int n = 0; n < service->method_count(); ++n) {
    const std::string& method = service->method(n)->name();
    if (service->method(n)->options().GetExtension(v1::role) == v1::ROLE_VIEWER) continue;
    const std::int64_t before = Count();
    const ApiReply refused = Call("viewer", method);
    ASSERT_EQ(refused.code, grpc::StatusCode::PERMISSION_DENIED) << method;
    const v1::AuditEntry entry = Newest();
    EXPECT_EQ(entry.sequence(), before + 1) << method;
    EXPECT_EQ(entry.method(), method);
    EXPECT_EQ(entry.caller().name(), "vera");
    EXPECT_EQ(entry.outcome(), v1::AUDIT_OUTCOME_REFUSED);
    EXPECT_EQ(entry.error_reason(), "ROLE_REQUIRED");
    EXPECT_EQ(entry.call_id(), refused.request_id) << "by which the caller can ask about it";
  }
}

TEST_F(AuditTest, AStrangersGuessesAreOnRecordOnceAMinuteAndReadsAreNot) {
  const std::int64_t before = Count();
  for (int n = 0; n < 5; ++n) ASSERT_FALSE(Call("nobody", "GetStatus").ok());
  const v1::AuditEntry entry = Newest();
  EXPECT_EQ(entry.sequence(), before + 1);
  EXPECT_EQ(entry.error_reason(), "UNAUTHENTICATED");
  EXPECT_EQ(entry.caller().name(), "");
  EXPECT_EQ(entry.role(), v1::ROLE_UNSPECIFIED);
  EXPECT_THAT(entry.address(), StartsWith("ipv4:127.0.0.1:"));
  for (const char* method : {"GetStatus", "GetConfig", "GetReports", "ListHistory", "GetCaller"}) {
    ASSERT_TRUE(Call("viewer", method).ok());
  }
  ASSERT_FALSE(Call("viewer", "GetReports", "page_size: -1").ok());
  EXPECT_EQ(Count(), before + 1);
}

TEST_F(AuditTest, WhatWasAllowedAndFailedIsOnRecordAsThat) {
  ASSERT_FALSE(Call("operator", "CancelRun", "run_id: 'no-such-run' reason: 'oops'").ok());
  const v1::AuditEntry entry = Newest();
  EXPECT_EQ(entry.method(), "CancelRun");
  EXPECT_EQ(entry.outcome(), v1::AUDIT_OUTCOME_FAILED);
  EXPECT_EQ(entry.error_reason(), "RUN_NOT_FOUND");
  EXPECT_EQ(entry.reason(), "oops");
  EXPECT_EQ(entry.exporter(), "default");
  // A check writes nothing, and so it is no write.
  const std::int64_t before = Count();
  ASSERT_FALSE(Call("operator", "SetCheckpoint", "latest { } validate_only: true").ok());
  ASSERT_TRUE(Call("operator", "SetCheckpoint", "earliest { } validate_only: true").ok());
  EXPECT_EQ(Count(), before);
}

TEST_F(AuditTest, LogsThatAreShownAreOnRecord) {
  server_->RefuseLog(server_->sandbox().LogIds()[3]);
  const ApiReply run = Call("admin", "RunNow");
  ASSERT_TRUE(run.ok());
  server_->Call("WatchRun", "", {.token = "admin-token"});
  ASSERT_TRUE(Call("operator", "PreviewExport",
                   "max_logs: 3 after_log_id: '" + server_->sandbox().LogIds()[0] + "'")
                  .ok());
  v1::AuditEntry entry = Newest();
  EXPECT_EQ(entry.method(), "PreviewExport");
  EXPECT_EQ(entry.caller().name(), "oscar");
  EXPECT_THAT(Changes(entry), Contains("logs shown:  > 3"));
  const std::int64_t before = Count();
  ASSERT_TRUE(Call("viewer", "ListDeadLetters").ok());
  EXPECT_EQ(Count(), before) << "without the logs themselves";
  ASSERT_TRUE(Call("operator", "ListDeadLetters", "include_log: true").ok());
  entry = Newest();
  EXPECT_EQ(entry.method(), "ListDeadLetters");
  EXPECT_THAT(Changes(entry), Contains("logs shown:  > 1"));
  EXPECT_THAT(Changes(entry),
              Contains(absl::StrCat("first log:  > ", server_->sandbox().LogIds()[3])));
  ASSERT_FALSE(Call("viewer", "ListDeadLetters", "include_log: true").ok());
  EXPECT_EQ(Newest().outcome(), v1::AUDIT_OUTCOME_REFUSED);
}

// What cannot be put on record is not shown, and not done.
TEST(AuditOutageTest, WithoutTheEntryThereIsNoAnswerAndNoChange) {
  std::atomic<bool> broken{false};
  ApiServer server(AuditBreaksWhile(broken));
  broken = true;
  EXPECT_EQ(server.Call("PreviewExport").reason, "STORE_UNAVAILABLE");
  EXPECT_EQ(server.Call("PauseExporter").reason, "STORE_UNAVAILABLE");
  broken = false;
  EXPECT_FALSE(server.Get<v1::GetStatusResponse>("GetStatus").has_pause());
}

// The same for every call that writes.
TEST(AuditOutageTest, NoWriteIsDoneWithoutItsEntry) {
  std::atomic<bool> broken{false};
  ApiServer server(AuditBreaksWhile(broken));
  ASSERT_TRUE(server.Call("UpdateConfig", "config { auth0 { batch_size: 9 } }").ok());
  // All that a call could change, but the moments at which it is looked at.
  const auto state = [&] {
    auto status = server.Get<v1::GetStatusResponse>("GetStatus");
    auto reports = server.Get<v1::GetReportsResponse>("GetReports");
    return absl::StrCat(server.Get<v1::GetConfigResponse>("GetConfig").etag(),
                        status.checkpoint().version(), status.pause().DebugString(),
                        reports.total_size(),
                        server.Get<v1::ListExportersResponse>("ListExporters").exporters_size());
  };
  const std::string before = state();
  broken = true;
  for (const auto& [method, text] : std::vector<std::pair<std::string, std::string>>{
           {"RunNow", ""},
           {"SetCheckpoint", "earliest { }"},
           {"SetCheckpoint", "earliest { } run_now: true"},
           {"UpdateConfig", "config { auth0 { batch_size: 7 } }"},
           {"UpdateConfig", "config { start_from: 'earliest' }"},
           {"RollbackConfig", "version: 1"},
           {"ProbeExporter", ""},
           {"PauseExporter", ""},
           {"PurgeDeadLetters", "all: true"},
           {"CreateExporter", "exporter: 'second' config {" + server.Config() + "}"},
           {"DeleteExporter", "exporter: 'default'"},
           {"CreateLogin", ""},
           {"CreateLogin", "bearer: true"},
       }) {
    EXPECT_EQ(server.Call(method, text).reason, "STORE_UNAVAILABLE") << method << " " << text;
  }
  broken = false;
  EXPECT_EQ(state(), before);
}

TEST_F(AuditTest, AFloodOfRefusalsIsCountedAndNotWritten) {
  const std::int64_t before = Count();
  for (int n = 0; n < 150; ++n) ASSERT_FALSE(Call("viewer", "RunNow").ok());
  const std::int64_t recorded = Count() - before;
  EXPECT_GE(recorded, 100);
  EXPECT_LT(recorded, 150);
}

TEST_F(AuditTest, EntriesAreFilteredAndPagedAndOfADeletedExporterStay) {
  for (const char* reason : {"a", "b", "c"}) {
    ASSERT_TRUE(Call("operator", "PauseExporter", absl::StrCat("reason: '", reason, "'")).ok());
    ASSERT_TRUE(Call("admin", "ResumeExporter").ok());
  }
  std::vector<std::string> reasons;
  std::string token;
  do {
    const auto page = Get<v1::ListAuditResponse>(
        "ListAudit", absl::StrCat("methods: 'PauseExporter' callers: 'oscar' page_size: 2 "
                                  "page_token: '",
                                  token, "'"));
    EXPECT_LE(page.entries_size(), 2);
    for (const v1::AuditEntry& entry : page.entries()) reasons.push_back(entry.reason());
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_THAT(reasons, ElementsAre("c", "b", "a"));
  ASSERT_TRUE(Call("admin", "DeleteExporter", "exporter: 'default'").ok());
  EXPECT_EQ(
      Get<v1::ListAuditResponse>("ListAudit", "exporters: 'default' methods: 'DeleteExporter'")
          .entries_size(),
      1);
  EXPECT_EQ(Call("operator", "ListAudit").reason, "ROLE_REQUIRED");
}

TEST_F(AuditTest, AnEntryIsAnOcsfEvent) {
  ASSERT_FALSE(Call("viewer", "PauseExporter", "reason: 'x'").ok());
  ASSERT_TRUE(Call("admin", "PauseExporter", "reason: 'so \"quoted\"'").ok());
  const auto answer = Get<v1::ListAuditResponse>("ListAudit", "include_ocsf: true page_size: 2");
  ASSERT_EQ(answer.entries_size(), 2);
  const absl::StatusOr<JsonValue> done = JsonValue::Parse(answer.entries(0).ocsf_json());
  const absl::StatusOr<JsonValue> refused = JsonValue::Parse(answer.entries(1).ocsf_json());
  ASSERT_THAT(done, IsOk());
  ASSERT_THAT(refused, IsOk());
  // What the class API Activity requires.
  for (const char* field : {"activity_id", "category_uid", "class_uid", "type_uid", "severity_id",
                            "time", "metadata", "actor", "api", "src_endpoint"}) {
    EXPECT_NE(done->Find(field), nullptr) << field;
  }
  EXPECT_EQ((*done)["class_uid"].Int(), 6003);
  EXPECT_EQ((*done)["type_uid"].Int(), 600303);
  EXPECT_EQ((*done)["status_id"].Int(), 1);
  EXPECT_EQ((*done)["message"].String(), "so \"quoted\"");
  EXPECT_EQ((*done)["actor"]["user"]["name"].String(), "ada");
  EXPECT_EQ((*done)["api"]["operation"].String(), "PauseExporter");
  EXPECT_EQ((*done)["src_endpoint"]["ip"].String(), "127.0.0.1");
  EXPECT_GT((*done)["src_endpoint"]["port"].Int(), 0);
  EXPECT_EQ((*done)["resources"].items().at(0)["name"].String(), "default");
  EXPECT_EQ((*refused)["status_id"].Int(), 2);
  EXPECT_EQ((*refused)["status_code"].String(), "ROLE_REQUIRED");
  EXPECT_THAT(answer.entries(0).ocsf_json(), Not(HasSubstr("\n")));
}

TEST_F(AuditTest, AnAnchorIsCheckedAgainst) {
  ASSERT_TRUE(Call("admin", "PauseExporter").ok());
  const auto found = Get<v1::VerifyAuditResponse>("VerifyAudit");
  EXPECT_TRUE(found.intact());
  EXPECT_EQ(found.first_sequence(), 1);
  EXPECT_EQ(found.entries(), found.last_sequence());
  ASSERT_TRUE(Call("admin", "ResumeExporter").ok());
  EXPECT_TRUE(
      Get<v1::VerifyAuditResponse>("VerifyAudit", absl::StrCat("anchor: '", found.anchor(), "'"))
          .intact());
  std::string other = found.anchor();
  other.back() = other.back() == '0' ? '1' : '0';
  const auto wrong =
      Get<v1::VerifyAuditResponse>("VerifyAudit", absl::StrCat("anchor: '", other, "'"));
  EXPECT_FALSE(wrong.intact());
  ASSERT_THAT(wrong.problems(), SizeIs(1));
  EXPECT_EQ(wrong.problems(0).sequence(), found.last_sequence());
}

TEST_F(AuditTest, TheHistoryShowsEverythingAndTheAuditOnlyToAdmins) {
  ASSERT_TRUE(
      Call("admin", "UpdateConfig", "config { auth0 { batch_size: 7 } } reason: 'smaller'").ok());
  ASSERT_TRUE(Call("operator", "SetCheckpoint", "latest { } allow_skip: true reason: 'skip'").ok());
  ASSERT_TRUE(Call("operator", "PauseExporter", "reason: 'wait'").ok());
  ASSERT_TRUE(Call("operator", "RunNow", "reason: 'by hand'").ok());
  ASSERT_FALSE(Call("operator", "CancelRun", "run_id: 'no-such-run'").ok());
  const auto kinds = [&](const std::string& role, const std::string& text = "") {
    std::vector<v1::HistoryKind> found;
    const ApiReply reply = Call(role, "ListHistory", text);
    EXPECT_TRUE(reply.ok()) << reply;
    const auto history = reply.As<v1::ListHistoryResponse>();
    for (const v1::HistoryEntry& entry : history.entries()) {
      found.push_back(entry.kind());
    }
    return found;
  };
  EXPECT_THAT(kinds("viewer"),
              ElementsAre(v1::HISTORY_KIND_RUN, v1::HISTORY_KIND_PAUSE, v1::HISTORY_KIND_CHECKPOINT,
                          v1::HISTORY_KIND_CONFIGURATION, v1::HISTORY_KIND_CONFIGURATION));
  EXPECT_THAT(kinds("viewer", "kinds: HISTORY_KIND_AUDIT"), IsEmpty());
  EXPECT_THAT(kinds("operator"), Not(Contains(v1::HISTORY_KIND_AUDIT)));
  const auto all = Get<v1::ListHistoryResponse>("ListHistory");
  ASSERT_EQ(all.entries_size(), 6);
  EXPECT_EQ(all.entries(0).kind(), v1::HISTORY_KIND_AUDIT) << "one failure, and nothing twice";
  EXPECT_EQ(all.entries(0).summary(), "CancelRun failed: RUN_NOT_FOUND");
  EXPECT_EQ(all.entries(0).by().name(), "oscar");
  EXPECT_EQ(all.entries(1).reason(), "by hand");
  EXPECT_EQ(all.entries(2).summary(), "paused");
  EXPECT_EQ(all.entries(2).reason(), "wait");
  EXPECT_THAT(all.entries(3).summary(), HasSubstr("to latest"));
  EXPECT_EQ(all.entries(4).summary(), "version 2: auth0.batch_size (default) → 7");
  EXPECT_EQ(all.entries(4).by().name(), "ada");
  EXPECT_EQ(all.entries(4).config_version(), 2);
  EXPECT_EQ(all.entries(5).config_version(), 1);
}

TEST_F(AuditTest, TheStatusShowsWhatCallersUse) {
  ASSERT_FALSE(Call("nobody", "GetStatus").ok());
  const auto operators = Call("operator", "GetStatus").As<v1::GetStatusResponse>().caller_load();
  EXPECT_EQ(operators.failed_logins(), 1);
  EXPECT_GT(operators.calls_per_second_limit(), 0);
  EXPECT_GT(operators.open_calls_limit(), 0);
  EXPECT_GT(operators.open_watches_limit(), 0);
  ASSERT_EQ(operators.callers_size(), 1);
  EXPECT_EQ(operators.callers(0).caller(), "oscar");
  EXPECT_EQ(operators.callers(0).open_calls(), 1);
  const auto viewers = Call("viewer", "GetStatus").As<v1::GetStatusResponse>().caller_load();
  ASSERT_EQ(viewers.callers_size(), 1);
  EXPECT_EQ(viewers.callers(0).caller(), "") << "who else calls is not for everybody";
}

}  // namespace
}  // namespace logexport
