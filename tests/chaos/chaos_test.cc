// Three real services share the exporters, and one after another is killed, frozen and restarted,
// while logs come in and operators call. The sandbox's ledger is the witness: every log has arrived
// for every exporter, under one id. A witness beside the members sees who owns what.

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "service/base/clock.h"
#include "tests/chaos/ownership_watch.h"
#include "tests/postgresql/member_cluster.h"
#include "tests/support/await.h"
#include "tests/support/random_seed.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;

constexpr int kMembers = 3;
constexpr int kExporters = 6;
constexpr int kFirstLogs = 600;
constexpr int kLogsAtOnce = 40;
// The promises.
constexpr absl::Duration kAtWorkAgain = absl::Seconds(30);
constexpr absl::Duration kRollingGap = absl::Seconds(3);
// Longer than a member is trusted for, and shorter.
constexpr absl::Duration kLongFreeze = absl::Seconds(18);
constexpr absl::Duration kShortFreeze = absl::Seconds(6);

int Rounds() {
  const char* const rounds = std::getenv("LOGEXPORT_CHAOS_ROUNDS");
  int number = 0;
  return rounds != nullptr && absl::SimpleAtoi(rounds, &number) ? number : 1;
}

class ChaosTest : public ::testing::Test {
 protected:
  ChaosTest()
      : cluster_({.members = kMembers,
                  .exporters = kExporters,
                  .logs = kFirstLogs,
                  .cron = "*/2 * * * * *",
                  .sandbox_flags = {"--latency", "segment=20"}}) {
    for (int i = 0; i < kMembers; ++i) cluster_.Start(i);
    cluster_.AwaitAllOwned();
    watch_ = std::make_unique<OwnershipWatch>(cluster_);
    feeder_ = std::jthread([this](const std::stop_token& stop) {
      while (RealClock().SleepFor(absl::Milliseconds(500), stop)) AddLogs();
    });
  }

  void AddLogs() {
    EXPECT_THAT(cluster_.sandbox().Post(absl::StrCat("generate?count=", kLogsAtOnce)), IsOk());
    logs_ += kLogsAtOnce;
  }

  // An operator's write by way of one of the members; it has to be there at the end.
  void Configure(int member) {
    const std::string exporter = MemberCluster::Exporter(static_cast<int>(random_() % kExporters));
    v1::UpdateConfigRequest update;
    update.set_exporter(exporter);
    const auto seconds = static_cast<std::int64_t>(600 + random_() % 3000);
    update.mutable_config()->mutable_run()->mutable_max_duration()->set_seconds(seconds);
    update.mutable_update_mask()->add_paths("run.max_duration");
    const auto answer = cluster_.client(member).Call(&Stub::UpdateConfig, update);
    ASSERT_THAT(answer, IsOk()) << cluster_.Logs(member);
    configured_[exporter] = seconds;
  }

  struct Sight {
    absl::Time fault;
    std::map<std::string, std::int64_t> epochs;  // of what the member owned
  };
  Sight Before(int member) {
    Sight sight;
    for (const auto& [exporter, seen] : watch_->Now()) {
      if (cluster_.OwnerOf(exporter) == member) sight.epochs[exporter] = seen.epoch;
    }
    sight.fault = RealClock().Now();
    return sight;
  }
  // Until others have begun to run what the member owned.
  void AwaitTakenOver(const Sight& sight) {
    EXPECT_TRUE(Await([&] {
      const auto now = watch_->Now();
      return std::all_of(sight.epochs.begin(), sight.epochs.end(), [&](const auto& owned) {
        const OwnershipWatch::Exporter& seen = now.at(owned.first);
        return seen.epoch > owned.second && seen.at_work;
      });
    }));
    const absl::Duration took = RealClock().Now() - sight.fault;
    EXPECT_LT(took, kAtWorkAgain);
    without_runner_.push_back(took);
  }
  void AwaitAllAtWork() {
    EXPECT_TRUE(Await([&] {
      const auto now = watch_->Now();
      return std::all_of(now.begin(), now.end(),
                         [](const auto& seen) { return seen.second.at_work; });
    }));
  }

  void KillOne() {
    const int member = static_cast<int>(random_() % kMembers);
    const Sight sight = Before(member);
    cluster_.Kill(member);
    Configure((member + 1) % kMembers);
    AwaitTakenOver(sight);
    cluster_.Start(member);
  }

  void FreezeOne(absl::Duration duration, bool taken_over) {
    const int member = static_cast<int>(random_() % kMembers);
    const Sight sight = Before(member);
    cluster_.Signal(member, SIGSTOP);
    Configure((member + 1) % kMembers);
    if (taken_over) AwaitTakenOver(sight);
    const absl::Duration left = duration - (RealClock().Now() - sight.fault);
    RealClock().SleepFor(left, std::stop_token());
    cluster_.Signal(member, SIGCONT);
    AwaitAllAtWork();
    Configure(member);
  }

  void RestartAll() {
    AwaitAllAtWork();
    watch_->TakeLongestGap();
    for (int i = 0; i < kMembers; ++i) {
      EXPECT_EQ(cluster_.Stop(i), 0) << cluster_.Logs(i);
      cluster_.Start(i);
      Configure(i);
      AwaitAllAtWork();
    }
    const absl::Duration gap = watch_->TakeLongestGap();
    EXPECT_LE(gap, kRollingGap);
    rolling_gaps_.push_back(gap);
  }

  void ExpectAllArrived() {
    feeder_.request_stop();
    feeder_.join();
    const int logs = logs_;
    EXPECT_TRUE(Await([&] {
      return cluster_.sandbox().Stat({"segment", "events_accepted"}) -
                 cluster_.sandbox().Stat({"segment", "duplicates"}) >=
             logs * kExporters;
    }));
    repeats_ = cluster_.ExpectAllArrived(logs);
  }

  void ExpectAccounts() {
    EXPECT_EQ(cluster_.Query("SELECT count(*) FROM runs WHERE logs_fetched <> logs_accepted + "
                             "logs_filtered + logs_dead_lettered + logs_unsettled"),
              "0");
    EXPECT_EQ(cluster_.Query("SELECT count(*) FROM runs a JOIN runs b USING (exporter) "
                             "WHERE a.sequence < b.sequence AND a.epoch > b.epoch"),
              "0");
    for (const auto& [exporter, seconds] : configured_) {
      v1::GetConfigRequest get;
      get.set_exporter(exporter);
      const auto config = cluster_.client(0).Call(&Stub::GetConfig, get);
      ASSERT_THAT(config, IsOk());
      EXPECT_EQ(config->config().run().max_duration().seconds(), seconds) << exporter;
    }
  }

  void Tell(int rounds) {
    std::sort(without_runner_.begin(), without_runner_.end());
    const auto seconds = [](absl::Duration duration) { return absl::ToDoubleSeconds(duration); };
    std::printf(
        "%d rounds, %d logs for each of %d exporters: without a runner at most %.1f s, median %.1f "
        "s; without an owner in rolling restarts at most %.2f s; %lld changes of owner; %lld "
        "events sent again\n",
        rounds, logs_.load(), kExporters, seconds(without_runner_.back()),
        seconds(without_runner_[without_runner_.size() / 2]),
        seconds(*std::max_element(rolling_gaps_.begin(), rolling_gaps_.end())),
        static_cast<long long>(watch_->take_overs()), static_cast<long long>(repeats_));
  }

  MemberCluster cluster_;
  std::mt19937_64 random_{RandomSeed()};
  std::unique_ptr<OwnershipWatch> watch_;
  std::atomic<int> logs_{kFirstLogs};
  std::map<std::string, std::int64_t> configured_;
  std::vector<absl::Duration> without_runner_;
  std::vector<absl::Duration> rolling_gaps_;
  std::int64_t repeats_ = 0;
  std::jthread feeder_;
};

TEST_F(ChaosTest, NothingIsLostAndNothingStandsStill) {
  const int rounds = Rounds();
  for (int round = 1; round <= rounds && !HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    KillOne();
    AwaitAllAtWork();
    FreezeOne(kLongFreeze, /*taken_over=*/true);
    if (rounds > 1) FreezeOne(kShortFreeze, /*taken_over=*/false);
    RestartAll();
    if (rounds > 1) std::printf("round %d of %d\n", round, rounds);
  }
  ExpectAllArrived();
  ExpectAccounts();
  if (!without_runner_.empty() && !rolling_gaps_.empty()) Tell(rounds);
}

}  // namespace
}  // namespace logexport
