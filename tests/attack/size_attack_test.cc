// Texts and lists without measure. The resident memory of the process is measured, not assumed.
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "tests/attack/attacked_service.h"
#include "tests/attack/state_edits.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"
#include "tests/support/subprocess.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;

constexpr std::size_t kMostAnswer = std::size_t{4} << 20;
// Less than all that the store holds of one list; some entries are read at a time.
constexpr std::int64_t kMayGrow = 128 << 20;

class SizeAttackTest : public ::testing::Test {
 protected:
  // A store that an earlier version filled with reasons of 3.9 MB, and dead letters of 1 MB.
  SizeAttackTest() : service_(AttackedService::Options{.tokens = false}) {
    const auto operate = [this](auto method, auto request) {
      EXPECT_THAT(service_.installation().client().Call(method, request), IsOk());
    };
    for (int n = 0; n < 20; ++n) {
      v1::SetCheckpointRequest move;
      move.mutable_earliest();
      operate(&Stub::SetCheckpoint, move);
      v1::UpdateConfigRequest update;
      update.mutable_config()->mutable_auth0()->set_batch_size(10 + n);
      operate(&Stub::UpdateConfig, update);
      service_.installation().RunNow(1);
    }
    const std::string state = service_.installation().state();
    EXPECT_EQ(service_.installation().Stop(), 0);
    const std::string text = "hex(zeroblob(1950000))";
    for (const char* table : {"runs", "checkpoint_history", "config_versions"}) {
      EditState(state, absl::StrCat("UPDATE ", table, " SET reason = ", text));
    }
    for (int n = 0; n < 100; ++n) {
      EditState(state, absl::StrCat("INSERT INTO dead_letters VALUES ('default', 'log-", n,
                                    "', 's', NULL, 'SEGMENT_REJECTED', 'no', '{\"x\":\"' || "
                                    "hex(zeroblob(500000)) || '\"}', 'r', 1, 1)"));
    }
    service_.installation().Start();
    EXPECT_THAT(service_.installation().client().Call(&Stub::GetStatus, v1::GetStatusRequest()),
                IsOk());
    service_.ForgetMost();
    before_ = service_.Resident();
  }

  template <typename Method, typename Request>
  void ExpectSmall(Method method, Request request) {
    request.set_page_size(500);
    const auto answer = service_.installation().client().Call(method, request);
    ASSERT_THAT(answer, IsOk());
    EXPECT_LE(answer->ByteSizeLong(), kMostAnswer) << answer->GetTypeName();
    EXPECT_LE(service_.MostResident() - before_, kMayGrow) << answer->GetTypeName();
  }

  AttackedService service_;
  std::int64_t before_ = 0;
};

TEST_F(SizeAttackTest, NoListAnswersMoreThanClientsAccept) {
  ExpectSmall(&Stub::GetReports, v1::GetReportsRequest());
  ExpectSmall(&Stub::ListCheckpoints, v1::ListCheckpointsRequest());
  ExpectSmall(&Stub::ListConfigVersions, v1::ListConfigVersionsRequest());
  ExpectSmall(&Stub::ListHistory, v1::ListHistoryRequest());
  ExpectSmall(&Stub::ListAudit, v1::ListAuditRequest());
  ExpectSmall(&Stub::ListDeadLetters, v1::ListDeadLettersRequest());
  v1::ListDeadLettersRequest with_logs;
  with_logs.set_include_log(true);
  ExpectSmall(&Stub::ListDeadLetters, with_logs);
}

TEST_F(SizeAttackTest, TheCommandLineGoesOnToWork) {
  for (const char* command : {"reports", "checkpoints", "config-versions", "history", "audit"}) {
    auto process = Subprocess::Start(
        {BinaryPath("logexportctl"), command, "--server", service_.address(), "--limit", "0"}, {});
    ASSERT_THAT(process, IsOk());
    EXPECT_EQ((*process)->Wait(absl::Seconds(60)), 0) << command << (*process)->ErrorOutput();
    EXPECT_FALSE((*process)->Output().empty()) << command;
  }
}

}  // namespace
}  // namespace logexport
