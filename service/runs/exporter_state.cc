#include "service/runs/exporter_state.h"

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

}  // namespace logexport
