// What the nemesis does to the database.

#include <csignal>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <gtest/gtest.h>

#include "service/base/clock.h"
#include "tests/chaos/nemesis.h"

namespace logexport {
namespace {

constexpr absl::Duration kAtWorkAgain = absl::Seconds(30);
constexpr absl::Duration kAtWorkOnDatabase = absl::Seconds(10);
constexpr absl::Duration kLong = absl::Seconds(18);
constexpr absl::Duration kShort = absl::Seconds(6);

// The server's processes that serve members.
std::vector<pid_t> Backends(const PostgresqlServer& server) {
  std::vector<pid_t> backends;
  const std::string all = server.Query(
      "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity "
      "WHERE backend_type = 'client backend' AND client_port > 0");
  for (const absl::string_view word : absl::StrSplit(all, ' ', absl::SkipEmpty())) {
    int pid = 0;
    if (absl::SimpleAtoi(word, &pid)) backends.push_back(pid);
  }
  return backends;
}

void SignalEach(const std::vector<pid_t>& pids, int signal) {
  for (const pid_t pid : pids) ::kill(pid, signal);
}

}  // namespace

void Nemesis::ListDatabaseFaults() {
  const auto freeze = [this](absl::Duration duration) {
    StrikeDatabase(
        duration, [this] { on_.database.primary().SignalAll(SIGSTOP); },
        [this] { on_.database.primary().SignalAll(SIGCONT); });
  };
  faults_.push_back({"database: kill -9 of a backend",
                     [this] {
                       StrikeDatabase(
                           absl::ZeroDuration(),
                           [this] {
                             const auto backends = Backends(on_.database.primary());
                             ASSERT_FALSE(backends.empty());
                             ::kill(backends[random_() % backends.size()], SIGKILL);
                           },
                           [] {});
                     },
                     /*brief=*/true});
  faults_.push_back({"database: half of the backends frozen for 18 s", [this] {
                       std::vector<pid_t> frozen;
                       StrikeDatabase(
                           kLong,
                           [&] {
                             for (const pid_t pid : Backends(on_.database.primary())) {
                               if (random_() % 2 == 0) frozen.push_back(pid);
                             }
                             SignalEach(frozen, SIGSTOP);
                           },
                           [&] { SignalEach(frozen, SIGCONT); });
                     }});
  faults_.push_back({"database: postmaster frozen for 6 s, backends alive", [this] {
                       const pid_t postmaster = on_.database.primary().postmaster();
                       StrikeDatabase(
                           kShort, [&] { ::kill(postmaster, SIGSTOP); },
                           [&] { ::kill(postmaster, SIGCONT); });
                     }});
  faults_.push_back({"database: frozen for 6 s", [freeze] { freeze(kShort); }});
  faults_.push_back({"database: frozen for 18 s", [freeze] { freeze(kLong); }});
  faults_.push_back({"database: kill -9 of all of it, down for up to 20 s", [this] {
                       StrikeDatabase(
                           Between(absl::ZeroDuration(), absl::Seconds(20)),
                           [this] { on_.database.primary().Kill(); },
                           [this] { EXPECT_TRUE(on_.database.primary().Restart().ok()); });
                     }});
  if (on_.database.primary().owns_disk()) {
    faults_.push_back({"database: disk full for 10 s", [this] { FillDisk(); }});
  } else {
    impossible_.emplace_back("disk full: needs a mount, and so root");
  }
  if (!on_.database.has_standby()) return;
  faults_.push_back({"standby: gone for 6 s", [this] {
                       StrikeDatabase(
                           kShort, [this] { on_.database.standby().SignalAll(SIGSTOP); },
                           [this] { on_.database.standby().SignalAll(SIGCONT); });
                     }});
  faults_.push_back({"standby: gone for 18 s", [this] {
                       StrikeDatabase(
                           kLong, [this] { on_.database.standby().SignalAll(SIGSTOP); },
                           [this] { on_.database.standby().SignalAll(SIGCONT); });
                     }});
  faults_.push_back({"standby: promoted, the old primary cut off from all", [this] {
                       on_.database.Promote(/*still_connected=*/-1);
                       StrikeDatabase(
                           absl::ZeroDuration(), [] {}, [] {});
                       on_.database.ReplaceOldPrimary();
                     }});
  faults_.push_back(
      {"standby: promoted, one member still at the old primary", [this] { Promote(); }});
}

void Nemesis::Promote() {
  // The member that stays behind commits nothing there, since no standby answers; what it owns is
  // taken over at the new primary as if it were dead.
  const int member = Victim();
  const std::set<std::string> owned = OwnedBy(member);
  on_.watch.Mark(owned);
  on_.database.Promote(member);
  AwaitAtWork({on_.exporters.begin(), on_.exporters.end()}, kAtWorkAgain);
  // The old one ends, and the member finds the new one.
  on_.database.ReplaceOldPrimary();
  const Figures::Round of_fault = round_;
  on_.watch.Mark();
  AwaitAtWork({}, kAtWorkOnDatabase);
  round_ = of_fault;
}

void Nemesis::FillDisk() {
  PostgresqlServer& server = on_.database.primary();
  StrikeDatabase(
      absl::Seconds(10),
      [&] {
        server.FillDisk();
        // What is written next needs new files.
        WitnessSession session([this] { return on_.database.PrimaryUrl(); });
        session.Ask("SELECT pg_switch_wal()");
      },
      [&] {
        server.FreeDisk();
        // It may have given up.
        const bool restarted = server.Running() || server.Restart().ok();
        EXPECT_TRUE(restarted);
      });
}

}  // namespace logexport
