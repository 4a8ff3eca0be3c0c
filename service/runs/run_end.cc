#include "service/runs/run_end.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "service/base/status_macros.h"
#include "service/base/time_text.h"
#include "service/config/loaded_config.h"
#include "service/export/run_lane.h"
#include "service/schedule/due.h"

namespace logexport {
namespace {

// So many types are remembered as told; a tenant has some hundred at most.
constexpr std::size_t kMostTypesTold = 1000;
// The shortest retention of any Auth0 plan (docs: Log Data Retention, Starter).
constexpr absl::Duration kShortestRetention = absl::Hours(24);

void Warn(const RunWarning& warning, ExportRunResult* result) {
  result->run.warnings.push_back(warning);
  if (result->in_doubt.has_value()) result->in_doubt->warnings.push_back(warning);
}

std::int64_t CountSkippedFires(const LoadedConfig& config, absl::Time now,
                               ExporterRecord* exporter) {
  // The fires that passed during the run count as those of a paused exporter do.
  const DueDecision due =
      DecideDue(config.schedule, exporter->id, {exporter->last_fire, now, /*paused=*/true});
  exporter->last_fire = due.handled_until;
  exporter->fires_skipped += due.paused.count;
  return due.paused.count;
}

std::vector<std::string> NewUnknownTypes(const RunRecord& run, const RunEndOptions& options,
                                         ExporterRecord* exporter) {
  std::vector<std::string> types;
  for (const auto& [type, counts] : run.ledger.by_type) {
    if (type.empty() || options.is_known_log_type(type)) continue;
    if (absl::c_linear_search(exporter->unknown_types_told, type)) continue;
    if (exporter->unknown_types_told.size() >= kMostTypesTold) break;
    types.push_back(type);
    exporter->unknown_types_told.push_back(type);
  }
  return types;
}

// The logs of a window run that were in its window.
std::int64_t LogsInWindow(const Ledger& ledger) {
  const auto outside = ledger.filtered_by_reason.find("OUTSIDE_WINDOW");
  return ledger.logs.fetched - (outside == ledger.filtered_by_reason.end() ? 0 : outside->second);
}

std::optional<RunWarning> WindowBeyondRetention(const RunRecord& run, absl::Duration retention,
                                                absl::Time now) {
  if (run.parameters.kind != RunKind::kWindow || !run.parameters.window.has_value() ||
      run.state != RunState::kSucceeded || LogsInWindow(run.ledger) > 0) {
    return std::nullopt;
  }
  const bool known = retention > absl::ZeroDuration();
  const absl::Time end = run.parameters.window->end;
  if (end > now - (known ? retention : kShortestRetention)) return std::nullopt;
  return RunWarning{
      "WINDOW_BEYOND_RETENTION",
      absl::StrCat("no log was found in a window that ended at ", FormatTimestamp(end), ": ",
                   known ? absl::StrCat("Auth0 keeps logs for ", absl::FormatDuration(retention),
                                        " (auth0.retention)")
                         : "Auth0 keeps logs for 1 to 30 days, depending on the plan"),
      1};
}

}  // namespace

absl::Status AddEndFindings(Transaction& tx, const RunEndOptions& options, ExportRunResult* result,
                            std::int64_t* fires_skipped) {
  ASSIGN_OR_RETURN(const LoadedConfig config, LoadConfig(tx, result->run.exporter));
  ExporterRecord exporter = config.exporter;
  const RunRecord& run = result->run;
  if (options.follows_schedule && LaneOf(run.parameters.kind) == RunLane::kMain) {
    const std::int64_t skipped = CountSkippedFires(config, options.host_now, &exporter);
    if (fires_skipped != nullptr) *fires_skipped = skipped;
    // Whoever paused the exporter knows that no scheduled run starts.
    if (skipped > 0 && !exporter.pause.has_value()) {
      Warn({"SCHEDULE_OVERRUN",
            "the run took longer than the period of the schedule, so scheduled runs were skipped",
            skipped},
           result);
    }
  }
  if (run.parameters.kind != RunKind::kDryRun) {
    const std::vector<std::string> types = NewUnknownTypes(run, options, &exporter);
    if (!types.empty()) {
      const std::string codes = absl::StrJoin(types, ", ");
      Warn({"UNKNOWN_LOG_TYPE",
            absl::StrCat("this version does not know these log types, so their events have names "
                         "made from the codes: ",
                         codes),
            static_cast<std::int64_t>(types.size())},
           result);
    }
  }
  if (const auto warning = WindowBeyondRetention(run, config.retention, options.now)) {
    Warn(*warning, result);
  }
  return tx.UpdateExporter(exporter);
}

}  // namespace logexport
