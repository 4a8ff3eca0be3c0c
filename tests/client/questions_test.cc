// Questions of somebody who operates the service. Each has one command whose whole answer fits a
// screen of 80 columns and 24 rows, with the command line above it and the prompt below it.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "client/cli/errors.h"
#include "client/cli/text_table.h"
#include "logexport/v1/service.grpc.pb.h"
#include "tests/client/cli_fixture.h"
#include "tests/client/question_answers.h"
#include "tests/support/paths.h"

namespace logexport::cli {
namespace {

template <typename Message>
Message Parsed(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

class AnsweringService : public v1::LogExportService::Service {
 public:
  v1::GetStatusResponse status = Parsed<v1::GetStatusResponse>(kStatus);
  v1::Report report = Parsed<v1::Report>(kHealthyRun);

  grpc::Status ListHistory(grpc::ServerContext*, const v1::ListHistoryRequest*,
                           v1::ListHistoryResponse* response) override {
    *response = Parsed<v1::ListHistoryResponse>(kChanges);
    return grpc::Status::OK;
  }
  grpc::Status ListDeadLetters(grpc::ServerContext*, const v1::ListDeadLettersRequest*,
                               v1::ListDeadLettersResponse* response) override {
    *response = Parsed<v1::ListDeadLettersResponse>(kRefused);
    return grpc::Status::OK;
  }
  grpc::Status SetCheckpoint(grpc::ServerContext*, const v1::SetCheckpointRequest* request,
                             v1::SetCheckpointResponse* response) override {
    EXPECT_TRUE(request->validate_only());
    *response = Parsed<v1::SetCheckpointResponse>(kCost);
    return grpc::Status::OK;
  }
  grpc::Status RunNow(grpc::ServerContext*, const v1::RunNowRequest* request,
                      v1::RunNowResponse* response) override {
    EXPECT_EQ(request->window().start().seconds(), 1795356000);
    EXPECT_EQ(request->window().end().seconds(), 1795359600);
    if (request->validate_only()) {
      *response->mutable_estimate() =
          Parsed<v1::ReplayEstimate>("logs: 5120 exact: true duration { seconds: 11 }");
      return grpc::Status::OK;
    }
    *response->mutable_run() = Parsed<v1::Report>(kReplay);
    response->mutable_run()->set_state(v1::RUN_STATE_RUNNING);
    response->set_disposition(v1::RUN_DISPOSITION_STARTED);
    return grpc::Status::OK;
  }
  grpc::Status WatchRun(grpc::ServerContext*, const v1::WatchRunRequest*,
                        grpc::ServerWriter<v1::WatchRunResponse>* writer) override {
    v1::WatchRunResponse last;
    last.set_phase(v1::WATCH_PHASE_FINAL);
    *last.mutable_report() = Parsed<v1::Report>(kReplay);
    writer->Write(last);
    return grpc::Status::OK;
  }
  grpc::Status GetStatus(grpc::ServerContext*, const v1::GetStatusRequest*,
                         v1::GetStatusResponse* response) override {
    *response = status;
    return grpc::Status::OK;
  }
  grpc::Status GetReport(grpc::ServerContext*, const v1::GetReportRequest*,
                         v1::GetReportResponse* response) override {
    *response->mutable_report() = report;
    return grpc::Status::OK;
  }
  grpc::Status GetCaller(grpc::ServerContext*, const v1::GetCallerRequest*,
                         v1::GetCallerResponse* response) override {
    *response = Parsed<v1::GetCallerResponse>(R"pb(
      caller { name: "alice@laptop" }
      role: ROLE_ADMIN
      service_version: "1.2.3"
      service_time { seconds: 1795435200 }
    )pb");
    return grpc::Status::OK;
  }
  grpc::Status ProbeExporter(grpc::ServerContext*, const v1::ProbeExporterRequest*,
                             v1::ProbeExporterResponse* response) override {
    *response = Parsed<v1::ProbeExporterResponse>(R"pb(
      probes { name: "auth0.token" state: PROBE_STATE_PASSED message: "Auth0 gives a token" }
      probes { name: "auth0.logs" state: PROBE_STATE_PASSED message: "logs may be read" }
      probes { name: "auth0.users" state: PROBE_STATE_SKIPPED message: "profiles are not enabled" }
      probes {
        name: "segment.reachable"
        state: PROBE_STATE_WARNING
        message: "the endpoint answers; Segment accepts wrong write keys too, so look for the first events in its debugger"
      }
      probes {
        name: "slack"
        state: PROBE_STATE_SKIPPED
        message: "a webhook is configured; no message was sent, since that was not asked for"
      }
    )pb");
    return grpc::Status::OK;
  }
};

class QuestionsTest : public CliFixture {
 protected:
  QuestionsTest() {
    Serve(service_);
    context_.diagnose = [](const client::ConnectionOptions&) {
      return client::Diagnosis{client::Diagnosis::Finding::kSpeaksPlaintext, ""};
    };
    for (v1::Report* run :
         {service_.status.mutable_last_run(), service_.status.mutable_last_success()}) {
      *run = service_.report;
    }
    SetVerdict(v1::HEALTH_WELL, "the last successful run ended 2m57s ago with nothing left to read",
               "");
  }

  void SetVerdict(v1::Health health, const std::string& summary, const std::string& action) {
    v1::Verdict& verdict = *service_.status.mutable_verdict();
    verdict.set_health(health);
    verdict.set_summary(summary);
    verdict.set_action(action);
  }

  // After a change on purpose, run with LOGEXPORT_UPDATE_GOLDEN=1 and look at the difference.
  void ExpectAnswer(const std::vector<std::string>& args, const std::string& name,
                    int code = kExitOk) {
    const CliResult result = Run(args, [](FakeTerminal& terminal) {
      terminal.tty = true;
      terminal.redraws = false;
      terminal.rows = 24;
    });
    EXPECT_EQ(result.code, code) << result.err;
    const std::string screen = result.err + result.out;
    const std::vector<std::string> lines = absl::StrSplit(screen, '\n');
    for (const std::string& line : lines) EXPECT_LE(DisplayWidth(line), 80U) << line;
    EXPECT_LE(lines.size() + 1, 24U) << screen;  // the last part is the prompt's line

    const std::string path = SourcePath("tests/client/golden/question-" + name + ".txt");
    if (std::getenv("LOGEXPORT_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(path, std::ios::binary) << screen;
    }
    std::ifstream file(path, std::ios::binary);
    ASSERT_TRUE(file) << path;
    const std::string expected((std::istreambuf_iterator<char>(file)),
                               std::istreambuf_iterator<char>());
    EXPECT_EQ(screen, expected) << "run with LOGEXPORT_UPDATE_GOLDEN=1 if this is on purpose";
  }

  AnsweringService service_;
};

TEST_F(QuestionsTest, IsItWorkingHowFarBehindAndWhenNext) {
  ExpectAnswer({"get-status"}, "working");
}

TEST_F(QuestionsTest, WhatIsItDoingNow) {
  v1::Report& active = *service_.status.mutable_active_run();
  active = service_.report;
  active.set_state(v1::RUN_STATE_RUNNING);
  active.clear_end_time();
  active.clear_stop_reason();
  service_.status.set_state(v1::EXPORTER_STATE_RUNNING);
  SetVerdict(v1::HEALTH_WELL, "a run is at work and has exported 110 logs so far", "");
  ExpectAnswer({"get-status"}, "doing-now");
}

TEST_F(QuestionsTest, WhatFailedAndWhatToDo) {
  *service_.status.mutable_last_run() = Parsed<v1::Report>(kFailedRun);
  service_.status.set_state(v1::EXPORTER_STATE_FAILING);
  service_.status.set_consecutive_failures(3);
  SetVerdict(v1::HEALTH_FAILING, "the last 3 runs failed: Segment refused the write key (401)",
             "Set segment.write_key to the write key of the source.");
  ExpectAnswer({"get-status"}, "failed");
  service_.report = Parsed<v1::Report>(kFailedRun);
  ExpectAnswer({"get-report"}, "failed-run");
}

TEST_F(QuestionsTest, WhoChangedWhat) {
  ExpectAnswer({"history", "--kinds", "configuration,checkpoint,pause"}, "changed");
}

TEST_F(QuestionsTest, WhatWasRefusedAndWhy) { ExpectAnswer({"list-dead-letters"}, "refused"); }

TEST_F(QuestionsTest, WhatWouldAReplayCost) {
  ExpectAnswer({"set-checkpoint", "--time", "yesterday 14:00", "--validate-only"}, "cost");
  ExpectAnswer({"run-now", "--window.start", "yesterday 14:00", "--window.end", "yesterday 15:00",
                "--validate-only"},
               "window-cost");
}

TEST_F(QuestionsTest, ReplayYesterdayFourteenToFifteen) {
  ExpectAnswer({"run-now", "--window.start", "yesterday 14:00", "--window.end", "yesterday 15:00",
                "--reason", "the warehouse lost them", "--wait", "--yes"},
               "replay");
}

TEST_F(QuestionsTest, IsTheConfigurationRight) { ExpectAnswer({"doctor"}, "doctor"); }

}  // namespace
}  // namespace logexport::cli
