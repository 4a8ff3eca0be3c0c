// Several real services on one PostgreSQL: how they divide the exporters, and that each of them
// answers for all.

#include <csignal>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "tests/postgresql/member_cluster.h"
#include "tests/support/await.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;

constexpr int kLogs = 1000;

// How many exporters each member owns.
std::vector<int> Shares(MemberCluster& cluster) {
  std::vector<int> shares(static_cast<std::size_t>(cluster.members()));
  for (int i = 0; i < cluster.exporters(); ++i) {
    const int owner = cluster.OwnerOf(MemberCluster::Exporter(i));
    if (owner >= 0) ++shares[static_cast<std::size_t>(owner)];
  }
  return shares;
}

TEST(MembersTest, AnyMemberAnswersAnyCall) {
  MemberCluster cluster({.members = 2,
                         .exporters = 2,
                         .logs = kLogs,
                         .sandbox_flags = {"--latency", "logs=50", "--latency", "segment=50"}});
  cluster.Start(0);
  cluster.Start(1);
  cluster.AwaitAllOwned();
  const std::string exporter = "e0";
  const int owner = cluster.OwnerOf(exporter);
  const int other = cluster.NotOwnerOf(exporter);

  // A run is started, followed to its end, and accounted for, at the member that does not run it.
  v1::RunNowRequest run_now;
  run_now.set_exporter(exporter);
  ASSERT_OK_AND_ASSIGN(const v1::RunNowResponse started,
                       cluster.client(other).Call(&Stub::RunNow, run_now));
  EXPECT_EQ(started.disposition(), v1::RUN_DISPOSITION_STARTED);
  EXPECT_THAT(cluster.client(other).Call(&Stub::RunNow, run_now),
              StatusIs(absl::StatusCode::kAborted));
  v1::WatchRunRequest watch;
  watch.set_exporter(exporter);
  watch.set_run_id(started.run().run_id());
  std::int64_t sequence = 0;
  int progress = 0;
  const absl::StatusOr<v1::Report> report =
      cluster.client(other).Watch(watch, [&](const v1::WatchRunResponse& message) {
        EXPECT_GE(message.sequence(), sequence);
        sequence = message.sequence();
        progress += message.phase() == v1::WATCH_PHASE_PROGRESS ? 1 : 0;
        return true;
      });
  ASSERT_THAT(report, IsOk()) << cluster.Logs(owner);
  EXPECT_EQ(report->state(), v1::RUN_STATE_SUCCEEDED) << report->DebugString();
  EXPECT_EQ(report->ledger().accepted(), kLogs);

  // A checkpoint is set back with a run in the way, which is ended for that.
  // Slow enough that it is not over by then.
  ASSERT_THAT(cluster.sandbox().Post("faults", R"({"latency_ms": {"logs": 2000}})"), IsOk());
  v1::SetCheckpointRequest set;
  set.set_exporter(exporter);
  set.set_run_start(started.run().run_id());
  set.set_run_now(true);
  ASSERT_OK_AND_ASSIGN(const v1::SetCheckpointResponse replay,
                       cluster.client(other).Call(&Stub::SetCheckpoint, set));
  const auto running = [&](const std::string& run_id) {
    v1::GetReportRequest get;
    get.set_exporter(exporter);
    get.set_run_id(run_id);
    const auto got = cluster.client(other).Call(&Stub::GetReport, get);
    return got.ok() ? got->report().state() : v1::RUN_STATE_UNSPECIFIED;
  };
  ASSERT_TRUE(Await([&] { return running(replay.run().run_id()) == v1::RUN_STATE_RUNNING; }));
  set.set_drain(true);
  ASSERT_OK_AND_ASSIGN(const v1::SetCheckpointResponse again,
                       cluster.client(other).Call(&Stub::SetCheckpoint, set));
  EXPECT_EQ(running(replay.run().run_id()), v1::RUN_STATE_CANCELLED) << cluster.Logs(owner);

  // And that run is cancelled.
  ASSERT_TRUE(Await([&] { return running(again.run().run_id()) == v1::RUN_STATE_RUNNING; }));
  v1::CancelRunRequest cancel;
  cancel.set_exporter(exporter);
  ASSERT_THAT(cluster.client(other).Call(&Stub::CancelRun, cancel), IsOk());
  EXPECT_TRUE(Await([&] { return running(again.run().run_id()) == v1::RUN_STATE_CANCELLED; }));
  ASSERT_THAT(cluster.sandbox().Post("faults", R"({"latency_ms": {"logs": 50}})"), IsOk());

  // The other member's configuration counts from the next run on.
  v1::UpdateConfigRequest update;
  update.set_exporter(exporter);
  update.mutable_config()->mutable_run()->mutable_max_duration()->set_seconds(777);
  update.mutable_update_mask()->add_paths("run.max_duration");
  ASSERT_OK_AND_ASSIGN(const v1::UpdateConfigResponse updated,
                       cluster.client(other).Call(&Stub::UpdateConfig, update));
  EXPECT_EQ(cluster.Run(other, exporter).config_version(), updated.version());

  v1::DeleteExporterRequest remove;
  remove.set_exporter(exporter);
  ASSERT_THAT(cluster.client(other).Call(&Stub::DeleteExporter, remove), IsOk());
  v1::GetStatusRequest status;
  status.set_exporter(exporter);
  EXPECT_THAT(cluster.client(owner).Call(&Stub::GetStatus, status),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_FALSE(absl::StrContains(cluster.Logs(owner), " error ")) << cluster.Logs(owner);
}

TEST(MembersTest, AMemberThatJoinsGetsItsShareAndOneThatEndsLeavesIt) {
  MemberCluster cluster({.members = 2, .exporters = 4, .logs = 10});
  cluster.Start(0);
  EXPECT_EQ(Shares(cluster), (std::vector<int>{4, 0}));
  cluster.Start(1);
  // What was held for the least time is shared.
  EXPECT_TRUE(Await([&] { return Shares(cluster) == std::vector<int>{2, 2}; }));
  EXPECT_EQ(cluster.Stop(0), 0);
  EXPECT_TRUE(Await([&] { return Shares(cluster) == std::vector<int>{0, 4}; }));
  EXPECT_EQ(cluster.Query("SELECT count(*) FROM checkpoints WHERE fence_epoch < 2"), "0");
}

TEST(MembersTest, MetricsTellWhoOwnsWhatAndWhoTookItOver) {
  MemberCluster cluster({.members = 2, .exporters = 3, .logs = 10});
  cluster.Start(0);
  cluster.AwaitAllOwned();
  cluster.Start(1);
  // Each scrape is of its own moment, and members share when they have been there for a while.
  const auto owned = [&cluster](int member) {
    return cluster.Metrics(member).at("logexport_owned_exporters");
  };
  EXPECT_TRUE(Await([&] { return owned(0) + owned(1) == 3; }));
  for (const int member : {0, 1}) {
    EXPECT_TRUE(Await([&] {
      const std::map<std::string, double> metrics = cluster.Metrics(member);
      return metrics.at("logexport_members") == 2 && metrics.at("logexport_unowned_exporters") == 0;
    }));
    const std::map<std::string, double> metrics = cluster.Metrics(member);
    EXPECT_GT(metrics.at("logexport_lease_trust_seconds"), 0);
    EXPECT_LE(metrics.at("logexport_lease_trust_seconds"), 12);
    EXPECT_EQ(metrics.at("logexport_takeovers_total{reason=\"expired\"}"), 0);
    EXPECT_EQ(metrics.at("logexport_store_unreplicated_commits_total"), 0);
  }
  EXPECT_EQ(cluster.Metrics(0).at("logexport_takeovers_total{reason=\"free\"}"), 3);

  cluster.Kill(0);
  EXPECT_TRUE(Await([&] { return owned(1) == 3; }));
  const std::map<std::string, double> survivor = cluster.Metrics(1);
  EXPECT_EQ(survivor.at("logexport_members"), 1);
  EXPECT_EQ(survivor.at("logexport_unowned_exporters"), 0);
  EXPECT_GT(survivor.at("logexport_takeovers_total{reason=\"expired\"}"), 0);
  EXPECT_EQ(survivor.at("logexport_takeovers_total{reason=\"expired\"}") +
                survivor.at("logexport_takeovers_total{reason=\"free\"}"),
            3);
}

TEST(MembersTest, WhoCannotReadTheSecretsLeavesAnExporterToOthers) {
  MemberCluster cluster({.members = 2, .exporters = 2, .logs = 10});
  cluster.Start(0);
  cluster.AwaitAllOwned();
  cluster.Start(1, {{"CLUSTER_KEY", ""}});
  EXPECT_EQ(cluster.Stop(0), 0);
  ASSERT_TRUE(Await([&] { return absl::StrContains(cluster.Logs(1), "cannot be read here"); }));
  EXPECT_EQ(Shares(cluster), (std::vector<int>{0, 0}));
  EXPECT_TRUE(Await([&] { return cluster.Metrics(1).at("logexport_unowned_exporters") == 2; }));
  cluster.Start(0);
  EXPECT_TRUE(Await([&] { return Shares(cluster) == std::vector<int>{2, 0}; }));
  EXPECT_EQ(cluster.Run(1, "e1").state(), v1::RUN_STATE_SUCCEEDED);
}

}  // namespace
}  // namespace logexport
