#include <fstream>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/logexport/error_details.h"
#include "logexport/v1/service.pb.h"
#include "service/base/time_text.h"
#include "service/json/json_value.h"
#include "tests/e2e/installation.h"
#include "tests/support/paths.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

void ExpectEachLogArrivedOnce(Installation& installation, std::int64_t logs) {
  EXPECT_EQ(installation.Missing(), 0);
  SandboxProcess& sandbox = installation.sandbox();
  EXPECT_EQ(sandbox.Stat({"segment", "unique_message_ids"}), logs);
  EXPECT_EQ(sandbox.Stat({"segment", "duplicates"}), 0);
  EXPECT_EQ(sandbox.Stat({"segment", "violations"}), 0);
  EXPECT_EQ(sandbox.Stat({"segment", "refused_batches"}), 0);
  EXPECT_EQ(sandbox.Stat({"segment", "dropped_events"}), 0);
  EXPECT_LE(sandbox.Stat({"segment", "largest_batch_bytes"}), 500'000);
  EXPECT_LE(sandbox.Stat({"segment", "largest_event_bytes"}), 32'000);
}

TEST(EndToEndTest, EveryLogArrivesOnceWithItsOwnTime) {
  Installation installation({"--generate", "5000", "--strict"});
  installation.Start();
  const v1::Report report = installation.RunNow();
  EXPECT_EQ(report.state(), v1::RUN_STATE_SUCCEEDED) << report.DebugString();
  EXPECT_EQ(report.stop_reason(), v1::STOP_REASON_CAUGHT_UP);
  EXPECT_EQ(report.ledger().fetched(), 5000);
  EXPECT_EQ(report.ledger().accepted(), 5000);
  ExpectEachLogArrivedOnce(installation, 5000);

  const auto arrived = ArrivedEvents(installation.sandbox());
  EXPECT_EQ(arrived.size(), 5000u);
  int compared = 0;
  for (int n = 0; n < 5000; n += 50) {
    ASSERT_OK_AND_ASSIGN(const JsonValue log,
                         installation.sandbox().GetJson(absl::StrCat("log?n=", n)));
    const std::string id(log["log_id"].is_string() ? log["log_id"].String() : log["_id"].String());
    const auto event = arrived.find(id);
    ASSERT_NE(event, arrived.end()) << id;
    if (!log["date"].is_string()) continue;
    EXPECT_EQ(ParseTimestamp(event->second.timestamp),
              ParseTimestamp(std::string(log["date"].String())))
        << id;
    ++compared;
  }
  EXPECT_GT(compared, 50);
}

TEST(EndToEndTest, ThePublicSamplesAllArriveUnmangled) {
  const std::string path = SourcePath("../shared/data/auth0-log-events.ndjson");
  std::ifstream file(path);
  if (!file) {
    GTEST_SKIP() << "The public sample logs are not beside this tree (../shared/data/"
                    "auth0-log-events.ndjson): NOT TESTED with them.";
  }
  Installation installation({"--logs", path});
  installation.Start();
  const v1::Report report = installation.RunNow();
  EXPECT_EQ(report.state(), v1::RUN_STATE_SUCCEEDED) << report.DebugString();
  EXPECT_EQ(report.ledger().fetched(), 258);
  EXPECT_EQ(report.ledger().accepted(), 258) << report.DebugString();
  EXPECT_EQ(installation.Missing(), 0);
  const auto arrived = ArrivedEvents(installation.sandbox());
  std::string line;
  std::set<std::string> seen;
  while (std::getline(file, line)) {
    ASSERT_OK_AND_ASSIGN(const JsonValue log, JsonValue::Parse(line));
    const std::string id(log["log_id"].is_string() ? log["log_id"].String() : log["_id"].String());
    if (!seen.insert(id).second) continue;
    const auto event = arrived.find(id);
    ASSERT_NE(event, arrived.end()) << id;
    ASSERT_OK_AND_ASSIGN(const JsonValue raw, JsonValue::Parse(event->second.raw));
    const JsonValue& properties = raw["raw"]["properties"];
    EXPECT_EQ(properties["type"].String(), log["type"].String()) << id;
    EXPECT_EQ(properties["log_id"].String(), id);
    const std::string user = log["user_id"].String();
    EXPECT_EQ(raw["raw"]["userId"].String(), user) << id;
    EXPECT_EQ(user.empty(), !raw["raw"]["anonymousId"].String().empty()) << id;
    EXPECT_EQ(properties["client_name"].String(), log["client_name"].String()) << id;
    // One shape, whatever the log had.
    EXPECT_NE(properties["scope"].is_array() && log["scope"].is_string(), true) << id;
  }
}

TEST(EndToEndTest, AFailedRunNamesACheckpointFromWhichAReplayCompletesTheExport) {
  Installation installation({"--generate", "3000"});
  installation.Start();
  installation.SetFault(R"({"endpoint":"segment","action":"status","status":401,"skip":4})");
  const v1::Report failed = installation.RunNow();
  EXPECT_EQ(failed.state(), v1::RUN_STATE_FAILED);
  EXPECT_EQ(failed.error().origin(), v1::ERROR_ORIGIN_SEGMENT);
  EXPECT_FALSE(failed.error().reason().empty());
  EXPECT_THAT(failed.error().action(), HasSubstr("SEGMENT_KEY"));
  ASSERT_FALSE(failed.checkpoint_after().empty());
  EXPECT_GT(failed.ledger().unsettled(), 0);
  EXPECT_GT(installation.Missing(), 0);
  EXPECT_EQ(installation.Status().consecutive_failures(), 1);

  installation.ClearFaults();
  v1::SetCheckpointRequest request;
  request.set_log_id(failed.checkpoint_after());
  request.set_reason("replay from the failed log");
  ASSERT_OK_AND_ASSIGN(const v1::SetCheckpointResponse set,
                       installation.client().Call(&Stub::SetCheckpoint, request));
  EXPECT_EQ(set.direction(), v1::CHECKPOINT_DIRECTION_NONE);
  const v1::Report completed = installation.RunNow();
  EXPECT_EQ(completed.state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_EQ(installation.Missing(), 0);
  EXPECT_EQ(installation.Status().consecutive_failures(), 0);

  // The extension's replay: START_FROM, set anew. The same ids are sent again.
  v1::UpdateConfigRequest update;
  update.mutable_config()->set_start_from(failed.checkpoint_after());
  ASSERT_OK_AND_ASSIGN(const v1::UpdateConfigResponse updated,
                       installation.client().Call(&Stub::UpdateConfig, update));
  EXPECT_FALSE(updated.config().has_start_from());
  const std::int64_t unique = installation.sandbox().Stat({"segment", "unique_message_ids"});
  const v1::Report replayed = installation.RunNow();
  EXPECT_EQ(replayed.trigger(), v1::TRIGGER_REPLAY);
  EXPECT_EQ(replayed.ledger().accepted(), completed.ledger().accepted());
  EXPECT_EQ(installation.sandbox().Stat({"segment", "unique_message_ids"}), unique);
  // Beside the replay, what had been accepted behind the batch that failed arrived twice.
  EXPECT_EQ(installation.sandbox().Stat({"segment", "duplicates"}),
            replayed.ledger().accepted() + failed.ledger().accepted_ahead());
}

TEST(EndToEndTest, StoppingAndStartingKeepsCheckpointReportsAndConfiguration) {
  Installation installation({"--generate", "500"});
  installation.Start({{"START_FROM", "earliest"}});
  const v1::Report report = installation.RunNow();
  v1::UpdateConfigRequest update;
  update.mutable_config()->mutable_auth0()->set_batch_size(77);
  ASSERT_THAT(installation.client().Call(&Stub::UpdateConfig, update), IsOk());
  EXPECT_EQ(installation.Stop(), 0);

  // START_FROM is for the exporter's creation: a restart does not replay.
  installation.Start({{"START_FROM", "earliest"}});
  EXPECT_EQ(installation.Status().checkpoint().log_id(), report.checkpoint_after());
  EXPECT_EQ(installation.Status().last_success().run_id(), report.run_id());
  ASSERT_OK_AND_ASSIGN(v1::GetConfigResponse config,
                       installation.client().Call(&Stub::GetConfig, v1::GetConfigRequest()));
  EXPECT_EQ(config.config().auth0().batch_size(), 77);
  EXPECT_EQ(config.version(), 2);
  EXPECT_FALSE(config.config().has_start_from());

  // Nor does writing back what was read and edited, nor a rollback.
  v1::UpdateConfigRequest again;
  *again.mutable_config() = config.config();
  again.mutable_config()->mutable_auth0()->set_batch_size(78);
  again.mutable_update_mask()->add_paths("*");
  again.set_etag(config.etag());
  ASSERT_OK_AND_ASSIGN(const v1::UpdateConfigResponse edited,
                       installation.client().Call(&Stub::UpdateConfig, again));
  EXPECT_THAT(edited.changed_fields(), ElementsAre("auth0.batch_size"));
  v1::RollbackConfigRequest back;
  back.set_version(1);
  ASSERT_THAT(installation.client().Call(&Stub::RollbackConfig, back), IsOk());
  const auto expect_no_replay = [&] {
    const v1::Report idle = installation.RunNow();
    EXPECT_EQ(idle.ledger().fetched(), 0);
    EXPECT_EQ(idle.checkpoint_before(), report.checkpoint_after());
    EXPECT_EQ(idle.state(), v1::RUN_STATE_SUCCEEDED);
    EXPECT_EQ(installation.sandbox().Stat({"segment", "duplicates"}), 0);
  };
  expect_no_replay();

  // Nor where the environment is to win over what was set since.
  EXPECT_EQ(installation.Stop(), 0);
  installation.Start({{"START_FROM", "earliest"}, {"BATCH_SIZE", "50"}}, {"--config-wins"});
  ASSERT_OK_AND_ASSIGN(config,
                       installation.client().Call(&Stub::GetConfig, v1::GetConfigRequest()));
  EXPECT_EQ(config.config().auth0().batch_size(), 50);
  expect_no_replay();
}

TEST(EndToEndTest, SigtermInMidRunEndsInTimeWithWhatWasSettledCommitted) {
  Installation installation(
      {"--generate", "20000", "--latency", "logs=20", "--latency", "segment=20"});
  installation.Start();
  ASSERT_THAT(installation.client().Call(&Stub::RunNow, v1::RunNowRequest()), IsOk());
  while (installation.sandbox().Stat({"segment", "events_accepted"}) < 500) {
  }
  EXPECT_EQ(installation.Stop(), 0);
  installation.Start();
  const v1::GetStatusResponse status = installation.Status();
  EXPECT_EQ(status.last_run().state(), v1::RUN_STATE_CANCELLED);
  EXPECT_EQ(status.last_run().stop_reason(), v1::STOP_REASON_SHUTDOWN);
  // What was being sent was brought to its end, and all of it is settled.
  const v1::Ledger& ledger = status.last_run().ledger();
  EXPECT_EQ(ledger.accepted(), installation.sandbox().Stat({"segment", "events_accepted"}));
  EXPECT_GT(ledger.accepted(), 0);
  EXPECT_LT(ledger.accepted(), 20000);
  EXPECT_EQ(installation.RunNow().state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_EQ(installation.Missing(), 0);
  EXPECT_EQ(installation.sandbox().Stat({"segment", "duplicates"}), 0);
}

TEST(EndToEndTest, AKilledRunIsFoundInterruptedAndNothingIsLost) {
  Installation installation(
      {"--generate", "10000", "--latency", "logs=10", "--latency", "segment=10"});
  installation.Start();
  for (int kills = 0; kills < 3; ++kills) {
    const std::int64_t before = installation.sandbox().Stat({"segment", "events_accepted"});
    ASSERT_THAT(installation.client().Call(&Stub::RunNow, v1::RunNowRequest()), IsOk());
    while (installation.sandbox().Stat({"segment", "events_accepted"}) < before + 600) {
    }
    installation.Kill();
    installation.Start();
    const v1::GetStatusResponse status = installation.Status();
    EXPECT_EQ(status.last_run().state(), v1::RUN_STATE_FAILED);
    EXPECT_EQ(status.last_run().stop_reason(), v1::STOP_REASON_INTERRUPTED);
    EXPECT_FALSE(status.has_active_run());
  }
  EXPECT_EQ(installation.RunNow().state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_EQ(installation.Missing(), 0);
  EXPECT_EQ(installation.sandbox().Stat({"segment", "unique_message_ids"}), 10000);
  // At most the batches in flight are sent again by each kill.
  EXPECT_LE(installation.sandbox().Stat({"segment", "duplicates"}), 3 * 4 * 2500);
}

TEST(EndToEndTest, SlackGetsTheFailureWithItsCheckpointAndSuccessesOnlyWhenAsked) {
  Installation installation({"--generate", "1000"});
  installation.Start();
  const auto messages = [&](std::int64_t count) {
    while (installation.sandbox().Stat({"slack", "messages"}) < count) {
    }
    absl::StatusOr<std::string> payloads = installation.sandbox().Get("slack");
    EXPECT_THAT(payloads, IsOk());
    return *payloads;
  };
  installation.SetFault(R"({"endpoint":"segment","action":"status","status":401,"skip":2})");
  const v1::Report failed = installation.RunNow();
  ASSERT_FALSE(failed.checkpoint_after().empty());
  EXPECT_THAT(messages(1), HasSubstr(failed.checkpoint_after()));
  installation.ClearFaults();
  installation.RunNow();
  EXPECT_THAT(messages(2), HasSubstr("works again"));
  installation.RunNow();
  v1::UpdateConfigRequest update;
  update.mutable_config()->mutable_slack()->set_send_success(true);
  ASSERT_THAT(installation.client().Call(&Stub::UpdateConfig, update), IsOk());
  installation.RunNow();
  messages(3);
  EXPECT_EQ(installation.sandbox().Stat({"slack", "messages"}), 3);
  EXPECT_EQ(installation.sandbox().Stat({"slack", "refused"}), 0);
}

TEST(EndToEndTest, SecretsNeverLeave) {
  Installation installation({"--generate", "300"});
  installation.Start();
  installation.SetFault(R"({"endpoint":"segment","action":"status","status":401})");
  const v1::Report report = installation.RunNow();
  ASSERT_OK_AND_ASSIGN(const v1::GetConfigResponse config,
                       installation.client().Call(&Stub::GetConfig, v1::GetConfigRequest()));
  while (installation.sandbox().Stat({"slack", "messages"}) < 1) {
  }
  ASSERT_OK_AND_ASSIGN(const std::string slack, installation.sandbox().Get("slack"));
  const std::string told =
      absl::StrCat(installation.Logs(), report.DebugString(), config.DebugString(),
                   installation.Status().DebugString(), slack);
  for (const auto& [name, value] : installation.environment()) {
    if (name == "AUTH0_CLIENT_SECRET" || name == "SEGMENT_KEY" ||
        absl::StartsWith(name, "SLACK_INCOMING")) {
      EXPECT_THAT(told, Not(HasSubstr(value))) << name;
    }
  }
}

}  // namespace
}  // namespace logexport
