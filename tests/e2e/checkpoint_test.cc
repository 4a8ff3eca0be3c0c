#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/logexport/error_details.h"
#include "logexport/v1/checkpoint.pb.h"
#include "tests/e2e/installation.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;

v1::SetCheckpointRequest ToEarliest() {
  v1::SetCheckpointRequest request;
  request.mutable_earliest();
  request.set_run_now(true);
  return request;
}

// What the command line shows before it asks: it sends the request as given, as a check.
TEST(CheckpointTest, AMoveThatStartsARunCanBeCheckedBeforeAndStartsNothing) {
  Installation installation({"--generate", "300"});
  installation.Start();
  const v1::Report report = installation.RunNow();

  v1::SetCheckpointRequest request = ToEarliest();
  request.set_validate_only(true);
  ASSERT_OK_AND_ASSIGN(const v1::SetCheckpointResponse checked,
                       installation.client().Call(&Stub::SetCheckpoint, request));
  EXPECT_EQ(checked.direction(), v1::CHECKPOINT_DIRECTION_REWIND);
  EXPECT_FALSE(checked.has_run());
  const v1::GetStatusResponse status = installation.Status();
  EXPECT_EQ(status.checkpoint().log_id(), report.checkpoint_after());
  EXPECT_FALSE(status.has_active_run());
  EXPECT_EQ(status.last_run().run_id(), report.run_id());
}

TEST(CheckpointTest, ACheckAnswersAsTheMoveWouldWhileARunIsActive) {
  Installation installation({"--generate", "4000", "--latency", "logs=50"});
  installation.Start();
  ASSERT_THAT(installation.client().Call(&Stub::RunNow, v1::RunNowRequest()), IsOk());
  // Accepted is not committed yet.
  while (installation.Status().checkpoint().log_id().empty()) {
  }

  v1::SetCheckpointRequest request = ToEarliest();
  request.set_validate_only(true);
  const absl::StatusOr<v1::SetCheckpointResponse> refused =
      installation.client().Call(&Stub::SetCheckpoint, request);
  EXPECT_EQ(client::DetailsOf(refused.status()).reason, "RUN_ALREADY_ACTIVE") << refused.status();

  request.set_drain(true);
  ASSERT_OK_AND_ASSIGN(const v1::SetCheckpointResponse checked,
                       installation.client().Call(&Stub::SetCheckpoint, request));
  EXPECT_EQ(checked.direction(), v1::CHECKPOINT_DIRECTION_REWIND);
  EXPECT_TRUE(installation.Status().has_active_run()) << "a check drains nothing";

  request.set_validate_only(false);
  ASSERT_OK_AND_ASSIGN(const v1::SetCheckpointResponse moved,
                       installation.client().Call(&Stub::SetCheckpoint, request));
  EXPECT_EQ(moved.run().trigger(), v1::TRIGGER_REPLAY);
  EXPECT_EQ(installation.Await(moved.run().run_id()).state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_EQ(installation.Missing(), 0);
}

}  // namespace
}  // namespace logexport
