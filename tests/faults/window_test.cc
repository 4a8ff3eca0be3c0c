// A window that is exported again, over the real adapters: beside the export, not part of it.

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/time_text.h"
#include "tests/auth0/tenant.h"
#include "tests/faults/whole_export.h"

namespace logexport {
namespace {

using sandbox::Endpoint;
using testing::IsEmpty;

class WindowTest : public testing::Test {
 protected:
  // Two hours of logs, each 20 s; the ids are a few seconds later than the dates.
  WindowTest() : export_(WholeExport::Tenant(0)) {
    export_.settings.segment.max_events_per_second = 50;
    export_.settings.completeness.window_lateness = absl::Minutes(1);
    export_.Reconfigure();
    std::string lines;
    for (int i = 0; i < kLogs; ++i) {
      absl::StrAppend(
          &lines, LogJson(IdAt(DateOf(i) + absl::Seconds(3)), FormatTimestamp(DateOf(i))), "\n");
    }
    EXPECT_EQ(export_.sandbox().AddLogs(lines).added, static_cast<std::size_t>(kLogs));
  }

  absl::Time DateOf(int log) const { return begin_ + log * absl::Seconds(20); }

  RunRecord Replay(absl::Time start, absl::Time end) {
    return export_.Run([&](RunRecord& run, ExporterSettings&) {
      run.parameters.kind = RunKind::kWindow;
      run.parameters.window = TimeWindow{start, end};
      run.trigger = Trigger::kReplay;
    });
  }

  // What only runs of the export itself may change.
  void ExpectUntouched(const ExporterRecord& before, const Checkpoint& checkpoint) {
    const ExporterRecord after = export_.record();
    EXPECT_EQ(after.last_run_id, before.last_run_id);
    EXPECT_EQ(after.last_success_id, before.last_success_id);
    EXPECT_EQ(after.last_success, before.last_success);
    EXPECT_EQ(after.last_caught_up, before.last_caught_up);
    EXPECT_EQ(after.consecutive_failures, before.consecutive_failures);
    EXPECT_EQ(export_.checkpoint().position, checkpoint.position);
    EXPECT_EQ(export_.checkpoint().version, checkpoint.version);
    EXPECT_EQ(export_.checkpoint().log_time, checkpoint.log_time);
  }

  static constexpr int kLogs = 360;
  WholeExport export_;
  const absl::Time begin_ = export_.clock().Now() - absl::Hours(3);
};

TEST_F(WindowTest, SendsWhatIsDatedInItAndCountsTheRestAsOutside) {
  export_.Run([](RunRecord& run, ExporterSettings&) { run.parameters.max_logs = 330; });
  const ExporterRecord before = export_.record();
  const Checkpoint checkpoint = export_.checkpoint();
  const absl::Duration lag = *export_.Lag();
  const absl::Time then = export_.clock().Now();

  // From the start, which is in it, to the end, which is not.
  const RunRecord run = Replay(DateOf(30), DateOf(240));
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(run.stop_reason, StopReason::kCaughtUp);
  EXPECT_EQ(run.ledger.logs.accepted, 210);
  EXPECT_EQ(run.ledger.logs.filtered, run.ledger.filtered_by_reason.at("OUTSIDE_WINDOW"));
  EXPECT_GT(run.ledger.logs.filtered, 0);
  // Read on until ids are window_lateness past the end, and not to the end of all logs.
  EXPECT_LT(run.ledger.logs.fetched, 330);
  EXPECT_EQ(export_.sandbox().stats().duplicates, 210u);
  EXPECT_GE(run.window_cursor, IdAt(DateOf(240) + absl::Seconds(3)));
  EXPECT_EQ(run.checkpoint_after, checkpoint.position);

  ExpectUntouched(before, checkpoint);
  EXPECT_EQ(export_.Lag(), lag + (export_.clock().Now() - then));
  // The export goes on where it was.
  EXPECT_EQ(export_.Run().ledger.logs.fetched, 30);
  EXPECT_THAT(export_.MissingLogs(), IsEmpty());
}

TEST_F(WindowTest, TheLagOfACheckpointThatWasMovedBackIsThatOfTheCheckpoint) {
  export_.Run();
  ASSERT_LT(*export_.Lag(), absl::Minutes(1));
  export_.SetCheckpoint({Position::Kind::kEarliest, "", {}});
  export_.Run([](RunRecord& run, ExporterSettings&) { run.parameters.max_logs = 50; });
  EXPECT_GE(*export_.Lag(), export_.clock().Now() - DateOf(50));
  export_.Run();
  EXPECT_LT(*export_.Lag(), absl::Minutes(1));
}

// Where ids carry no time, a window ends by the dates of its logs.
TEST(UntimedWindowTest, IsReadToItsEndAlthoughALogIsDatedAhead) {
  constexpr int kLogs = 150;
  WholeExport exporter(WholeExport::Tenant(0));
  const absl::Time begin = exporter.clock().Now() - absl::Hours(3);
  std::string lines;
  for (int i = 0; i < kLogs; ++i) {
    // The last one of the first page.
    const absl::Time date = begin + (i == 100 ? absl::Hours(50'000) : i * absl::Seconds(20));
    absl::StrAppend(&lines, LogJson(absl::StrFormat("4957%052d", i), FormatTimestamp(date)), "\n");
  }
  ASSERT_EQ(exporter.sandbox().AddLogs(lines).added, static_cast<std::size_t>(kLogs));
  const RunRecord run = exporter.Run([&](RunRecord& record, ExporterSettings&) {
    record.parameters.kind = RunKind::kWindow;
    record.parameters.window = TimeWindow{begin, begin + absl::Hours(1)};
    record.trigger = Trigger::kReplay;
  });
  EXPECT_EQ(run.ledger.logs.accepted, kLogs - 1);
  EXPECT_EQ(run.ledger.filtered_by_reason.at("OUTSIDE_WINDOW"), 1);
}

TEST_F(WindowTest, ThatFailsKeepsItsOwnCursorAndIsNoFailureOfTheExport) {
  export_.Run();
  const ExporterRecord before = export_.record();
  const Checkpoint checkpoint = export_.checkpoint();
  sandbox::FaultRule refusal;
  refusal.endpoints = Endpoint::kSegment;
  refusal.status = 401;
  refusal.skip = 1;
  export_.sandbox().AddFault(refusal);
  export_.settings.segment.max_in_flight = 1;
  const RunRecord run = Replay(DateOf(0), DateOf(300));
  EXPECT_EQ(run.state, RunState::kFailed);
  EXPECT_EQ(run.ledger.logs.accepted, 50);
  EXPECT_GT(run.ledger.unsettled, 0);
  EXPECT_EQ(run.window_cursor, IdAt(DateOf(49) + absl::Seconds(3)));
  ExpectUntouched(before, checkpoint);
}

TEST_F(WindowTest, WithoutAnyLogMovesNothing) {
  export_.Run();
  const ExporterRecord before = export_.record();
  const Checkpoint checkpoint = export_.checkpoint();
  const RunRecord run = Replay(begin_ - absl::Hours(2), begin_ - absl::Hours(1));
  EXPECT_EQ(run.state, RunState::kSucceeded);
  EXPECT_EQ(run.ledger.logs.accepted, 0);
  EXPECT_EQ(run.ledger.unsettled, 0);
  ExpectUntouched(before, checkpoint);
}

TEST_F(WindowTest, ADryRunMovesNothingAndSendsNothing) {
  export_.Run([](RunRecord& run, ExporterSettings&) { run.parameters.max_logs = 100; });
  const ExporterRecord before = export_.record();
  const Checkpoint checkpoint = export_.checkpoint();
  const RunRecord run =
      export_.Run([](RunRecord& r, ExporterSettings&) { r.parameters.kind = RunKind::kDryRun; });
  EXPECT_EQ(run.stop_reason, StopReason::kCaughtUp);
  EXPECT_EQ(run.ledger.logs.accepted, kLogs - 100);
  EXPECT_EQ(export_.sandbox().stats().events_accepted, 100u);
  ExpectUntouched(before, checkpoint);
}

TEST_F(WindowTest, IsReadBeyondItsEndAsFarAsLogsMayBeLate) {
  export_.settings.completeness.window_lateness = absl::Minutes(30);
  export_.Run();
  const RunRecord run = Replay(DateOf(30), DateOf(150));
  EXPECT_EQ(run.ledger.logs.accepted, 120);
  EXPECT_GE(run.window_cursor, IdAt(DateOf(150) + absl::Minutes(30)));
  EXPECT_LT(run.ledger.logs.fetched, kLogs - 30);
}

}  // namespace
}  // namespace logexport
