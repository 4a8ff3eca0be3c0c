#include "service/runs/exporter_state.h"

#include <algorithm>
#include <optional>

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
  const auto add = [&](absl::Time fire) {
    starts.push_back(StartTime(config.schedule, config.exporter.id, fire));
  };
  // Fires up to `last_fire` are dealt with. It may lie ahead after the host's clock was set back,
  // and then no run starts before it.
  const absl::Time handled = config.exporter.last_fire.value_or(now);
  absl::Time after = now;
  if (handled > now && handled <= now + kClockStepLimit) after = handled;
  // A fire that has passed may still wait for its jitter.
  const std::optional<absl::Time> passed = config.schedule.LatestIn(std::min(handled, now), now);
  if (passed.has_value() && StartTime(config.schedule, config.exporter.id, *passed) > now) {
    add(*passed);
  }
  for (const absl::Time fire : config.schedule.Next(after, count)) add(fire);
  if (starts.size() > static_cast<std::size_t>(count))
    starts.resize(static_cast<std::size_t>(count));
  return starts;
}

}  // namespace logexport
