#include "logexport/error_details.h"

#include "absl/strings/cord.h"
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>

namespace logexport::client {
namespace {

constexpr char kPayloadType[] = "type.googleapis.com/google.rpc.Status";

void Add(const google::protobuf::Any& any, ErrorDetails& details) {
  google::rpc::ErrorInfo info;
  google::rpc::RetryInfo retry;
  google::rpc::BadRequest bad_request;
  google::rpc::PreconditionFailure precondition;
  google::rpc::QuotaFailure quota;
  google::rpc::RequestInfo request;
  google::rpc::Help help;
  if (any.UnpackTo(&info)) {
    details.reason = info.reason();
    details.domain = info.domain();
    details.metadata.insert(info.metadata().begin(), info.metadata().end());
  } else if (any.UnpackTo(&retry)) {
    details.retry_delay = absl::Seconds(retry.retry_delay().seconds()) +
                          absl::Nanoseconds(retry.retry_delay().nanos());
  } else if (any.UnpackTo(&bad_request)) {
    for (const auto& violation : bad_request.field_violations()) {
      details.field_violations.push_back({violation.field(), violation.description()});
    }
  } else if (any.UnpackTo(&precondition)) {
    for (const auto& violation : precondition.violations()) {
      details.preconditions.push_back(
          {violation.type(), violation.subject(), violation.description()});
    }
  } else if (any.UnpackTo(&quota)) {
    for (const auto& violation : quota.violations()) {
      details.quotas.push_back({"", violation.subject(), violation.description()});
    }
  } else if (any.UnpackTo(&request)) {
    details.request_id = request.request_id();
  } else if (any.UnpackTo(&help)) {
    for (const auto& link : help.links()) {
      details.help.push_back({link.description(), link.url()});
    }
  }
}

ErrorDetails Parse(const std::string& bytes) {
  ErrorDetails details;
  google::rpc::Status status;
  // Whatever stands between may have damaged the trailer; code and message remain.
  if (!status.ParseFromString(bytes)) return details;
  for (const auto& any : status.details()) Add(any, details);
  return details;
}

}  // namespace

ErrorDetails DetailsOf(const grpc::Status& status) { return Parse(status.error_details()); }

absl::Status ToAbslStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  if (!status.error_details().empty()) {
    result.SetPayload(kPayloadType, absl::Cord(status.error_details()));
  }
  return result;
}

ErrorDetails DetailsOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadType);
  return payload.has_value() ? Parse(std::string(*payload)) : ErrorDetails();
}

}  // namespace logexport::client
