#include "service/runs/completeness_runs.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "service/base/status_macros.h"
#include "service/config/loaded_config.h"
#include "service/export/log.h"
#include "service/export/stretch_reader.h"
#include "service/runs/lifecycle.h"

namespace logexport {
namespace {

// Pieces of the memory are of one hour each.
constexpr absl::Duration kHour = absl::Hours(1);
// A pass that could not go on for so long is given up with what it needs of the memory.
constexpr absl::Duration kLongestInterruption = absl::Hours(72);

// Up to when nobody will ask for what is remembered.
absl::Time NeededSince(const std::vector<CompletenessPass>& passes, absl::Time now) {
  const absl::Duration greatest = passes.back().age;
  const absl::Time read = TimeOfLogId(passes.back().read_up_to).value_or(absl::InfinitePast());
  return std::max(std::min(now - greatest - kHour, read), now - greatest - kLongestInterruption);
}

}  // namespace

absl::StatusOr<CompletenessLook> LookForDueStretch(const RunEnvironment& environment,
                                                   const std::string& exporter) {
  CompletenessLook look;
  ExporterRecord record;
  ConfigVersion version;
  std::vector<RunRecord> unfinished;
  std::optional<CompletenessRecord> completeness;
  RETURN_IF_ERROR(environment.store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(record, tx.GetExporter(exporter));
    ASSIGN_OR_RETURN(version, tx.GetConfig(exporter));
    ASSIGN_OR_RETURN(unfinished, tx.UnfinishedRuns(exporter));
    ASSIGN_OR_RETURN(completeness, tx.GetCompleteness(exporter));
    return absl::OkStatus();
  }));
  absl::StatusOr<ExporterSettings> settings =
      LoadSettings(record, version, /*message_generation=*/0, environment.secrets);
  look.waits = !unfinished.empty();
  // A secret that cannot be read is told by the next scheduled run.
  look.interval = settings.ok() ? settings->completeness.interval : CompletenessSettings().interval;
  if (!settings.ok() || !settings->completeness.enabled || !completeness.has_value() ||
      record.pause.has_value() || !unfinished.empty()) {
    return look;
  }
  ASSIGN_OR_RETURN(const std::shared_ptr<ExporterComponents> components,
                   environment.components.Get(*settings));
  // A host that starts with a wrong clock must not make logs look old that are young, and what is
  // remembered of them look needless. Every run asks the source for its time.
  if (!components->source->HasToldTime()) {
    look.waits = true;
    return look;
  }
  const absl::Time now = components->source->Now();
  StretchReader reader(environment.store, exporter, settings->completeness,
                       settings->auth0.retention, settings->auth0.batch_size);
  ASSIGN_OR_RETURN(const std::optional<StretchToRead> due, reader.NextDue(now));
  const std::vector<CompletenessPass> passes = reader.PassesAfter(/*settled=*/0);
  if (passes.empty()) return look;
  const absl::Time needed_since = NeededSince(passes, now);
  const std::int64_t epoch = environment.store.EpochOf(exporter);
  RETURN_IF_ERROR(environment.store.Write([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(tx.RequireOwner(exporter, epoch));
    RETURN_IF_ERROR(
        tx.PruneRemembered(exporter, needed_since,
                           SyntheticLogId(absl::FromUnixSeconds(HourOf(needed_since).hour * 3600)))
            .status());
    if (!due.has_value()) {
      // What was first read at that age is passed over without being read.
      if (passes == completeness->passes) return absl::OkStatus();
      return tx.RecordPasses(exporter, passes, /*late_logs=*/0, environment.clock.Now());
    }
    ASSIGN_OR_RETURN(const std::vector<RunRecord> others, tx.UnfinishedRuns(exporter));
    look.waits = !others.empty();
    if (look.waits) return absl::OkStatus();
    RunOrder order;
    order.exporter = exporter;
    order.parameters.kind = RunKind::kCompleteness;
    order.trigger = Trigger::kSchedule;
    ASSIGN_OR_RETURN(auto answer,
                     OrderRun(tx, order, epoch, environment.clock.Now(), environment.random));
    if (auto* ordered = std::get_if<OrderedRun>(&answer)) look.run = std::move(ordered->run);
    return absl::OkStatus();
  }));
  return look;
}

}  // namespace logexport
