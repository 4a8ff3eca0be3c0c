// Logs that become visible hours after their neighbours were exported, over the real adapters.

#include <cstdint>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/time_text.h"
#include "service/export/log.h"
#include "tests/auth0/tenant.h"
#include "tests/faults/whole_export.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

using testing::IsEmpty;

sandbox::SandboxOptions TenantWithLateLogs(double rate, std::uint64_t seed) {
  sandbox::SandboxOptions options = WholeExport::Tenant(0);
  options.generator.seed = seed;
  options.generator.late_rate = rate;
  options.generator.late_by = absl::Hours(40);
  return options;
}

// What runs that read logs again did.
struct ReadAgain {
  std::int64_t pages = 0;
  std::int64_t late = 0;
  std::uint64_t bytes = 0;  // that Auth0 and Segment answered

  ReadAgain& operator+=(const ReadAgain& more) {
    pages += more.pages;
    late += more.late;
    bytes += more.bytes;
    return *this;
  }
};

class LateLogsTest : public testing::Test {
 protected:
  explicit LateLogsTest(double late_rate = 0.01)
      : seed_(RandomSeed()), export_(TenantWithLateLogs(late_rate, seed_)) {
    export_.has_late_logs = true;
  }

  // Reads again until nothing is due.
  ReadAgain ReadDue() {
    ReadAgain done;
    const std::uint64_t before = export_.sandbox().stats().http.bytes_out;
    while (export_.StretchIsDue()) {
      const RunRecord run = export_.Run([](RunRecord& record, ExporterSettings&) {
        record.parameters.kind = RunKind::kCompleteness;
      });
      EXPECT_EQ(run.state, RunState::kSucceeded) << DescribeError(run);
      done.pages += run.pages;
      done.late += run.ledger.logs.settled();
    }
    done.bytes += export_.sandbox().stats().http.bytes_out - before;
    return done;
  }

  static std::string DescribeError(const RunRecord& run) {
    return run.error.has_value() ? run.error->message : "";
  }

  // An hour passes with `logs` new logs.
  void PassHour(std::size_t logs) {
    const absl::Time hour = export_.clock().Now();
    export_.clock().Advance(absl::Hours(1) + absl::Minutes(1));
    if (logs > 0) export_.sandbox().GenerateLogs(logs, hour, absl::Minutes(59));
  }

  // Adds one log with that time and its id; answers the id.
  std::string AddLog(absl::Time time) {
    const std::string id = IdAt(time);
    EXPECT_EQ(export_.sandbox().AddLogs(LogJson(id, FormatTimestamp(time)) + "\n").added, 1u);
    return id;
  }

  std::int64_t Accepted(const std::string& id) {
    return static_cast<std::int64_t>(
        export_.sandbox().AcceptedEvents(id, /*with_duplicates=*/true).size());
  }

  const std::uint64_t seed_;
  WholeExport export_;
};

TEST_F(LateLogsTest, AllOfThemArriveOnceAtTheCostOfOneRequestForEachPageAndAge) {
  constexpr int kHours = 50;
  constexpr std::size_t kLogsPerHour = 300;
  ReadAgain done;
  const auto hour = [&](std::size_t logs) {
    PassHour(logs);
    EXPECT_EQ(export_.Run().state, RunState::kSucceeded);
    done += ReadDue();
  };
  for (int i = 0; i < kHours; ++i) hour(kLogsPerHour);
  for (int i = 0; i < 52; ++i) hour(0);

  const sandbox::SandboxStats stats = export_.sandbox().stats();
  ASSERT_EQ(stats.logs, kHours * kLogsPerHour) << "all are visible";
  EXPECT_THAT(export_.MissingLogs(), IsEmpty());
  EXPECT_EQ(stats.duplicates, 0u) << "no log was sent twice";
  EXPECT_EQ(stats.events_accepted, stats.logs);
  EXPECT_GT(done.late, static_cast<std::int64_t>(stats.logs / 200));
  // For each age one request for each hundred logs, the last hundred being one that was begun.
  EXPECT_LE(done.pages, static_cast<std::int64_t>(2 * (stats.logs / 100 + 1)));
  EXPECT_EQ(export_.completeness()->late_logs, done.late);
  // A page is read as it was the first time, and nothing of it is sent but what was late.
  EXPECT_LE(done.bytes, 2 * (stats.log_bytes + stats.log_bytes / 10));
  std::cout << stats.logs << " logs of " << stats.log_bytes / stats.logs << " bytes, " << done.late
            << " of them late: " << done.pages << " requests and " << done.bytes
            << " bytes to read them again at two ages" << std::endl;
}

TEST_F(LateLogsTest, KilledAtRandomStillAllArrive) {
  std::mt19937_64 random(seed_);
  const auto hour = [&](std::size_t logs) {
    PassHour(logs);
    for (const RunKind kind : {RunKind::kExport, RunKind::kCompleteness}) {
      if (random() % 3 == 0) export_.RunAndDie(kind, static_cast<int>(random() % 30));
    }
    EXPECT_EQ(export_.Run().state, RunState::kSucceeded);
    if (random() % 2 == 0)
      export_.RunAndDie(RunKind::kCompleteness, static_cast<int>(random() % 40));
    ReadDue();
  };
  for (int i = 0; i < 20; ++i) hour(300);
  for (int i = 0; i < 52; ++i) hour(0);
  const sandbox::SandboxStats stats = export_.sandbox().stats();
  ASSERT_EQ(stats.logs, 20u * 300u);
  EXPECT_THAT(export_.MissingLogs(), IsEmpty());
  // What was in flight when a process died is sent again, under the same ids.
  EXPECT_EQ(stats.unique_message_ids, stats.logs);
}

class SomeLateLogTest : public LateLogsTest {
 protected:
  SomeLateLogTest() : LateLogsTest(0) {}
};

TEST_F(SomeLateLogTest, TwoThatAppearBelowTheCheckpointAreExported) {
  const absl::Time start = export_.clock().Now() - absl::Hours(1);
  AddLog(start);
  AddLog(start + absl::Minutes(10));
  export_.Run();
  const Checkpoint checkpoint = export_.checkpoint();
  const ExporterRecord before = export_.record();
  const std::string late = AddLog(start + absl::Minutes(3));
  const std::string later = AddLog(start + absl::Minutes(5));
  EXPECT_EQ(ReadDue().pages, 0) << "none of them is two hours old";
  export_.clock().Advance(absl::Hours(3));
  const ReadAgain done = ReadDue();
  EXPECT_EQ(done.late, 2);
  EXPECT_EQ(done.pages, 1);
  EXPECT_EQ(Accepted(late), 1);
  EXPECT_EQ(Accepted(later), 1);
  EXPECT_EQ(export_.sandbox().stats().duplicates, 0u);

  // The export knows nothing of it.
  EXPECT_EQ(export_.checkpoint().version, checkpoint.version);
  EXPECT_EQ(export_.checkpoint().position, checkpoint.position);
  EXPECT_EQ(export_.record().last_run_id, before.last_run_id);
  EXPECT_EQ(export_.record().last_success, before.last_success);
  EXPECT_EQ(export_.record().last_caught_up, before.last_caught_up);
}

TEST_F(SomeLateLogTest, OneThatIsFoundAtTheSecondAgeOnlyIsExportedThen) {
  const absl::Time start = export_.clock().Now() - absl::Hours(1);
  AddLog(start);
  AddLog(start + absl::Minutes(10));
  export_.Run();
  export_.clock().Advance(absl::Hours(4));
  EXPECT_EQ(ReadDue().late, 0);
  const std::string late = AddLog(start + absl::Minutes(3));
  export_.clock().Advance(absl::Hours(24));
  EXPECT_EQ(ReadDue().pages, 0);
  export_.clock().Advance(absl::Hours(24));
  EXPECT_EQ(ReadDue().late, 1);
  EXPECT_EQ(Accepted(late), 1);
  export_.clock().Advance(absl::Hours(100));
  EXPECT_EQ(ReadDue().pages, 0);
}

TEST_F(SomeLateLogTest, ABacklogIsNotReadTwice) {
  for (int i = 0; i < 500; ++i) {
    AddLog(export_.clock().Now() - absl::Hours(200) + i * absl::Minutes(10));
  }
  export_.Run();
  EXPECT_EQ(ReadDue().pages, 0);
}

TEST_F(SomeLateLogTest, WhatWasSkippedIsNotLate) {
  const absl::Time start = export_.clock().Now() - absl::Hours(1);
  AddLog(start);
  export_.Run();
  const std::string skipped = AddLog(start + absl::Minutes(3));
  const std::string last = AddLog(start + absl::Minutes(10));
  export_.SetCheckpoint({Position::Kind::kAfter, last, {}});
  export_.clock().Advance(absl::Hours(60));
  AddLog(export_.clock().Now() - absl::Minutes(1));
  export_.Run();
  ReadDue();
  EXPECT_EQ(Accepted(skipped), 0);
  EXPECT_EQ(Accepted(last), 0);
}

TEST_F(SomeLateLogTest, ReplaysAndWindowsAreRememberedOnce) {
  const absl::Time start = export_.clock().Now() - absl::Hours(1);
  for (int i = 0; i < 50; ++i) AddLog(start + i * absl::Seconds(20));
  export_.Run();
  const std::int64_t remembered = export_.remembered();
  EXPECT_EQ(remembered, 50);
  const std::string late = AddLog(start + absl::Seconds(30));
  const auto window = [&] {
    return export_.Run([&](RunRecord& run, ExporterSettings&) {
      run.parameters.kind = RunKind::kWindow;
      run.parameters.window = TimeWindow{start, start + absl::Minutes(10)};
    });
  };
  EXPECT_EQ(window().new_logs, 1);
  EXPECT_EQ(window().new_logs, 0);
  EXPECT_EQ(export_.remembered(), 51);
  export_.SetCheckpoint({Position::Kind::kAfter, IdAt(start - absl::Minutes(1)), {}});
  export_.Run();
  EXPECT_EQ(export_.remembered(), 51);
  EXPECT_EQ(Accepted(late), 3);
  // It was late, and a window has exported it.
  export_.clock().Advance(absl::Hours(60));
  EXPECT_EQ(ReadDue().late, 0);
  EXPECT_EQ(Accepted(late), 3);
}

TEST_F(SomeLateLogTest, WhatAWindowOnlyReadsPastIsStillFound) {
  const absl::Time start = export_.clock().Now() - absl::Hours(1);
  AddLog(start);
  AddLog(start + absl::Minutes(50));
  export_.Run();
  const std::string late = AddLog(start + absl::Minutes(20));
  export_.Run([&](RunRecord& run, ExporterSettings&) {
    run.parameters.kind = RunKind::kWindow;
    run.parameters.window = TimeWindow{start, start + absl::Minutes(10)};
  });
  EXPECT_EQ(Accepted(late), 0);
  export_.clock().Advance(absl::Hours(4));
  EXPECT_EQ(ReadDue().late, 1);
  EXPECT_EQ(Accepted(late), 1);
}

TEST_F(SomeLateLogTest, FilteredOnesAndDeadLettersAreSettled) {
  const absl::Time start = export_.clock().Now() - absl::Hours(1);
  export_.settings.filter.types = {"f"};
  AddLog(start);
  AddLog(start + absl::Minutes(10));
  EXPECT_EQ(export_.Run().ledger.logs.filtered, 2);
  AddLog(start + absl::Minutes(3));
  export_.clock().Advance(absl::Hours(4));
  EXPECT_EQ(ReadDue().late, 1);
  export_.clock().Advance(absl::Hours(60));
  EXPECT_EQ(ReadDue().late, 0);
}

TEST_F(SomeLateLogTest, TurnedOffNothingIsReadAgain) {
  export_.settings.completeness.enabled = false;
  const absl::Time start = export_.clock().Now() - absl::Hours(1);
  AddLog(start);
  AddLog(start + absl::Minutes(10));
  export_.Run();
  EXPECT_FALSE(export_.completeness().has_value());
  AddLog(start + absl::Minutes(3));
  export_.clock().Advance(absl::Hours(60));
  EXPECT_FALSE(export_.StretchIsDue());
  // Turned on again, it does not take what is not remembered for late.
  export_.settings.completeness.enabled = true;
  AddLog(export_.clock().Now() - absl::Minutes(1));
  export_.Run();
  export_.clock().Advance(absl::Hours(60));
  EXPECT_EQ(ReadDue().late, 0);
}

}  // namespace
}  // namespace logexport
