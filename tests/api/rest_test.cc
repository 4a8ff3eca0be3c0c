// What exporters cost while they have nothing to do, and how their runs share a bounded number of
// places.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include <dirent.h>
#include <gtest/gtest.h>

#include "service/base/status_macros.h"
#include "service/config/loaded_config.h"
#include "tests/api/api_server.h"
#include "tests/support/await.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

int ThreadsOfThisProcess() {
  DIR* const tasks = opendir("/proc/self/task");
  if (tasks == nullptr) return -1;
  int threads = 0;
  while (const dirent* const task = readdir(tasks)) {
    if (task->d_name[0] != '.') ++threads;
  }
  closedir(tasks);
  return threads;
}

// Copies of the exporter `default`, as a store has them that was filled before. Their schedule
// fires once a year.
void AddExporters(ApiServer& server, int count) {
  server.Get<v1::UpdateConfigResponse>("UpdateConfig", "config { schedule { cron: '0 0 1 1 *' } }");
  EXPECT_THAT(server.store().Write([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const ConfigVersion version, tx.GetConfig("default"));
    ASSIGN_OR_RETURN(const ExporterRecord model, tx.GetExporter("default"));
    for (int i = 0; i < count; ++i) {
      NewExporter added;
      added.record.id = absl::StrCat("tenant-", i);
      added.record.message_namespace = model.message_namespace;
      added.record.created = model.created;
      added.config = version.config;
      RETURN_IF_ERROR(tx.CreateExporter(added, /*revive=*/false));
    }
    return absl::OkStatus();
  }),
              IsOk());
}

std::string ActiveRunOf(ApiServer& server, const std::string& exporter) {
  const auto status =
      server.Get<v1::GetStatusResponse>("GetStatus", absl::StrCat("exporter: '", exporter, "'"));
  return status.active_run().run_id();
}

bool WaitsForPlace(ApiServer& server, const std::string& exporter) {
  const auto status =
      server.Get<v1::GetStatusResponse>("GetStatus", absl::StrCat("exporter: '", exporter, "'"));
  const auto& waits = status.active_run().waits();
  return waits.size() == 1 && waits[0].for_place() && waits[0].has_since();
}

TEST(RestTest, AThousandExportersAtRestHoldNoThread) {
  ApiServer server({.follow_schedules = true});
  server.Run();
  AddExporters(server, 1000);
  const int before = ThreadsOfThisProcess();
  server.Restart();
  // All have looked into the store once.
  ASSERT_TRUE(Await([&] { return server.ThreadsOfRuns() == 0 && server.Timers() == 2 * 1001; }));
  EXPECT_LE(ThreadsOfThisProcess(), before + 8);
  // And they do what they are told to, as if they had never slept.
  const auto run = server.Get<v1::RunNowResponse>("RunNow", "exporter: 'tenant-777'").run();
  ASSERT_TRUE(Await([&] { return ActiveRunOf(server, "tenant-777").empty(); }));
  const auto report = server.Get<v1::GetReportResponse>(
      "GetReport", absl::StrCat("exporter: 'tenant-777' run_id: '", run.run_id(), "'"));
  EXPECT_EQ(report.report().state(), v1::RUN_STATE_SUCCEEDED);
}

TEST(RestTest, ARunThatFindsNoPlaceSaysSoAndHasItsTurn) {
  ApiServer server({.concurrent_runs = 1});
  AddExporters(server, 2);
  server.HoldAuth0();
  server.Get<v1::RunNowResponse>("RunNow");
  const std::string held = ActiveRunOf(server, "default");
  // It has the only place once it talks to Auth0.
  ASSERT_TRUE(Await([&] { return !WaitsForPlace(server, "default"); }));
  ASSERT_TRUE(Await([&] { return server.ThreadsOfRuns() == 1; }));
  for (const std::string exporter : {"tenant-0", "tenant-1"}) {
    server.Get<v1::RunNowResponse>("RunNow", absl::StrCat("exporter: '", exporter, "'"));
    ASSERT_TRUE(Await([&] { return WaitsForPlace(server, exporter); })) << exporter;
  }
  server.ForgetSample();
  EXPECT_NE(server.MetricsText().find("\nlogexport_runs_waiting 2\n"), std::string::npos);
  const auto status = server.Get<v1::GetStatusResponse>("GetStatus", "exporter: 'tenant-0'");
  EXPECT_NE(status.verdict().summary().find("waits for its turn"), std::string::npos)
      << status.verdict().summary();

  // Nobody waits for a place to stop.
  const std::string cancelled = ActiveRunOf(server, "tenant-0");
  server.Get<v1::CancelRunResponse>("CancelRun",
                                    absl::StrCat("exporter: 'tenant-0' run_id: '", cancelled, "'"));
  ASSERT_TRUE(Await([&] { return ActiveRunOf(server, "tenant-0").empty(); }));
  EXPECT_EQ(ActiveRunOf(server, "default"), held);
  EXPECT_TRUE(WaitsForPlace(server, "tenant-1"));

  server.ClearFaults();
  for (const std::string exporter : {"default", "tenant-1"}) {
    ASSERT_TRUE(Await([&] { return ActiveRunOf(server, exporter).empty(); })) << exporter;
    const auto after =
        server.Get<v1::GetStatusResponse>("GetStatus", absl::StrCat("exporter: '", exporter, "'"));
    EXPECT_EQ(after.last_run().state(), v1::RUN_STATE_SUCCEEDED) << exporter;
  }
}

// The service ends in time, whatever waits.
TEST(RestTest, AShutdownEndsWhatWaitsForAPlace) {
  ApiServer server({.concurrent_runs = 1});
  AddExporters(server, 20);
  server.HoldAuth0();
  server.Get<v1::RunNowResponse>("RunNow");
  for (int i = 0; i < 20; ++i) {
    server.Get<v1::RunNowResponse>("RunNow", absl::StrCat("exporter: 'tenant-", i, "'"));
  }
  // One that nobody has taken up yet would be found by the next life.
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(Await([&] { return WaitsForPlace(server, absl::StrCat("tenant-", i)); })) << i;
  }
  server.Restart();
  for (int i = 0; i < 20; ++i) {
    const auto status =
        server.Get<v1::GetStatusResponse>("GetStatus", absl::StrCat("exporter: 'tenant-", i, "'"));
    EXPECT_EQ(status.last_run().stop_reason(), v1::STOP_REASON_SHUTDOWN) << i;
  }
}

}  // namespace
}  // namespace logexport
