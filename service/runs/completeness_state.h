#ifndef LOGEXPORT_SERVICE_RUNS_COMPLETENESS_STATE_H_
#define LOGEXPORT_SERVICE_RUNS_COMPLETENESS_STATE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "service/config/loaded_config.h"
#include "service/state/records.h"
#include "service/state/settled_logs.h"
#include "service/state/transaction.h"

namespace logexport {

// What can be told of an exporter's completeness.
struct CompletenessState {
  std::optional<CompletenessRecord> record;
  std::vector<CompletenessPass> passes;
  // Every log of before was read at every age.
  std::optional<absl::Time> confirmed_until;
  std::string not_confirmed_reason;  // if it is not
};

absl::StatusOr<CompletenessState> CompletenessOf(Transaction& tx, const LoadedConfig& config,
                                                 const Checkpoint& checkpoint, absl::Time now);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_RUNS_COMPLETENESS_STATE_H_
