// Limits of both sides and of the run itself, through whole runs.

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/time_text.h"
#include "service/export/log.h"
#include "tests/auth0/tenant.h"
#include "tests/faults/whole_export.h"

namespace logexport {
namespace {

using sandbox::Endpoint;
using sandbox::EndpointSet;
using sandbox::FaultRule;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

FaultRule Answer(EndpointSet endpoints, int status, const std::string& retry_after = "") {
  FaultRule rule;
  rule.endpoints = endpoints;
  rule.status = status;
  if (!retry_after.empty()) rule.headers = {{"Retry-After", retry_after}};
  return rule;
}

class LimitsTest : public testing::Test {
 protected:
  LimitsTest() : export_(WholeExport::Tenant(250)) {
    export_.settings.segment.max_events_per_second = 50;
    export_.settings.segment.max_in_flight = 2;
    export_.Reconfigure();
  }

  absl::Duration Took(const RunRecord& run) const { return *run.ended - *run.started; }

  void ExpectTheNextRunCompletes() {
    export_.sandbox().ClearFaults();
    export_.clock().Advance(absl::Minutes(5));
    EXPECT_EQ(export_.Run().stop_reason, StopReason::kCaughtUp);
    EXPECT_THAT(export_.MissingLogs(), IsEmpty());
  }

  WholeExport export_;
};

// The run waits for as long as it may, and then is no success: what it had read is unsettled.
TEST_F(LimitsTest, ALimitOfSegmentsThatLastsFailsTheRunAndSaysWhatToDo) {
  FaultRule limit = Answer(Endpoint::kSegment, 429, "60");
  limit.skip = 1;
  export_.sandbox().AddFault(limit);
  const RunRecord run = export_.Run();
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_EQ(run.stop_reason, StopReason::kError);
  ASSERT_TRUE(run.error.has_value());
  EXPECT_EQ(run.error->origin, "SEGMENT");
  EXPECT_EQ(run.error->reason, "SEGMENT_RATE_LIMITED");
  EXPECT_TRUE(run.error->retryable);
  EXPECT_THAT(run.error->action,
              AllOf(HasSubstr("Nothing was skipped"), HasSubstr("SEGMENT_MAX_EVENTS_PER_SECOND")));
  EXPECT_GT(run.ledger.unsettled, 0);
  EXPECT_GE(Took(run), export_.settings.run.max_duration - absl::Minutes(1));
  EXPECT_LE(Took(run), export_.settings.run.max_duration + export_.settings.run.max_stall);
  EXPECT_GT(run.limit_wait, Took(run) / 2);
  ExpectTheNextRunCompletes();
}

// Six times longer than a run may stall.
TEST_F(LimitsTest, WaitsOnALimitAreNoStall) {
  for (const Endpoint endpoint : {Endpoint::kSegment, Endpoint::kLogsCheckpoint}) {
    FaultRule limit = Answer(endpoint, 429, "240");
    limit.times = 3;
    export_.sandbox().AddFault(limit);
    const RunRecord run = export_.Run();
    EXPECT_EQ(run.stop_reason, StopReason::kCaughtUp);
    EXPECT_GE(run.limit_wait, 2 * absl::Seconds(240));
    EXPECT_GE(run.retries, 2);
    export_.SetCheckpoint({Position::Kind::kEarliest, "", {}});
  }
}

// After limits that alone would have used up the patience many times over.
TEST_F(LimitsTest, AStallIsCountedWithoutTheWaitsOnLimits) {
  FaultRule limit = Answer(Endpoint::kSegment, 429, "240");
  limit.times = 4;
  export_.sandbox().AddFault(limit);
  export_.sandbox().AddFault(Answer(Endpoint::kSegment, 503, "50"));
  const RunRecord run = export_.Run();
  ASSERT_TRUE(run.error.has_value());
  EXPECT_EQ(run.error->reason, "SEGMENT_UNAVAILABLE");
  EXPECT_THAT(run.error->message, HasSubstr("tried "));
  const absl::Duration stalled = Took(run) - run.limit_wait;
  EXPECT_GT(stalled, export_.settings.run.max_stall - absl::Seconds(50));
  EXPECT_LE(stalled, export_.settings.run.max_stall);
  ExpectTheNextRunCompletes();
}

TEST_F(LimitsTest, ALimitOfAuth0sThatLastsEndsTheRunWithAllItReadSettled) {
  FaultRule limit = Answer(Endpoint::kLogsCheckpoint, 429, "7200");
  limit.skip = 1;
  export_.sandbox().AddFault(limit);
  const RunRecord run = export_.Run();
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(run.stop_reason, StopReason::kRateLimited);
  EXPECT_EQ(run.ledger.logs.accepted, 100);
  EXPECT_THAT(WarningsOf(run), Contains("RATE_LIMITED"));
  EXPECT_FALSE(export_.caught_up_at().has_value());
  // The limit holds for the runs after it, too, which do not even ask.
  const auto asked = export_.sandbox().stats().endpoints[Endpoint::kLogsCheckpoint].requests;
  export_.clock().Advance(absl::Minutes(5));
  const RunRecord next = export_.Run();
  EXPECT_EQ(next.stop_reason, StopReason::kRateLimited);
  EXPECT_EQ(next.state, RunState::kFailed);
  EXPECT_EQ(export_.sandbox().stats().endpoints[Endpoint::kLogsCheckpoint].requests, asked);
  export_.clock().Advance(absl::Hours(2));
  ExpectTheNextRunCompletes();
}

// Otherwise a limit that never lifts would look like an export that works.
TEST_F(LimitsTest, ARunThatALimitKeepsFromSettlingAnythingHasFailed) {
  EXPECT_EQ(export_.Run().state, RunState::kSucceeded);
  const ExporterRecord before = export_.record();
  const sandbox::EndpointSet limited[] = {Endpoint::kToken, Endpoint::kLogsCheckpoint};
  int failures = 0;
  for (const sandbox::EndpointSet& endpoint : limited) {
    FaultRule limit = Answer(Endpoint::kToken, 429, "3600");
    limit.endpoints = endpoint;
    export_.sandbox().AddFault(limit);
    export_.Reconfigure();  // a new token is needed
    for (int i = 0; i < 3; ++i) {
      export_.clock().Advance(absl::Hours(2));
      const RunRecord run = export_.Run();
      EXPECT_EQ(run.state, RunState::kFailed);
      EXPECT_EQ(run.stop_reason, StopReason::kRateLimited);
      ASSERT_TRUE(run.error.has_value());
      EXPECT_EQ(run.error->reason, "AUTH0_RATE_LIMITED");
      EXPECT_TRUE(run.error->retryable);
      EXPECT_FALSE(run.error->action.empty());
      EXPECT_EQ(export_.record().last_success, before.last_success);
      EXPECT_EQ(export_.record().consecutive_failures, ++failures);
    }
    export_.sandbox().ClearFaults();
  }
  ExpectTheNextRunCompletes();
  EXPECT_EQ(export_.record().consecutive_failures, 0);
}

// An hour is all the time that a run has, so that it would wait for nothing.
TEST_F(LimitsTest, AWaitThatOutlastsTheRunEndsItAtOnce) {
  for (const sandbox::EndpointSet& endpoint :
       {sandbox::EndpointSet(Endpoint::kToken), sandbox::EndpointSet(Endpoint::kLogsCheckpoint)}) {
    export_.sandbox().AddFault(Answer(endpoint, 429, "3600"));
    export_.Reconfigure();  // a new token is needed
    const RunRecord run = export_.Run();
    EXPECT_EQ(run.state, RunState::kFailed);
    ASSERT_TRUE(run.error.has_value());
    EXPECT_EQ(run.error->reason, "AUTH0_RATE_LIMITED");
    EXPECT_THAT(run.error->message, HasSubstr("a wait of 1h, which is more than the time"));
    EXPECT_LT(Took(run), absl::Seconds(10));
    export_.sandbox().ClearFaults();
  }
  // One that leaves some time is waited for, as long as Auth0 asks and not asking in between.
  FaultRule limit = Answer(Endpoint::kToken, 429, "3000");
  limit.times = 1;
  export_.sandbox().AddFault(limit);
  export_.Reconfigure();
  const RunRecord run = export_.Run();
  EXPECT_EQ(run.stop_reason, StopReason::kCaughtUp);
  EXPECT_EQ(run.retries, 1);
  EXPECT_GE(run.limit_wait, absl::Seconds(3000));
  ExpectTheNextRunCompletes();
}

// One new log in each run, and an answer that says that the log is at fault.
TEST_F(LimitsTest, ASegmentThatRefusesEverythingIsRecognisedAcrossRuns) {
  EXPECT_EQ(export_.Run().state, RunState::kSucceeded);
  export_.sandbox().AddFault(Answer(Endpoint::kSegment, 400));
  int failed = 0;
  for (int i = 0; i < 12; ++i) {
    const absl::Time time = export_.clock().Now();
    ASSERT_EQ(export_.sandbox().AddLogs(LogJson(IdAt(time), FormatTimestamp(time))).added, 1u);
    export_.clock().Advance(absl::Minutes(5));
    const RunRecord run = export_.Run();
    if (run.state != RunState::kFailed) continue;
    ++failed;
    ASSERT_TRUE(run.error.has_value());
    EXPECT_EQ(run.error->reason, "SEGMENT_REFUSES");
  }
  EXPECT_EQ(failed, 11);
  EXPECT_THAT(export_.dead_letters(), SizeIs(1));
  ExpectTheNextRunCompletes();
}

TEST_F(LimitsTest, ALimitOfAuth0sDoesNotHideThatSegmentFails) {
  for (const int status : {401, 503, 400}) {
    FaultRule limit = Answer(Endpoint::kLogsCheckpoint, 429, "7200");
    limit.skip = 1;
    export_.sandbox().AddFault(limit);
    export_.sandbox().AddFault(Answer(Endpoint::kSegment, status));
    // So that the source ends first.
    export_.sandbox().SetLatency(Endpoint::kSegment, absl::Milliseconds(50));
    const RunRecord run = export_.Run();
    EXPECT_EQ(run.state, RunState::kFailed);
    EXPECT_EQ(run.ledger.unsettled, 100);
    ASSERT_TRUE(run.error.has_value());
    EXPECT_EQ(run.error->origin, "SEGMENT");
    EXPECT_THAT(export_.dead_letters(), IsEmpty());
    export_.sandbox().SetLatency(Endpoint::kSegment, absl::ZeroDuration());
    export_.sandbox().ClearFaults();
    export_.clock().Advance(absl::Hours(3));
  }
  ExpectTheNextRunCompletes();
}

// As of a gateway with a smaller limit than Segment's.
TEST_F(LimitsTest, AnEventThatIsMoreThanTheEndpointTakesIsShortened) {
  FaultRule large = Answer(Endpoint::kSegment, 413);
  large.min_body_bytes = 16 << 10;
  export_.sandbox().AddFault(large);
  const absl::Time date = export_.clock().Now() - absl::Hours(1);
  const std::string id = SyntheticLogId(date);
  ASSERT_TRUE(export_.sandbox().AddRawLog(
      id, absl::StrCat(R"({"log_id":")", id, R"(","type":"s","date":")", FormatTimestamp(date),
                       R"(","user_id":"u","details":")", std::string(40 << 10, 'x'), R"("})")));
  const RunRecord run = export_.Run();
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_THAT(export_.dead_letters(), IsEmpty());
  EXPECT_THAT(WarningsOf(run), Contains("TRUNCATED"));
  EXPECT_THAT(export_.sandbox().AcceptedEvents(id), SizeIs(1));
}

struct Skew {
  absl::Duration of_auth0;
  bool warns;
};
class SkewTest : public testing::TestWithParam<Skew> {};

TEST_P(SkewTest, OfMoreThanFiveSecondsIsTold) {
  sandbox::SandboxOptions options = WholeExport::Tenant(50);
  options.clock_offset = GetParam().of_auth0;
  WholeExport whole(options);
  const RunRecord run = whole.Run();
  EXPECT_EQ(run.stop_reason, StopReason::kCaughtUp);
  EXPECT_THAT(whole.MissingLogs(), IsEmpty());
  const auto told = Contains("CLOCK_SKEW");
  if (!GetParam().warns) {
    EXPECT_THAT(WarningsOf(run), Not(told));
    return;
  }
  ASSERT_THAT(WarningsOf(run), told);
  for (const RunWarning& warning : run.warnings) {
    if (warning.code != "CLOCK_SKEW") continue;
    EXPECT_THAT(warning.message,
                HasSubstr(GetParam().of_auth0 > absl::ZeroDuration() ? "behind" : "ahead of"));
  }
}

INSTANTIATE_TEST_SUITE_P(Clocks, SkewTest,
                         testing::Values(Skew{absl::Seconds(0), false},
                                         Skew{absl::Seconds(4), false},
                                         Skew{absl::Seconds(-4), false},
                                         Skew{absl::Seconds(7), true},
                                         Skew{absl::Seconds(-7), true}, Skew{absl::Hours(30), true},
                                         Skew{absl::Hours(-30), true}));

}  // namespace
}  // namespace logexport
