// Every fault at every endpoint, through whole runs: how the run ends, that nothing is lost by it,
// and that the next run completes the export. What is expected is in fault_matrix.tsv.

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/errors.pb.h"
#include "tests/faults/whole_export.h"
#include "tests/support/paths.h"
#include "tests/support/raw_server.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using sandbox::Endpoint;
using sandbox::EndpointSet;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// Enough for every stage to be at work when the fault strikes.
constexpr std::size_t kLogs = 250;
constexpr std::size_t kFirstPage = 100;
// What a peer that does not answer is given, of the 30 or 60 seconds that it costs the run.
constexpr absl::Duration kPatience = absl::Milliseconds(150);

struct Case {
  std::string fault;
  std::string how;
  std::string endpoint;
  bool lasting = false;
  std::string end;  // as in the table

  std::string name() const {
    std::string endpoint_name = endpoint;
    endpoint_name[0] = static_cast<char>(endpoint_name[0] - 'a' + 'A');
    return absl::StrCat(endpoint_name, fault, lasting ? "Lasting" : "Once");
  }
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.how << ": " << c.end; }
};

std::vector<Case> ReadMatrix() {
  const std::string text = ReadFile(SourcePath("tests/faults/fault_matrix.tsv"));
  std::vector<std::string> columns;
  std::vector<Case> cases;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    if (absl::StartsWith(line, "#")) continue;
    const std::vector<std::string> fields = absl::StrSplit(line, '\t');
    if (columns.empty()) {
      columns = fields;
      continue;
    }
    for (std::size_t i = 2; i < fields.size(); ++i) {
      const std::pair<std::string, std::string> ends = absl::StrSplit(fields[i], ' ');
      cases.push_back({fields[0], fields[1], columns.at(i), false, ends.first});
      cases.push_back({fields[0], fields[1], columns.at(i), true, ends.second});
    }
  }
  return cases;
}

EndpointSet EndpointsOf(absl::string_view column) {
  if (column == "token") return Endpoint::kToken;
  if (column == "logs") return Endpoint::kLogsCheckpoint;
  if (column == "log") return Endpoint::kLog;
  if (column == "users") return sandbox::kAnyUsers;
  EXPECT_EQ(column, "batch");
  return Endpoint::kSegment;
}

// Whom a detour leads to.
class WrongPeer {
 public:
  explicit WrongPeer(absl::string_view how) {
    if (how == "@refused") {
      authority_ = absl::StrCat("http://127.0.0.1:", UnusedPort());
    } else if (how == "@not_taken") {
      full_.emplace();
      authority_ = absl::StrCat("http://127.0.0.1:", full_->port());
    } else {
      TlsIdentityOptions options;
      if (how == "@expired") options.not_after = absl::Now() - absl::Hours(1);
      if (how == "@other_name") options.names = {"other.example"};
      server_ =
          std::make_unique<RawServer>(AnswerEach(RawResponse(200, "[]")), MakeTlsIdentity(options));
      authority_ = absl::StrCat("https://localhost:", server_->port());
    }
  }

  const std::string& authority() const { return authority_; }

 private:
  std::optional<FullListener> full_;
  std::unique_ptr<RawServer> server_;
  std::string authority_;
};

class FaultMatrixTest : public testing::TestWithParam<Case> {
 protected:
  FaultMatrixTest() : export_(WholeExport::Tenant(kLogs)) {
    export_.settings.profile.enabled = GetParam().endpoint == "users";
    // Several batches, sent side by side.
    export_.settings.segment.max_events_per_second = 50;
    export_.settings.segment.max_in_flight = 2;
    export_.Reconfigure();
    ids_ = export_.sandbox().LogIds();
    // A run that begins with a log itself reads that one by its id.
    if (GetParam().endpoint == "log") {
      export_.SetCheckpoint({Position::Kind::kAt, ids_.front(), {}});
    }
  }

  void LetItStrike() {
    const Case& c = GetParam();
    const bool begins_well = c.lasting && (c.endpoint == "logs" || c.endpoint == "batch");
    DetourTransport::Detour detour;
    detour.endpoints = EndpointsOf(c.endpoint);
    detour.skip = begins_well ? 1 : 0;
    detour.times = c.lasting ? 0 : 1;
    if (absl::StartsWith(c.how, "@")) {
      peer_.emplace(c.how);
      detour.authority = peer_->authority();
      if (c.how == "@not_taken") detour.patience = kPatience;
      export_.detours().Set(std::move(detour));
      return;
    }
    ASSERT_OK_AND_ASSIGN(sandbox::FaultPlan plan, sandbox::ParseFaultPlan(c.how));
    ASSERT_THAT(plan.rules, SizeIs(1));
    sandbox::FaultRule& rule = plan.rules.front();
    rule.endpoints = detour.endpoints;
    rule.skip = begins_well ? 1 : 0;
    rule.times = c.lasting ? 0 : 1;
    if (rule.action == sandbox::FaultAction::kHang || rule.action == sandbox::FaultAction::kDrip) {
      detour.patience = kPatience;
      export_.detours().Set(std::move(detour));
    }
    export_.sandbox().ApplyFaults(std::move(plan));
  }

  void ExpectEnd(const RunRecord& run) {
    EXPECT_THAT(std::vector<std::string>(absl::StrSplit(GetParam().end, '|')), Contains(EndOf(run)))
        << (run.error.has_value() ? run.error->message : "");
    EXPECT_EQ(export_.caught_up_at().has_value(), run.stop_reason == StopReason::kCaughtUp);
    const bool succeeded = run.state == RunState::kSucceeded;
    EXPECT_EQ(export_.record().last_success.has_value(), succeeded);
    EXPECT_EQ(export_.record().consecutive_failures, succeeded ? 0 : 1);
    if (!run.error.has_value()) return;
    EXPECT_EQ(run.error->origin, GetParam().endpoint == "batch" ? "SEGMENT" : "AUTH0");
    EXPECT_THAT(run.error->message, Not(IsEmpty()));
    EXPECT_THAT(run.error->action, Not(IsEmpty()));
    for (const std::string& secret :
         {export_.settings.auth0.client_secret, export_.settings.segment.write_key}) {
      EXPECT_THAT(run.error->message, Not(HasSubstr(secret)));
    }
  }

  // In the words of the table.
  std::string EndOf(const RunRecord& run) {
    const std::size_t dead_letters = export_.dead_letters().size();
    const bool warned = testing::Value(WarningsOf(run), Contains("PROFILES_UNAVAILABLE"));
    std::string end(StopReasonName(run.stop_reason));
    if (run.state == RunState::kFailed &&
        (run.stop_reason == StopReason::kError || run.stop_reason == StopReason::kRateLimited)) {
      end = run.error.has_value() ? run.error->reason : "no error";
      v1::RunErrorReason documented;
      if (!v1::RunErrorReason_Parse("RUN_ERROR_REASON_" + end, &documented)) end += " undocumented";
      if (run.error.has_value() && run.error->retryable) end += "*";
    } else if (run.state != RunState::kSucceeded || run.error.has_value()) {
      end += " in the wrong state";
    } else if (run.stop_reason == StopReason::kCaughtUp && warned && dead_letters == 0) {
      return "WARNED";
    } else if (run.stop_reason == StopReason::kCaughtUp && !warned && dead_letters == 1) {
      return "SPARED";
    }
    if (warned) end += " warned";
    if (dead_letters > 0) absl::StrAppend(&end, " with ", dead_letters, " dead letters");
    return end;
  }

  // Nothing else was sent in a log's name, which nobody could take back.
  void ExpectEventsOfTheirLogs() {
    for (const auto& event : export_.sandbox().AcceptedEvents()) {
      const std::optional<std::string> log = export_.sandbox().LogById(event.log_id);
      ASSERT_TRUE(log.has_value()) << event.raw;
      ASSERT_THAT(*log, HasSubstr(absl::StrCat("\"date\":\"", event.timestamp, "\""))) << event.raw;
    }
  }

  WholeExport export_;
  std::vector<std::string> ids_;
  std::optional<WrongPeer> peer_;
};

TEST_P(FaultMatrixTest, EndsAsItShouldAndLosesNothing) {
  const Case& c = GetParam();
  LetItStrike();
  const RunRecord run = export_.Run();
  ExpectEnd(run);
  if (c.endpoint == "logs" && c.lasting && run.state == RunState::kFailed) {
    // What was read before is settled.
    EXPECT_EQ(run.ledger.logs.accepted, static_cast<std::int64_t>(kFirstPage));
    EXPECT_EQ(export_.checkpoint().position.id, ids_[kFirstPage - 1]);
  }

  export_.sandbox().ClearFaults();
  export_.detours().Clear();
  export_.clock().Advance(absl::Minutes(5));
  const RunRecord next = export_.Run();
  EXPECT_EQ(next.state, RunState::kSucceeded);
  EXPECT_EQ(next.stop_reason, StopReason::kCaughtUp);
  EXPECT_THAT(export_.MissingLogs(), IsEmpty());
  EXPECT_EQ(export_.checkpoint().position.id, ids_.back());
  ExpectEventsOfTheirLogs();
}

INSTANTIATE_TEST_SUITE_P(Matrix, FaultMatrixTest, testing::ValuesIn(ReadMatrix()),
                         [](const testing::TestParamInfo<Case>& c) { return c.param.name(); });

}  // namespace
}  // namespace logexport
