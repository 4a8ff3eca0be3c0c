// Starting, following and ending runs over the API.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/api_server.h"
#include "tests/support/await.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;

TEST(RunControlTest, ARunCancelledAtOnceEndsCancelled) {
  ApiServer server;
  server.HoldAuth0();
  for (int n = 0; n < 20; ++n) {
    const auto started = server.Get<v1::RunNowResponse>("RunNow");
    // It may not be executing yet: it is only on record.
    server.Get<v1::CancelRunResponse>("CancelRun",
                                      absl::StrCat("run_id: '", started.run().run_id(), "'"));
    EXPECT_EQ(server.Await(started.run().run_id()).state(), v1::RUN_STATE_CANCELLED) << n;
  }
}

TEST(RunControlTest, AQueuedRunIsCancelledAtOnceAndTheActiveOneGoesOn) {
  ApiServer server;
  server.HoldAuth0();
  const auto active = server.Get<v1::RunNowResponse>("RunNow");
  const std::string queue = "on_active: ON_ACTIVE_QUEUE max_logs: 5";
  const auto queued = server.Get<v1::RunNowResponse>("RunNow", queue);
  EXPECT_EQ(queued.disposition(), v1::RUN_DISPOSITION_QUEUED);
  const auto joined = server.Get<v1::RunNowResponse>("RunNow", queue);
  EXPECT_EQ(joined.disposition(), v1::RUN_DISPOSITION_JOINED);
  EXPECT_EQ(joined.run().run_id(), queued.run().run_id());
  EXPECT_EQ(server.Call("RunNow", "on_active: ON_ACTIVE_QUEUE max_logs: 6").reason,
            "RUN_ALREADY_QUEUED");

  const auto cancelled = server.Get<v1::CancelRunResponse>(
      "CancelRun", absl::StrCat("run_id: '", queued.run().run_id(), "'"));
  EXPECT_EQ(cancelled.run().state(), v1::RUN_STATE_CANCELLED);
  const auto status = server.Get<v1::GetStatusResponse>("GetStatus");
  EXPECT_EQ(status.active_run().run_id(), active.run().run_id());
  EXPECT_FALSE(status.has_queued_run());
  server.ClearFaults();
  EXPECT_EQ(server.Await(active.run().run_id()).state(), v1::RUN_STATE_SUCCEEDED);
}

// What keeps a run from beginning is told as what it is, with what to do about it.
TEST(RunControlTest, ARunThatCannotReadASecretNamesIt) {
  ApiServer server;
  const std::string file = server.secret_dir() + "/client_secret";
  std::ofstream(file) << server.sandbox().options().auth0.client_secret;
  std::ofstream(file + ".hosts") << "127.0.0.1";
  server.Get<v1::UpdateConfigResponse>(
      "UpdateConfig", absl::StrCat("config { auth0 { client_secret: 'file:", file, "' } }"));
  std::filesystem::remove(file);
  const v1::Report report = server.Run();
  EXPECT_EQ(report.state(), v1::RUN_STATE_FAILED);
  EXPECT_EQ(report.error().reason(), "SECRET_UNREADABLE");
  EXPECT_THAT(report.error().message(), HasSubstr(file));
  EXPECT_THAT(report.error().action(), HasSubstr("UpdateConfig"));
}

TEST(RunControlTest, ARunThatCannotReadTheStoreBlamesNoSecret) {
  // Read of a run alone, before it begins.
  const auto fault = [](absl::string_view operation) {
    return operation == "GetConfigVersion" ? absl::UnavailableError("database is locked")
                                           : absl::OkStatus();
  };
  ApiServer server({.store_fault = fault});
  const v1::Report report = server.Run();
  EXPECT_EQ(report.state(), v1::RUN_STATE_FAILED);
  EXPECT_EQ(report.error().origin(), v1::ERROR_ORIGIN_STATE);
  EXPECT_EQ(report.error().reason(), "STORE_UNAVAILABLE");
  EXPECT_TRUE(report.error().retryable());
}

// A store in which no end of a run can be put on record, for as long as wanted.
class LockedEnds {
 public:
  ApiServerOptions Options() {
    return {.store_fault = [this](absl::string_view operation) {
      if (operation != "UpdateRun" || !locked_) return absl::OkStatus();
      ++refused_;
      return absl::UnavailableError("database is locked");
    }};
  }
  void AwaitRefusal(ApiServer& server) const {
    Await([&] { return refused_ > 0; });
    // Reads go on meanwhile.
    server.Get<v1::GetStatusResponse>("GetStatus");
  }
  void Unlock() { locked_ = false; }

 private:
  std::atomic<bool> locked_ = true;
  std::atomic<int> refused_ = 0;
};

TEST(RunControlTest, AnEndThatIsNotOnRecordIsToldToNobody) {
  LockedEnds ends;
  ApiServer server(ends.Options());
  const std::string run_id = server.Get<v1::RunNowResponse>("RunNow").run().run_id();
  ends.AwaitRefusal(server);
  std::thread restart;
  const auto on_message = [&](int messages) {
    if (messages > 1) return true;
    restart = std::thread([&] {
      server.StopRuns();
      ends.Unlock();
      server.Restart();
    });
    return true;
  };
  const std::shared_ptr<grpc::Channel> channel = server.channel();
  const ApiReply watch =
      CallApi(channel, "WatchRun", RequestOf("WatchRun", absl::StrCat("run_id: '", run_id, "'")),
              {.on_message = on_message});
  restart.join();
  EXPECT_EQ(watch.reason, "SHUTTING_DOWN") << watch;
  EXPECT_EQ(server.Await(run_id).stop_reason(), v1::STOP_REASON_INTERRUPTED);
}

TEST(RunControlTest, ADryRunThatCannotBePutOnRecordHoldsUpNoOtherRun) {
  LockedEnds ends;
  ApiServer server(ends.Options());
  const auto dry = server.Get<v1::RunNowResponse>("RunNow", "dry_run: true");
  ends.AwaitRefusal(server);
  ends.Unlock();
  EXPECT_EQ(server.Run().state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_EQ(server.Await(dry.run().run_id()).state(), v1::RUN_STATE_SUCCEEDED);
}

TEST(RunControlTest, ARequestIdIsRememberedOverARestart) {
  ApiServer server;
  const std::string request = "request_id: 'once' reason: 'why'";
  const ApiReply first = server.Call("RunNow", request);
  ASSERT_TRUE(first.ok()) << first;
  server.Await(first.As<v1::RunNowResponse>().run().run_id());
  server.Restart();
  const ApiReply again = server.Call("RunNow", request);
  EXPECT_EQ(again.messages, first.messages) << again;
  EXPECT_EQ(server.Get<v1::GetReportsResponse>("GetReports").total_size(), 1);
}

TEST(RunControlTest, APausedExporterRunsWhenAskedTo) {
  ApiServer server;
  server.Get<v1::PauseExporterResponse>("PauseExporter", "reason: 'maintenance'");
  EXPECT_EQ(server.Run().ledger().accepted(), 25);
  const auto status = server.Get<v1::GetStatusResponse>("GetStatus");
  EXPECT_EQ(status.state(), v1::EXPORTER_STATE_PAUSED);
  EXPECT_EQ(status.pause().reason(), "maintenance");
  EXPECT_EQ(status.next_run_times_size(), 0);
}

TEST(RunControlTest, AWatchBeginsWithASnapshotAndEndsWithTheReport) {
  ApiServer server;
  server.HoldAuth0();
  const std::string run = server.Get<v1::RunNowResponse>("RunNow").run().run_id();
  const ApiReply reply = server.Call("WatchRun", absl::StrCat("run_id: '", run, "'"),
                                     {.on_message = [&](int messages) {
                                       if (messages == 1) server.ClearFaults();
                                       return true;
                                     }});
  ASSERT_TRUE(reply.ok()) << reply;
  ASSERT_GE(reply.messages.size(), 2U);
  EXPECT_EQ(reply.As<v1::WatchRunResponse>().phase(), v1::WATCH_PHASE_SNAPSHOT);
  const auto last = reply.Last<v1::WatchRunResponse>();
  EXPECT_EQ(last.phase(), v1::WATCH_PHASE_FINAL);
  EXPECT_EQ(last.report().ledger().accepted(), 25);
  // Of a run that has ended there is only the report.
  const ApiReply later = server.Call("WatchRun", absl::StrCat("run_id: '", run, "'"));
  EXPECT_EQ(later.messages.size(), 1U);
  EXPECT_EQ(later.As<v1::WatchRunResponse>().phase(), v1::WATCH_PHASE_FINAL);
}

TEST(RunControlTest, AWatchOfAQueuedRunShowsThatItLives) {
  ApiServer server;
  server.HoldAuth0();
  server.Get<v1::RunNowResponse>("RunNow");
  const std::string queued =
      server.Get<v1::RunNowResponse>("RunNow", "on_active: ON_ACTIVE_QUEUE").run().run_id();
  const ApiReply reply = server.Call("WatchRun", absl::StrCat("run_id: '", queued, "'"),
                                     {.on_message = [](int messages) { return messages < 2; }});
  ASSERT_EQ(reply.messages.size(), 2U) << reply;
  const auto last = reply.Last<v1::WatchRunResponse>();
  EXPECT_EQ(last.phase(), v1::WATCH_PHASE_HEARTBEAT);
  EXPECT_EQ(last.report().state(), v1::RUN_STATE_QUEUED);
}

TEST(RunControlTest, ADrainForAMoveThatIsRefusedCancelsNothing) {
  ApiServer server;
  server.Run();
  server.HoldAuth0();
  const std::string active = server.Get<v1::RunNowResponse>("RunNow").run().run_id();
  for (const auto& [request, reason] :
       {std::pair("latest {} drain: true", "SKIP_NOT_ALLOWED"),
        std::pair("earliest {} drain: true expected_version: 4711", "CHECKPOINT_MISMATCH"),
        std::pair("earliest {} drain: true expected: 'other'", "CHECKPOINT_MISMATCH")}) {
    EXPECT_EQ(server.Call("SetCheckpoint", request).reason, reason) << request;
    EXPECT_EQ(server.Get<v1::GetStatusResponse>("GetStatus").active_run().run_id(), active)
        << request;
  }
}

TEST(RunControlTest, WhatIsQueuedWhenTheServiceStopsRunsInTheNextProcess) {
  ApiServer server;
  server.HoldAuth0();
  server.Get<v1::RunNowResponse>("RunNow");
  const std::string queued =
      server.Get<v1::RunNowResponse>("RunNow", "on_active: ON_ACTIVE_QUEUE max_logs: 5")
          .run()
          .run_id();
  server.Restart();
  server.ClearFaults();
  const v1::Report report = server.Await(queued);
  EXPECT_EQ(report.state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_EQ(report.ledger().accepted(), 5);
}

TEST(RunControlTest, ARepeatedDeletionLeavesTheExporterAloneThatWasCreatedSince) {
  ApiServer server({.follow_schedules = true});
  const std::string create =
      absl::StrCat("exporter: 'acme' config { ",
                   absl::StrReplaceAll(server.Config(), {{"0 0 0 1 1 *", "@every 1s"}}), " }");
  const std::string remove = "exporter: 'acme' force: true request_id: 'once'";
  server.Get<v1::CreateExporterResponse>("CreateExporter", create);
  server.Get<v1::DeleteExporterResponse>("DeleteExporter", remove);
  server.Get<v1::CreateExporterResponse>("CreateExporter", create);
  server.Get<v1::DeleteExporterResponse>("DeleteExporter", remove);
  EXPECT_TRUE(Await([&] {
    return server.Get<v1::GetReportsResponse>("GetReports", "exporter: 'acme'").total_size() >= 2;
  })) << "its schedule is followed";
}

TEST(RunControlTest, ARedriveTellsHowManyItWillTry) {
  ApiServer server;
  for (const std::size_t n : {3U, 5U, 7U}) server.RefuseLog(server.sandbox().LogIds()[n]);
  EXPECT_EQ(server.Run().ledger().dead_lettered(), 3);
  server.ClearFaults();
  const auto some =
      server.Get<v1::RedriveDeadLettersResponse>("RedriveDeadLetters", "all: true max_logs: 2");
  EXPECT_EQ(some.matched(), 2);
  EXPECT_EQ(server.Await(some.run().run_id()).ledger().accepted(), 2);
  EXPECT_EQ(server.Get<v1::GetStatusResponse>("GetStatus").dead_letters(), 1);
}

}  // namespace
}  // namespace logexport
