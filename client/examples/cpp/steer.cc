// Steers the service from C++: runs an export, waits for it, and sets its checkpoint back.
//   usage: steer HOST:PORT
#include <cstdio>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "logexport/client.h"
#include "logexport/error_details.h"

namespace {

using logexport::client::Client;
using logexport::client::DetailsOf;
namespace v1 = logexport::v1;

int Fail(const char* what, const absl::Status& status) {
  std::fprintf(stderr, "%s: %s\n", what, status.ToString().c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: steer HOST:PORT\n");
    return 2;
  }
  const absl::StatusOr<std::unique_ptr<Client>> client = Client::Connect({.server = argv[1]});
  if (!client.ok()) return Fail("connect", client.status());

  v1::RunNowRequest run;
  run.set_on_active(v1::ON_ACTIVE_JOIN);
  run.set_reason("cpp example");
  const auto started = (*client)->Call(&Client::Stub::RunNow, run);
  if (!started.ok()) return Fail("run", started.status());

  const auto report = (*client)->WaitForRun("default", started->run().run_id(), absl::Minutes(10));
  if (!report.ok()) return Fail("wait", report.status());
  std::printf("state %s accepted %lld\n", v1::RunState_Name(report->state()).c_str(),
              static_cast<long long>(report->ledger().accepted()));

  // Replay what that run exported. `expected` refuses if somebody has moved the checkpoint since.
  v1::SetCheckpointRequest move;
  move.set_run_start(report->run_id());
  move.set_expected(report->checkpoint_after());
  move.set_reason("cpp example");
  const auto moved = (*client)->Call(&Client::Stub::SetCheckpoint, move);
  if (!moved.ok()) return Fail("move", moved.status());
  std::printf("moved %s\n", v1::CheckpointDirection_Name(moved->direction()).c_str());

  // An error has its typed details: every wrong field is told at once.
  v1::UpdateConfigRequest wrong;
  wrong.mutable_config()->mutable_schedule()->set_cron("every day");
  wrong.mutable_config()->mutable_auth0()->set_batch_size(500);
  const auto updated = (*client)->Call(&Client::Stub::UpdateConfig, wrong);
  if (updated.ok()) return Fail("update", absl::InternalError("was not refused"));
  const auto details = DetailsOf(updated.status());
  std::printf("refused %s\n", details.reason.c_str());
  for (const auto& violation : details.field_violations) {
    std::printf("violation %s\n", violation.field.c_str());
  }
  return 0;
}
