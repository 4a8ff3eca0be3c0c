#ifndef LOGEXPORT_SERVICE_API_ERROR_STATUS_H_
#define LOGEXPORT_SERVICE_API_ERROR_STATUS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include <grpcpp/support/status.h>

namespace logexport {

// The status as gRPC sends it, with its details: see access/wire_error.h.
grpc::Status ToGrpcStatus(const absl::Status& status, absl::string_view request_id);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_API_ERROR_STATUS_H_
