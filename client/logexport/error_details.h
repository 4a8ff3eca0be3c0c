#ifndef LOGEXPORT_CLIENT_ERROR_DETAILS_H_
#define LOGEXPORT_CLIENT_ERROR_DETAILS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include <grpcpp/support/status.h>

namespace logexport::client {

// What the service says about a failed call beside code and message: the google.rpc details, as
// plain values. Empty where the service (or a proxy before it) said nothing.
struct ErrorDetails {
  struct FieldViolation {
    std::string field;  // path in the request, e.g. "config.schedule.cron" or "types[2]"
    std::string description;
  };
  struct Violation {
    std::string type;  // of preconditions only
    std::string subject;
    std::string description;
  };
  struct Link {
    std::string description;
    std::string url;
  };

  std::string reason;  // e.g. "RUN_ALREADY_ACTIVE"; see ErrorReason in errors.proto
  std::string domain;  // "logexport"
  std::map<std::string, std::string> metadata;
  std::vector<FieldViolation> field_violations;
  std::vector<Violation> preconditions;
  std::vector<Violation> quotas;
  std::optional<absl::Duration> retry_delay;
  std::vector<Link> help;
  std::string request_id;  // under which the service logged the call
};

// Details of a failed call; of one that was OK, or that carries none, an empty value.
ErrorDetails DetailsOf(const grpc::Status& status);

// The same outcome as an absl::Status, with the details attached as a payload.
absl::Status ToAbslStatus(const grpc::Status& status);

// Details of a status made by ToAbslStatus.
ErrorDetails DetailsOf(const absl::Status& status);

}  // namespace logexport::client

#endif  // LOGEXPORT_CLIENT_ERROR_DETAILS_H_
