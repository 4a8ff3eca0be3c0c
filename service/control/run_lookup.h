#ifndef LOGEXPORT_SERVICE_CONTROL_RUN_LOOKUP_H_
#define LOGEXPORT_SERVICE_CONTROL_RUN_LOOKUP_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "service/state/records.h"
#include "service/state/transaction.h"

namespace logexport {

// The run that `run_id` of a request names: by its whole id, or by the first characters of it, at
// least eight, as long as they fit one run only.
//   NOT_FOUND         RUN_NOT_FOUND
//   INVALID_ARGUMENT  INVALID_FIELD at `field`: they fit several runs
absl::StatusOr<RunRecord> FindRun(Transaction& tx, absl::string_view exporter,
                                  absl::string_view run_id, absl::string_view field);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_RUN_LOOKUP_H_
