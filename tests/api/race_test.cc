// Two clients at once: exactly one of two changes of the same thing is made.
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "tests/api/api_server.h"

namespace logexport {
namespace {

constexpr int kRounds = 1000;

// Makes both calls at once; true when one was made and the other refused with `reason`.
bool OneWins(ApiServer& server, const std::string& method, const std::string& first,
             const std::string& second, const std::string& reason) {
  ApiReply other;
  std::thread rival([&] { other = server.Call(method, second); });
  const ApiReply one = server.Call(method, first);
  rival.join();
  const ApiReply& loser = one.ok() ? other : one;
  EXPECT_NE(one.ok(), other.ok()) << one << "\n" << other;
  EXPECT_EQ(loser.code, grpc::StatusCode::ABORTED) << loser;
  EXPECT_EQ(loser.reason, reason) << loser;
  return !::testing::Test::HasFailure();
}

TEST(RaceTest, OfTwoUpdatesWithTheSameEtagOneWins) {
  ApiServer server;
  for (int round = 0; round < kRounds; ++round) {
    const auto config = server.Get<v1::GetConfigResponse>("GetConfig");
    ASSERT_EQ(config.version(), round + 1);
    const auto update = [&](int batch_size) {
      return absl::StrCat("etag: '", config.etag(), "' config { auth0 { batch_size: ", batch_size,
                          " } }");
    };
    // Neither leaves the value as it is.
    const int base = round % 2 == 0 ? 10 : 20;
    ASSERT_TRUE(OneWins(server, "UpdateConfig", update(base), update(base + 1), "ETAG_MISMATCH"))
        << "in round " << round;
  }
}

TEST(RaceTest, OfTwoMovesFromTheSameCheckpointOneWins) {
  ApiServer server;
  const std::vector<std::string> logs = server.sandbox().LogIds();
  for (int round = 0; round < kRounds; ++round) {
    const auto current = server.Get<v1::ListCheckpointsResponse>("ListCheckpoints", "page_size: 1");
    const std::string expected =
        absl::StrCat("allow_skip: true expected_version: ", current.current().version(), " ");
    const auto move = [&](std::size_t log) {
      return absl::StrCat(expected, "log_id: '", logs[log], "'");
    };
    // Neither leaves the checkpoint where it is.
    const std::size_t base = round % 2 == 0 ? 10 : 20;
    ASSERT_TRUE(OneWins(server, "SetCheckpoint", move(base), move(base + 1), "CHECKPOINT_MISMATCH"))
        << "in round " << round;
  }
}

}  // namespace
}  // namespace logexport
