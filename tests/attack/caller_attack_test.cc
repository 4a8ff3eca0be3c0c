// Callers with a token who take what is others'.
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "tests/attack/attacked_service.h"
#include "tests/attack/http2_attacker.h"
#include "tests/support/await.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_directory.h"

namespace logexport {
namespace {

using ::testing::HasSubstr;
using Stub = client::Client::Stub;

constexpr char kWatchRun[] = "/logexport.v1.LogExportService/WatchRun";

class CallerAttackTest : public ::testing::Test {
 protected:
  // A run that stays active until Auth0 answers again.
  std::string StartHeldRun() {
    service_.installation().SetFault(R"({"endpoint":"logs","action":"status","status":503})");
    const absl::StatusOr<v1::RunNowResponse> started =
        service_.ClientWith("operator-token")->Call(&Stub::RunNow, v1::RunNowRequest());
    EXPECT_THAT(started, IsOk());
    return started.ok() ? started->run().run_id() : "";
  }

  // Opens a watch whose answers are never let through.
  bool WatchWithoutReading(Http2Attacker& attacker, std::uint32_t stream,
                           const std::string& token) {
    return attacker.OpenStream(stream, kWatchRun,
                               {{"authorization", absl::StrCat("Bearer ", token)}}) &&
           attacker.SendData(stream, MessagePrefix(0), /*last=*/true) > 0;
  }

  AttackedService service_;
};

// Streams that never read end by themselves, and leave places to others meanwhile.
TEST_F(CallerAttackTest, AViewerCannotTakeAllWatchesForGood) {
  const std::string run = StartHeldRun();
  Http2Attacker attacker(service_.address());
  ASSERT_TRUE(attacker.Start(/*window=*/0));
  for (std::uint32_t n = 0; n < 64; ++n) {
    ASSERT_TRUE(WatchWithoutReading(attacker, 2 * n + 1, "viewer-token"));
  }
  // Another caller watches at once.
  v1::WatchRunRequest request;
  request.set_run_id(run);
  EXPECT_TRUE(Await([&] {
    bool told = false;
    return service_.ClientWith("operator-token")
               ->Watch(
                   request,
                   [&](const v1::WatchRunResponse&) {
                     told = true;
                     return false;
                   },
                   absl::Seconds(10))
               .ok() &&
           told;
  }));
  // The first of them ends though nobody reads it and the run goes on.
  EXPECT_TRUE(attacker.AwaitEnd(1, absl::Seconds(40)));
}

TEST_F(CallerAttackTest, AWatchEndsWithItsToken) {
  const std::string run = StartHeldRun();
  v1::WatchRunRequest request;
  request.set_run_id(run);
  const std::unique_ptr<client::Client> viewer = service_.ClientWith("viewer-token");
  bool revoked = false;
  const absl::StatusOr<v1::Report> watched = viewer->Watch(
      request,
      [&](const v1::WatchRunResponse&) {
        if (!revoked) {
          WriteFile(service_.token_file(), TokenFileLine("ada", "admin", "admin-token"));
          revoked = true;
        }
        return true;
      },
      absl::Seconds(60));
  EXPECT_EQ(watched.status().code(), absl::StatusCode::kUnauthenticated) << watched.status();
}

TEST_F(CallerAttackTest, GuessingIsSlowedDownAndLoggedAndLocksNobodyOut) {
  const std::unique_ptr<client::Client> known = service_.ClientWith("viewer-token");
  ASSERT_THAT(known->Call(&Stub::GetStatus, v1::GetStatusRequest()), IsOk());
  int slowed = 0;
  for (int n = 0; n < 40; ++n) {
    const absl::Status status = service_.ClientWith(absl::StrCat("guess-", n))
                                    ->Call(&Stub::GetStatus, v1::GetStatusRequest())
                                    .status();
    ASSERT_FALSE(status.ok());
    if (status.code() == absl::StatusCode::kResourceExhausted) ++slowed;
  }
  EXPECT_GE(slowed, 20);
  EXPECT_THAT(known->Call(&Stub::GetStatus, v1::GetStatusRequest()), IsOk());
  const std::string logs = service_.installation().Logs();
  EXPECT_THAT(logs, HasSubstr("address=ipv4:127.0.0.1:"));
  EXPECT_THAT(logs, HasSubstr("reason=UNAUTHENTICATED"));
  EXPECT_EQ(logs.find("reason=UNAUTHENTICATED"), logs.rfind("reason=UNAUTHENTICATED"))
      << "one line, not one for each guess";
  EXPECT_EQ(logs.find("guess-"), std::string::npos);
}

TEST_F(CallerAttackTest, ALongReasonIsRefusedAndNotStored) {
  v1::PauseExporterRequest request;
  request.set_reason(std::string(3'900'000, 'x'));
  EXPECT_EQ(
      service_.ClientWith("operator-token")->Call(&Stub::PauseExporter, request).status().code(),
      absl::StatusCode::kInvalidArgument);
  request.set_reason(std::string(1024, 'x'));
  EXPECT_THAT(service_.ClientWith("operator-token")->Call(&Stub::PauseExporter, request), IsOk());
}

// A watch outlives the connections it goes over, and its last message is the final report.
TEST(ConnectionAgeTest, AWatchGoesOnOverRenewedConnections) {
  AttackedService service({.flags = {"--max-connection-age", "1"}});
  service.installation().SetFault(R"({"endpoint":"logs","action":"status","status":503})");
  const std::unique_ptr<client::Client> client = service.ClientWith("operator-token");
  const absl::StatusOr<v1::RunNowResponse> started =
      client->Call(&Stub::RunNow, v1::RunNowRequest());
  ASSERT_THAT(started, IsOk());
  v1::WatchRunRequest request;
  request.set_run_id(started->run().run_id());
  int snapshots = 0;
  v1::WatchPhase last = v1::WATCH_PHASE_UNSPECIFIED;
  const absl::StatusOr<v1::Report> report = client->Watch(
      request,
      [&](const v1::WatchRunResponse& message) {
        last = message.phase();
        // Each connection begins with a snapshot.
        if (last == v1::WATCH_PHASE_SNAPSHOT && ++snapshots == 3) {
          service.installation().ClearFaults();
        }
        return true;
      },
      absl::Minutes(2));
  ASSERT_THAT(report, IsOk());
  EXPECT_GE(snapshots, 3);
  EXPECT_EQ(last, v1::WATCH_PHASE_FINAL);
  EXPECT_EQ(report->state(), v1::RUN_STATE_SUCCEEDED);
}

}  // namespace
}  // namespace logexport
