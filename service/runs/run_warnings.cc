#include "service/runs/run_warnings.h"

#include "absl/strings/str_cat.h"

#include "service/base/time_text.h"
#include "service/export/log.h"
#include "service/runs/lag.h"

namespace logexport {
namespace {

constexpr absl::Duration kDedupeLookBack = absl::Hours(24);

RunWarning RegionAssumed() {
  return {"REGION_ASSUMED",
          "segment.endpoint is not set, so the US region is assumed; a wrong region loses events "
          "without an error. Set it to US or EU",
          1};
}

// Nothing while the lag is at most half of what Auth0 keeps, or one of the two is unknown.
std::optional<RunWarning> RetentionRisk(std::optional<absl::Duration> lag,
                                        absl::Duration retention) {
  if (retention <= absl::ZeroDuration() || !lag.has_value() || *lag <= retention / 2) {
    return std::nullopt;
  }
  return RunWarning{
      "RETENTION_RISK",
      absl::StrCat("the export is ", absl::FormatDuration(absl::Trunc(*lag, absl::Minutes(1))),
                   " behind, more than half of what Auth0 keeps (", absl::FormatDuration(retention),
                   ")"),
      1};
}

}  // namespace

RunWarning ReplayWarning(std::optional<absl::Time> from, absl::Time now) {
  if (from.has_value() && now - *from < kDedupeLookBack) {
    return {"SEGMENT_MAY_DROP_REPEATS",
            "Segment may drop what it had in the last 24 hours; run-now --window.start TIME "
            "--new-message-ids makes it take them again",
            1};
  }
  return {"REPLAY_BEYOND_DEDUPE",
          "Segment drops repeats for 24 hours only: it may count older logs twice", 1};
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
  // Every run would say it again, and the status says it anyway.
  const bool first_run = exporter.last_run_id.empty();
  if (settings.segment.region_assumed && first_run) run->warnings.push_back(RegionAssumed());
  const std::optional<absl::Duration> lag =
      LagOf(exporter, checkpoint, settings.auth0.settle_delay, now);
  if (auto risk = RetentionRisk(lag, settings.auth0.retention)) run->warnings.push_back(*risk);
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
  if (config.exporter.slack_failing_since.has_value()) {
    warnings.push_back(
        {"SLACK_FAILED",
         absl::StrCat("no message could be sent to Slack since ",
                      FormatTimestamp(*config.exporter.slack_failing_since), ": ",
                      config.exporter.slack_failure, "; try test-notification after a change"),
         1});
  }
  if (config.exporter.webhook_failing_since.has_value()) {
    warnings.push_back(
        {"WEBHOOK_FAILED",
         absl::StrCat("no event could be posted to the webhook since ",
                      FormatTimestamp(*config.exporter.webhook_failing_since), ": ",
                      config.exporter.webhook_failure, "; try test-notification after a change"),
         1});
  }
  if (dead_letters > 0) {
    warnings.push_back({"DEAD_LETTERS",
                        "dead letters wait to be redriven or purged; list-dead-letters shows them",
                        dead_letters});
  }
  const std::optional<absl::Duration> lag =
      LagOf(config.exporter, checkpoint, config.settle_delay, now);
  if (auto risk = RetentionRisk(lag, config.retention)) warnings.push_back(*risk);
  if (region_assumed) warnings.push_back(RegionAssumed());
  return warnings;
}

}  // namespace logexport
