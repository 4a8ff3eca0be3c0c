#include "service/runs/replay_warnings.h"

#include "absl/strings/str_cat.h"

#include "service/export/log.h"
#include "service/runs/lifecycle.h"

namespace logexport {
namespace {

constexpr absl::Duration kDedupeLookBack = absl::Hours(24);

}  // namespace

RunWarning ReplayWarning(std::optional<absl::Time> from, absl::Time now) {
  if (from.has_value() && now - *from < kDedupeLookBack) {
    return {"SEGMENT_MAY_DROP_REPEATS",
            "logs are sent again with the same message ids within 24 hours, so Segment may drop "
            "those it already has; new_message_ids makes it take them again",
            1};
  }
  return {"REPLAY_BEYOND_DEDUPE",
          "logs are sent again that Segment may have got more than 24 hours ago: it may count them "
          "twice, unless the destination de-duplicates by message id itself",
          1};
}

void AddStartWarnings(const ExporterRecord& exporter, const Checkpoint& checkpoint,
                      const ExporterSettings& settings, absl::Time now, RunRecord* run) {
  const bool dry_run = run->parameters.kind == RunKind::kDryRun;
  if (dry_run && !run->parameters.window.has_value()) return;
  // A dry run of a window says what the window run would say.
  if (run->parameters.window.has_value()) {
    if (!run->parameters.new_message_ids) {
      run->warnings.push_back(ReplayWarning(run->parameters.window->start, now));
    }
  } else if (run->parameters.kind == RunKind::kExport && run->trigger == Trigger::kReplay) {
    std::optional<absl::Time> from = TimeOfLogId(checkpoint.position.id);
    if (checkpoint.position.kind == Position::Kind::kTime) from = checkpoint.position.time;
    run->warnings.push_back(ReplayWarning(from, now));
  }
  if (dry_run) return;
  // Told once: with the exporter's first run.
  if (settings.segment.region_assumed && exporter.last_run_id.empty()) {
    run->warnings.push_back(
        {"REGION_ASSUMED",
         "segment.endpoint is not set, so the US region is assumed; a wrong region loses events "
         "without an error. Set it to US or EU",
         1});
  }
  const std::optional<absl::Duration> lag =
      LagOf(exporter, checkpoint, settings.auth0.settle_delay, now);
  if (settings.auth0.retention > absl::ZeroDuration() && lag.has_value() &&
      *lag > settings.auth0.retention / 2) {
    run->warnings.push_back(
        {"RETENTION_RISK",
         absl::StrCat("the export is ", absl::FormatDuration(absl::Trunc(*lag, absl::Minutes(1))),
                      " behind, more than half of what Auth0 keeps (",
                      absl::FormatDuration(settings.auth0.retention), ")"),
         1});
  }
}

}  // namespace logexport
