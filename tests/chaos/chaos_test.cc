// Three real services share the exporters and a database, and members, database and the network
// between them fail one after another, while logs come in and operators call. The sandbox's ledger
// is the witness: every log has arrived for every exporter, under one id. A witness beside the
// members sees who owns what, and the database itself takes down every commit.

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/base/clock.h"
#include "service/base/mutex.h"
#include "tests/chaos/commit_history.h"
#include "tests/chaos/figures.h"
#include "tests/chaos/nemesis.h"
#include "tests/chaos/operator_calls.h"
#include "tests/chaos/ownership_watch.h"
#include "tests/chaos/replicated_database.h"
#include "tests/e2e/installation.h"
#include "tests/postgresql/member_cluster.h"
#include "tests/support/await.h"
#include "tests/support/random_seed.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

constexpr int kMembers = 3;
// The last is the operator's own, whose checkpoint goes back again and again.
constexpr int kExporters = 7;
constexpr int kFirstLogs = 300;
constexpr int kLogsAtOnce = 5;
constexpr int kBurst = 150;
// As the service has it by default: batches that are sent at once, so many times that are sent but
// not committed (see StageQueue), and as many again that a commit without an answer speaks of. A
// batch has about a page here.
constexpr int kBatchesInDoubt = 2 * 4 * 4;
constexpr int kLogsOfBatch = 100;

// 0: the short run.
int Rounds() {
  const char* const rounds = std::getenv("LOGEXPORT_CHAOS_ROUNDS");
  int number = 0;
  return rounds != nullptr && absl::SimpleAtoi(rounds, &number) ? number : 0;
}

// Only faults whose names have this in them.
std::string Only() {
  const char* const only = std::getenv("LOGEXPORT_CHAOS_ONLY");
  return only == nullptr ? "" : only;
}

class ChaosTest : public ::testing::Test {
 protected:
  ChaosTest()
      : rounds_(Rounds()),
        database_(kMembers, /*standby=*/rounds_ > 0),
        cluster_({.members = kMembers,
                  .exporters = kExporters,
                  .logs = kFirstLogs,
                  .cron = "*/2 * * * * *",
                  .sandbox_flags = {"--latency", "segment=100", "--latency", "logs=50"},
                  .states = database_.States(),
                  .query = [this](const std::string& sql) { return database_.Query(sql); }}) {
    for (int i = 0; i < kMembers; ++i) cluster_.Start(i);
    cluster_.AwaitAllOwned();
    CommitHistory::Begin(query());
    Publish();
    watch_ = std::make_unique<OwnershipWatch>([this] { return database_.PrimaryUrl(); });
    feeder_ = std::jthread([this](const std::stop_token& stop) {
      while (RealClock().SleepFor(absl::Milliseconds(500), stop)) AddLogs(kLogsAtOnce);
    });
    std::vector<std::string> others;
    for (int i = 0; i + 1 < kExporters; ++i) others.push_back(MemberCluster::Exporter(i));
    operator_ = std::make_unique<OperatorCalls>(
        OperatorCalls::Options{.seed = RandomSeed(),
                               .members =
                                   [this] {
                                     MutexLock lock(&mutex_);
                                     return addresses_;
                                   },
                               .exporters = others,
                               .own = MemberCluster::Exporter(kExporters - 1)});
    nemesis_ =
        std::make_unique<Nemesis>(Nemesis::Surroundings{.cluster = cluster_,
                                                        .database = database_,
                                                        .watch = *watch_,
                                                        .exporters = others,
                                                        .after_start = [this] { Publish(); },
                                                        .burst = [this] { AddLogs(kBurst); }},
                                  RandomSeed(), figures_);
  }

  CommitHistory::Query query() {
    return [this](const std::string& sql) { return database_.Query(sql); };
  }

  void AddLogs(int count) {
    EXPECT_THAT(cluster_.sandbox().Post(absl::StrCat("generate?count=", count)), IsOk());
    logs_ += count;
  }

  // Where the members are now.
  void Publish() {
    MutexLock lock(&mutex_);
    addresses_.clear();
    for (int i = 0; i < kMembers; ++i) addresses_.push_back(cluster_.address(i));
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
    cluster_.ExpectAllArrived(logs);
    // Nothing is sent again but what was in flight when a run ended before its time.
    std::int64_t ended_early = 0;
    EXPECT_TRUE(absl::SimpleAtoi(
        database_.Query("SELECT count(*) FROM runs WHERE state IN ('FAILED', 'CANCELLED')"),
        &ended_early));
    EXPECT_LE(Repeats(), (watch_->take_overs() + ended_early) * kBatchesInDoubt * kLogsOfBatch);
  }

  // Events that were accepted more than once, without those of the exporter that was set back.
  std::int64_t Repeats() {
    const std::string own =
        database_.Query(absl::StrCat("SELECT message_namespace FROM exporters WHERE id = '",
                                     MemberCluster::Exporter(kExporters - 1), "'"));
    std::int64_t repeats = 0;
    const auto lines = cluster_.sandbox().Get("events?duplicates=true");
    EXPECT_THAT(lines, IsOk());
    if (!lines.ok()) return 0;
    for (const absl::string_view line : absl::StrSplit(*lines, '\n')) {
      if (!absl::StrContains(line, "\"duplicate\":true")) continue;
      // The id comes first, and begins with the namespace.
      if (!absl::StrContains(line.substr(0, 40), own)) ++repeats;
    }
    return repeats;
  }

  void ExpectAccounts() {
    EXPECT_EQ(database_.Query("SELECT count(*) FROM runs WHERE logs_fetched <> logs_accepted + "
                              "logs_filtered + logs_dead_lettered + logs_unsettled"),
              "0");
    EXPECT_EQ(database_.Query("SELECT count(*) FROM runs a JOIN runs b USING (exporter) "
                              "WHERE a.sequence < b.sequence AND a.epoch > b.epoch"),
              "0");
    CommitHistory::ExpectOneChain(query());
    operator_->ExpectAllThere(query());
  }

  void Tell() {
    std::printf("%s", figures_.Table().c_str());
    for (const std::string& impossible : nemesis_->impossible()) {
      std::printf("not tried: %s\n", impossible.c_str());
    }
    std::printf(
        "%d logs for each of %d exporters, %lld commits, %lld take-overs, %lld events sent again; "
        "operator: %d calls acknowledged, %d not. The network is a TCP proxy of the test for each "
        "member.\n",
        logs_.load(), kExporters, static_cast<long long>(CommitHistory::Commits(query())),
        static_cast<long long>(watch_->take_overs()), static_cast<long long>(Repeats()),
        operator_->acknowledged(), operator_->failed());
  }

  const int rounds_;
  ReplicatedDatabase database_;
  MemberCluster cluster_;
  Mutex mutex_;
  std::vector<std::string> addresses_ ABSL_GUARDED_BY(mutex_);
  Figures figures_;
  std::unique_ptr<OwnershipWatch> watch_;
  std::atomic<int> logs_{kFirstLogs};
  std::unique_ptr<OperatorCalls> operator_;
  std::unique_ptr<Nemesis> nemesis_;
  std::jthread feeder_;
};

TEST_F(ChaosTest, NothingIsLostAndNothingStandsStill) {
  std::vector<const Nemesis::Fault*> faults;
  for (const Nemesis::Fault& fault : nemesis_->faults()) {
    if (rounds_ == 0 ? fault.brief : absl::StrContains(fault.name, Only()))
      faults.push_back(&fault);
  }
  ASSERT_FALSE(faults.empty());
  const int rounds = rounds_ == 0 ? static_cast<int>(faults.size()) : rounds_;
  std::mt19937_64 random(RandomSeed());
  for (int round = 0; round < rounds; ++round) {
    // Each kind once before any comes again.
    const std::size_t next = static_cast<std::size_t>(round) % faults.size();
    if (next == 0) std::shuffle(faults.begin(), faults.end(), random);
    const absl::Duration since = RealClock().Monotonic();
    nemesis_->Strike(*faults[next]);
    std::printf("round %d of %d took %.0f s: %s\n", round + 1, rounds,
                absl::ToDoubleSeconds(RealClock().Monotonic() - since), faults[next]->name.c_str());
    std::fflush(stdout);
  }
  operator_->Stop();
  ExpectAllArrived();
  ExpectAccounts();
  Tell();
  if (HasFailure()) {
    for (int i = 0; i < kMembers; ++i) {
      std::printf("member %d:\n%s\n", i, cluster_.Logs(i).c_str());
    }
  }
}

}  // namespace
}  // namespace logexport
