// What can be done to the file of tokens.
#include <string>

#include "absl/strings/str_cat.h"
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/attack/attacked_service.h"
#include "tests/attack/http2_attacker.h"
#include "tests/support/service_process.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using Stub = client::Client::Stub;

// The start is refused with these words.
void ExpectRefused(const std::string& content, mode_t mode, const std::string& words) {
  TempDirectory directory;
  const std::string file = directory.File("tokens");
  WriteFile(file, content);
  chmod(file.c_str(), mode);
  const ProgramEnd end =
      RunService({"--listen", "127.0.0.1:0", "--state", "sqlite:" + directory.File("state.db"),
                  "--auth-token-file", file},
                 {});
  EXPECT_EQ(end.exit_status, 2) << words;
  EXPECT_THAT(end.error_output, HasSubstr(words));
}

TEST(TokenFileAttackTest, FilesThatLetStrangersInAreRefusedAtTheStart) {
  ExpectRefused(TokenFileLine("ada", "admin", ""), 0600, "empty token");
  ExpectRefused(TokenFileLine("vera", "viewer", "one") + TokenFileLine("ada", "admin", "one"), 0600,
                "stands in line 1 already");
  ExpectRefused(TokenFileLine("ada", "admin", "one"), 0666, "can be written by everybody");
}

TEST(TokenFileAttackTest, AnEmptyTokenIsNobodys) {
  AttackedService service;
  for (const char* authorization : {"Bearer ", "Bearer", "bearer  ", "Bearer \t"}) {
    Http2Attacker attacker(service.address());
    ASSERT_TRUE(attacker.Start());
    ASSERT_TRUE(attacker.OpenStream(1, "/logexport.v1.LogExportService/GetStatus",
                                    {{"authorization", authorization}}));
    attacker.SendData(1, MessagePrefix(0), /*last=*/true);
    // The answer is a refusal, which has no message.
    bool message = false;
    while (const auto frame = attacker.Read(absl::Seconds(10))) {
      if (frame->stream != 1) continue;
      message = message || frame->type == 0;
      if ((frame->flags & 1) != 0 || frame->type == 3) break;
    }
    EXPECT_FALSE(message) << authorization;
  }
}

TEST(TokenFileAttackTest, ADeletedFileEndsAllTokensAndSaysSo) {
  AttackedService service;
  ASSERT_THAT(service.Read(), IsOk());
  ASSERT_EQ(unlink(service.token_file().c_str()), 0);
  EXPECT_EQ(service.Read().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(service.installation().Logs(), HasSubstr("the token file is gone"));
  WriteFile(service.token_file(), TokenFileLine("vera", "viewer", "viewer-token"));
  EXPECT_THAT(service.Read(), IsOk());
}

TEST(TokenFileAttackTest, ARotationInPlaceWithTheOldTimeCounts) {
  AttackedService service;
  ASSERT_THAT(service.Read(), IsOk());
  struct stat before {};
  ASSERT_EQ(stat(service.token_file().c_str(), &before), 0);
  // Of the same length, written over the old content, and dated back.
  std::string content = ReadFile(service.token_file());
  const std::string old = TokenFileLine("vera", "viewer", "viewer-token");
  const std::string fresh = TokenFileLine("vera", "viewer", "another-token");
  ASSERT_EQ(old.size(), fresh.size());
  content.replace(content.find(old), old.size(), fresh);
  WriteFile(service.token_file(), content);
  const timespec times[] = {before.st_atim, before.st_mtim};
  ASSERT_EQ(utimensat(AT_FDCWD, service.token_file().c_str(), times, 0), 0);
  EXPECT_EQ(service.Read().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(service.ClientWith("another-token")->Call(&Stub::GetStatus, v1::GetStatusRequest()),
              IsOk());
}

}  // namespace
}  // namespace logexport
