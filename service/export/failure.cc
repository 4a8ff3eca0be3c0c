#include "service/export/failure.h"

#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "service/state/transaction.h"

namespace logexport {
namespace {

constexpr char kPayloadUrl[] = "logexport/failure";
// Between the parts of the payload; control characters do not survive in messages made for people.
constexpr char kSeparator = '\x1f';

absl::StatusCode CodeOf(FailureClass kind) {
  switch (kind) {
    case FailureClass::kTransient:
      return absl::StatusCode::kUnavailable;
    case FailureClass::kLimited:
      return absl::StatusCode::kResourceExhausted;
    case FailureClass::kPermanent:
      return absl::StatusCode::kFailedPrecondition;
    case FailureClass::kStopped:
      return absl::StatusCode::kCancelled;
  }
  return absl::StatusCode::kInternal;
}

std::string WithoutSeparators(std::string text) {
  for (char& c : text) {
    if (c == kSeparator) c = ' ';
  }
  return text;
}

}  // namespace

absl::string_view OriginName(Origin origin) {
  switch (origin) {
    case Origin::kUnspecified:
      return "";
    case Origin::kAuth0:
      return "AUTH0";
    case Origin::kSegment:
      return "SEGMENT";
    case Origin::kState:
      return "STATE";
    case Origin::kInternal:
      return "INTERNAL";
  }
  return "";
}

absl::string_view FailureReasonName(FailureReason reason) {
  switch (reason) {
    case FailureReason::kInternal:
      return "INTERNAL_ERROR";
    case FailureReason::kStopped:
      return "STOPPED";
    case FailureReason::kStoreUnavailable:
      return "STORE_UNAVAILABLE";
    case FailureReason::kLeaseLost:
      return "LEASE_LOST";
    case FailureReason::kCheckpointMoved:
      return "CHECKPOINT_MOVED";
    case FailureReason::kSecretUnreadable:
      return "SECRET_UNREADABLE";
    case FailureReason::kAuth0CredentialsRejected:
      return "AUTH0_CREDENTIALS_REJECTED";
    case FailureReason::kAuth0Forbidden:
      return "AUTH0_FORBIDDEN";
    case FailureReason::kAuth0Unavailable:
      return "AUTH0_UNAVAILABLE";
    case FailureReason::kAuth0UnexpectedResponse:
      return "AUTH0_UNEXPECTED_RESPONSE";
    case FailureReason::kAuth0CheckpointRejected:
      return "AUTH0_CHECKPOINT_REJECTED";
    case FailureReason::kAuth0RateLimited:
      return "AUTH0_RATE_LIMITED";
    case FailureReason::kAuth0LogNotFound:
      return "AUTH0_LOG_NOT_FOUND";
    case FailureReason::kSegmentCredentialsRejected:
      return "SEGMENT_CREDENTIALS_REJECTED";
    case FailureReason::kSegmentUnavailable:
      return "SEGMENT_UNAVAILABLE";
    case FailureReason::kSegmentUnexpectedResponse:
      return "UNEXPECTED_RESPONSE";
    case FailureReason::kSegmentRateLimited:
      return "SEGMENT_RATE_LIMITED";
    case FailureReason::kSegmentRefuses:
      return "SEGMENT_REFUSES";
    case FailureReason::kSegmentRefusedBatch:
      return "SEGMENT_REFUSED_BATCH";
    case FailureReason::kSegmentTooLarge:
      return "SEGMENT_TOO_LARGE";
  }
  return "";
}

absl::Status MakeFailure(const Failure& failure) {
  absl::Status status(CodeOf(failure.kind), failure.message);
  const std::int64_t wait =
      failure.retry_after.has_value() ? absl::ToInt64Nanoseconds(*failure.retry_after) : -1;
  status.SetPayload(kPayloadUrl,
                    absl::Cord(absl::StrJoin(
                        {absl::StrCat(static_cast<int>(failure.origin)),
                         absl::StrCat(static_cast<int>(failure.kind)), absl::StrCat(wait),
                         absl::StrCat(static_cast<int>(failure.reason)),
                         WithoutSeparators(failure.action), WithoutSeparators(failure.field)},
                        std::string(1, kSeparator))));
  return status;
}

Failure FailureOf(const absl::Status& status) {
  Failure failure;
  failure.message = std::string(status.message());
  if (const auto payload = status.GetPayload(kPayloadUrl)) {
    const std::vector<std::string> parts = absl::StrSplit(std::string(*payload), kSeparator);
    int origin = 0;
    int kind = 0;
    int reason = 0;
    std::int64_t wait = -1;
    if (parts.size() == 6 && absl::SimpleAtoi(parts[0], &origin) &&
        absl::SimpleAtoi(parts[1], &kind) && absl::SimpleAtoi(parts[2], &wait) &&
        absl::SimpleAtoi(parts[3], &reason)) {
      failure.origin = static_cast<Origin>(origin);
      failure.kind = static_cast<FailureClass>(kind);
      if (wait >= 0) failure.retry_after = absl::Nanoseconds(wait);
      failure.reason = static_cast<FailureReason>(reason);
      failure.action = parts[4];
      failure.field = parts[5];
      return failure;
    }
  }
  failure.kind = absl::IsCancelled(status) ? FailureClass::kStopped : FailureClass::kPermanent;
  failure.reason = absl::IsCancelled(status) ? FailureReason::kStopped : FailureReason::kInternal;
  failure.action = "Report this with the log lines around it.";
  return failure;
}

absl::Status StoreFailure(const absl::Status& status) {
  Failure failure;
  failure.origin = Origin::kState;
  failure.message = std::string(status.message());
  switch (CommitRefusalOf(status)) {
    case CommitRefusal::kLeaseLost:
      failure.reason = FailureReason::kLeaseLost;
      failure.action = "Nothing to do: the process that took over exports from the checkpoint.";
      return MakeFailure(failure);
    case CommitRefusal::kCheckpointMoved:
      failure.reason = FailureReason::kCheckpointMoved;
      failure.action = "Nothing to do: the next run starts from where the checkpoint was set.";
      return MakeFailure(failure);
    case CommitRefusal::kNone:
      break;
  }
  failure.reason = FailureReason::kStoreUnavailable;
  failure.action = "Check that the state file can be written and its disk has room.";
  const bool may_pass = absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
  failure.kind = may_pass ? FailureClass::kTransient : FailureClass::kPermanent;
  return MakeFailure(failure);
}

StopReason StopReasonOfCommit(const absl::Status& status) {
  switch (FailureOf(status).reason) {
    case FailureReason::kLeaseLost:
      return StopReason::kLeaseLost;
    case FailureReason::kCheckpointMoved:
      return StopReason::kCheckpointMoved;
    default:
      return StopReason::kError;
  }
}

RunError RunErrorOf(const absl::Status& status) {
  const Failure failure = FailureOf(status);
  return {std::string(OriginName(failure.origin)), std::string(FailureReasonName(failure.reason)),
          failure.message, failure.action, failure.retryable()};
}

}  // namespace logexport
