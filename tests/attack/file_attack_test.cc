// What others on the same machine prepare for the service: links and files where its own should be.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/e2e/installation.h"
#include "tests/support/service_process.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;

class FileAttackTest : public ::testing::Test {
 protected:
  void ExpectRefused(const std::string& words) {
    const ProgramEnd end = RunService({"--state", "sqlite:" + state_, "--listen", "127.0.0.1:0"},
                                      installation_.environment());
    EXPECT_NE(end.exit_status, 0);
    EXPECT_THAT(end.error_output, HasSubstr(words));
  }

  Installation installation_{{"--generate", "1"}};
  TempDirectory directory_;
  const std::string state_ = directory_.File("attacked.db");
  const std::string victim_ = directory_.File("victim");
};

TEST_F(FileAttackTest, ALinkInPlaceOfTheLockFileLeavesItsTargetAlone) {
  WriteFile(victim_, "precious");
  ASSERT_EQ(symlink(victim_.c_str(), (state_ + ".lock").c_str()), 0);
  ExpectRefused(".lock");
  EXPECT_EQ(ReadFile(victim_), "precious");
}

TEST_F(FileAttackTest, ALinkInPlaceOfTheKeyFileLeavesItsTargetAlone) {
  WriteFile(victim_, "precious");
  ASSERT_EQ(symlink(victim_.c_str(), (state_ + ".key").c_str()), 0);
  ExpectRefused(".key");
  EXPECT_EQ(ReadFile(victim_), "precious");
}

TEST_F(FileAttackTest, AStoreThatOthersMayWriteOrReachIsRefused) {
  installation_.Start();
  ASSERT_EQ(installation_.Stop(), 0);
  const std::string good = ReadFile(installation_.state());
  WriteFile(state_, good);
  ASSERT_EQ(chmod(state_.c_str(), 0666), 0);
  ExpectRefused("attacked.db");
  ASSERT_EQ(chmod(state_.c_str(), 0600), 0);
  ASSERT_EQ(link(state_.c_str(), victim_.c_str()), 0);
  ExpectRefused("attacked.db");
  ASSERT_EQ(unlink(victim_.c_str()), 0);
  EXPECT_EQ(ReadFile(state_), good) << "what is refused is left as it was";
}

TEST_F(FileAttackTest, AKeyFileThatOthersMayReadIsRefused) {
  installation_.Start();
  ASSERT_EQ(installation_.Stop(), 0);
  const std::string key_file = installation_.state() + ".key";
  struct stat made {};
  ASSERT_EQ(stat(key_file.c_str(), &made), 0);
  EXPECT_EQ(made.st_mode & 0777, 0600u);
  ASSERT_EQ(chmod(key_file.c_str(), 0644), 0);
  const ProgramEnd end =
      RunService({"--state", "sqlite:" + installation_.state(), "--listen", "127.0.0.1:0"},
                 installation_.environment());
  EXPECT_EQ(end.exit_status, 2);
  EXPECT_THAT(end.error_output, HasSubstr("chmod 600"));
}

}  // namespace
}  // namespace logexport
