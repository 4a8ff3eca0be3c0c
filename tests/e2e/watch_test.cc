#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "logexport/v1/run.pb.h"
#include "logexport/v1/service.pb.h"
#include "tests/e2e/installation.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using Stub = client::Client::Stub;

// Many more commits than a watch may tell of.
const std::vector<std::string> kFastExport = {"--generate", "20000", "--latency", "logs=5"};

std::string StartRun(Installation& installation) {
  const absl::StatusOr<v1::RunNowResponse> started =
      installation.client().Call(&Stub::RunNow, v1::RunNowRequest());
  EXPECT_THAT(started, IsOk());
  return started.ok() ? started->run().run_id() : "";
}

// What a watch told, in order, after a message with the sequence `before`.
void ExpectNoGapUnmarked(const std::vector<v1::WatchRunResponse>& told, std::int64_t before) {
  std::int64_t accepted = 0;
  for (const v1::WatchRunResponse& message : told) {
    if (message.phase() == v1::WATCH_PHASE_PROGRESS) {
      EXPECT_GT(message.sequence(), before);
    } else {
      EXPECT_GE(message.sequence(), before);
    }
    EXPECT_EQ(message.lagged(), message.sequence() > before + 1)
        << "from " << before << " to " << message.sequence();
    EXPECT_EQ(message.sequence(), message.report().sequence());
    EXPECT_GE(message.report().ledger().accepted(), accepted);
    before = message.sequence();
    accepted = message.report().ledger().accepted();
  }
}

TEST(WatchTest, AWatcherOfAFastExportIsToldOfEveryGapAndOfTheEndLast) {
  Installation installation(kFastExport);
  installation.Start();
  v1::WatchRunRequest request;
  request.set_run_id(StartRun(installation));
  std::vector<v1::WatchRunResponse> told;
  ASSERT_OK_AND_ASSIGN(const v1::Report last,
                       installation.client().Watch(request, [&](const v1::WatchRunResponse& m) {
                         told.push_back(m);
                         return true;
                       }));
  ASSERT_GT(told.size(), 3u);
  EXPECT_EQ(told.front().phase(), v1::WATCH_PHASE_SNAPSHOT);
  ExpectNoGapUnmarked(told, told.front().sequence());
  EXPECT_GT(std::count_if(told.begin(), told.end(), [](const auto& m) { return m.lagged(); }), 0);
  for (const v1::WatchRunResponse& message : told) {
    EXPECT_EQ(message.phase() == v1::WATCH_PHASE_FINAL, &message == &told.back());
  }
  EXPECT_EQ(last.state(), v1::RUN_STATE_SUCCEEDED);
  EXPECT_EQ(last.ledger().accepted(), 20000);
  v1::GetReportRequest stored;
  stored.set_run_id(request.run_id());
  ASSERT_OK_AND_ASSIGN(const v1::GetReportResponse report,
                       installation.client().Call(&Stub::GetReport, stored));
  EXPECT_EQ(told.back().sequence(), report.report().sequence());
}

TEST(WatchTest, AWatcherThatResumesLearnsWhetherItMissedAnything) {
  Installation installation(kFastExport);
  installation.Start();
  v1::WatchRunRequest request;
  request.set_run_id(StartRun(installation));
  std::int64_t seen = 0;
  ASSERT_OK_AND_ASSIGN(v1::Report report,
                       installation.client().Watch(request, [&](const v1::WatchRunResponse& m) {
                         seen = m.sequence();
                         return seen == 0;
                       }));
  ASSERT_GT(seen, 0);
  // Meanwhile the run goes on.
  v1::GetReportRequest get;
  get.set_run_id(request.run_id());
  while (report.sequence() < seen + 2) {
    ASSERT_OK_AND_ASSIGN(const v1::GetReportResponse got,
                         installation.client().Call(&Stub::GetReport, get));
    report = got.report();
  }
  request.set_after_sequence(seen);
  std::vector<v1::WatchRunResponse> told;
  ASSERT_OK_AND_ASSIGN(report,
                       installation.client().Watch(request, [&](const v1::WatchRunResponse& m) {
                         told.push_back(m);
                         return true;
                       }));
  ASSERT_FALSE(told.empty());
  EXPECT_TRUE(told.front().lagged());
  ExpectNoGapUnmarked(told, seen);
  EXPECT_EQ(told.back().phase(), v1::WATCH_PHASE_FINAL);
}

// A reader that stops reading holds up nobody else.
TEST(WatchTest, AWatcherThatDoesNotReadHoldsUpNeitherTheRunNorItsOwnLastMessage) {
  Installation installation(kFastExport);
  installation.Start();
  v1::WatchRunRequest request;
  request.set_run_id(StartRun(installation));
  std::vector<v1::WatchRunResponse> told;
  ASSERT_OK_AND_ASSIGN(const v1::Report last,
                       installation.client().Watch(request, [&](const v1::WatchRunResponse& m) {
                         if (told.empty()) {
                           installation.Await(request.run_id());
                         }
                         told.push_back(m);
                         return true;
                       }));
  EXPECT_EQ(told.back().phase(), v1::WATCH_PHASE_FINAL);
  EXPECT_EQ(last.ledger().accepted(), 20000);
  ExpectNoGapUnmarked(told, told.front().sequence());
}

}  // namespace
}  // namespace logexport
