#include "tests/chaos/nemesis.h"

#include <csignal>
#include <utility>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "service/base/clock.h"
#include "tests/support/await.h"

namespace logexport {
namespace {

// The promises.
constexpr absl::Duration kAtWorkAgain = absl::Seconds(30);
constexpr absl::Duration kAtWorkOnDatabase = absl::Seconds(10);
constexpr absl::Duration kRollingGap = absl::Seconds(3);

// Longer than a member is trusted for, and shorter.
constexpr absl::Duration kTtl = absl::Seconds(15);
constexpr absl::Duration kLong = absl::Seconds(18);
constexpr absl::Duration kShort = absl::Seconds(6);
// Faults strike so long after a burst of logs, when runs are active or not.
constexpr absl::Duration kLatest = absl::Seconds(3);

}  // namespace

Nemesis::Nemesis(Surroundings surroundings, std::uint64_t seed, Figures& figures)
    : on_(std::move(surroundings)), random_(seed), figures_(figures) {
  ListMemberFaults();
  ListNetworkFaults();
  ListDatabaseFaults();
}

void Nemesis::Strike(const Fault& fault) {
  SCOPED_TRACE(fault.name);
  AwaitAllAlive();
  round_ = {};
  const std::int64_t take_overs = on_.watch.take_overs();
  const std::int64_t repeats = on_.cluster.sandbox().Stat({"segment", "duplicates"});
  on_.burst();
  Last(Between(absl::ZeroDuration(), kLatest));
  fault.strike();
  AwaitAllAlive();
  round_.take_overs = on_.watch.take_overs() - take_overs;
  round_.repeats = on_.cluster.sandbox().Stat({"segment", "duplicates"}) - repeats;
  figures_.Add(fault.name, round_);
}

void Nemesis::AwaitAllAlive() {
  EXPECT_TRUE(Await([&] {
    return on_.database.Query(
               "SELECT count(*) FROM members WHERE draining = 0 AND "
               "expires > extract(epoch FROM clock_timestamp()) * 1000000") ==
           absl::StrCat(on_.cluster.members());
  }));
}

absl::Duration Nemesis::Between(absl::Duration least, absl::Duration most) {
  return least + (most - least) * std::uniform_real_distribution<double>(0, 1)(random_);
}

void Nemesis::Last(absl::Duration duration) { RealClock().SleepFor(duration, std::stop_token()); }

std::set<std::string> Nemesis::OwnedBy(int member) {
  std::set<std::string> owned;
  for (const std::string& exporter : on_.exporters) {
    if (on_.cluster.OwnerOf(exporter) == member) owned.insert(exporter);
  }
  return owned;
}

int Nemesis::Victim() {
  std::vector<int> owners;
  EXPECT_TRUE(Await([&] {
    owners.clear();
    for (int member = 0; member < on_.cluster.members(); ++member) {
      if (!OwnedBy(member).empty()) owners.push_back(member);
    }
    return !owners.empty();
  }));
  return owners.empty() ? 0 : owners[random_() % owners.size()];
}

void Nemesis::AwaitAtWork(const std::set<std::string>& waiting, absl::Duration promise) {
  EXPECT_TRUE(Await([&] {
    const auto after = on_.watch.AtWorkAfter();
    for (const std::string& exporter : on_.exporters) {
      if (!after.contains(exporter)) return false;
    }
    return true;
  }));
  for (const auto& [exporter, took] : on_.watch.AtWorkAfter()) {
    EXPECT_LT(took, promise) << exporter;
    if (waiting.contains(exporter)) round_.without_runner.push_back(took);
  }
}

void Nemesis::StrikeMember(absl::Duration duration, const std::function<void(int member)>& begin,
                           const std::function<void(int member)>& end) {
  const bool taken_over = duration == absl::ZeroDuration() || duration > kTtl;
  const int member = Victim();
  const std::set<std::string> owned = OwnedBy(member);
  on_.watch.Mark(taken_over ? owned : std::set<std::string>());
  const absl::Duration since = RealClock().Monotonic();
  begin(member);
  if (taken_over) AwaitAtWork(owned, kAtWorkAgain);
  Last(duration - (RealClock().Monotonic() - since));
  end(member);
  if (!taken_over) AwaitAtWork(owned, kAtWorkAgain);
  // With the member that is back nothing stands still either.
  const Figures::Round of_fault = round_;
  on_.watch.Mark();
  AwaitAtWork({}, kAtWorkAgain);
  round_ = of_fault;
}

void Nemesis::StrikeDatabase(absl::Duration duration, const std::function<void()>& begin,
                             const std::function<void()>& end) {
  begin();
  Last(duration);
  end();
  on_.database.AwaitWritable();
  on_.watch.Mark();
  AwaitAtWork({on_.exporters.begin(), on_.exporters.end()}, kAtWorkOnDatabase);
}

void Nemesis::Start(int member) {
  on_.cluster.Start(member);
  on_.after_start();
}

void Nemesis::ListMemberFaults() {
  const auto signal = [this](int number) {
    return [this, number](int member) { on_.cluster.Signal(member, number); };
  };
  faults_.push_back({"member: kill -9", [this] {
                       StrikeMember(
                           absl::ZeroDuration(), [this](int member) { on_.cluster.Kill(member); },
                           [this](int member) { Start(member); });
                     }});
  faults_.push_back({"member: frozen for 18 s, longer than its ttl",
                     [this, signal] { StrikeMember(kLong, signal(SIGSTOP), signal(SIGCONT)); }});
  faults_.push_back({"member: frozen for 6 s, shorter than its ttl",
                     [this, signal] { StrikeMember(kShort, signal(SIGSTOP), signal(SIGCONT)); }});
  faults_.push_back({"member: SIGTERM", [this] {
                       StrikeMember(
                           absl::ZeroDuration(),
                           [this](int member) {
                             EXPECT_EQ(on_.cluster.Stop(member), 0) << on_.cluster.Logs(member);
                           },
                           [this](int member) { Start(member); });
                     }});
  faults_.push_back({"member: rolling restart of all", [this] { RestartAll(); }, /*brief=*/true});
}

void Nemesis::RestartAll() {
  on_.watch.Mark();
  AwaitAtWork({}, kAtWorkAgain);
  on_.watch.TakeLongestGap();
  for (int member = 0; member < on_.cluster.members(); ++member) {
    EXPECT_EQ(on_.cluster.Stop(member), 0) << on_.cluster.Logs(member);
    Start(member);
    on_.watch.Mark();
    AwaitAtWork({}, kAtWorkAgain);
  }
  const absl::Duration gap = on_.watch.TakeLongestGap();
  EXPECT_LE(gap, kRollingGap);
  round_.without_runner.push_back(gap);
}

void Nemesis::ListNetworkFaults() {
  const auto hold = [this](Way way, bool held) {
    return [this, way, held](int member) { on_.database.Hold(member, way, held); };
  };
  const auto both = [this](bool held) {
    return [this, held](int member) { on_.database.HoldBoth(member, held); };
  };
  faults_.push_back({"network: member and database cut off for 18 s",
                     [this, both] { StrikeMember(kLong, both(true), both(false)); }});
  faults_.push_back({"network: member and database cut off for 6 s",
                     [this, both] { StrikeMember(kShort, both(true), both(false)); }});
  faults_.push_back({"network: the database does not hear a member for 18 s", [this, hold] {
                       StrikeMember(kLong, hold(Way::kToServer, true), hold(Way::kToServer, false));
                     }});
  faults_.push_back({"network: a member does not hear the database for 18 s", [this, hold] {
                       StrikeMember(kLong, hold(Way::kToClient, true), hold(Way::kToClient, false));
                     }});
  faults_.push_back({"two members: one killed, one does not hear the database for 18 s",
                     [this] { KillOneAndDeafenAnother(); },
                     /*brief=*/true});
  faults_.push_back({"network: all connections to the database end", [this] {
                       StrikeDatabase(
                           absl::ZeroDuration(),
                           [this] {
                             for (int i = 0; i < on_.cluster.members(); ++i) {
                               on_.database.LinkToPrimary(i).Cut();
                             }
                           },
                           [] {});
                     }});
  faults_.push_back({"network: cut between COMMIT and its answer", [this] { LoseCommitAnswers(); },
                     /*brief=*/true});
}

void Nemesis::KillOneAndDeafenAnother() {
  int killed = -1;
  StrikeMember(
      kLong,
      [&](int member) {
        on_.database.Hold(member, Way::kToClient, true);
        killed = (member + 1) % on_.cluster.members();
        on_.cluster.Kill(killed);
      },
      [&](int member) {
        on_.database.Hold(member, Way::kToClient, false);
        Start(killed);
      });
}

void Nemesis::LoseCommitAnswers() {
  const auto lose = [this](int number) {
    for (int i = 0; i < on_.cluster.members(); ++i) {
      on_.database.LinkToPrimary(i).LoseCommitAnswers(number);
    }
  };
  lose(10);
  // Members beat and look, so that they commit even if they own nothing.
  EXPECT_TRUE(Await([&] {
    for (int i = 0; i < on_.cluster.members(); ++i) {
      if (on_.database.LinkToPrimary(i).commit_answers_to_lose() > 0) return false;
    }
    return true;
  }));
  lose(0);
  on_.watch.Mark();
  AwaitAtWork({on_.exporters.begin(), on_.exporters.end()}, kAtWorkOnDatabase);
}

}  // namespace logexport
