// What the service says, in its log and its status, of what an operator does and asks.

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "service/base/time_text.h"
#include "tests/e2e/installation.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;
using ::testing::HasSubstr;

class OperatorTest : public ::testing::Test {
 protected:
  // The only line of the log since the last time that holds `what`; empty, and a failed test, if
  // there is none or several.
  std::string LineOf(const std::string& what) {
    std::string found;
    int lines = 0;
    for (const absl::string_view line : absl::StrSplit(Since(), '\n')) {
      if (!absl::StrContains(line, what)) continue;
      found = std::string(line);
      ++lines;
    }
    EXPECT_EQ(lines, 1) << what << " in:\n" << Since();
    seen_ = installation_.Logs().size();
    return found;
  }
  std::string Since() { return installation_.Logs().substr(seen_); }

  v1::UpdateConfigRequest BatchSize(int size) {
    v1::UpdateConfigRequest request;
    request.mutable_config()->mutable_auth0()->set_batch_size(size);
    request.set_reason("for the log");
    return request;
  }

  Installation installation_{{"--generate", "50"}};
  std::size_t seen_ = 0;
};

TEST_F(OperatorTest, EachWriteIsALineThatSaysWhatChangedAndWhy) {
  installation_.Start();
  client::Client& client = installation_.client();
  installation_.RunNow();

  ASSERT_THAT(client.Call(&Stub::UpdateConfig, BatchSize(50)), IsOk());
  std::string line = LineOf("configuration was changed");
  for (const char* part : {"version_before=1", "version=2", "auth0.batch_size", "for the log"}) {
    EXPECT_THAT(line, HasSubstr(part));
  }
  // What changes nothing leaves no line that says it did.
  ASSERT_THAT(client.Call(&Stub::UpdateConfig, BatchSize(50)), IsOk());
  EXPECT_THAT(Since(), testing::Not(HasSubstr("was changed")));

  v1::RollbackConfigRequest rollback;
  rollback.set_version(1);
  rollback.set_reason("for the log");
  ASSERT_THAT(client.Call(&Stub::RollbackConfig, rollback), IsOk());
  line = LineOf("configuration was rolled back");
  for (const char* part : {"version_before=2", "version=3", "rollback_of=1", "for the log"}) {
    EXPECT_THAT(line, HasSubstr(part));
  }

  v1::PauseExporterRequest pause;
  pause.set_reason("for the log");
  ASSERT_THAT(client.Call(&Stub::PauseExporter, pause), IsOk());
  EXPECT_THAT(LineOf("exporter was paused"), HasSubstr("for the log"));
  ASSERT_THAT(client.Call(&Stub::ResumeExporter, v1::ResumeExporterRequest()), IsOk());
  EXPECT_THAT(LineOf("exporter was resumed"), HasSubstr("paused_since="));

  v1::SetCheckpointRequest move;
  move.mutable_earliest();
  move.set_reason("for the log");
  ASSERT_THAT(client.Call(&Stub::SetCheckpoint, move), IsOk());
  line = LineOf("checkpoint was set");
  for (const char* part : {"from=", "to=earliest", "for the log"}) {
    EXPECT_THAT(line, HasSubstr(part));
  }

  v1::PurgeDeadLettersRequest purge;
  purge.set_all(true);
  purge.set_reason("for the log");
  ASSERT_THAT(client.Call(&Stub::PurgeDeadLetters, purge), IsOk());
  line = LineOf("dead letters were purged");
  for (const char* part : {"count=", "kept=0", "for the log"}) EXPECT_THAT(line, HasSubstr(part));

  installation_.SetFault(R"({"endpoint":"logs","action":"hang"})");
  ASSERT_OK_AND_ASSIGN(const v1::RunNowResponse started,
                       client.Call(&Stub::RunNow, v1::RunNowRequest()));
  v1::CancelRunRequest cancel;
  cancel.set_run_id(started.run().run_id());
  cancel.set_reason("for the log");
  ASSERT_THAT(client.Call(&Stub::CancelRun, cancel), IsOk());
  line = LineOf("is being cancelled");
  for (const char* part : {"state_before=RUNNING", "for the log"}) {
    EXPECT_THAT(line, HasSubstr(part));
  }
  installation_.ClearFaults();
}

TEST_F(OperatorTest, TheStatusSaysUpToWhenCompletenessIsConfirmedOrWhyItIsNot) {
  installation_.Start();
  installation_.RunNow();
  v1::Completeness completeness = installation_.Status().completeness();
  EXPECT_TRUE(completeness.has_confirmed_until()) << completeness.DebugString();
  EXPECT_EQ(completeness.not_confirmed_reason(), "");

  // A log whose id tells nothing of its age.
  const std::string id = absl::StrFormat("9999%052d", 1);
  ASSERT_THAT(
      installation_.sandbox().Post(
          "logs", absl::StrCat(R"({"type":"s","user_id":"u","log_id":")", id, R"(","date":")",
                               FormatTimestamp(absl::Now() - absl::Minutes(1)), "\"}")),
      IsOk());
  installation_.RunNow();
  EXPECT_EQ(installation_.Status().checkpoint().log_id(), id);
  completeness = installation_.Status().completeness();
  EXPECT_FALSE(completeness.has_confirmed_until()) << completeness.DebugString();
  EXPECT_THAT(completeness.not_confirmed_reason(), HasSubstr("id"));
}

}  // namespace
}  // namespace logexport
