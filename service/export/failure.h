#ifndef LOGEXPORT_SERVICE_EXPORT_FAILURE_H_
#define LOGEXPORT_SERVICE_EXPORT_FAILURE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "service/state/records.h"

namespace logexport {

// Where an error came from.
enum class Origin { kUnspecified, kAuth0, kSegment, kState, kInternal };
absl::string_view OriginName(Origin origin);  // "AUTH0", …

// What the pipeline may do about a failed call.
enum class FailureClass {
  kTransient,  // try again with backoff
  kLimited,    // the other side asks to wait; the wait does not count as a stall
  kPermanent,  // will fail again until somebody changes something: end the run
  kStopped,    // we were asked to stop
};

// Why a call failed. FailureReasonName gives the name under which the API documents it
// (RunErrorReason); those marked as internal end no run and have no place there.
enum class FailureReason {
  kInternal,
  kStopped,  // internal
  kStoreUnavailable,
  kLeaseLost,
  kCheckpointMoved,
  kSecretUnreadable,
  kAuth0CredentialsRejected,
  kAuth0Forbidden,
  kAuth0Unavailable,
  kAuth0UnexpectedResponse,
  kAuth0CheckpointRejected,
  kAuth0RateLimited,
  kAuth0LogNotFound,
  kSegmentCredentialsRejected,
  kSegmentUnavailable,
  kSegmentUnexpectedResponse,
  kSegmentRateLimited,
  kSegmentRefuses,       // the fault is not in single events
  kSegmentRefusedBatch,  // internal: an event of the batch is at fault
  kSegmentTooLarge,      // internal: the batch is
};
absl::string_view FailureReasonName(FailureReason reason);  // "AUTH0_FORBIDDEN", …

// An error in the words of an operator: where it happened, what, and what to do. It travels as an
// absl::Status made by MakeFailure; adapters (auth0, segment) make them, the retry loop reads them.
struct Failure {
  Origin origin = Origin::kInternal;
  FailureClass kind = FailureClass::kPermanent;
  FailureReason reason = FailureReason::kInternal;
  std::string message;
  // What to do, as an imperative sentence.
  std::string action;
  // The setting it is about, as the configuration names it; several with ", " between.
  std::string field;
  // How long the other side asks to wait, if it said so.
  std::optional<absl::Duration> retry_after;

  bool retryable() const {
    return kind == FailureClass::kTransient || kind == FailureClass::kLimited;
  }
};

absl::Status MakeFailure(const Failure& failure);

// The failure a status carries; for any other non-OK status one of origin kInternal, permanent
// (kStopped when the status is CANCELLED), with the status's own text.
Failure FailureOf(const absl::Status& status);

// What the non-OK status of a call of the store says, as a failure: kLeaseLost or kCheckpointMoved
// for a commit that another writer has overtaken, kStoreUnavailable for anything else.
absl::Status StoreFailure(const absl::Status& status);

// Why a run stops whose commit failed with `status`.
StopReason StopReasonOfCommit(const absl::Status& status);

// The failure of a non-OK status as a report tells it.
RunError RunErrorOf(const absl::Status& status);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_EXPORT_FAILURE_H_
