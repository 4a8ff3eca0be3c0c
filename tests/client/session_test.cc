#include <chrono>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "client/cli/errors.h"
#include "tests/client/cli_fixture.h"
#include "tests/client/fake_service.h"

namespace logexport::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class SessionTest : public CliFixture {
 protected:
  SessionTest() { Serve(service_); }
  FakeService service_;
};

void OnATerminal(FakeTerminal& terminal) { terminal.tty = true; }

TEST_F(SessionTest, CallsAndPrintsTheAnswer) {
  const CliResult result = Run({"run-now", "--max-logs", "10", "--reason", "test"});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_THAT(result.out, HasSubstr("run-7"));
  EXPECT_THAT(result.out, HasSubstr("disposition  started"));
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(service_.last_run().max_logs(), 10);
  EXPECT_EQ(service_.last_run().request_id(), "request-1");
}

// Scripts look at the status alone.
TEST_F(SessionTest, AnAnswerThatSaysItFailedEndsWithAnError) {
  const CliResult refused = Run({"test-notification"});
  EXPECT_EQ(refused.code, kExitLocal);
  EXPECT_THAT(refused.out, HasSubstr("no_service"));
  EXPECT_EQ(Run({"test-notification", "-o", "json"}).code, kExitLocal);
  EXPECT_EQ(Run({"test-notification", "--reason", "works"}).code, kExitOk);
}

TEST_F(SessionTest, PrintsTheFormatThatIsAskedFor) {
  EXPECT_EQ(YAML::Load(Run({"run-now", "-o", "json"}).out)["run"]["runId"].as<std::string>(),
            "run-7");
  EXPECT_EQ(YAML::Load(Run({"run-now", "-o", "yaml"}).out)["run"]["runId"].as<std::string>(),
            "run-7");
  const std::string line = Run({"run-now", "-o", "jsonl"}).out;
  EXPECT_EQ(line.find('\n'), line.size() - 1);
}

TEST_F(SessionTest, AFileThatCannotBeReadIsSaid) {
  for (const char* path : {"/no/such/file", "/usr"}) {
    const CliResult result = Run({"update-config", "--segment.write-key-file", path});
    EXPECT_EQ(result.code, kExitLocal) << path;
    EXPECT_THAT(result.err, HasSubstr(std::string("cannot read ") + path));
  }
}

TEST_F(SessionTest, SendsTheTokenWithEveryCall) {
  const std::string path = WriteFile("token", "abc\n");
  EXPECT_EQ(Run({"get-status", "--token-file", path}).code, kExitOk);
  EXPECT_EQ(service_.last_authorization(), "Bearer abc");
  EXPECT_EQ(Run({"get-status"}).code, kExitOk);
  EXPECT_EQ(service_.last_authorization(), "");
}

TEST_F(SessionTest, SendsNoTokenUnencrypted) {
  const std::string path = WriteFile("token", "abc\n");
  const CliResult refused =
      Run({"get-status", "--token-file", path, "--plaintext", "--server", "far:1"});
  EXPECT_THAT(refused.err, HasSubstr("without encryption"));
  EXPECT_EQ(refused.code, kExitUsage);
  EXPECT_EQ(service_.last_authorization(), "");
  EXPECT_EQ(Run({"get-status", "--token-file", path, "--plaintext"}).err, "");
}

TEST_F(SessionTest, TheVerdictComesFirstAndIsAnExitCodeForScripts) {
  struct Case {
    v1::Health health;
    std::string line;
    int code;
  };
  v1::Verdict& verdict = *service_.status_response.mutable_verdict();
  verdict.set_summary("the last run failed");
  verdict.set_action("set the secret");
  for (const Case& test :
       {Case{v1::HEALTH_WELL, "WELL: the last run failed. To do: set the secret\n", kExitOk},
        Case{v1::HEALTH_ATTENTION, "ATTENTION: the last run failed. To do: set the secret\n",
             kExitAttention},
        Case{v1::HEALTH_FAILING, "FAILING: the last run failed. To do: set the secret\n",
             kExitFailing}}) {
    verdict.set_health(test.health);
    const CliResult checked = Run({"get-status", "--check"});
    EXPECT_EQ(checked.out.substr(0, test.line.size()), test.line);
    EXPECT_EQ(checked.code, test.code);
    EXPECT_EQ(Run({"get-status"}).code, kExitOk) << "only --check makes it an exit code";
    EXPECT_EQ(Run({"get-status", "--check", "-o", "json"}).code, test.code);
  }
  service_.status_response.clear_verdict();
  const CliResult old = Run({"get-status", "--check"});
  EXPECT_EQ(old.code, kExitLocal);
  EXPECT_THAT(old.err, HasSubstr("older than this program"));
  EXPECT_EQ(Run({"run-now", "--check"}).code, kExitUsage);
}

TEST_F(SessionTest, TheVerdictIsColouredOnATerminalThatShowsColours) {
  service_.status_response.mutable_verdict()->set_health(v1::HEALTH_FAILING);
  const auto colour = [](FakeTerminal& terminal) { terminal.tty = terminal.colours = true; };
  EXPECT_THAT(Run({"get-status"}, colour).out, HasSubstr("\x1b[1;31mFAILING"));
  EXPECT_THAT(Run({"get-status"}, OnATerminal).out, Not(HasSubstr("\x1b")));
}

TEST_F(SessionTest, AsksBeforeAWindowIsSentAgain) {
  const std::vector<std::string> window = {"run-now", "--window.start", "2026-11-22"};
  EXPECT_EQ(Run(window).code, kExitUsage);
  EXPECT_THAT(service_.calls(), IsEmpty());
  const CliResult asked = Run(window, [](FakeTerminal& terminal) {
    terminal.tty = true;
    terminal.answers = {"no"};
  });
  EXPECT_THAT(asked.err, HasSubstr("Nothing was done."));
  EXPECT_THAT(service_.calls(), ElementsAre("RunNow?"));  // what it would cost
  for (const char* harmless : {"--yes", "--dry-run", "--validate-only"}) {
    std::vector<std::string> args = window;
    args.push_back(harmless);
    EXPECT_EQ(Run(args).code, kExitOk) << harmless;
  }
  EXPECT_EQ(Run({"run-now"}).code, kExitOk);
}

TEST_F(SessionTest, ListsOnATerminalWhatFitsIt) {
  service_.AddReports(100);
  const CliResult result = Run({"get-reports"}, [](FakeTerminal& terminal) {
    terminal.tty = true;
    terminal.rows = 24;
  });
  EXPECT_EQ(service_.report_requests().back().page_size(), 15);
  EXPECT_THAT(result.err, HasSubstr("15 of 100 shown; --limit N shows more"));
  Run({"get-reports"});
  EXPECT_EQ(service_.report_requests().back().page_size(), 50);
}

TEST_F(SessionTest, ReadsAsManyPagesAsItTakes) {
  service_.AddReports(1234);
  const CliResult result = Run({"get-reports", "--limit", "0", "-o", "jsonl"});
  EXPECT_EQ(result.code, kExitOk);
  const std::vector<std::string> lines = absl::StrSplit(result.out, '\n', absl::SkipEmpty());
  EXPECT_EQ(lines.size(), 1234u);
  EXPECT_THAT(lines.back(), HasSubstr("100000001233"));
  EXPECT_EQ(service_.report_requests().size(), 3u);
  EXPECT_EQ(service_.report_requests()[0].page_size(), 500);
  EXPECT_EQ(result.err, "");
}

TEST_F(SessionTest, StopsAtTheLimitAndSaysThatThereIsMore) {
  service_.AddReports(1234);
  CliResult result = Run({"get-reports", "-o", "jsonl"});
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 50);
  EXPECT_THAT(result.err, HasSubstr("50 of 1,234 shown; --limit N shows more, --limit 0 all."));
  result = Run({"get-reports", "-o", "jsonl", "--limit", "700"});
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 700);
  EXPECT_EQ(service_.report_requests().back().page_size(), 200);
}

TEST_F(SessionTest, MakesOneCallWhenPagingIsDoneByHand) {
  service_.AddReports(100);
  const CliResult result =
      Run({"get-reports", "--page-size", "10", "--page-token", "90", "-o", "json"});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_EQ(YAML::Load(result.out)["reports"].size(), 10u);
  EXPECT_EQ(service_.report_requests().size(), 1u);
}

TEST_F(SessionTest, FitsTheScreenOnATerminalAndNotInAPipe) {
  service_.AddReports(3);
  const CliResult narrow = Run({"get-reports"}, OnATerminal);
  for (const std::string& line : std::vector<std::string>(absl::StrSplit(narrow.out, '\n'))) {
    EXPECT_LE(line.size(), 80u) << line;
  }
  EXPECT_THAT(Run({"get-reports"}).out, HasSubstr("TRIGGER"));
}

TEST_F(SessionTest, RefusesColumnsThatDoNotExist) {
  service_.AddReports(1);
  const CliResult result = Run({"get-reports", "--columns", "state,nonsense"});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("there is no field 'nonsense'"));
}

TEST_F(SessionTest, DestructiveCallsAreRefusedWhenNobodyCanBeAsked) {
  const CliResult result = Run({"set-checkpoint", "--earliest"});
  EXPECT_EQ(result.code, kExitUsage);
  EXPECT_THAT(result.err, HasSubstr("--yes"));
  EXPECT_THAT(service_.calls(), IsEmpty());
}

TEST_F(SessionTest, DestructiveCallsGoAheadWithYes) {
  EXPECT_EQ(Run({"set-checkpoint", "--earliest", "--yes"}).code, kExitOk);
  ASSERT_EQ(service_.set_checkpoints().size(), 1u);
  EXPECT_FALSE(service_.set_checkpoints()[0].validate_only());
}

TEST_F(SessionTest, DestructiveCallsShowTheOutcomeAndAsk) {
  service_.checkpoint_response.set_direction(v1::CHECKPOINT_DIRECTION_REWIND);
  const CliResult result = Run({"set-checkpoint", "--earliest"}, [](FakeTerminal& terminal) {
    terminal.tty = true;
    terminal.answers = {"y"};
  });
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_THAT(result.err, HasSubstr("direction  rewind"));
  ASSERT_EQ(service_.set_checkpoints().size(), 2u);
  EXPECT_TRUE(service_.set_checkpoints()[0].validate_only());
  // One id stands for one request: the trial must not use up the id of the real one.
  EXPECT_EQ(service_.set_checkpoints()[0].request_id(), "");
  EXPECT_FALSE(service_.set_checkpoints()[1].validate_only());
  EXPECT_EQ(service_.set_checkpoints()[1].request_id(), "request-1");
}

TEST_F(SessionTest, SettingsThatRepeatOrSkipDataAsk) {
  const std::vector<std::vector<std::string>> settings = {{"--start-from", "-2h"},
                                                          {"--auth0.domain", "b.eu.auth0.com"},
                                                          {"--auth0.audience", "https://b/api/v2/"},
                                                          {"--new-message-namespace"}};
  for (std::vector<std::string> args : settings) {
    SCOPED_TRACE(args[0]);
    const std::size_t calls = service_.calls().size();
    args.insert(args.begin(), "update-config");
    CliResult result = Run(args);
    EXPECT_EQ(service_.calls().size(), calls);
    EXPECT_EQ(result.code, kExitUsage);
    EXPECT_THAT(result.err, HasSubstr("--yes"));
    result = Run(args, [](FakeTerminal& terminal) {
      terminal.tty = true;
      terminal.answers = {"n"};
    });
    EXPECT_EQ(result.code, kExitLocal);
    EXPECT_TRUE(service_.last_update().validate_only());
    args.emplace_back("--yes");
    EXPECT_EQ(Run(args).code, kExitOk);
    EXPECT_FALSE(service_.last_update().validate_only());
  }
  EXPECT_EQ(Run({"update-config", "--json",
                 R"({"config": {"startFrom": "earliest"}, "updateMask": "startFrom"})"})
                .code,
            kExitUsage);
  // What has exported nothing yet cannot repeat anything, and what repeats nothing is not asked.
  EXPECT_NE(Run({"create-exporter", "b", "--start-from", "latest"}).code, kExitUsage);
  EXPECT_EQ(Run({"update-config", "--auth0.batch-size", "50"}).code, kExitOk);
}

// Also on a small screen.
TEST_F(SessionTest, EveryWarningIsShownBeforeItIsAsked) {
  service_.update_warnings = {"SEGMENT_MAY_DROP_REPEATS: Segment may drop what it has already.",
                              "START_LOG_UNKNOWN: Auth0 does not have the log 900X"};
  const CliResult result =
      Run({"update-config", "--start-from", "-2h"}, [](FakeTerminal& terminal) {
        terminal.tty = true;
        terminal.rows = 12;
        terminal.answers = {"n"};
      });
  EXPECT_THAT(result.err, AllOf(HasSubstr("SEGMENT_MAY_DROP_REPEATS"), HasSubstr("This would be"),
                                HasSubstr("\n                START_LOG_UNKNOWN")));
}

TEST_F(SessionTest, NothingIsDoneWithoutAClearYes) {
  for (const char* answer : {"", "n", "nope", "ye"}) {
    const CliResult result = Run({"delete-exporter", "prod"}, [&](FakeTerminal& terminal) {
      terminal.tty = true;
      terminal.answers = {answer};
    });
    EXPECT_EQ(result.code, kExitLocal) << answer;
    EXPECT_THAT(result.err, HasSubstr("Nothing was done."));
    EXPECT_THAT(result.err, Not(HasSubstr("DEAD_LETTERS_LEFT")));
    for (const auto& line : std::vector<std::string>(absl::StrSplit(result.err, '\n'))) {
      EXPECT_LE(line.size(), 80u) << line;
    }
  }
  EXPECT_EQ(Run({"delete-exporter", "prod"}, OnATerminal).code, kExitLocal);  // end of input
  EXPECT_THAT(service_.calls(), IsEmpty());
}

TEST_F(SessionTest, ValidateOnlyAsksNothing) {
  EXPECT_EQ(Run({"purge-dead-letters", "--all", "--validate-only"}).code, kExitOk);
  EXPECT_THAT(service_.calls(), ElementsAre("PurgeDeadLetters?"));
}

TEST_F(SessionTest, EveryCommandAcceptsYes) {
  EXPECT_EQ(Run({"get-status", "--yes"}).code, kExitOk);
  EXPECT_EQ(Run({"-y", "run-now"}).code, kExitOk);
}

TEST_F(SessionTest, PrintRequestSendsNothingAndHidesSecrets) {
  const std::string path = WriteFile("key", "s3cr3t");
  const CliResult result = Run({"update-config", "--segment.write-key-file", path,
                                "--schedule.cron", "@hourly", "--print-request"});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_THAT(service_.calls(), IsEmpty());
  EXPECT_THAT(result.out, Not(HasSubstr("s3cr3t")));
  EXPECT_THAT(result.out, HasSubstr("\"updateMask\": \"schedule.cron,segment.writeKey\""));
  EXPECT_THAT(result.out, HasSubstr("\ngrpcurl -plaintext -d '{\"config\":"));
}

TEST_F(SessionTest, VerboseSaysWhatIsSentWithoutSecrets) {
  const std::string path = WriteFile("key", "s3cr3t");
  const CliResult result =
      Run({"update-config", "--segment.write-key-file", path, "-v", "-o", "json"});
  EXPECT_THAT(result.err, HasSubstr("/logexport.v1.LogExportService/UpdateConfig {"));
  EXPECT_THAT(result.err, HasSubstr("\"updateMask\":\"segment.writeKey\""));
  EXPECT_THAT(result.err, Not(HasSubstr("s3cr3t")));
  EXPECT_EQ(service_.last_update().config().segment().write_key(), "s3cr3t");
}

TEST_F(SessionTest, WritesSayHowTimesWereUnderstood) {
  EXPECT_THAT(Run({"set-checkpoint", "--time", "yesterday 14:00", "--yes"}).err,
              HasSubstr("--time is 2026-11-22T14:00:00Z (22h ago)"));
}

TEST_F(SessionTest, ExitCodesTellWhatWentWrong) {
  EXPECT_EQ(Run({}).code, kExitUsage);
  EXPECT_EQ(Run({"nonsense"}).code, kExitUsage);
  EXPECT_EQ(Run({"get-status", "--token-file", "/no/such/file"}).code, kExitRpc + 5);
  EXPECT_EQ(Run({"update-config", "--segment.write-key-file", "/no/such/file"}).code, kExitLocal);
  for (const auto code : {grpc::StatusCode::NOT_FOUND, grpc::StatusCode::ABORTED,
                          grpc::StatusCode::UNAUTHENTICATED, grpc::StatusCode::UNIMPLEMENTED}) {
    service_.FailNext({code, "no"});
    EXPECT_EQ(Run({"get-status"}).code, 64 + static_cast<int>(code));
  }
}

TEST_F(SessionTest, ErrorsNameTheFlagsThatAreWrong) {
  google::rpc::ErrorInfo info;
  info.set_reason("INVALID_FIELD");
  info.set_domain("logexport");
  google::rpc::BadRequest bad_request;
  auto* violation = bad_request.add_field_violations();
  violation->set_field("config.schedule.cron");
  violation->set_description("minute 61 is not 0 to 59");
  violation = bad_request.add_field_violations();
  violation->set_field("config.privacy.rules[2].path");
  violation->set_description("is empty");
  service_.FailNext(FakeService::Error(grpc::StatusCode::INVALID_ARGUMENT, "two fields are wrong",
                                       {&info, &bad_request}),
                    2);
  const CliResult result = Run({"update-config", "--schedule.cron", "61 * * * *"});
  EXPECT_EQ(result.code, 67);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err,
            "logexportctl: two fields are wrong [INVALID_ARGUMENT, INVALID_FIELD]\n"
            "  --schedule.cron: minute 61 is not 0 to 59\n"
            "  --privacy.rules[2].path: is empty\n");
  const CliResult json = Run({"update-config", "--schedule.cron", "61 * * * *", "-o", "json"});
  EXPECT_EQ(json.out, "");
  const YAML::Node error = YAML::Load(json.err)["error"];
  EXPECT_EQ(error["code"].as<std::string>(), "INVALID_ARGUMENT");
  EXPECT_EQ(error["reason"].as<std::string>(), "INVALID_FIELD");
  EXPECT_EQ(error["violations"][0]["flag"].as<std::string>(), "--schedule.cron");
}

TEST_F(SessionTest, AnUnknownOutcomeOfAWriteIsSaidWithTheWayToRepeatIt) {
  service_.FailNext({grpc::StatusCode::UNKNOWN, "gone"});
  EXPECT_THAT(Run({"run-now"}).err, HasSubstr("--request-id request-1 does it at most once"));
  service_.FailNext({grpc::StatusCode::UNKNOWN, "gone"});
  EXPECT_THAT(Run({"get-status"}).err, Not(HasSubstr("--request-id")));
}

TEST_F(SessionTest, RepeatsACallWhileTheServiceIsUnavailable) {
  service_.FailNext({grpc::StatusCode::UNAVAILABLE, "restarting"});
  EXPECT_EQ(Run({"run-now"}).code, kExitOk);
  EXPECT_THAT(service_.calls(), ElementsAre("RunNow", "RunNow"));
}

TEST_F(SessionTest, TellsWhereItConnects) {
  environment_["LOGEXPORT_SERVER"] = "exporter.example:443";
  EXPECT_EQ(Run({"get-status", "--tls-ca", "/ca.pem"}).code, kExitOk);
  EXPECT_EQ(last_connection_.server, "exporter.example:443");
  EXPECT_EQ(last_connection_.ca_file, "/ca.pem");
  EXPECT_EQ(last_connection_.transport, client::ConnectionOptions::Transport::kAuto);
}

TEST_F(SessionTest, PrintsItsVersion) { EXPECT_EQ(Run({"--version"}).out, "logexportctl 1.2.3\n"); }

}  // namespace
}  // namespace logexport::cli
