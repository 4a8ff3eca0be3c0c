#include "service/config/secret_resolver.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/status/status.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/config/config_samples.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class SecretResolverTest : public ::testing::Test {
 protected:
  std::string File(const std::string& name, const std::string& content) {
    const std::filesystem::path path = folder_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return "file:" + path.string();
  }

  const TempDirectory directory_;
  const std::filesystem::path folder_{directory_.path()};
  SecretResolver resolver_{Environment({{"KEY", "from-env"}, {"EMPTY", ""}, {"TWO", "a\nb"}})};
};

TEST_F(SecretResolverTest, ALiteralStandsForItself) {
  EXPECT_THAT(resolver_.Resolve("s3cret"), IsOkAndHolds("s3cret"));
  EXPECT_THAT(resolver_.Resolve("https://hooks.slack.com/x"),
              IsOkAndHolds("https://hooks.slack.com/x"));
}

TEST_F(SecretResolverTest, AVariableIsLookedUp) {
  EXPECT_THAT(resolver_.Resolve("env:KEY"), IsOkAndHolds("from-env"));
}

TEST_F(SecretResolverTest, AFileIsReadAnewWithoutItsLineBreak) {
  const std::string reference = File("key", "first\n");
  EXPECT_THAT(resolver_.Resolve(reference), IsOkAndHolds("first"));
  File("key", "second\r\n");
  EXPECT_THAT(resolver_.Resolve(reference), IsOkAndHolds("second"));
}

TEST_F(SecretResolverTest, ErrorsNameTheReference) {
  EXPECT_THAT(
      resolver_.Resolve("env:MISSING"),
      StatusIs(absl::StatusCode::kFailedPrecondition, "environment variable MISSING is not set"));
  EXPECT_THAT(resolver_.Resolve("env:EMPTY"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("EMPTY is empty")));
  const std::string missing = "file:" + (folder_ / "missing").string();
  EXPECT_THAT(resolver_.Resolve(missing),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr(missing.substr(5)), HasSubstr("does not exist"))));
  EXPECT_THAT(resolver_.Resolve("file:" + folder_.string()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not a regular file")));
  EXPECT_THAT(resolver_.Resolve(File("large", std::string(70000, 'x'))),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("larger")));
  EXPECT_THAT(resolver_.Resolve(File("blank", "\n")),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("is empty")));
  EXPECT_THAT(resolver_.Resolve("file:relative/path"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("absolute")));
}

TEST_F(SecretResolverTest, ErrorsNeverHoldTheValue) {
  const absl::StatusOr<std::string> from_file = resolver_.Resolve(File("two", "hid\nden"));
  EXPECT_THAT(from_file, StatusIs(absl::StatusCode::kFailedPrecondition,
                                  AllOf(HasSubstr("line break"), Not(HasSubstr("hid")))));
  EXPECT_THAT(resolver_.Resolve("top\nsecret"),
              StatusIs(absl::StatusCode::kFailedPrecondition, Not(HasSubstr("top"))));
}

TEST_F(SecretResolverTest, APipeIsRefusedInsteadOfWaitedFor) {
  const std::filesystem::path path = folder_ / "pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(resolver_.Resolve("file:" + path.string()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not a regular file")));
}

}  // namespace
}  // namespace logexport
