// What an export takes, in figures that are the same on a busy machine: calls, commits, memory.
// Times are for ./dev bench.

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "tests/e2e/installation.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;

// The most memory the process had resident so far.
std::int64_t PeakMegabytes(Installation& installation) {
  std::ifstream status(absl::StrCat("/proc/", installation.service().process().pid(), "/status"));
  std::string line;
  while (std::getline(status, line)) {
    if (!absl::StartsWith(line, "VmHWM:")) continue;
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    std::int64_t kilobytes = 0;
    if (words.size() > 1 && absl::SimpleAtoi(words[1], &kilobytes)) return kilobytes / 1024;
  }
  ADD_FAILURE() << "the process does not tell its memory";
  return 0;
}

TEST(CostTest, APageIsOneCallAndABatchAtMostOneCommit) {
  // Odd logs may end a page with something that only looks like its last id.
  Installation installation({"--generate", "20000", "--odd-rate", "0"});
  installation.Start({{"START_FROM", "90020200101000000000000000000000000000000000000000000000"}});
  const v1::Report report = installation.RunNow();
  ASSERT_EQ(report.ledger().accepted(), 20'000) << report.DebugString();
  // 200 pages, the empty one after them, a token; nothing read ahead in vain.
  EXPECT_EQ(report.api_calls().auth0(), 202);
  EXPECT_EQ(report.api_calls().segment(), report.batches());
  EXPECT_LE(report.batches(), 200);
  // One for each batch at most, the run's start and its end.
  EXPECT_LE(report.sequence(), report.batches() + 2);
}

TEST(CostTest, ProfilesTakeFewCalls) {
  Installation installation(
      {"--generate", "3000", "--odd-rate", "0", "--users", "100000", "--deleted-users-every", "0"});
  installation.Start({{"START_FROM", "90020200101000000000000000000000000000000000000000000000"}});
  v1::UpdateConfigRequest update;
  update.mutable_config()->mutable_profile()->set_enabled(true);
  ASSERT_THAT(installation.client().Call(&Stub::UpdateConfig, update), IsOk());
  const v1::Report report = installation.RunNow();
  ASSERT_EQ(report.ledger().accepted(), 3000) << report.DebugString();
  EXPECT_LE(report.api_calls().auth0(), 3 * 30 + 2);
}

TEST(CostTest, MemoryDoesNotGrowWithTheBacklog) {
#ifdef LOGEXPORT_SANITIZED
  GTEST_SKIP() << "The memory of a sanitizer is not that of the service.";
#endif
  // A slow sink: everything that can wait for it does.
  Installation installation({"--generate", "40000", "--latency", "segment=20"});
  installation.Start();
  v1::RunNowRequest few;
  few.set_max_logs(8000);
  ASSERT_OK_AND_ASSIGN(const v1::RunNowResponse started,
                       installation.client().Call(&Stub::RunNow, few));
  ASSERT_EQ(installation.Await(started.run().run_id()).ledger().accepted(), 8000);
  const std::int64_t after_few = PeakMegabytes(installation);
  ASSERT_EQ(installation.RunNow().ledger().accepted(), 32'000);
  const std::int64_t after_all = PeakMegabytes(installation);
  // 32,000 logs are some 45 MB as they come, and more as events.
  EXPECT_LE(after_all, after_few + 12);
  EXPECT_LE(after_all, 64);
}

}  // namespace
}  // namespace logexport
