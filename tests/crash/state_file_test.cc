// The real service with a state file that cannot be written, is not to be written, or is no state
// of ours. Nothing is lost by any of it, and what passes by itself needs nobody's help.

#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/crash/stored_state.h"
#include "tests/crash/witness.h"
#include "tests/e2e/installation.h"
#include "tests/support/await.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int kLogs = 6000;

ProgramEnd StartOn(Installation& installation) {
  return RunService(
      {"--listen", "127.0.0.1:0", "--state", absl::StrCat("sqlite:", installation.state())},
      installation.environment());
}

// A small disk of its own for the installation, as far as this machine lets the test have one.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& directory) : directory_(directory) {
    mounted_ = ::mount("none", directory_.c_str(), "tmpfs", 0, "size=16m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(directory_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  bool MakeReadOnly() {
    return ::mount("none", directory_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=16m") == 0;
  }
  // Takes all that is free, to the last byte, and before the run that is to meet it is over.
  void Fill() {
    std::ofstream file(Filler(), std::ios::binary);
    const std::string block(1 << 20, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  void MakeRoom() { std::filesystem::remove(Filler()); }

 private:
  std::string Filler() const { return directory_ + "/filler"; }

  const std::string directory_;
  bool mounted_ = false;
};

#define LOGEXPORT_NEEDS(disk)                                                          \
  if (!(disk).mounted()) {                                                             \
    GTEST_SKIP() << "This machine lets the test mount no disk of its own: NOT TESTED " \
                    "with one.";                                                       \
  }

// The growth of no file of the service, beyond the size that its write-ahead log has now.
void LimitFiles(Installation& installation, bool limited) {
  rlimit limit{};
  const pid_t pid = installation.service().process().pid();
  ASSERT_EQ(::prlimit(pid, RLIMIT_FSIZE, nullptr, &limit), 0);
  struct stat info {};
  ASSERT_EQ(::stat((installation.state() + "-wal").c_str(), &info), 0);
  limit.rlim_cur = limited ? static_cast<rlim_t>(info.st_size) : limit.rlim_max;
  ASSERT_EQ(::prlimit(pid, RLIMIT_FSIZE, &limit, nullptr), 0);
}

std::int64_t Accepted(Installation& installation) {
  return installation.sandbox().Stat({"segment", "events_accepted"});
}

class FullDiskTest : public ::testing::Test {
 protected:
  FullDiskTest()
      : installation_({"--generate", absl::StrCat(kLogs), "--no-store-events", "--latency",
                       "logs=10", "--latency", "segment=10"}),
        disk_(installation_.directory()),
        witness_(installation_.sandbox(), {}) {}

  // Exports; when it is in the middle of it, `fill` is called.
  std::string FillInMidRun(const std::function<void()>& fill) {
    const absl::StatusOr<v1::RunNowResponse> started =
        installation_.client().Call(&Stub::RunNow, v1::RunNowRequest());
    EXPECT_THAT(started, IsOk());
    Await([&] { return Accepted(installation_) >= 300; });
    fill();
    return started.ok() ? started->run().run_id() : "";
  }

  // Waits until everything that can be sent ahead of a commit has been: nothing is asked of the
  // sandbox any more, in many looks one after the other.
  void AwaitStandstill() {
    int quiet = 0;
    std::int64_t before = -1;
    ASSERT_TRUE(Await([&] {
      const absl::StatusOr<v1::GetStatusResponse> status =
          installation_.client().Call(&Stub::GetStatus, v1::GetStatusRequest());
      EXPECT_THAT(status, IsOk()) << "reading needs no room";
      const std::int64_t now = Accepted(installation_);
      const bool still = now == before && installation_.sandbox().Stat({"in_flight"}) == 0;
      quiet = still ? quiet + 1 : 0;
      before = now;
      return quiet >= 50 || !status.ok();
    }));
    EXPECT_LT(before, kLogs) << "the run was over before the disk was full";
  }

  void ExpectAllExported() {
    EXPECT_EQ(installation_.Stop(), 0);
    const std::optional<StoredState> state = ReadStoredState(installation_.state());
    ASSERT_TRUE(state.has_value());
    witness_.ExpectComplete(*state);
  }

  void TheRunGoesOnWhenThereIsRoomAgain(const std::function<void()>& fill,
                                        const std::function<void()>& make_room) {
    installation_.Start();
    const std::string run = FillInMidRun(fill);
    AwaitStandstill();
    make_room();
    const v1::Report report = installation_.Await(run);
    EXPECT_EQ(report.state(), v1::RUN_STATE_SUCCEEDED) << report.DebugString();
    EXPECT_EQ(report.ledger().accepted(), kLogs);
    EXPECT_EQ(installation_.sandbox().Stat({"segment", "duplicates"}), 0);
    ExpectAllExported();
  }

  void ALaterRunMakesGood(const std::function<void()>& fill,
                          const std::function<void()>& make_room) {
    // No run begins before it is set how soon one gives up.
    installation_.Start({{"SCHEDULE", "0 0 0 1 1 *"}});
    v1::UpdateConfigRequest update;
    update.mutable_config()->mutable_schedule()->set_cron("* * * * * *");
    update.mutable_config()->mutable_run()->mutable_max_stall()->set_seconds(1);
    ASSERT_THAT(installation_.client().Call(&Stub::UpdateConfig, update), IsOk());
    ASSERT_TRUE(Await([&] { return Accepted(installation_) >= 300; }));
    fill();
    // The run gives up, and its end waits to be put on record.
    ASSERT_TRUE(Await([&] {
      return !installation_.service().process().Running() ||
             absl::StrContains(installation_.Logs(), "cannot store the end of a run");
    })) << installation_.Logs();
    EXPECT_THAT(installation_.Logs(), HasSubstr("free space"));
    make_room();
    ASSERT_TRUE(Await([&] {
      return !installation_.service().process().Running() || installation_.Missing() == 0;
    }));
    ASSERT_TRUE(installation_.service().process().Running()) << installation_.Logs();
    ASSERT_TRUE(Await(
        [&] { return installation_.Status().last_run().state() == v1::RUN_STATE_SUCCEEDED; }));
    ExpectAllExported();
    const std::optional<StoredState> state = ReadStoredState(installation_.state());
    ASSERT_TRUE(state.has_value());
    int failed = 0;
    for (const RunRecord& run : state->runs) {
      if (run.state != RunState::kFailed) continue;
      ++failed;
      ASSERT_TRUE(run.error.has_value());
      EXPECT_EQ(run.error->origin, "STATE");
      EXPECT_EQ(run.error->reason, "STORE_UNAVAILABLE");
      EXPECT_THAT(run.error->message, HasSubstr("free space"));
      EXPECT_TRUE(run.ledger.balanced());
    }
    EXPECT_EQ(failed, 1);
  }

  Installation installation_;
  SmallDisk disk_;
  Witness witness_;
};

TEST_F(FullDiskTest, ARunGoesOnWhenThereIsRoomAgain) {
  LOGEXPORT_NEEDS(disk_);
  TheRunGoesOnWhenThereIsRoomAgain([&] { disk_.Fill(); }, [&] { disk_.MakeRoom(); });
}

TEST_F(FullDiskTest, ALaterRunMakesGoodWhatOneGaveUp) {
  LOGEXPORT_NEEDS(disk_);
  ALaterRunMakesGood([&] { disk_.Fill(); }, [&] { disk_.MakeRoom(); });
}

TEST_F(FullDiskTest, ALimitOnFileSizesIsMetLikeAFullDisk) {
  TheRunGoesOnWhenThereIsRoomAgain([&] { LimitFiles(installation_, true); },
                                   [&] { LimitFiles(installation_, false); });
}

TEST_F(FullDiskTest, StartingOnOneIsRefusedWithWordsOnWhatToDo) {
  LOGEXPORT_NEEDS(disk_);
  disk_.Fill();
  ProgramEnd end = StartOn(installation_);
  EXPECT_EQ(end.exit_status, 1) << end.error_output;
  EXPECT_THAT(end.error_output, AllOf(HasSubstr("state.db"), HasSubstr("free space")));
  disk_.MakeRoom();
  installation_.Start();
  EXPECT_EQ(installation_.RunNow().state(), v1::RUN_STATE_SUCCEEDED);
  ExpectAllExported();
}

class LockOfAnotherProgram {
 public:
  explicit LockOfAnotherProgram(const std::string& path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &other_), SQLITE_OK);
    sqlite3_busy_timeout(other_, 10'000);
    EXPECT_EQ(sqlite3_exec(other_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  }
  ~LockOfAnotherProgram() { sqlite3_close(other_); }
  LockOfAnotherProgram(const LockOfAnotherProgram&) = delete;
  LockOfAnotherProgram& operator=(const LockOfAnotherProgram&) = delete;

 private:
  sqlite3* other_ = nullptr;
};

// Another program that has the file open, such as a backup, holds commits up for as long.
TEST(StateFileTest, ALockOfAnotherProgramOnlyHoldsTheRunUp) {
  Installation installation({"--generate", absl::StrCat(kLogs), "--no-store-events", "--latency",
                             "logs=10", "--latency", "segment=10"});
  const Witness witness(installation.sandbox(), {});
  installation.Start();
  const absl::StatusOr<v1::RunNowResponse> started =
      installation.client().Call(&Stub::RunNow, v1::RunNowRequest());
  ASSERT_THAT(started, IsOk());
  ASSERT_TRUE(Await([&] { return Accepted(installation) >= 300; }));
  std::optional<LockOfAnotherProgram> lock(installation.state());
  const std::string before = installation.Status().checkpoint().log_id();
  const std::int64_t accepted = Accepted(installation);
  ASSERT_TRUE(Await([&] { return Accepted(installation) >= accepted + 300; }));
  EXPECT_EQ(installation.Status().checkpoint().log_id(), before);
  lock.reset();
  const v1::Report report = installation.Await(started->run().run_id());
  EXPECT_EQ(report.state(), v1::RUN_STATE_SUCCEEDED) << report.DebugString();
  EXPECT_EQ(installation.Stop(), 0);
  const std::optional<StoredState> state = ReadStoredState(installation.state());
  ASSERT_TRUE(state.has_value());
  witness.ExpectComplete(*state);
}

TEST(StateFileTest, ALockOfAnotherProgramDoesNotHoldUpAStop) {
  Installation installation({"--generate", absl::StrCat(kLogs), "--no-store-events", "--latency",
                             "logs=10", "--latency", "segment=10"});
  const Witness witness(installation.sandbox(), {});
  installation.Start();
  ASSERT_THAT(installation.client().Call(&Stub::RunNow, v1::RunNowRequest()), IsOk());
  ASSERT_TRUE(Await([&] { return Accepted(installation) >= 300; }));
  {
    const LockOfAnotherProgram lock(installation.state());
    EXPECT_EQ(installation.Stop(), 0);
  }
  installation.Start();
  EXPECT_EQ(installation.Status().last_run().state(), v1::RUN_STATE_FAILED);
  EXPECT_EQ(installation.Status().last_run().stop_reason(), v1::STOP_REASON_INTERRUPTED);
  EXPECT_EQ(installation.RunNow().state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_EQ(installation.Stop(), 0);
  const std::optional<StoredState> state = ReadStoredState(installation.state());
  ASSERT_TRUE(state.has_value());
  witness.ExpectComplete(*state);
}

TEST(StateFileTest, AReadOnlyPlaceIsRefusedWithWordsOnWhatToDo) {
  Installation installation({"--generate", "10"});
  SmallDisk disk(installation.directory());
  installation.Start();
  EXPECT_EQ(installation.RunNow().state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_EQ(installation.Stop(), 0);
  const std::string before = ReadFile(installation.state());
  if (disk.mounted()) {
    ASSERT_TRUE(disk.MakeReadOnly());
  } else if (::geteuid() == 0) {
    GTEST_SKIP() << "The superuser may write everywhere, and mount nothing here: NOT TESTED.";
  } else {
    ASSERT_EQ(::chmod(installation.directory().c_str(), 0555), 0);
    ASSERT_EQ(::chmod((installation.state() + ".lock").c_str(), 0444), 0);
  }
  const ProgramEnd end = StartOn(installation);
  EXPECT_EQ(end.exit_status, 1) << end.error_output;
  EXPECT_THAT(end.error_output,
              AllOf(HasSubstr("state.db"), HasSubstr("let the user of this process write")));
  EXPECT_EQ(ReadFile(installation.state()), before);
  if (!disk.mounted()) ::chmod(installation.directory().c_str(), 0755);
}

struct Refused {
  const char* name;
  void (*alter)(const std::string& path);
  const char* words;
};

void Execute(const std::string& path, const char* sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
}

class RefusedFileTest : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedFileTest, IsNamedAndLeftByteForByte) {
  Installation installation({"--generate", "500"});
  installation.Start();
  EXPECT_EQ(installation.RunNow().state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_EQ(installation.Stop(), 0);
  const std::string good = ReadFile(installation.state());
  GetParam().alter(installation.state());
  const std::string before = ReadFile(installation.state());
  const ProgramEnd end = StartOn(installation);
  // Not 3, which tells of another process that exports.
  EXPECT_EQ(end.exit_status, 1) << end.error_output;
  EXPECT_THAT(end.error_output, AllOf(HasSubstr("state.db"), HasSubstr(GetParam().words),
                                      HasSubstr("it was left as it is")));
  EXPECT_EQ(ReadFile(installation.state()), before);
  EXPECT_FALSE(std::filesystem::exists(installation.state() + "-wal"));

  // With the file put back all is as it was.
  WriteFile(installation.state(), good);
  installation.Start();
  EXPECT_EQ(installation.RunNow().ledger().fetched(), 0);
  EXPECT_EQ(installation.sandbox().Stat({"segment", "duplicates"}), 0);
}

INSTANTIATE_TEST_SUITE_P(Files, RefusedFileTest,
                         ::testing::Values(Refused{"NewerSchema",
                                                   [](const std::string& path) {
                                                     Execute(path, "PRAGMA user_version = 99");
                                                   },
                                                   "has schema version 99"},
                                           Refused{"OtherProgram",
                                                   [](const std::string& path) {
                                                     std::filesystem::remove(path);
                                                     Execute(path, "CREATE TABLE notes (text)");
                                                   },
                                                   "another program"},
                                           Refused{"CutInHalf",
                                                   [](const std::string& path) {
                                                     std::filesystem::resize_file(
                                                         path,
                                                         std::filesystem::file_size(path) / 2);
                                                   },
                                                   "is damaged"},
                                           Refused{"DamagedPage",
                                                   [](const std::string& path) {
                                                     std::string bytes = ReadFile(path);
                                                     bytes.replace(bytes.size() / 4096 / 2 * 4096,
                                                                   2000, 2000, '\x7f');
                                                     WriteFile(path, bytes);
                                                   },
                                                   "is damaged"}),
                         [](const auto& file) { return std::string(file.param.name); });

}  // namespace
}  // namespace logexport
