// Situations that outlast many runs, through whole runs and processes that die in the middle of
// them: how runs end meanwhile, what they must not claim, and that nothing is lost by it. A fault
// that strikes one run or its calls is in fault_matrix.tsv.

#include <cstdint>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/time_text.h"
#include "tests/auth0/tenant.h"
#include "tests/faults/whole_export.h"
#include "tests/support/random_seed.h"

namespace logexport {
namespace {

using sandbox::Endpoint;
using sandbox::EndpointSet;
using sandbox::FaultRule;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;

constexpr int kRuns = 10;
constexpr absl::Duration kBetweenRuns = absl::Minutes(5);

// The tenant's time goes its way whatever the host's clock shows.
class Stage {
 public:
  Stage() : random(RandomSeed()), exporter(WholeExport::Tenant(0)) {
    exporter.settings.segment.max_events_per_second = 50;
    exporter.Reconfigure();
  }

  absl::Time Now() const { return exporter.sandbox().Now(); }
  void SetHostAhead(absl::Duration by) {
    const absl::Time now = Now();
    exporter.clock().SetWall(now + by);
    exporter.sandbox().SetClockOffset(-by);
  }
  void Answer(EndpointSet endpoints, int status, const std::string& retry_after = "") {
    FaultRule rule;
    rule.endpoints = endpoints;
    rule.status = status;
    if (!retry_after.empty()) rule.headers = {{"Retry-After", retry_after}};
    exporter.sandbox().AddFault(rule);
  }
  void Add(const std::string& id, absl::Time date) {
    ASSERT_EQ(exporter.sandbox().AddLogs(LogJson(id, FormatTimestamp(date)) + "\n").added, 1u);
    ++logs;
  }
  // `count` logs of the last minutes, with the time in their ids.
  void AddLogs(int count) {
    for (int i = 0; i < count; ++i) {
      const absl::Time time = Now() - absl::Minutes(1) - (count - i) * absl::Milliseconds(500);
      Add(IdAt(time, i), time);
    }
  }
  // The same where ids carry no time and two dates are impossible.
  void AddLogsDatedAhead() {
    for (int i = 0; i < 30; ++i) {
      absl::Time date = Now() - absl::Minutes(1);
      if (i == 3) date = Now() + absl::Hours(24 * 365 * 5);
      if (i == 29) date = Now() + absl::Seconds(30);
      Add(absl::StrFormat("4957%052d", logs), date);
    }
  }

  std::mt19937_64 random;
  mutable WholeExport exporter;
  int logs = 0;
};

struct Situation {
  const char* name;
  // How runs end meanwhile, in the words of fault_matrix.tsv.
  const char* end;
  void (*begin)(Stage& stage);
  // Before each run.
  void (*meanwhile)(Stage& stage);
  std::size_t dead_letters = 0;  // at most
};
void PrintTo(const Situation& situation, std::ostream* out) { *out << situation.name; }

void AddSome(Stage& stage) { stage.AddLogs(25); }
void AddOne(Stage& stage) { stage.AddLogs(1); }
void Nothing(Stage& /*stage*/) {}

constexpr absl::Duration kYear = absl::Hours(24 * 365);

const Situation kSituations[] = {
    {"ALimitOfTheToken", "AUTH0_RATE_LIMITED*",
     [](Stage& stage) {
       stage.Answer(Endpoint::kToken, 429, "3600");
       stage.exporter.Reconfigure();  // a process that has no token yet
     },
     AddSome},
    {"ALimitOfTheLogs", "AUTH0_RATE_LIMITED*",
     [](Stage& stage) { stage.Answer(Endpoint::kLogsCheckpoint, 429, "3600"); }, AddSome},
    {"ALimitOfSegment", "SEGMENT_RATE_LIMITED*",
     [](Stage& stage) { stage.Answer(Endpoint::kSegment, 429, "3600"); }, AddSome},
    {"ASegmentThatRefusesEverything", "SEGMENT_REFUSES",
     [](Stage& stage) { stage.Answer(Endpoint::kSegment, 400); }, AddOne, 1},
    {"LogsDatedAhead", "CAUGHT_UP", Nothing, [](Stage& stage) { stage.AddLogsDatedAhead(); }},
    {"AHostClockThatIsTenYearsAhead", "CAUGHT_UP",
     [](Stage& stage) { stage.SetHostAhead(10 * kYear); }, AddSome},
    {"AHostClockThatIsAMonthBehind", "CAUGHT_UP",
     [](Stage& stage) { stage.SetHostAhead(-absl::Hours(24 * 30)); }, AddSome},
    {"AHostClockThatIsSetToAndFro", "CAUGHT_UP", Nothing,
     [](Stage& stage) {
       const absl::Duration steps[] = {10 * kYear, -10 * kYear, absl::Hours(1), -absl::Hours(1),
                                       absl::ZeroDuration()};
       stage.SetHostAhead(steps[stage.random() % 5]);
       AddSome(stage);
     }},
};

class SituationMatrixTest : public testing::TestWithParam<Situation> {
 protected:
  static std::string EndOf(const RunRecord& run) {
    if (run.state == RunState::kSucceeded) return std::string(StopReasonName(run.stop_reason));
    if (!run.error.has_value()) return "no error";
    return absl::StrCat(run.error->reason, run.error->retryable ? "*" : "");
  }

  Stage stage_;
  WholeExport& export_ = stage_.exporter;
};

TEST_P(SituationMatrixTest, ClaimsNoSuccessAndLosesNothing) {
  const Situation& situation = GetParam();
  situation.meanwhile(stage_);
  export_.clock().Advance(kBetweenRuns);
  ASSERT_EQ(export_.Run().stop_reason, StopReason::kCaughtUp);
  ExporterRecord good = export_.record();

  situation.begin(stage_);
  for (int run = 0; run < kRuns; ++run) {
    SCOPED_TRACE(run);
    situation.meanwhile(stage_);
    export_.clock().Advance(kBetweenRuns);
    if (stage_.random() % 2 == 0) {
      export_.RunAndDie(RunKind::kExport, static_cast<int>(stage_.random() % 15));
    }
    const RunRecord ended = export_.Run();
    EXPECT_THAT(WarningsOf(ended), Not(Contains("RETENTION_GAP")));
    EXPECT_LE(export_.dead_letters().size(), situation.dead_letters);
    if (run == 0 && export_.dead_letters().size() == 1 && ended.state == RunState::kSucceeded) {
      // The first refusal may be the fault of the log, also in a process that died then.
      good = export_.record();
      continue;
    }
    EXPECT_EQ(EndOf(ended), situation.end);
    if (ended.state == RunState::kSucceeded) {
      EXPECT_THAT(export_.MissingLogs(), IsEmpty());
      continue;
    }
    EXPECT_EQ(export_.record().last_success, good.last_success);
    EXPECT_EQ(export_.record().last_caught_up, good.last_caught_up);
  }

  stage_.SetHostAhead(absl::ZeroDuration());
  export_.sandbox().ClearFaults();
  export_.clock().Advance(absl::Hours(2));
  const RunRecord last = export_.Run();
  EXPECT_EQ(last.stop_reason, StopReason::kCaughtUp);
  EXPECT_EQ(export_.record().consecutive_failures, 0);
  EXPECT_THAT(export_.MissingLogs(), IsEmpty());
  EXPECT_EQ(export_.sandbox().stats().unique_message_ids,
            static_cast<std::uint64_t>(stage_.logs) - export_.dead_letters().size());
  EXPECT_LT(*export_.Lag(), absl::Minutes(1));
}

INSTANTIATE_TEST_SUITE_P(All, SituationMatrixTest, testing::ValuesIn(kSituations),
                         [](const auto& situation) { return std::string(situation.param.name); });

}  // namespace
}  // namespace logexport
