#include "service/runs/lag.h"

#include <algorithm>

#include "service/export/log.h"

namespace logexport {

std::optional<absl::Duration> LagOf(const ExporterRecord& exporter, const Checkpoint& checkpoint,
                                    absl::Duration settle_delay, absl::Time now) {
  // Each of these says that everything up to a time is exported; the latest one counts.
  std::optional<absl::Time> covered;
  const auto reach = [&](absl::Time time) { covered = std::max(covered.value_or(time), time); };
  // Only a position after a log says what is exported.
  if (checkpoint.position.kind == Position::Kind::kAfter) {
    // A log that is dated ahead tells nothing about how far the export is.
    if (checkpoint.log_time.value_or(absl::InfiniteFuture()) <= now) reach(*checkpoint.log_time);
    if (const auto time = TimeOfLogId(checkpoint.position.id)) reach(*time);
  }
  // SetCheckpoint clears last_caught_up. A tenant without logs is caught up, too.
  if (exporter.last_caught_up.has_value()) reach(*exporter.last_caught_up - settle_delay);
  if (!covered.has_value()) return std::nullopt;
  return std::max(now - *covered, absl::ZeroDuration());
}

}  // namespace logexport
