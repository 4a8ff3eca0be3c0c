// The service is killed again and again in the middle of its work and started again each time;
// what the sandbox received is the witness that nothing is lost. LOGEXPORT_CRASH_KILLS sets how
// often (see ./dev crash).

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "service/base/crash_point.h"
#include "tests/crash/service_life.h"
#include "tests/crash/stored_state.h"
#include "tests/crash/witness.h"
#include "tests/support/random_seed.h"
#include "tests/support/sandbox_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

constexpr int kKillsByDefault = 25;
constexpr std::int64_t kLogsPerKill = 250;
constexpr int kPoison = 5;
// About as long as it takes from the program's start until it serves.
constexpr absl::Duration kStartUp = absl::Milliseconds(50);
// A life that does not come to its crash point is ended at this age.
constexpr absl::Duration kOldAge = absl::Seconds(2);
// Four batches are in flight, and the oldest unsettled one can be overtaken by four for each. What
// is settled may wait 100 ms for its commit (Committer::kLongestHold), in which each of the four
// sends three: Segment takes 40 ms to answer.
constexpr std::int64_t kMostBatchesAhead = 16 + 4 * 3;

// Those that a life in the middle of a long backlog passes.
constexpr std::array<const char*, 6> kCrashPoints = {
    "after_fetch", "before_send", "after_send", "before_commit", "inside_commit", "after_commit"};

int KillsWanted() {
  int kills = kKillsByDefault;
  if (const char* text = std::getenv("LOGEXPORT_CRASH_KILLS"); text != nullptr) {
    EXPECT_TRUE(absl::SimpleAtoi(text, &kills)) << "LOGEXPORT_CRASH_KILLS: " << text;
  }
  return kills;
}

// The latency keeps a life busy, also when the signal comes late because the machine is.
std::unique_ptr<SandboxProcess> StartSandbox(std::int64_t logs) {
  absl::StatusOr<std::unique_ptr<SandboxProcess>> sandbox =
      SandboxProcess::Start({"--generate", absl::StrCat(logs), "--no-store-events", "--latency",
                             "logs=100", "--latency", "segment=40"});
  if (!sandbox.ok()) {
    ADD_FAILURE() << sandbox.status();
    return nullptr;
  }
  return *std::move(sandbox);
}

void AddSegmentFault(SandboxProcess& sandbox, absl::string_view rest) {
  EXPECT_THAT(sandbox.Post("faults", absl::StrCat(R"({"endpoint":"segment",)", rest, "}")), IsOk());
}

// A few logs, far apart, whose events are refused for good.
std::set<std::string> Poison(SandboxProcess& sandbox, std::int64_t logs) {
  std::set<std::string> ids;
  for (int i = 0; i < kPoison; ++i) {
    const absl::StatusOr<std::string> id =
        sandbox.Get(absl::StrCat("log_ids?limit=1&offset=", logs * (2 * i + 1) / (2 * kPoison)));
    EXPECT_THAT(id, IsOk());
    if (id.ok()) ids.insert(id->substr(0, id->find('\n')));
  }
  for (const std::string& id : ids) {
    AddSegmentFault(sandbox,
                    absl::StrCat(R"("action":"status","status":400,"contains":")", id, "\""));
  }
  return ids;
}

// Some requests fail in each of the ways that matter here: not taken and refused, not taken and cut
// off, taken but the answer is lost.
void AddPassingFaults(SandboxProcess& sandbox) {
  for (const char* action : {R"("status","status":503)", R"("close")", R"("accept_then_close")"}) {
    AddSegmentFault(sandbox, absl::StrCat(R"("probability":0.02,"action":)", action));
  }
}

std::int64_t AnswersLost(SandboxProcess& sandbox) {
  const absl::StatusOr<JsonValue> faults = sandbox.GetJson("faults");
  std::int64_t lost = 0;
  if (!faults.ok()) return lost;
  for (const JsonValue& fault : faults->items()) {
    if (fault["action"].String() == "accept_then_close") lost += fault["struck"].Int();
  }
  return lost;
}

// How old a life may get, so that all of them together get through the backlog, and none is left
// with nothing to do.
class Pace {
 public:
  Pace(std::int64_t logs, int kills) : logs_per_kill_(logs / kills) {}

  void Adjust(int kills, std::int64_t passed) {
    mean_ *= passed < kills * logs_per_kill_ ? 1.15 : 1 / 1.15;
    mean_ = std::clamp(mean_, absl::Milliseconds(50), absl::Seconds(3));
  }
  absl::Duration mean() const { return mean_; }

 private:
  const std::int64_t logs_per_kill_;
  absl::Duration mean_ = absl::Milliseconds(300);
};

TEST(KillTest, NoLogIsLostHoweverOftenAndWhereverTheServiceIsKilled) {
  const int kills = KillsWanted();
  const std::int64_t logs = kills * kLogsPerKill;
  const std::unique_ptr<SandboxProcess> sandbox = StartSandbox(logs);
  ASSERT_NE(sandbox, nullptr);
  const Witness witness(*sandbox, Poison(*sandbox, logs));
  AddPassingFaults(*sandbox);
  ASSERT_EQ(witness.logs(), logs);
  const TempDirectory directory;
  const std::string path = directory.File("state.db");
  ServiceProcess::Environment environment = sandbox->Environment();
  environment.emplace_back("SCHEDULE", "* * * * * *");
  environment.emplace_back("SEGMENT_MAX_EVENTS_PER_SECOND", "0");

  std::mt19937_64 random(RandomSeed());
  Pace pace(logs, kills);
  std::set<std::string> killed_runs;
  int died_at_points = 0;
  std::int64_t ahead = 0;
  std::int64_t most_ahead = 0;
  std::int64_t passed = 0;
  StoredState state;
  for (int kill = 1; kill <= kills; ++kill) {
    std::string point;
    absl::Duration age = kOldAge;
    const bool in_start_up = random() % 8 == 0;
    if (!in_start_up && random() % 3 == 0) {
      point = absl::StrCat(kCrashPoints[random() % kCrashPoints.size()], ":", 1 + random() % 6);
    } else {
      age = std::uniform_real_distribution<double>(0, 2)(random) *
            (in_start_up ? kStartUp : pace.mean());
    }
    SCOPED_TRACE(absl::StrCat("kill ", kill, " at ", point,
                              in_start_up ? " the start's " : " the run's ",
                              absl::FormatDuration(age)));
    absl::StatusOr<ServiceLife> life = ServiceLife::Begin(path, environment, point);
    ASSERT_THAT(life, IsOk());
    if (in_start_up ? life->DiesWithin(age) : !life->StartsRun() || life->DiesWithin(age)) {
      ASSERT_EQ(life->end(), kCrashPointExitStatus) << life->Logs();
      ++died_at_points;
    } else {
      life->Kill();
      ASSERT_EQ(life->end(), -SIGKILL);
    }

    const std::optional<StoredState> found = ReadStoredState(path);
    if (!found.has_value()) {
      ASSERT_EQ(passed, 0) << "the state is gone";
      continue;
    }
    state = *found;
    ASSERT_NO_FATAL_FAILURE(witness.ExpectNothingSkipped(state));
    ASSERT_GE(witness.Passed(state.checkpoint), passed) << "the checkpoint went back";
    passed = witness.Passed(state.checkpoint);
    const std::int64_t now_ahead = witness.AwaitArrivedAhead(state);
    ahead += now_ahead;
    most_ahead = std::max(most_ahead, now_ahead);
    if (state.died_in_a_run()) killed_runs.insert(state.runs.front().run_id);
    pace.Adjust(kill, passed);
    if (HasFailure()) return;
  }

  // Nobody has to do anything for the next life to finish the work.
  const ProgramEnd last =
      RunService({"--state", absl::StrCat("sqlite:", path), "--run-once"}, environment);
  ASSERT_EQ(last.exit_status, 0) << last.output << last.error_output;
  const std::optional<StoredState> found = ReadStoredState(path);
  ASSERT_TRUE(found.has_value());
  state = *found;
  witness.ExpectComplete(state);

  std::set<std::string> interrupted;
  for (const RunRecord& run : state.runs) {
    if (run.stop_reason == StopReason::kInterrupted) interrupted.insert(run.run_id);
  }
  EXPECT_EQ(interrupted, killed_runs);
  // Otherwise this has tested little.
  EXPECT_GE(3 * static_cast<int>(killed_runs.size()), kills);

  const std::int64_t batch = sandbox->Stat({"segment", "largest_batch_events"});
  const std::int64_t duplicates = sandbox->Stat({"segment", "duplicates"});
  const std::int64_t answers_lost = AnswersLost(*sandbox);
  EXPECT_LE(most_ahead, kMostBatchesAhead * batch);
  EXPECT_LE(duplicates, ahead + answers_lost * batch)
      << "more was sent again than what was not committed";
  std::cout << kills << " kills over " << logs << " logs, " << killed_runs.size()
            << " runs broken off, " << died_at_points << " kills at named points: "
            << logs - kPoison - sandbox->Stat({"segment", "logs_with_events"}) << " logs lost, "
            << state.dead_letters.size() << " of " << kPoison << " poisonous ones dead letters, "
            << duplicates << " events sent again with the same id (" << most_ahead
            << " at most by a kill; " << answers_lost << " answers were lost), "
            << state.runs.size() << " runs on record" << std::endl;
}

}  // namespace
}  // namespace logexport
