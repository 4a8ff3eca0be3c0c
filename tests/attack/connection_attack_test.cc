// Bursts and floods of connections.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/attack/attacked_service.h"
#include "tests/attack/http2_attacker.h"
#include "tests/support/await.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

TEST(ConnectionAttackTest, ABurstBeyondTheLimitOnOpenFilesEndsNothing) {
  AttackedService service;
  const pid_t pid = service.installation().service().process().pid();
  const rlimit few{1024, 1024};
  ASSERT_EQ(prlimit(pid, RLIMIT_NOFILE, &few, nullptr), 0);
  {
    std::vector<Http2Attacker> idle;
    for (int n = 0; n < 1084; ++n) idle.emplace_back(service.address());
    // While the burst lasts another address still gets in.
    Http2Attacker other(service.address(), "127.0.0.2");
    ASSERT_TRUE(other.Connected());
    ASSERT_TRUE(other.Start());
    EXPECT_TRUE(other.Read(absl::Seconds(10)).has_value());
  }
  EXPECT_TRUE(Await([&] { return service.Read().ok(); })) << service.installation().Logs();
}

TEST(ConnectionAttackTest, RunningOutOfOpenFilesIsTemporary) {
  AttackedService service;
  const pid_t pid = service.installation().service().process().pid();
  rlimit before{};
  // Lower than what is open: each accept fails.
  const rlimit none{8, 1024};
  ASSERT_EQ(prlimit(pid, RLIMIT_NOFILE, &none, &before), 0);
  std::vector<Http2Attacker> waiting;
  for (int n = 0; n < 20; ++n) waiting.emplace_back(service.address());
  EXPECT_TRUE(Await([&] {
    return service.installation().Logs().find("connections cannot be accepted") !=
           std::string::npos;
  })) << service.installation().Logs();
  const rlimit enough{1024, 1024};
  ASSERT_EQ(prlimit(pid, RLIMIT_NOFILE, &enough, nullptr), 0);
  EXPECT_TRUE(Await([&] { return service.Read().ok(); })) << service.installation().Logs();
}

TEST(ConnectionAttackTest, TheSoftLimitOnOpenFilesIsRaised) {
  AttackedService service;
  rlimit now{};
  ASSERT_EQ(prlimit(service.installation().service().process().pid(), RLIMIT_NOFILE, nullptr, &now),
            0);
  EXPECT_EQ(now.rlim_cur, std::min<rlim_t>(now.rlim_max, 65536));
}

// A client that connects and says nothing is gone after a while.
TEST(ConnectionAttackTest, SilentConnectionsAreClosed) {
  AttackedService service;
  Http2Attacker silent(service.address());
  ASSERT_TRUE(silent.Connected());
  EXPECT_TRUE(silent.AwaitClose(absl::Seconds(30)));
  EXPECT_THAT(service.Read(), IsOk());
}

}  // namespace
}  // namespace logexport
