// Situations that outlast many lives of the service, each of which is killed at a random moment: a
// limit that does not lift, a Segment that refuses everything, logs that are dated ahead, a clock
// of the host that is wrong, logs that become visible late. The witness is the sandbox's ledger.
//
// The host's clock cannot be set here, but the sandbox's can: an Auth0 whose clock is behind is a
// host whose clock is ahead. Steps of the host's clock in the middle of a run are tried in
// tests/faults/situation_matrix_test.cc, where time is the test's.

#include <algorithm>
#include <array>
#include <csignal>
#include <iostream>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "service/base/crash_point.h"
#include "service/base/time_text.h"
#include "tests/crash/service_life.h"
#include "tests/crash/stored_state.h"
#include "tests/crash/witness.h"
#include "tests/support/random_seed.h"
#include "tests/support/sandbox_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;

constexpr std::array<const char*, 8> kCrashPoints = {
    "after_fetch:1",   "before_send:1",  "after_send:1",    "before_commit:1",
    "inside_commit:1", "after_commit:1", "before_finish:1", "inside_finish:1"};
// A life gets at most so old once it has a run, which is longer than most runs take here.
constexpr absl::Duration kOldAge = absl::Milliseconds(120);

class SituationTest : public ::testing::Test {
 protected:
  SituationTest() : random_(RandomSeed()) {}

  void StartSandbox(std::vector<std::string> flags) {
    flags.push_back("--no-store-events");
    absl::StatusOr<std::unique_ptr<SandboxProcess>> sandbox = SandboxProcess::Start(flags);
    ASSERT_THAT(sandbox, IsOk());
    sandbox_ = *std::move(sandbox);
    environment_ = sandbox_->Environment();
    // Runs are asked for.
    environment_.emplace_back("SCHEDULE", "0 0 0 1 1 *");
    environment_.emplace_back("SEGMENT_MAX_EVENTS_PER_SECOND", "0");
  }

  void Tell(const std::string& what, const std::string& body = "") {
    ASSERT_THAT(sandbox_->Post(what, body), IsOk());
  }

  // The settings of all lives from now on that no variable stands for, one group each.
  void Configure(const std::vector<std::string>& groups) {
    const std::string file = directory_.File("exporters.yaml");
    WriteFile(file, absl::StrCat("exporters:\n  - id: default\n    ",
                                 absl::StrJoin(groups, "\n    "), "\n"));
    flags_ = {"--config", file, "--config-wins"};
  }

  // One life that is asked for a run or is not, and killed at a random moment.
  void LiveAndDie(bool with_run = true) {
    const bool at_point = random_() % 2 == 0;
    const std::string point = at_point ? kCrashPoints[random_() % kCrashPoints.size()] : "";
    const absl::Duration age = kOldAge * std::uniform_real_distribution<double>(0, 1)(random_);
    absl::StatusOr<ServiceLife> life = ServiceLife::Begin(path_, environment_, point, flags_);
    ASSERT_THAT(life, IsOk());
    const bool lives = with_run ? life->StartsRun() : life->Serves();
    if (!lives || life->DiesWithin(at_point ? kOldAge : age)) {
      ASSERT_EQ(life->end(), kCrashPointExitStatus) << life->Logs();
    } else {
      life->Kill();
      // It may have come to its crash point at this very moment.
      if (!at_point) {
        ASSERT_EQ(life->end(), -SIGKILL);
      }
    }
    ++killed_;
  }

  // A life with one run to its end.
  ProgramEnd RunOnce() {
    std::vector<std::string> flags = flags_;
    flags.insert(flags.end(), {"--state", absl::StrCat("sqlite:", path_), "--run-once"});
    return RunService(flags, environment_);
  }
  void ExpectRunSucceeds() {
    const ProgramEnd end = RunOnce();
    EXPECT_EQ(end.exit_status, 0) << end.output << end.error_output;
  }
  void ExpectRunFails(const std::string& reason) {
    const ProgramEnd end = RunOnce();
    EXPECT_EQ(end.exit_status, 1) << end.output << end.error_output;
    EXPECT_THAT(end.output, HasSubstr(absl::StrCat(R"("reason":")", reason, "\"")));
    EXPECT_THAT(end.error_output, HasSubstr(reason));
  }

  void ExecuteSql(const char* statement) {
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, statement, nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }

  StoredState Stored() {
    const std::optional<StoredState> state = ReadStoredState(path_);
    EXPECT_TRUE(state.has_value());
    return state.value_or(StoredState());
  }

  // By the sandbox's clock as it was set last.
  absl::Time Auth0Now() const { return absl::Now() + auth0_ahead_; }
  void SetAuth0Ahead(absl::Duration by) {
    auth0_ahead_ = by;
    Tell(absl::StrCat("clock?offset=", absl::ToInt64Seconds(by), "s"));
  }
  void Generate(int logs, absl::Time start, absl::Duration span) {
    Tell(absl::StrCat("generate?count=", logs, "&start=", FormatTimestamp(start),
                      "&span=", absl::FormatDuration(span)));
  }

  std::mt19937_64 random_;
  std::unique_ptr<SandboxProcess> sandbox_;
  ServiceProcess::Environment environment_;
  std::vector<std::string> flags_;
  const TempDirectory directory_;
  const std::string path_ = directory_.File("state.db");
  absl::Duration auth0_ahead_;
  int killed_ = 0;
};

struct Limit {
  const char* endpoint;
  const char* reason;
  const char* run;  // with which the last life under the limit does not wait for it
};
void PrintTo(const Limit& limit, std::ostream* out) { *out << limit.endpoint; }

class LastingLimitTest : public SituationTest, public ::testing::WithParamInterface<Limit> {};

TEST_P(LastingLimitTest, IsNoSuccessAndCostsNothing) {
  StartSandbox({"--generate", "150"});
  ExpectRunSucceeds();
  const StoredState good = Stored();
  ASSERT_TRUE(good.exporter.last_success.has_value());
  Tell("generate?count=130&span=20s");
  const Witness witness(*sandbox_, {});
  Tell("faults", absl::StrCat(R"({"endpoint":")", GetParam().endpoint,
                              R"(","action":"status","status":429,"headers":)"
                              R"({"Retry-After":"3600"}})"));
  // Lives that wait for it die in the middle of that.
  Configure({"run: {max_duration: 3h}"});
  for (int kill = 0; kill < 3; ++kill) {
    ASSERT_NO_FATAL_FAILURE(LiveAndDie());
    witness.ExpectNothingSkipped(Stored());
  }
  Configure({absl::StrCat("run: ", GetParam().run)});
  ExpectRunFails(GetParam().reason);
  const StoredState limited = Stored();
  witness.ExpectNothingSkipped(limited);
  EXPECT_EQ(limited.exporter.last_success, good.exporter.last_success);
  EXPECT_EQ(limited.exporter.last_caught_up, good.exporter.last_caught_up);
  EXPECT_GE(limited.exporter.consecutive_failures, 1);
  ASSERT_TRUE(limited.runs.front().error.has_value());
  EXPECT_TRUE(limited.runs.front().error->retryable);

  Tell("faults", R"({"clear":true})");
  ExpectRunSucceeds();
  witness.ExpectComplete(Stored());
}

// What Auth0 asks for is longer than a run takes by default. Segment is asked again earlier.
INSTANTIATE_TEST_SUITE_P(
    Endpoints, LastingLimitTest,
    ::testing::Values(Limit{"token", "AUTH0_RATE_LIMITED", "{max_duration: 1h}"},
                      Limit{"logs", "AUTH0_RATE_LIMITED", "{max_duration: 1h}"},
                      Limit{"segment", "SEGMENT_RATE_LIMITED",
                            "{max_duration: 1s, max_stall: 1s}"}),
    [](const auto& limit) { return std::string(limit.param.endpoint); });

// One new log for each run, so that no run by itself can tell whose fault it is.
TEST_F(SituationTest, ASegmentThatRefusesEverythingCostsOneDeadLetter) {
  StartSandbox({"--generate", "50"});
  ExpectRunSucceeds();
  Tell("faults", R"({"endpoint":"segment","action":"status","status":400})");
  StoredState state;
  for (int kill = 0; kill < 8; ++kill) {
    Tell("generate?count=1&span=1s");
    ASSERT_NO_FATAL_FAILURE(LiveAndDie());
    state = Stored();
    ASSERT_LE(state.dead_letters.size(), 1u);
    Witness(*sandbox_, state.dead_letters).ExpectNothingSkipped(state);
  }
  // Perhaps all of them died before Segment had said anything.
  if (state.dead_letters.empty()) RunOnce();
  ExpectRunFails("SEGMENT_REFUSES");
  state = Stored();
  EXPECT_LE(state.dead_letters.size(), 1u);
  Tell("faults", R"({"clear":true})");
  ExpectRunSucceeds();
  Witness(*sandbox_, state.dead_letters).ExpectComplete(Stored());
}

// Where ids carry no time, only its date could tell that a log is too young to be read yet.
TEST_F(SituationTest, LogsThatAreDatedAheadAllArrive) {
  constexpr int kLogs = 900;
  StartSandbox({"--generate", "0", "--latency", "logs=15", "--latency", "segment=10"});
  const absl::Duration ahead[] = {absl::Minutes(1), absl::Hours(24 * 365 * 5)};
  std::string lines;
  const absl::Time begin = absl::Now() - absl::Hours(3);
  for (int i = 0; i < kLogs; ++i) {
    // An export begins with the log that has the earliest date, where ids do not tell a time.
    const absl::Time date = i > 0 && random_() % 7 == 0 ? absl::Now() + ahead[random_() % 2]
                                                        : begin + i * absl::Seconds(1);
    absl::StrAppend(&lines, R"({"date":")", FormatTimestamp(date),
                    R"(","type":"s","user_id":"auth0|1","client_id":"c1","ip":"203.0.113.9",)",
                    absl::StrFormat(R"("log_id":"4957%052d"})", i), "\n");
  }
  Tell("logs", lines);
  const Witness witness(*sandbox_, {});
  ASSERT_EQ(witness.logs(), kLogs);
  for (int kill = 0; kill < 6; ++kill) {
    ASSERT_NO_FATAL_FAILURE(LiveAndDie());
    witness.ExpectNothingSkipped(Stored());
  }
  ExpectRunSucceeds();
  witness.ExpectComplete(Stored());
}

// Ten years ahead, right, then behind.
TEST_F(SituationTest, AHostClockThatIsWrongLosesNothingAndDatesNoSuccess) {
  StartSandbox({"--generate", "0", "--clock-offset", "-87600h"});
  Configure({"completeness: {enabled: false}"});
  for (const absl::Duration ahead : {-absl::Hours(87'600), absl::ZeroDuration(), absl::Hours(24)}) {
    SCOPED_TRACE(absl::StrCat("the host is ", absl::FormatDuration(-ahead), " ahead"));
    SetAuth0Ahead(ahead);
    Generate(150, Auth0Now() - absl::Hours(1), absl::Minutes(50));
    const Witness witness(*sandbox_, {});
    for (int kill = 0; kill < 2; ++kill) {
      ASSERT_NO_FATAL_FAILURE(LiveAndDie());
      witness.ExpectNothingSkipped(Stored());
    }
    ExpectRunSucceeds();
    const StoredState state = Stored();
    witness.ExpectComplete(state);
    EXPECT_LE(*state.exporter.last_success, Auth0Now() + absl::Minutes(1));
    EXPECT_GE(*state.exporter.last_success, Auth0Now() - absl::Minutes(5));
  }
}

// A host that has just started has nobody to tell it that its clock is ahead.
TEST_F(SituationTest, ReportsAreDeletedOnlyByAClockThatAuth0HasChecked) {
  StartSandbox({"--generate", "50"});
  Configure({"run: {max_stall: 1s}", "reports: {max_age: 1h}"});
  ExpectRunSucceeds();
  const std::string old = Stored().runs.front().run_id;
  Tell("generate?count=5&span=1s");
  ExpectRunSucceeds();
  // As of three hours ago, by a clock that may be wrong.
  ExecuteSql(
      "UPDATE runs SET created = created - 10800000000, "
      "created_order = created_order - 10800000000");
  const auto kept = [&] {
    const std::vector<RunRecord> runs = Stored().runs;
    return std::any_of(runs.begin(), runs.end(),
                       [&](const RunRecord& run) { return run.run_id == old; });
  };
  Tell("faults", R"({"endpoint":"token","action":"close"})");
  ExpectRunFails("AUTH0_UNAVAILABLE");
  EXPECT_TRUE(kept());
  Tell("faults", R"({"clear":true})");
  ExpectRunSucceeds();
  EXPECT_FALSE(kept()) << "it is old, and Auth0 has said so";
}

// The host's clock is weeks ahead, and the service looks at what is due as soon as it starts. It is
// killed all the time, and reads again what Auth0 shows up to 40 hours late.
TEST_F(SituationTest, LogsThatBecomeVisibleLateAllArrive) {
  constexpr int kHours = 8;
  constexpr int kLogsPerHour = 60;
  StartSandbox({"--generate", "0", "--clock-offset", "-1000h", "--late-rate", "0.1", "--late-by",
                "40h", "--seed", absl::StrCat(random_() % 1'000'000)});
  for (int hour = 0; hour < kHours; ++hour) {
    SetAuth0Ahead(absl::Hours(hour - 1000));
    Generate(kLogsPerHour, Auth0Now() - absl::Minutes(59), absl::Minutes(58));
    ASSERT_NO_FATAL_FAILURE(LiveAndDie(/*with_run=*/hour % 2 == 0));
    if (hour % 3 == 2) ExpectRunSucceeds();
  }
  for (const int hours : {40, 60, 110}) {
    SetAuth0Ahead(absl::Hours(hours - 1000));
    ASSERT_NO_FATAL_FAILURE(LiveAndDie());
    ExpectRunSucceeds();
  }
  const std::int64_t logs = kHours * kLogsPerHour;
  ASSERT_EQ(sandbox_->Stat({"auth0", "logs"}), logs) << "all are visible";
  EXPECT_EQ(sandbox_->Stat({"segment", "logs_with_events"}), logs) << "LOST";
  EXPECT_EQ(sandbox_->Stat({"segment", "unique_message_ids"}), logs);
  std::int64_t late = 0;
  for (const RunRecord& run : Stored().completeness) late += run.ledger.logs.settled();
  EXPECT_GT(late, 0);
  std::cout << killed_ << " lives were killed; " << late << " of " << logs
            << " logs were found when they were read again, "
            << sandbox_->Stat({"segment", "duplicates"}) << " events sent again with the same id"
            << std::endl;
}

}  // namespace
}  // namespace logexport
