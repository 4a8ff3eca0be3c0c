// Owners of a store seen from outside: killed, locked out, without rights, on a full disk.

#include <chrono>
#include <cstdlib>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include <sys/stat.h>

#include "service/base/clock.h"
#include "service/state/engines/open_store.h"
#include "service/state/store.h"
#include "tests/state/child_process.h"
#include "tests/state/store_contract.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::StartsWith;

absl::StatusOr<std::unique_ptr<Store>> OpenPath(const std::string& path) {
  StoreOptions options;
  options.url = "sqlite:" + path;
  return OpenStore(options, RealClock());
}

std::int64_t ToInt(const std::optional<std::string>& line) {
  std::int64_t value = -1;
  if (!line.has_value() || !absl::SimpleAtoi(*line, &value)) {
    ADD_FAILURE() << "not a number: " << line.value_or("(the end)");
  }
  return value;
}

TEST(SqliteProcessTest, AStoreHeldByAnotherProcessIsRefusedNamingItsPid) {
  const TempDirectory directory;
  ChildProcess holder({"hold", directory.File("store.db")});
  ASSERT_EQ(holder.ReadLine(), "ready");
  EXPECT_THAT(
      OpenPath(directory.File("store.db")),
      StatusIs(absl::StatusCode::kAborted, HasSubstr(absl::StrCat("pid ", holder.pid(), ":"))));
  EXPECT_EQ(ReadFile(directory.File("store.db.lock")), absl::StrCat(holder.pid(), "\n"));
  holder.Kill();
  EXPECT_THAT(OpenPath(directory.File("store.db")), IsOk());
}

// Whatever the child had been told was committed is there after its death, and every part of a
// commit or none of it.
TEST(SqliteProcessTest, KillingTheOwnerAtAnyMomentLosesNothingAndTearsNothing) {
  const TempDirectory directory;
  const std::string path = directory.File("store.db");
  std::int64_t epoch = 0;
  for (int round = 0; round < 10; ++round) {
    SCOPED_TRACE(round);
    ChildProcess owner({"commit", path});
    std::int64_t acknowledged = ToInt(owner.ReadLine());
    // From within the first commits to where the write-ahead log was started anew.
    for (int commits = round * round * 2; commits > 0; --commits) {
      acknowledged = ToInt(owner.ReadLine());
    }
    // Not to wait for anything: to die at another point of a commit each time.
    std::this_thread::sleep_for(std::chrono::microseconds(137 * round));
    owner.Kill();
    while (const std::optional<std::string> line = owner.ReadLine()) {
      std::int64_t version = 0;
      if (absl::SimpleAtoi(*line, &version)) acknowledged = version;
    }

    auto store = OpenPath(path);
    ASSERT_THAT(store, IsOk());
    EXPECT_GT((*store)->EpochOf("default"), epoch);
    epoch = (*store)->EpochOf("default");
    EXPECT_THAT((*store)->Read([&](Transaction& tx) -> absl::Status {
      const std::int64_t version = StoredVersion(tx);
      EXPECT_GE(version, acknowledged);
      EXPECT_LE(version, acknowledged + 1);
      EXPECT_THAT(
          tx.GetCheckpoint("default"),
          IsOkAndHolds(Field(&Checkpoint::position, Field(&Position::id, absl::StrCat(version)))));
      EXPECT_THAT(tx.GetRun("default", absl::StrCat("run-", epoch - 1)),
                  IsOkAndHolds(AllOf(Field(&RunRecord::commit_version, version),
                                     Field(&RunRecord::state, RunState::kRunning))));
      EXPECT_THAT(tx.CountDeadLetters(DeadLettersOf("default")), IsOkAndHolds(version - 1));
      return absl::OkStatus();
    }),
                IsOk());
  }
}

TEST(SqliteProcessTest, AFullDiskIsAnErrorThatHarmsNothingAndPasses) {
  const TempDirectory directory;
  const std::string path = directory.File("store.db");
  ChildProcess owner({"fill", path, "700000"});
  EXPECT_THAT(owner.ReadLine().value_or(""),
              AllOf(StartsWith("RESOURCE_EXHAUSTED"), HasSubstr(path), HasSubstr("free space")));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(owner.ReadLine(), "RESOURCE_EXHAUSTED");
  EXPECT_EQ(owner.ReadLine(), "ok");
  EXPECT_EQ(owner.Finish(), 0);

  auto store = OpenPath(path);
  ASSERT_THAT(store, IsOk());
  EXPECT_THAT((*store)->Read([&](Transaction& tx) -> absl::Status {
    const std::int64_t version = StoredVersion(tx);
    EXPECT_GT(version, 2);
    EXPECT_THAT(tx.GetRun("default", "run-1"),
                IsOkAndHolds(Field(&RunRecord::commit_version, version)));
    EXPECT_THAT(tx.CountDeadLetters(DeadLettersOf("default")), IsOkAndHolds(version - 1));
    return absl::OkStatus();
  }),
              IsOk());
}

std::string OpenAsOrdinaryUser(const std::string& path) {
  ChildProcess child({"open", path});
  return child.ReadLine().value_or("");
}

TEST(SqliteProcessTest, ADirectoryThatCannotBeWrittenIsPermissionDenied) {
  const TempDirectory directory;
  ASSERT_EQ(::chmod(directory.path().c_str(), 0555), 0);
  EXPECT_THAT(OpenAsOrdinaryUser(directory.File("store.db")),
              AllOf(StartsWith("PERMISSION_DENIED"), HasSubstr("store.db"),
                    HasSubstr("let the user of this process")));
}

TEST(SqliteProcessTest, AFileThatCannotBeReadOrWrittenIsPermissionDenied) {
  const TempDirectory directory;
  const std::string path = directory.File("store.db");
  ASSERT_THAT(OpenPath(path), IsOk());
  ASSERT_EQ(::chmod(directory.path().c_str(), 01777), 0);
  // Of root's files it would only say whose they are.
  for (const std::string& file : {path, directory.File("store.db.lock")}) {
    if (::geteuid() == 0) {
      ASSERT_EQ(::chown(file.c_str(), 65534, 65534), 0);
    }
  }
  for (const mode_t mode : {0000U, 0444U}) {
    SCOPED_TRACE(mode);
    ASSERT_EQ(::chmod(path.c_str(), mode), 0);
    const std::string before = mode == 0 ? "" : ReadFile(path);
    EXPECT_THAT(OpenAsOrdinaryUser(path), AllOf(StartsWith("PERMISSION_DENIED"), HasSubstr(path)));
    if (mode != 0) {
      EXPECT_EQ(ReadFile(path), before);
    }
  }
}

}  // namespace
}  // namespace logexport
