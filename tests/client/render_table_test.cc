#include "client/cli/render_table.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_split.h"
#include "absl/time/civil_time.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/text_table.h"
#include "logexport/v1/service.pb.h"
#include "tests/client/fake_service.h"

namespace logexport::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TableStyle Style(std::size_t width = 80) {
  TableStyle style;
  style.width = width;
  style.now = absl::FromCivil(absl::CivilSecond(2026, 11, 23, 12, 0, 0), absl::UTCTimeZone());
  style.zone = absl::UTCTimeZone();
  return style;
}

std::string Render(const google::protobuf::Message& message, const TableStyle& style = Style()) {
  const auto text = RenderTable(message, style);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

v1::GetReportsResponse Reports() {
  v1::GetReportsResponse response;
  *response.add_reports() =
      FakeService::MakeReport("019355d0-1111-7000-8000-100000000001", v1::RUN_STATE_SUCCEEDED);
  *response.add_reports() =
      FakeService::MakeReport("019355d0-2222-7000-8000-100000000002", v1::RUN_STATE_FAILED);
  response.mutable_reports(1)->mutable_ledger()->set_dead_lettered(2);
  response.mutable_reports(1)->set_stop_reason(v1::STOP_REASON_ERROR);
  response.set_total_size(2);
  return response;
}

TEST(RenderTableTest, ShowsAListAsATableOfEightyColumns) {
  EXPECT_EQ(Render(Reports()),
            "RUN ID         STATE      START   STOP REASON  FETCHED  DEAD LETTERED  ACCEPTED\n"
            "019355d0-1111  succeeded  5m ago                12,345              0    12,340\n"
            "019355d0-2222  failed     5m ago  error         12,345              2    12,340\n");
}

TEST(RenderTableTest, RunIdsStayLongEnoughToBeToldApart) {
  auto reports = Reports();
  reports.mutable_reports(1)->set_run_id("019355d0-1111-7000-8000-100000000002");
  const std::string table = Render(reports);
  EXPECT_THAT(table, HasSubstr("019355d0-1111-7000-8000-100000000001"));
  reports.mutable_reports(1)->set_run_id("019355d0-1111-7001-8000-100000000002");
  EXPECT_THAT(Render(reports), HasSubstr("019355d0-1111-7001  "));
  // Without a screen there is nothing to fit.
  EXPECT_THAT(Render(Reports(), Style(0)), HasSubstr("019355d0-1111-7000-8000-100000000001"));
}

TEST(RenderTableTest, LogIdsAreShortenedWhereTheyTakeTheRoomOfOtherColumns) {
  v1::ListCheckpointsResponse response;
  v1::CheckpointChange& change = *response.add_changes();
  change.set_from("90020261122005102123000000000000000000000000000000001234");
  change.set_to("earliest");
  change.set_direction(v1::CHECKPOINT_DIRECTION_REWIND);
  change.mutable_changed_by()->set_name("alice@laptop");
  change.set_reason("lost events");
  change.mutable_change_time()->set_seconds(1795435200 - 300);
  EXPECT_EQ(Render(response),
            "CHANGE  FROM                    TO        DIRECTION  CHANGED BY    REASON\n"
            "5m ago  90020261122005102…1234  earliest  rewind     alice@laptop  lost events\n");
}

TEST(RenderTableTest, ProseInAListIsWrappedWhereTheScreenHasRoom) {
  v1::ListDeadLettersResponse response;
  v1::DeadLetter& letter = *response.add_dead_letters();
  letter.set_log_id("1");
  letter.set_reason("SEGMENT_REJECTED");
  for (int i = 0; i < 20; ++i) letter.mutable_message()->append("word" + std::to_string(i) + " ");
  TableStyle style = Style();
  EXPECT_THAT(Render(response, style), HasSubstr("…"));
  style.height = 20;
  EXPECT_THAT(Render(response, style), AllOf(HasSubstr("word19"), Not(HasSubstr("…"))));
  style.height = 2;
  EXPECT_THAT(Render(response, style), HasSubstr("…"));
}

TEST(RenderTableTest, ACompactAnswerHidesNoCheckpointThatIsStillToBeFound) {
  v1::SetCheckpointResponse response;
  response.mutable_previous()->set_log_id(
      "90020261122005102123000000000000000000000000000000001234");
  response.mutable_checkpoint()->mutable_pending()->mutable_earliest();
  for (int i = 0; i < 30; ++i) response.add_warnings()->set_code("CODE" + std::to_string(i));
  TableStyle style = Style();
  style.height = 15;
  EXPECT_THAT(Render(response, style),
              AllOf(HasSubstr("90020261122005102…1234"), HasSubstr("earliest")));
}

TEST(RenderTableTest, SaysWhoIsOnlyWhatHeSaysHeIs) {
  v1::GetReportResponse response;
  v1::Requester& requester = *response.mutable_report()->mutable_requester();
  requester.set_name("alice@laptop");
  EXPECT_THAT(Render(response), HasSubstr("alice@laptop (claimed)\n"));
  requester.set_verified(true);
  EXPECT_THAT(Render(response), HasSubstr("alice@laptop\n"));
}

TEST(RenderTableTest, AnAnswerTallerThanTheScreenLeavesDetailsOut) {
  v1::GetReportResponse response;
  v1::Report& report = *response.mutable_report();
  report = FakeService::MakeReport("019355d0-1111-7000-8000-100000000001", v1::RUN_STATE_SUCCEEDED);
  report.set_pages(124);
  report.set_sequence(7);
  for (int i = 0; i < 30; ++i) {
    v1::TypeCount& type = *report.add_by_type();
    type.set_type("type" + std::to_string(i));
    type.set_fetched(30 - i);
  }
  TableStyle style = Style();
  EXPECT_THAT(Render(response, style), AllOf(HasSubstr("pages"), HasSubstr("type29")));
  style.height = 20;
  const std::string text = Render(response, style);
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 20) << text;
  EXPECT_THAT(text, HasSubstr("12,345 fetched  0 dead lettered  12,340 accepted"));
  EXPECT_THAT(text, HasSubstr("type0 "));
  EXPECT_THAT(text, HasSubstr("more\n"));
  EXPECT_THAT(text, HasSubstr("-o yaml shows everything"));
  EXPECT_THAT(text, Not(HasSubstr("sequence")));
}

TEST(RenderTableTest, ShowsMoreColumnsWhereThereIsRoom) {
  const std::string table = Render(Reports(), Style(0));
  EXPECT_THAT(table, HasSubstr("11-23 11:55 (5m ago)"));
  EXPECT_THAT(table, HasSubstr("STOP REASON"));
  EXPECT_THAT(table, HasSubstr("TRIGGER"));
}

TEST(RenderTableTest, NoLineIsWiderThanTheScreen) {
  auto reports = Reports();
  *reports.mutable_last_run() = reports.reports(1);
  reports.mutable_last_run()->set_reason(std::string(200, 'x'));
  for (const std::size_t width : {60u, 80u, 120u}) {
    for (const std::string& line :
         std::vector<std::string>(absl::StrSplit(Render(reports, Style(width)), '\n'))) {
      EXPECT_LE(DisplayWidth(line), width) << line;
    }
  }
}

TEST(RenderTableTest, ShowsTheColumnsThatAreAskedFor) {
  TableStyle style = Style();
  style.columns = {"state", "ledger.accepted", "requester"};
  EXPECT_EQ(Render(Reports(), style),
            "STATE      ACCEPTED  REQUESTER\n"
            "succeeded    12,340\n"
            "failed       12,340\n");
  style.columns = {"state", "ledger.deadLettered", "runId", "run-id"};
  EXPECT_THAT(Render(Reports(), style), HasSubstr("STATE      DEAD LETTERED  RUN ID"));
  style.columns = {"ledger.accepted.more"};
  EXPECT_FALSE(RenderTable(Reports(), style).ok());
  style.columns = {"STATE", "RUN ID", "ledger.DEAD_LETTERED", "start"};
  EXPECT_TRUE(RenderTable(Reports(), style).ok());
  style.columns = {"stat"};
  EXPECT_THAT(std::string(RenderTable(Reports(), style).status().message()),
              HasSubstr("did you mean state?"));
  style.columns = {"nonsense"};
  EXPECT_THAT(RenderTable(Reports(), style).status().message(),
              HasSubstr("there is no field 'nonsense'"));
}

TEST(RenderTableTest, SaysThatAListIsEmpty) {
  EXPECT_EQ(Render(v1::GetReportsResponse()), "No reports.\n");
  EXPECT_EQ(Render(v1::ListDeadLettersResponse()), "No dead letters.\n");
}

TEST(RenderTableTest, ShowsOneObjectAsLabelsAndValues) {
  v1::GetReportResponse response;
  auto& report = *response.mutable_report();
  report = FakeService::MakeReport("run-1", v1::RUN_STATE_FAILED);
  report.mutable_requester()->set_name("alice");
  report.mutable_limit_wait()->set_seconds(90);
  auto* type = report.add_by_type();
  type->set_type("s");
  type->set_fetched(1200);
  type->set_accepted(1200);
  (*report.mutable_filtered_by_reason())["types"] = 5;
  auto* warning = report.add_warnings();
  warning->set_code("CLOCK_SKEW");
  warning->set_message("the clock is 7 s off");
  warning->set_count(1);
  auto& error = *report.mutable_error();
  error.set_origin(v1::ERROR_ORIGIN_AUTH0);
  error.set_reason("AUTH0_FORBIDDEN");
  error.set_message("Auth0 refused the token");
  error.set_retryable(true);
  const std::string text = Render(response);
  EXPECT_THAT(text, HasSubstr("run id              run-1\n"));
  EXPECT_THAT(text, HasSubstr("state               failed\n"));
  EXPECT_THAT(text, HasSubstr("requester           alice\n"));
  EXPECT_THAT(text, HasSubstr("start time          2026-11-23 11:55:00 +00:00 (5m ago)\n"));
  EXPECT_THAT(text, HasSubstr("limit wait          1m30s\n"));
  EXPECT_THAT(text, HasSubstr("ledger\n  fetched          12,345\n"));
  EXPECT_THAT(text, HasSubstr("  dead lettered    0\n"));  // zero counts are worth saying
  EXPECT_THAT(text, HasSubstr("by type\n  TYPE  FETCHED"));
  EXPECT_THAT(text, HasSubstr("filtered by reason  types 5\n"));
  EXPECT_THAT(text, HasSubstr("warnings\n  CODE        COUNT  MESSAGE\n  CLOCK_SKEW      1  the "));
  EXPECT_THAT(text, HasSubstr("error\n  origin     auth0\n"));
  EXPECT_THAT(text, HasSubstr("  retryable  yes\n"));
  EXPECT_THAT(text, Not(HasSubstr("end time")));     // not set
  EXPECT_THAT(text, Not(HasSubstr("stop reason")));  // unspecified
}

TEST(RenderTableTest, ShowsALargeObjectInsideAnotherOnOneLine) {
  v1::RunNowResponse response;
  *response.mutable_run() = FakeService::MakeReport("run-1", v1::RUN_STATE_RUNNING);
  response.set_disposition(v1::RUN_DISPOSITION_STARTED);
  EXPECT_EQ(Render(response),
            "run          run-1  running  5m ago  12,345 fetched  0 dead lettered\n"
            "disposition  started\n");
}

TEST(RenderTableTest, ShowsBelowARunOnOneLineWhyItFailedAndWhatToDo) {
  v1::GetStatusResponse status;
  v1::Report& run = *status.mutable_last_run();
  run = FakeService::MakeReport("019355d0-1111-7000-8000-100000000001", v1::RUN_STATE_FAILED);
  run.mutable_error()->set_origin(v1::ERROR_ORIGIN_SEGMENT);
  run.mutable_error()->set_reason("SEGMENT_CREDENTIALS_REJECTED");
  run.mutable_error()->set_action(
      "Check the key of the source, which must be one that is enabled in its workspace.");
  EXPECT_THAT(
      Render(status),
      HasSubstr("000001  failed  5m ago\n"
                "  error\n"
                "    origin  segment\n"
                "    reason  SEGMENT_CREDENTIALS_REJECTED\n"
                "    action  Check the key of the source, which must be one that is enabled in\n"
                "            its workspace.\n"));
  run.clear_error();
  EXPECT_THAT(Render(status), Not(HasSubstr("error")));
}

TEST(RenderTableTest, WrapsWhatAWarningSays) {
  v1::GetReportResponse answer;
  v1::RunWarning& warning = *answer.mutable_report()->add_warnings();
  warning.set_code("REPLAY_BEYOND_DEDUPE");
  warning.set_count(1);
  warning.set_message("logs are sent again that Segment may have got more than 24 hours ago");
  EXPECT_THAT(Render(answer), HasSubstr("  CODE                  COUNT  MESSAGE\n"
                                        "  REPLAY_BEYOND_DEDUPE      1  logs are sent again that "
                                        "Segment may have got\n"
                                        "                               more than 24 hours ago\n"));
}

TEST(RenderTableTest, ShowsEventsBesideTheLogTheyCameFrom) {
  v1::PreviewExportResponse response;
  auto& log = *response.add_logs();
  log.set_log_id("900123");
  log.set_type("s");
  log.set_outcome(v1::PREVIEW_OUTCOME_SEND);
  log.set_log_json(R"({"type":"s","n":1.0})");
  log.add_events_json(R"({"event":"Success Login"})");
  EXPECT_EQ(Render(response),
            "900123  s  send\n"
            "  log\n"
            "    {\n"
            "      \"type\": \"s\",\n"
            "      \"n\": 1.0\n"
            "    }\n"
            "  events\n"
            "    {\n"
            "      \"event\": \"Success Login\"\n"
            "    }\n");
}

TEST(RenderTableTest, DataCannotSteerTheTerminal) {
  v1::GetReportResponse response;
  response.mutable_report()->set_reason("\x1b[2J\x1b[31mgone");
  EXPECT_EQ(Render(response).find('\x1b'), std::string::npos);
  v1::PreviewExportResponse preview;
  preview.add_logs()->set_log_json("{\"a\":\"\x1b[2J\"}");
  EXPECT_EQ(Render(preview).find('\x1b'), std::string::npos);
}

TEST(RenderTableTest, ShowsNumbersOfValuesThatANewerServiceKnows) {
  v1::PauseExporterResponse response;
  response.set_state(static_cast<v1::ExporterState>(77));
  EXPECT_THAT(Render(response), HasSubstr("value 77"));
}

TEST(RenderTableTest, ShowsWhichSettingsAreSetToNothing) {
  v1::GetConfigResponse response;
  response.mutable_config()->mutable_slack()->set_send_success(false);
  response.mutable_config()->mutable_run()->set_max_logs(0);
  const std::string text = Render(response);
  EXPECT_THAT(text, HasSubstr("send success  no\n"));
  EXPECT_THAT(text, HasSubstr("max logs  0\n"));
}

}  // namespace
}  // namespace logexport::cli
