#include "service/run_once.h"

#include <cstdio>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include <google/protobuf/util/json_util.h>

#include "logexport/v1/run.pb.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/control/report_message.h"
#include "service/control/run_control.h"
#include "service/runs/completeness_runs.h"

namespace logexport {
namespace {

absl::Status PrintReport(const RunRecord& run) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  const auto written = google::protobuf::util::MessageToJsonString(
      ToReport(run, /*with_types=*/true), &json, options);
  if (!written.ok()) {
    return absl::InternalError(absl::StrCat("the report of run ", run.run_id,
                                            " cannot be written as JSON: ", written.ToString()));
  }
  std::printf("%s\n", json.c_str());
  std::fflush(stdout);
  return absl::OkStatus();
}

// Reads again what is due, after the run of the exporter. Whether that succeeds is not what the
// command is asked for; the next process tries again.
void ReadDueAgain(Application& application, const std::string& exporter) {
  const RunEnvironment& environment = application.environment;
  for (;;) {
    const absl::StatusOr<CompletenessLook> look = LookForDueStretch(environment, exporter);
    if (!look.ok()) {
      LogWarning("cannot tell which logs are to be read again",
                 {{"exporter", exporter}, {"error", look.status()}});
      return;
    }
    if (!look->run.has_value()) return;
    const std::string& run_id = look->run->run_id;
    application.supervisor.Wake(exporter);
    application.supervisor.AwaitRunEnd(exporter, run_id, absl::InfiniteDuration());
    const RunFeed::Update last = environment.feed.Wait(run_id, 0, absl::ZeroDuration());
    if (last.run == nullptr) return;
    if (last.run->ledger.logs.fetched > 0) {
      if (const absl::Status printed = PrintReport(*last.run); !printed.ok()) {
        LogWarning("cannot print a report", {{"exporter", exporter}, {"error", printed}});
      }
    }
    if (last.run->stop_reason != StopReason::kCaughtUp) return;
  }
}

absl::StatusOr<bool> RunAll(Application& application) {
  const ControlEnvironment& environment = application.environment;
  std::vector<RunRecord> runs;
  RETURN_IF_ERROR(environment.store.Write([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<ExporterRecord> exporters, tx.ListExporters());
    for (const ExporterRecord& exporter : exporters) {
      RunOrder order;
      order.exporter = exporter.id;
      order.trigger = Trigger::kStartup;
      order.audit = {"--run-once", true, ""};
      // A run that an earlier process queued and that starts now will do as well.
      order.on_active = OnActive::kJoin;
      ASSIGN_OR_RETURN(const OrderedRun ordered,
                       OrderOrRefuse(tx, order, environment, environment.clock.Now()));
      runs.push_back(ordered.run);
    }
    return absl::OkStatus();
  }));
  bool all_succeeded = !runs.empty();
  for (const RunRecord& run : runs) application.supervisor.Wake(run.exporter);
  for (const RunRecord& run : runs) {
    application.supervisor.AwaitRunEnd(run.exporter, run.run_id, absl::InfiniteDuration());
    RunRecord ended;
    RETURN_IF_ERROR(environment.store.Read([&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(ended, tx.GetRun(run.exporter, run.run_id));
      return absl::OkStatus();
    }));
    RETURN_IF_ERROR(PrintReport(ended));
    all_succeeded = all_succeeded && ended.state == RunState::kSucceeded;
  }
  for (const RunRecord& run : runs) ReadDueAgain(application, run.exporter);
  return all_succeeded;
}

}  // namespace

absl::StatusOr<bool> RunAllOnce(Application& application, absl::Duration grace,
                                const WaitForStop& wait_for_stop) {
  std::stop_source done;
  bool stopped = false;
  std::thread stopper([&] {
    if (!wait_for_stop(done.get_token())) return;
    stopped = true;
    LogInfo("the runs are stopping");
    application.supervisor.Shutdown(grace);
    // This ends the waits for runs that were not started before the shutdown.
    application.feed.Close();
    application.outbox.Stop();
  });
  absl::StatusOr<bool> succeeded = RunAll(application);
  application.supervisor.Shutdown(grace);
  // Send the messages of these runs now, not with the next process.
  application.outbox.DeliverDue();
  done.request_stop();
  stopper.join();
  if (stopped) LogWarning("stopped by a signal; the next run goes on from the checkpoint");
  return succeeded;
}

}  // namespace logexport
