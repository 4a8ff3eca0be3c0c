#include "service/runs/run_log.h"

#include "service/base/logging.h"
#include "service/runs/announcements.h"

namespace logexport {

void LogRunStart(const RunRecord& run) {
  LogInfo("run started", {{"exporter", run.exporter},
                          {"run", run.run_id},
                          {"kind", RunKindName(run.parameters.kind)},
                          {"trigger", TriggerName(run.trigger)},
                          {"from", DescribePosition(run.checkpoint_before)},
                          {"requester", run.audit.requester}});
}

void LogRunEnd(const RunRecord& run) {
  const Ledger& ledger = run.ledger;
  LogInfo("run ended", {{"exporter", run.exporter},
                        {"run", run.run_id},
                        {"kind", RunKindName(run.parameters.kind)},
                        {"state", RunStateName(run.state)},
                        {"stop_reason", StopReasonName(run.stop_reason)},
                        {"fetched", ledger.logs.fetched},
                        {"accepted", ledger.logs.accepted},
                        {"filtered", ledger.logs.filtered},
                        {"dead_lettered", ledger.logs.dead_lettered},
                        {"unsettled", ledger.unsettled},
                        {"checkpoint", DescribePosition(run.checkpoint_after)}});
  if (HasNewDeadLetters(run)) {
    LogWarning(
        "logs became dead letters",
        {{"exporter", run.exporter}, {"run", run.run_id}, {"count", ledger.logs.dead_lettered}});
  }
  if (!run.error.has_value()) return;
  LogError("run failed", {{"exporter", run.exporter},
                          {"run", run.run_id},
                          {"origin", run.error->origin},
                          {"reason", run.error->reason},
                          {"error", run.error->message},
                          {"action", run.error->action}});
}

void LogEndFindings(const RunRecord& run, std::size_t known) {
  for (std::size_t i = known; i < run.warnings.size(); ++i) {
    const RunWarning& warning = run.warnings[i];
    LogWarning(warning.message, {{"exporter", run.exporter},
                                 {"run", run.run_id},
                                 {"warning", warning.code},
                                 {"count", warning.count}});
  }
}

}  // namespace logexport
