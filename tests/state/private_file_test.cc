// A store that somebody else can write, or that is reached by more than one way, is refused and
// left as it is.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/state/engines/open_store.h"
#include "service/state/store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class PrivateFileTest : public ::testing::Test {
 protected:
  absl::Status Open() {
    StoreOptions options;
    options.url = "sqlite:" + path_;
    return OpenStore(options, clock_).status();
  }
  void Write(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
  }
  std::string Read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  void ExpectRefused(const std::string& path, const std::string& why) {
    EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                 AllOf(HasSubstr(path), HasSubstr(why))));
  }

  FakeClock clock_;
  TempDirectory directory_;
  const std::string path_ = directory_.File("store.db");
  const std::string other_ = directory_.File("other.txt");
};

TEST_F(PrivateFileTest, ALockFileThatIsALinkIsRefusedAndItsTargetKeepsItsContent) {
  Write(other_, "precious");
  fs::create_symlink(other_, path_ + ".lock");
  ExpectRefused(path_ + ".lock", "symbolic link");
  EXPECT_EQ(Read(other_), "precious");
  fs::remove(path_ + ".lock");
  fs::create_hard_link(other_, path_ + ".lock");
  ExpectRefused(path_ + ".lock", "hard link");
  EXPECT_EQ(Read(other_), "precious");
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(PrivateFileTest, ALockFileThatLeadsNowhereMakesNoFile) {
  fs::create_symlink(other_, path_ + ".lock");
  ExpectRefused(path_ + ".lock", "symbolic link");
  EXPECT_FALSE(fs::exists(other_));
}

TEST_F(PrivateFileTest, ALockFileThatIsAPipeIsRefusedWithoutWaiting) {
  ASSERT_EQ(::mkfifo((path_ + ".lock").c_str(), 0600), 0);
  ExpectRefused(path_ + ".lock", "not a regular file");
}

TEST_F(PrivateFileTest, FilesThatOthersMayWriteAreRefused) {
  ASSERT_THAT(Open(), IsOk());
  for (const char* const ending : {"", ".lock"}) {
    for (const mode_t mode : {0620, 0602, 0666}) {
      ASSERT_EQ(::chmod((path_ + ending).c_str(), mode), 0);
      ExpectRefused(path_ + ending, "chmod go-w");
    }
    ASSERT_EQ(::chmod((path_ + ending).c_str(), 0600), 0);
  }
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(PrivateFileTest, AStoreWithASecondNameIsRefused) {
  ASSERT_THAT(Open(), IsOk());
  fs::create_hard_link(path_, other_);
  ExpectRefused(path_, "hard link");
  fs::remove(other_);
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(PrivateFileTest, CompanionsThatLeadElsewhereAreRefused) {
  Write(other_, "precious");
  for (const char* const ending : {"-wal", "-shm", "-journal"}) {
    fs::create_symlink(other_, path_ + ending);
    ExpectRefused(path_ + ending, "symbolic link");
    fs::remove(path_ + ending);
  }
  EXPECT_EQ(Read(other_), "precious");
}

TEST_F(PrivateFileTest, AStoreOfAnotherUserIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_THAT(Open(), IsOk());
  ASSERT_EQ(::chown(path_.c_str(), 65534, 0), 0);
  ExpectRefused(path_, "belongs to user 65534");
}

TEST_F(PrivateFileTest, ADirectoryInWhichEverybodyMayReplaceTheStoreIsRefused) {
  const std::string directory = fs::path(path_).parent_path().string();
  ASSERT_EQ(::chmod(directory.c_str(), 0777), 0);
  ExpectRefused(directory, "can be written by everybody");
  // As /tmp is.
  ASSERT_EQ(::chmod(directory.c_str(), 01777), 0);
  EXPECT_THAT(Open(), IsOk());
  ASSERT_EQ(::chmod(directory.c_str(), 0700), 0);
}

}  // namespace
}  // namespace logexport
