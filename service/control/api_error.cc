#include "service/control/api_error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include <google/protobuf/any.pb.h>

#include "service/base/time_text.h"
#include "service/config/resolved_settings.h"
#include "service/export/failure.h"
#include "service/state/transaction.h"

namespace logexport {
namespace {

// The payload is the google.rpc.Status that goes over the wire: no second form of it is needed.
constexpr char kPayloadUrl[] = "type.googleapis.com/google.rpc.Status";
constexpr char kDomain[] = "logexport";

// Runs read settings too and report this failure; in a call it is an error of the API.
ApiError SecretUnreadable(const Failure& failure) {
  ApiError error;
  error.code = absl::StatusCode::kFailedPrecondition;
  error.reason = std::string(FailureReasonName(FailureReason::kSecretUnreadable));
  error.message = absl::StrCat(failure.message, ". ", failure.action);
  error.metadata["field"] = failure.field;
  error.precondition = {error.reason, failure.field, error.message};
  return error;
}

ApiError WithoutDetails(const absl::Status& status) {
  if (const Failure failure = FailureOf(status);
      failure.reason == FailureReason::kSecretUnreadable) {
    return SecretUnreadable(failure);
  }
  ApiError error;
  error.code = status.code();
  error.message = std::string(status.message());
  if (CommitRefusalOf(status) == CommitRefusal::kLeaseLost) {
    // This process has lost the store; another one, or this one in a moment, can answer.
    error.code = absl::StatusCode::kUnavailable;
    error.reason = "STORE_UNAVAILABLE";
    error.retry_after = absl::Seconds(5);
    return error;
  }
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kDataLoss:
      error.code = absl::StatusCode::kUnavailable;
      error.reason = "STORE_UNAVAILABLE";
      error.retry_after = absl::Seconds(1);
      break;
    case absl::StatusCode::kCancelled:
      error.reason = "CALL_CANCELLED";
      break;
    case absl::StatusCode::kDeadlineExceeded:
      error.reason = "DEADLINE_EXCEEDED";
      break;
    default:
      error.code = absl::StatusCode::kInternal;
      error.reason = "INTERNAL";
  }
  return error;
}

}  // namespace

absl::Status MakeApiError(const ApiError& error) {
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(error.code));
  wire.set_message(error.message);
  google::rpc::ErrorInfo info;
  info.set_reason(error.reason);
  info.set_domain(kDomain);
  for (const auto& [key, value] : error.metadata) (*info.mutable_metadata())[key] = value;
  wire.add_details()->PackFrom(info);
  if (!error.violations.empty()) {
    google::rpc::BadRequest bad;
    for (const ApiError::Violation& violation : error.violations) {
      auto* field = bad.add_field_violations();
      field->set_field(violation.field);
      field->set_description(violation.description);
    }
    wire.add_details()->PackFrom(bad);
  }
  if (error.precondition.has_value()) {
    google::rpc::PreconditionFailure failure;
    auto* violation = failure.add_violations();
    violation->set_type(error.precondition->type);
    violation->set_subject(error.precondition->subject);
    violation->set_description(error.precondition->description);
    wire.add_details()->PackFrom(failure);
  }
  if (error.retry_after.has_value()) {
    google::rpc::RetryInfo retry;
    const absl::Duration delay = *error.retry_after;
    retry.mutable_retry_delay()->set_seconds(absl::ToInt64Seconds(delay));
    retry.mutable_retry_delay()->set_nanos(static_cast<std::int32_t>(
        absl::ToInt64Nanoseconds(delay - absl::Trunc(delay, absl::Seconds(1)))));
    wire.add_details()->PackFrom(retry);
  }
  absl::Status status(error.code, error.message);
  status.SetPayload(kPayloadUrl, absl::Cord(wire.SerializeAsString()));
  return status;
}

ApiError ApiErrorOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  google::rpc::Status wire;
  if (!payload.has_value() || !wire.ParseFromString(std::string(*payload))) {
    return WithoutDetails(status);
  }
  ApiError error;
  error.code = status.code();
  error.message = std::string(status.message());
  for (const google::protobuf::Any& detail : wire.details()) {
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    google::rpc::PreconditionFailure failure;
    google::rpc::RetryInfo retry;
    if (detail.UnpackTo(&info)) {
      error.reason = info.reason();
      error.metadata = {info.metadata().begin(), info.metadata().end()};
    } else if (detail.UnpackTo(&bad)) {
      for (const auto& field : bad.field_violations()) {
        error.violations.push_back({field.field(), field.description()});
      }
    } else if (detail.UnpackTo(&failure) && failure.violations_size() > 0) {
      const auto& violation = failure.violations(0);
      error.precondition = {violation.type(), violation.subject(), violation.description()};
    } else if (detail.UnpackTo(&retry)) {
      error.retry_after = absl::Seconds(retry.retry_delay().seconds()) +
                          absl::Nanoseconds(retry.retry_delay().nanos());
    }
  }
  return error;
}

absl::Status InvalidFields(std::vector<ApiError::Violation> violations) {
  if (violations.empty()) return absl::OkStatus();
  ApiError error;
  error.code = absl::StatusCode::kInvalidArgument;
  error.reason = "INVALID_FIELD";
  error.message = absl::StrCat(violations[0].field, ": ", violations[0].description);
  if (violations.size() > 1) {
    absl::StrAppend(&error.message, " (and ", violations.size() - 1, " more)");
  }
  error.violations = std::move(violations);
  return MakeApiError(error);
}

absl::Status ExporterNotFound(absl::string_view exporter) {
  ApiError error;
  error.code = absl::StatusCode::kNotFound;
  error.reason = "EXPORTER_NOT_FOUND";
  error.message =
      absl::StrCat("there is no exporter \"", exporter, "\"; ListExporters names those there are");
  error.metadata["exporter"] = std::string(exporter);
  return MakeApiError(error);
}

absl::Status RunNotFound(absl::string_view run_id) {
  ApiError error;
  error.code = absl::StatusCode::kNotFound;
  error.reason = "RUN_NOT_FOUND";
  error.message = absl::StrCat("there is no run \"", run_id,
                               "\" of this exporter, or its report was removed by age");
  error.metadata["run_id"] = std::string(run_id);
  return MakeApiError(error);
}

absl::Status NoRunAtAll(absl::string_view message) {
  ApiError error;
  error.code = absl::StatusCode::kNotFound;
  error.reason = "RUN_NOT_FOUND";
  error.message = std::string(message);
  return MakeApiError(error);
}

absl::Status RunAlreadyActive(const RunRecord& active) {
  ApiError error;
  error.code = absl::StatusCode::kAborted;
  error.reason = "RUN_ALREADY_ACTIVE";
  const std::string started = FormatTimestamp(active.started.value_or(active.created));
  error.message = absl::StrCat("run ", active.run_id, " is active since ", started,
                               "; follow it with WatchRun, end it with CancelRun, or try again");
  error.metadata["run_id"] = active.run_id;
  error.metadata["start_time"] = started;
  error.metadata["trigger"] = std::string(TriggerName(active.trigger));
  error.metadata["kind"] = std::string(RunKindName(active.parameters.kind));
  error.retry_after = absl::Seconds(5);
  return MakeApiError(error);
}

absl::Status RunAlreadyQueued(const RunRecord& queued) {
  ApiError error;
  error.code = absl::StatusCode::kAborted;
  error.reason = "RUN_ALREADY_QUEUED";
  error.message = absl::StrCat("run ", queued.run_id,
                               " with other parameters is waiting already; one run can wait");
  error.metadata["run_id"] = queued.run_id;
  error.retry_after = absl::Seconds(5);
  return MakeApiError(error);
}

absl::Status HttpIsOff() {
  ApiError error;
  error.code = absl::StatusCode::kFailedPrecondition;
  error.reason = "HTTP_OFF";
  error.message =
      "the service does not serve HTTP, so there is nothing to log in to: start it with "
      "--http-listen";
  return MakeApiError(error);
}

absl::Status ShuttingDown() {
  ApiError error;
  error.code = absl::StatusCode::kUnavailable;
  error.reason = "SHUTTING_DOWN";
  error.message = "the service is shutting down; try again in a moment";
  error.retry_after = absl::Seconds(5);
  return MakeApiError(error);
}

}  // namespace logexport
