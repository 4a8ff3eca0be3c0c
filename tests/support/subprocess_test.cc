#include "tests/support/subprocess.h"

#include <csignal>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

constexpr absl::Duration kLimit = absl::Seconds(30);

TEST(SubprocessTest, KeepsOutputAndExitCode) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Subprocess> process,
                       Subprocess::Start({"/bin/sh", "-c", "echo $GREETING; echo oops >&2; exit 7"},
                                         {{"GREETING", "hello"}}));
  EXPECT_EQ(process->Wait(kLimit), 7);
  EXPECT_EQ(process->Output(), "hello\n");
  EXPECT_EQ(process->ErrorOutput(), "oops\n");
}

TEST(SubprocessTest, TellsTheSignalThatEndedIt) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Subprocess> process, Subprocess::Start({"/bin/cat"}));
  EXPECT_TRUE(process->Running());
  process->Signal(SIGKILL);
  EXPECT_EQ(process->Wait(kLimit), -SIGKILL);
  EXPECT_FALSE(process->Running());
}

TEST(SubprocessTest, ClosesStandardInput) {
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Subprocess> process, Subprocess::Start({"/bin/cat"}));
  process->CloseInput();
  EXPECT_EQ(process->Wait(kLimit), 0);
}

TEST(SubprocessTest, SaysWhatCannotBeStarted) {
  EXPECT_THAT(Subprocess::Start({"/no/such/program"}),
              StatusIs(absl::StatusCode::kNotFound, ::testing::HasSubstr("/no/such/program")));
}

}  // namespace
}  // namespace logexport
