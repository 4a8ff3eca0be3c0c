#ifndef LOGEXPORT_SERVICE_CONTROL_API_ERROR_H_
#define LOGEXPORT_SERVICE_CONTROL_API_ERROR_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/state/records.h"

namespace logexport {

// What a failed call tells its caller. Use cases make these; the API layer turns them into
// google.rpc details in one place.
struct ApiError {
  absl::StatusCode code = absl::StatusCode::kInternal;
  // One of the API's ErrorReason, without its prefix: "RUN_ALREADY_ACTIVE".
  std::string reason;
  std::string message;
  // Every variable that the message mentions.
  std::map<std::string, std::string> metadata;

  struct Violation {
    std::string field;  // as in the request: "config.schedule.cron"
    std::string description;
  };
  std::vector<Violation> violations;  // BadRequest

  struct Precondition {
    std::string type;     // "PAUSED"
    std::string subject;  // "exporters/default"
    std::string description;
  };
  std::optional<Precondition> precondition;
  std::optional<absl::Duration> retry_after;  // RetryInfo
};

absl::Status MakeApiError(const ApiError& error);

// The error that a status carries. Any other non-OK status becomes one with a reason that fits:
// SECRET_UNREADABLE for secrets that cannot be read, STORE_UNAVAILABLE for errors of the store that
// may pass, INTERNAL for the rest.
ApiError ApiErrorOf(const absl::Status& status);

// INVALID_ARGUMENT / INVALID_FIELD with all violations; OK when there are none.
absl::Status InvalidFields(std::vector<ApiError::Violation> violations);

absl::Status ExporterNotFound(absl::string_view exporter);
absl::Status RunNotFound(absl::string_view run_id);
// The same for a request that names no run, when there is none that it could mean; `message` says
// which one was looked for.
absl::Status NoRunAtAll(absl::string_view message);
absl::Status RunAlreadyActive(const RunRecord& active);
absl::Status RunAlreadyQueued(const RunRecord& queued);
absl::Status ShuttingDown();
// FAILED_PRECONDITION / HTTP_OFF: the service does not listen for HTTP.
absl::Status HttpIsOff();

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_API_ERROR_H_
