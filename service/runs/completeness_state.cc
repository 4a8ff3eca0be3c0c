#include "service/runs/completeness_state.h"

#include <utility>

#include "service/base/status_macros.h"
#include "service/export/completeness.h"
#include "service/runs/lag.h"

namespace logexport {

absl::StatusOr<CompletenessState> CompletenessOf(Transaction& tx, const LoadedConfig& config,
                                                 const Checkpoint& checkpoint, absl::Time now) {
  CompletenessState state;
  ASSIGN_OR_RETURN(state.record, tx.GetCompleteness(config.exporter.id));
  const auto not_confirmed = [&](absl::string_view reason) {
    state.not_confirmed_reason = std::string(reason);
    return std::move(state);
  };
  if (!config.completeness.enabled) return not_confirmed("completeness.enabled is false");
  if (!state.record.has_value()) {
    return not_confirmed("no run has begun to remember which logs were exported yet");
  }
  CompletenessView view;
  view.checkpoint = checkpoint.position;
  view.floor = state.record->floor;
  view.now = now;
  view.retention = config.retention;
  state.passes =
      PassesFor(AgesToReadAgain(config.completeness, config.retention), state.record->passes, view);
  if (!checkpoint.position.resolved()) {
    return not_confirmed("the next run has to find out where the checkpoint is");
  }
  if (!IdsTellAge(checkpoint.position)) {
    return not_confirmed(
        "the ids of this tenant's logs carry no time, so the age of a log cannot be known");
  }
  const std::optional<absl::Duration> lag =
      LagOf(config.exporter, checkpoint, config.settle_delay, now);
  if (lag.has_value()) state.confirmed_until = ConfirmedUntil(state.passes, view, now - *lag);
  if (!state.confirmed_until.has_value()) {
    return not_confirmed("no log has been read again yet");
  }
  return state;
}

}  // namespace logexport
