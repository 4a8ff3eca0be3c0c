#include "service/runs/exporter_state.h"

#include <string>

#include "absl/strings/str_cat.h"

#include "service/runs/announcements.h"
#include "service/runs/lifecycle.h"
#include "service/schedule/due.h"

namespace logexport {

v1::ExporterState StateOf(const ExporterRecord& exporter, bool running) {
  if (running) return v1::EXPORTER_STATE_RUNNING;
  if (exporter.pause.has_value()) return v1::EXPORTER_STATE_PAUSED;
  return exporter.consecutive_failures > 0 ? v1::EXPORTER_STATE_FAILING : v1::EXPORTER_STATE_IDLE;
}

std::vector<absl::Time> NextStarts(const LoadedConfig& config, int count, absl::Time now) {
  std::vector<absl::Time> starts;
  if (config.exporter.pause.has_value()) return starts;
  for (const absl::Time fire : config.schedule.Next(now, count)) {
    starts.push_back(StartTime(config.schedule, config.exporter.id, fire));
  }
  return starts;
}

std::vector<RunWarning> StandingWarnings(const LoadedConfig& config, const Checkpoint& checkpoint,
                                         std::int64_t dead_letters, const SilenceDecision& silence,
                                         bool region_assumed, absl::Time now) {
  std::vector<RunWarning> warnings;
  if (silence.silent) {
    warnings.push_back(
        {"SILENCE",
         absl::StrCat("no run has succeeded for ",
                      absl::FormatDuration(absl::Trunc(silence.silent_for, absl::Seconds(1))), ", ",
                      silence.periods, " periods of the schedule"),
         1});
  }
  if (dead_letters > 0) {
    warnings.push_back({"DEAD_LETTERS",
                        "dead letters wait to be redriven or purged; ListDeadLetters shows them",
                        dead_letters});
  }
  const std::optional<absl::Duration> lag =
      LagOf(config.exporter, checkpoint, config.settle_delay, now);
  if (config.retention > absl::ZeroDuration() && lag.has_value() && *lag > config.retention / 2) {
    warnings.push_back(
        {"RETENTION_RISK",
         absl::StrCat("the export is ", absl::FormatDuration(absl::Trunc(*lag, absl::Minutes(1))),
                      " behind; Auth0 keeps logs for ", absl::FormatDuration(config.retention)),
         1});
  }
  if (region_assumed) {
    warnings.push_back({"REGION_ASSUMED",
                        "segment.endpoint is not set, so the US region is assumed; a wrong region "
                        "loses events without an error. Set it to US or EU",
                        1});
  }
  return warnings;
}

}  // namespace logexport
